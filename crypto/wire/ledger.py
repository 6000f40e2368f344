"""The log of everything, and its signed head."""

from datetime import datetime
from typing import Annotated

import msgspec

from crypto.ids import Id
from crypto.wire.base import Caller, Done, Reply, Request

Note = Annotated[str, msgspec.Meta(max_length=16 * 1024)]  # crypto.ledger.checkpoint.NOTE_BYTES
Month = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")]
Size = Annotated[int, msgspec.Meta(ge=0, lt=2**40)]
Some = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class Event(Request[Done], frozen=True, tag="event"):
    """Append an event of the operations plane: a code and ids, never contents."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.INTAKE})
    code: str
    refs: dict[str, str]


class Remains(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list that has ended, or expired, and whose keys are still here."""

    list: Id
    since: datetime  # when it was to be shredded; when it was frozen, if that may still wait
    expires: datetime
    due: bool  # expired, or ended by its entrustor or a broken upload: nothing to wait for


class LedgerHead(Reply, frozen=True, tag="ledger_head"):
    """The durable head, and the keys that sign."""

    size: int  # lines through all months
    checkpoint: str  # C2SP tlog-checkpoint of the month that grows, a signed note
    root_kind: str  # "file", "software-token", "hsm: maker model serial"
    certificate_key: bytes  # Ed25519 public key that signs certificates
    ledger_key: bytes
    witnessed: tuple[str, ...] = ()  # the latest note of every witness
    holds: tuple[str, ...] = ()  # crypto.host.hygiene.reached: how the process is guarded
    clock: datetime | None = None  # what the keeper's clock says
    believed: datetime | None = None  # its latest moment beyond doubt: what has expired by then is
    doubted: bool = False  # it has jumped: expiry alone shreds nothing
    document_chain: tuple[bytes, ...] = ()  # X.509, DER: of the key that signs documents, first
    due: int = 0  # lists that should have lost their keys, and have not
    remaining: tuple[Remains, ...] = ()  # those and others that have ended: so many of them


class Head(Request[LedgerHead], frozen=True, tag="head"):
    """The ledger's size and signed checkpoint (also: is the keeper alive?)."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.INTAKE, Caller.ADMIN})


class LedgerEntries(Reply, frozen=True, tag="ledger_entries"):
    """Salt and leaf of consecutive lines; fewer than asked for at the end and before a month."""

    entries: tuple[bytes, ...]


class Entries(Request[LedgerEntries], frozen=True, tag="entries"):
    """Lines for the mirror: from number `start`, about 1 MB at most."""

    callers = frozenset({Caller.WORKER})
    start: Size
    count: Some


class Proof(Reply, frozen=True, tag="proof"):
    """Hashes, and the signed head that they lead to."""

    month: str
    first: int  # number of the month's first line
    index: int  # of the line in its month; or the size of before
    size: int  # leaves of the month that the head covers
    hashes: tuple[bytes, ...]
    checkpoint: str


class ProveInclusion(Request[Proof], frozen=True, tag="prove_inclusion"):
    """That line `seq` is in the log (RFC 6962, 2.1.1)."""

    callers = frozenset({Caller.WORKER, Caller.ADMIN})
    seq: Size


class ProveConsistency(Request[Proof], frozen=True, tag="prove_consistency"):
    """That a month has only grown since it had `old` leaves (RFC 6962, 2.1.2)."""

    callers = frozenset({Caller.WORKER, Caller.ADMIN})
    month: Month
    old: Size


class Confront(Request[Done], frozen=True, tag="confront"):
    """A signed head that somebody has kept. If this ledger does not begin with it, the keeper
    refuses everything from then on (`ledger_shorter`)."""

    callers = frozenset({Caller.WORKER, Caller.ADMIN})
    note: Note


class PinWitness(Request[Done], frozen=True, tag="pin_witness"):
    """A witness's key (C2SP vkey, cosignature/v1), compared by the administrator."""

    callers = frozenset({Caller.ADMIN})
    key: Annotated[str, msgspec.Meta(max_length=256)]


class Cosign(Request[Done], frozen=True, tag="cosign"):
    """A head that a pinned witness has cosigned: kept, shown, and confronted like any other."""

    callers = frozenset({Caller.WEB, Caller.ADMIN})
    note: Note


Requests = (
    Event | Head | Entries | ProveInclusion | ProveConsistency | Confront | PinWitness | Cosign
)
Replies = LedgerHead | LedgerEntries | Proof
