"""What is decided by signature, and whose signatures count."""

from datetime import datetime

import msgspec

from crypto.ids import Id
from crypto.wire.base import Caller, Done, Reply, Request


class Pin(Request[Done], frozen=True, tag="pin"):
    """Pin the keys of an approver (an entrustor, or the centre's privacy officer)."""

    callers = frozenset({Caller.ADMIN})
    approver: Id  # entrustor id, or "centre"
    signing_key: bytes  # Ed25519 public key, 32 bytes
    recipient: bytes  # public key of `crypto.records.sealing.Recipient`, empty for "centre"


class RecipientTold(Reply, frozen=True, tag="recipient_told"):
    """The fingerprint of a public key."""

    key: str


class LookAtRecipient(Request[RecipientTold], frozen=True, tag="look_at_recipient"):
    """Which key an entrustor's results are sealed to now, by a pin or a statement."""

    callers = frozenset({Caller.WORKER})
    entrustor: Id


class Submitted(Reply, frozen=True, tag="submitted"):
    """The signature counts. In force at once, unless somebody else's signature is due too."""

    seq: int
    missing: tuple[str, ...] = ()  # approvers (entrustor ids, "centre") who have yet to sign


class Submit(Request[Submitted], frozen=True, tag="submit"):
    """Hand in a signed statement. Replayed, expired, unpinned or forged: refused."""

    callers = frozenset({Caller.WEB, Caller.ADMIN})
    payload: bytes
    key: str
    signature: bytes


class AwaitedStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement that one approver has signed and another has not."""

    number: str  # its nonce
    kind: str  # tag of its body
    entrustor: str
    list: str
    missing: tuple[str, ...]
    valid_until: datetime


class AwaitedStatements(Reply, frozen=True, tag="awaited_statements"):
    """The earliest first."""

    statements: tuple[AwaitedStatement, ...]


class Awaited(Request[AwaitedStatements], frozen=True, tag="awaited"):
    """What waits for a second signature."""

    callers = frozenset({Caller.WEB, Caller.ADMIN})


Requests = Pin | LookAtRecipient | Submit | Awaited
Replies = RecipientTold | Submitted | AwaitedStatements
