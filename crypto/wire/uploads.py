"""Files that the entrustor has encrypted to a job, and rows that correct an earlier list."""

from typing import Annotated, Literal

import msgspec

from crypto.ids import Id
from crypto.wire.base import Caller, Reply, Request
from crypto.wire.records import Phone

Part = Literal["list", "refusals"]
HeaderBytes = Annotated[
    bytes, msgspec.Meta(max_length=16 * 1024)
]  # crypto.standards.age.header.HEADER_BYTES


class Addressed(Reply, frozen=True, tag="addressed"):
    """The signed statement (`crypto.certificates.recipients`) of whom to encrypt to."""

    statement: bytes


class Address(Request[Addressed], frozen=True, tag="address"):
    """To whom the entrustor encrypts the files of one job; the key is made on first demand.

    It dies with the job's last list, or with its contract; asked for afterwards, another is made.
    """

    callers = frozenset({Caller.WEB})
    contract: Id
    job: Id


class Unwrapped(Reply, frozen=True, tag="unwrapped"):
    """What opens the payload behind one header, and nothing else. It is in no log."""

    file_key: bytes

    def __repr__(self) -> str:
        return f"Unwrapped({len(self.file_key)} bytes)"


class Unwrap(Request[Unwrapped], frozen=True, tag="unwrap"):
    """The file key of an age header, for the intake of a list that was minted on this connection.

    Until its manifest, and for the first header only that was shown for each part of it.
    """

    callers = frozenset({Caller.INTAKE})
    list: Id
    part: Part
    header: HeaderBytes


class Tokenised(Reply, frozen=True, tag="tokenised"):
    """Of each row asked for: how its number and its reference would be filed in that list."""

    phones: tuple[bytes, ...]
    references: bytes  # 8 bytes a row


class CorrectedRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of an upload that corrects an earlier one. Its repr shows no content."""

    phone: Phone
    reference: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def __repr__(self) -> str:
        return f"CorrectedRow({len(self.phone)}, {len(self.reference)} characters)"


Rows = Annotated[tuple[CorrectedRow, ...], msgspec.Meta(min_length=1, max_length=5000)]


class Tokenise(Request[Tokenised], frozen=True, tag="tokenise"):
    """How rows would be filed in an earlier list of the same job, to find repetitions.

    list: the one minted on this connection. In all no more rows than the earlier list rejected:
    whoever asks learns nothing that a search by number would not cost more for.
    """

    callers = frozenset({Caller.INTAKE})
    list: Id
    corrects: Id
    rows: Rows


Requests = Address | Unwrap | Tokenise
Replies = Addressed | Unwrapped | Tokenised
