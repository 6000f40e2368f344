"""The life of a list's keys, from mint to certificate."""

from datetime import datetime
from typing import Literal

from crypto.wire.base import Caller, Done, Hash, Id, Number, Reply, Request, SealedKey


class Minted(Reply, frozen=True, tag="minted"):
    """The public half of a list, and what its entrustor gets."""

    recipient: bytes  # public key of the list: chunk keys are sealed to it
    entrustor: str
    for_entrustor: bytes  # the list's result and trace keys, sealed to the entrustor
    terms: bytes  # canonical JSON of the ContractTerms in force


class Mint(Request[Minted], frozen=True, tag="mint"):
    """Make the keys of a new list under a signed contract version.

    The keys stay in memory until `Manifest` on the same connection; if the connection ends
    before, they are forgotten. `version` is the contract's latest: whom it no longer names
    gets nothing new. `expires` may only narrow the contract's.
    """

    callers = frozenset({Caller.INTAKE})
    list: Id
    contract: Id
    version: Number
    expires: datetime
    job: Id  # lists of one job are searched together, and share a budget


class Manifest(Request[Done], frozen=True, tag="manifest"):
    """Close the list to further chunks and make its keys durable."""

    callers = frozenset({Caller.INTAKE})
    list: Id
    commitments: tuple[Hash, ...]  # crypto.sealing.commitment(chunk key), chunk by chunk
    rows: tuple[Number, ...]  # records per chunk
    file_hash: Hash  # SHA-256 of salt and the file's bytes
    index_key: SealedKey  # the index key, sealed to the list


class Abandon(Request[Done], frozen=True, tag="abandon"):
    """Forget the keys of a list of which nothing has ever been opened (a broken upload).

    Refused when the manifest of a living list is older than a broken upload stays unnoticed.
    """

    callers = frozenset({Caller.WORKER})
    list: Id


class Freeze(Request[Done], frozen=True, tag="freeze"):
    """From now on nothing of this list opens. No way back; repeated: nothing to do."""

    callers = frozenset({Caller.WEB, Caller.WORKER})
    list: Id
    trigger: Literal["completed", "manager", "deadline", "entrustor"]


class Shred(Request[Done], frozen=True, tag="shred"):
    """Destroy the keys of a frozen or expired list. Repeated: the first line again."""

    callers = frozenset({Caller.WORKER})
    list: Id


class Certified(Reply, frozen=True, tag="certified"):
    """The signed certificate."""

    envelope: bytes  # DSSE, JSON


class Certify(Request[Certified], frozen=True, tag="certify"):
    """Sign a certificate; refused before the keeper's own shred line of this list.

    `claims` is canonical JSON of what the worker did and checked; it appears in the
    certificate as the worker's claim. Repeated with the same certificate id: the same
    envelope again.
    """

    callers = frozenset({Caller.WORKER})
    list: Id
    certificate: Id
    claims: bytes


class ListState(Reply, frozen=True, tag="list_state"):
    """How far the keys of a list have come."""

    state: str  # "unknown", "pending", "open", "frozen", "shredded"


class Inspect(Request[ListState], frozen=True, tag="inspect"):
    """State of a list's keys."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.INTAKE})
    list: Id


class OpenCounts(Reply, frozen=True, tag="open_counts"):
    """Counts, never names."""

    opens: int
    people: int
    reveals: int
    matches: int
    operators: int


class Opens(Request[OpenCounts], frozen=True, tag="opens"):
    """How often records of a list were opened, revealed, matched: counts only."""

    callers = frozenset({Caller.WEB, Caller.WORKER})
    list: Id


Requests = Mint | Manifest | Abandon | Freeze | Shred | Certify | Inspect | Opens
Replies = Minted | Certified | ListState | OpenCounts
