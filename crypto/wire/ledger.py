"""The log of everything, and its signed head."""

from crypto.wire.base import Caller, Done, Reply, Request


class Event(Request[Done], frozen=True, tag="event"):
    """Append an event of the operations plane: a code and ids, never contents."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.INTAKE})
    code: str
    refs: dict[str, str]


class LedgerHead(Reply, frozen=True, tag="ledger_head"):
    """The durable head, and the keys that sign."""

    size: int
    checkpoint: str  # C2SP tlog-checkpoint, a signed note
    root_kind: str  # "file"
    certificate_key: bytes  # Ed25519 public key that signs certificates
    ledger_key: bytes


class Head(Request[LedgerHead], frozen=True, tag="head"):
    """The ledger's size and signed checkpoint (also: is the keeper alive?)."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.INTAKE, Caller.ADMIN})


Requests = Event | Head
Replies = LedgerHead
