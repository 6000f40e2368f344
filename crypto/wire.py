"""What can be said to the keeper, and by whom: the closed set of verbs.

How they travel stands in `crypto.frames`. Requests of one connection are answered in order.
Which caller class speaks is decided by the socket it came through and the uid behind it,
never by the message.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Generic, Literal, TypeVar

import msgspec

from crypto.fields import FieldKind, Stage

Id = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,64}\Z")]  # no room for contents
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


# -- the keeper's administrator ------------------------------------------------------------


class Done(Reply, frozen=True, tag="done"):
    """Carried out; `seq` is the ledger index of the line that says so."""

    seq: int


class Pin(Request[Done], frozen=True, tag="pin"):
    """Pin the keys of an approver (an entrustor, or the centre's privacy officer)."""

    callers = frozenset({Caller.ADMIN})
    approver: Id  # entrustor id, or "centre"
    signing_key: bytes  # Ed25519 public key, 32 bytes
    recipient: bytes  # public key of `crypto.sealing.Recipient`, empty for "centre"


# -- what is decided by signature ----------------------------------------------------------


class Submit(Request[Done], frozen=True, tag="submit"):
    """Hand in a signed statement. Replayed, expired, unpinned or forged: refused."""

    callers = frozenset({Caller.WEB, Caller.ADMIN})
    payload: bytes
    key: str
    signature: bytes


# -- second factors and shifts -------------------------------------------------------------


class Enrolled(Reply, frozen=True, tag="enrolled"):
    """A fresh seed, which only this answer carries."""

    secret: str  # base32, for the person's authenticator; shown once, kept by nobody else


class Enrol(Request[Enrolled], frozen=True, tag="enrol"):
    """Make a TOTP secret (RFC 6238) for a person whom a roster statement names.

    Refused once the factor has been confirmed: another one needs a roster statement with
    `new_factor`, which lets one in.
    """

    callers = frozenset({Caller.WEB, Caller.ADMIN})
    person: Id


class Granted(Reply, frozen=True, tag="granted"):
    """A shift."""

    secret: str  # 256 random bits, base64url; the keeper keeps only its hash
    until: datetime
    role: str


class Grant(Request[Granted], frozen=True, tag="grant"):
    """Verify a code and grant this person one shift. Ends the person's earlier grant.

    The first right code confirms a fresh factor. A TOTP step is never accepted twice; five
    wrong codes lock the person for 15 minutes.
    """

    callers = frozenset({Caller.WEB})
    person: Id
    code: str


class Revoke(Request[Done], frozen=True, tag="revoke"):
    """End the grant of a person at once. Unknown or ended: nothing to do."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.ADMIN})
    person: Id


# -- lists ---------------------------------------------------------------------------------


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


# -- one person at a time ------------------------------------------------------------------


class SealedRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One record as the operations plane stores it, with the place it is bound to."""

    list: Id
    chunk: Number
    index: Number
    chunk_key: bytes  # HPKE-sealed to the list
    sealed: bytes

    def __repr__(self) -> str:
        return f"SealedRecord({self.list}/{self.chunk}/{self.index}, {len(self.sealed)} bytes)"


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field for the eyes. Its text never reaches a log: the repr shows its length."""

    kind: FieldKind
    text: str

    def __repr__(self) -> str:
        return f"Shown({self.kind}, {len(self.text)} characters)"


class View(Reply, frozen=True, tag="view"):
    """What the eyes get of one person, and what may be asked next."""

    stage: Stage
    fields: tuple[Shown, ...]
    match: tuple[FieldKind, ...]  # what the operator may ask for and type in
    matched: tuple[FieldKind, ...]
    tries_left: int
    reveal: tuple[FieldKind, ...]
    people_left: int  # of this hour's or day's budget, whichever is less


class Open(Request[View], frozen=True, tag="open"):
    """The masked view of one record at its current stage.

    A grant has one record in hand: another one is refused until `Close`, or until
    `hold_seconds` after the last `Open`. A record in another grant's hand is refused
    likewise. The first `Open` of a record by a person costs one of its budget.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord


class Matched(Reply, frozen=True, tag="matched"):
    """Whether both mean the same, and what is shown from now on."""

    same: bool
    view: View


class Match(Request[Matched], frozen=True, tag="match"):
    """Compare what the callee said with one field of the record in hand."""

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    kind: FieldKind
    said: str

    def __repr__(self) -> str:
        return f"Match({self.record!r}, {self.kind}, {len(self.said)} characters)"


class Revealed(Reply, frozen=True, tag="revealed"):
    """One field in full. Its text never reaches a log."""

    text: str
    seconds: int

    def __repr__(self) -> str:
        return f"Revealed({len(self.text)} characters, {self.seconds} s)"


class Reveal(Request[Revealed], frozen=True, tag="reveal"):
    """One field of the record in hand in full, for `seconds`, with a reason."""

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    kind: FieldKind
    reason: str  # a code: "manual_dial", "read_back"


class Closed(Reply, frozen=True, tag="closed"):
    """The result, sealed, with the time the keeper gave it."""

    final: bool
    sealed: bytes  # crypto.sealing.seal_result
    at: datetime


class Recalled(Closed, frozen=True, tag="recalled"):
    """The result of an attempt as it was sealed, with its code."""

    code: int


class Recall(Request[Recalled], frozen=True, tag="recall"):
    """The sealed result of an attempt that the keeper closed and its caller did not store.

    Opens nothing: the result is sealed to the entrustor. Raises UnknownAttempt.
    """

    callers = frozenset({Caller.WEB, Caller.WORKER})
    attempt: Id


class Close(Request[Closed], frozen=True, tag="close"):
    """Seal the result of the record in hand to the entrustor and let go of the record.

    A final code closes the record for ever: no grant opens it again, from whatever copy.
    Repeated with the same attempt id: the same result sealed again, nothing else.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    attempt: Id  # id of this call, chosen by the caller once per lease
    code: int


# -- the ledger ----------------------------------------------------------------------------


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
