"""The bones of every message: a request names its callers and its reply.

Which caller class speaks is decided by the socket it came through and the identity behind
it, never by the message.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Generic, TypeVar

import msgspec

Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]  # SHA-256
SealedKey = Annotated[bytes, msgspec.Meta(max_length=2048)]  # one key by HPKE: 1,168 bytes
Number = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


class Caller(StrEnum):
    """The classes of caller, one socket each."""

    ADMIN = "admin"  # the keeper's own administrator, on the keeper's host
    WEB = "web"
    INTAKE = "intake"
    WORKER = "worker"


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="reply"):
    """An answer."""


R_co = TypeVar("R_co", bound=Reply, covariant=True)


class Request(
    msgspec.Struct, Generic[R_co], frozen=True, forbid_unknown_fields=True, tag_field="verb"
):
    """A verb with its arguments, answered by an `R_co`. `callers` names who may say it."""

    callers: ClassVar[frozenset[Caller]] = frozenset()


class Refused(Reply, frozen=True, tag="refused"):
    """The verb was not carried out. `code` is one of `crypto.errors`; never a value."""

    code: str
    detail: str = ""


class Done(Reply, frozen=True, tag="done"):
    """Carried out; `seq` is the ledger index of the line that says so."""

    seq: int
