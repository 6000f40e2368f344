"""What can be said to the keeper, and by whom: the closed set of verbs.

A frame is a 4-byte big-endian length and a MessagePack body of one request or reply
(`encode`, `decode_request`, `decode_reply`); anything outside the schema ends the
connection. Requests of one connection are answered in order. Which caller class speaks is
decided by the socket it came through and the uid behind it, never by the message.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from crypto.fields import FieldKind, Stage

FRAME_LIMIT = 4 * 1024 * 1024  # bytes; the largest is a manifest of 2,000 chunks


class Caller(StrEnum):
    """The classes of caller, one socket each."""

    ADMIN = "admin"  # the keeper's own administrator, on the keeper's host
    WEB = "web"
    INTAKE = "intake"
    WORKER = "worker"


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="verb"):
    """A verb with its arguments. `callers` names who may say it."""

    callers: ClassVar[frozenset[Caller]] = frozenset()


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="reply"):
    """An answer."""


class Refused(Reply, frozen=True, tag="refused"):
    """The verb was not carried out. `code` is one of `crypto.errors`; never a value."""

    code: str
    detail: str = ""


# -- the keeper's administrator ------------------------------------------------------------


class Pin(Request, frozen=True, tag="pin"):
    """Pin the keys of an approver (an entrustor, or the centre's privacy officer)."""

    callers = frozenset({Caller.ADMIN})
    approver: str  # entrustor id, or "centre"
    signing_key: bytes  # Ed25519 public key, 32 bytes
    recipient: bytes  # public key of `crypto.sealing.Recipient`, empty for "centre"


class Done(Reply, frozen=True, tag="done"):
    """Carried out; `seq` is the ledger index of the line that says so."""

    seq: int


# -- what is decided by signature ----------------------------------------------------------


class Submit(Request, frozen=True, tag="submit"):
    """Hand in a signed statement. Replayed, expired, unpinned or forged: refused."""

    callers = frozenset({Caller.WEB, Caller.ADMIN})
    payload: bytes
    key: str
    signature: bytes


# -- second factors and shifts -------------------------------------------------------------


class Enrol(Request, frozen=True, tag="enrol"):
    """Make a TOTP secret (RFC 6238) for a person whom a roster statement names.

    Refused once the factor has been confirmed: a second one needs a new roster statement.
    """

    callers = frozenset({Caller.WEB, Caller.ADMIN})
    person: str


class Enrolled(Reply, frozen=True, tag="enrolled"):
    secret: str  # base32, for the person's authenticator; shown once, kept by nobody else


class Grant(Request, frozen=True, tag="grant"):
    """Verify a code and grant this person one shift. Ends the person's earlier grant.

    The first right code confirms a fresh factor. A TOTP step is never accepted twice; five
    wrong codes lock the person for 15 minutes.
    """

    callers = frozenset({Caller.WEB})
    person: str
    code: str


class Granted(Reply, frozen=True, tag="granted"):
    secret: str  # 256 random bits, base64url; the keeper keeps only its hash
    until: datetime
    role: str


class Revoke(Request, frozen=True, tag="revoke"):
    """End the grant of a person at once. Unknown or ended: nothing to do."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.ADMIN})
    person: str


# -- lists ---------------------------------------------------------------------------------


class Mint(Request, frozen=True, tag="mint"):
    """Make the keys of a new list under a signed contract version.

    The keys stay in memory until `Manifest` on the same connection; if the connection ends
    before, they are forgotten. `expires` may only narrow the contract's.
    """

    callers = frozenset({Caller.INTAKE})
    list: str
    contract: str
    version: int
    expires: datetime


class Minted(Reply, frozen=True, tag="minted"):
    recipient: bytes  # public key of the list: chunk keys are sealed to it
    entrustor: str
    for_entrustor: bytes  # the list's result and trace keys, sealed to the entrustor
    terms: bytes  # canonical JSON of the ContractTerms in force


class Manifest(Request, frozen=True, tag="manifest"):
    """Close the list to further chunks and make its keys durable."""

    callers = frozenset({Caller.INTAKE})
    list: str
    commitments: tuple[bytes, ...]  # crypto.sealing.commitment(chunk key), chunk by chunk
    rows: tuple[int, ...]  # records per chunk
    file_hash: bytes  # SHA-256 of salt and the file's bytes
    index_key: bytes  # the index key, sealed to the list


class Abandon(Request, frozen=True, tag="abandon"):
    """Forget the keys of a list of which nothing has ever been opened (a broken upload)."""

    callers = frozenset({Caller.INTAKE, Caller.WORKER})
    list: str


class Freeze(Request, frozen=True, tag="freeze"):
    """From now on nothing of this list opens. No way back; repeated: nothing to do."""

    callers = frozenset({Caller.WEB, Caller.WORKER})
    list: str
    trigger: str  # "completed", "manager", "deadline", "entrustor"


class Shred(Request, frozen=True, tag="shred"):
    """Destroy the keys of a frozen or expired list. Repeated: the first line again."""

    callers = frozenset({Caller.WORKER})
    list: str


class Certify(Request, frozen=True, tag="certify"):
    """Sign a certificate; refused before the keeper's own shred line of this list.

    `claims` is canonical JSON of what the worker did and checked; it appears in the
    certificate as the worker's claim. Repeated with the same certificate id: the same
    envelope again.
    """

    callers = frozenset({Caller.WORKER})
    list: str
    certificate: str
    claims: bytes


class Certified(Reply, frozen=True, tag="certified"):
    envelope: bytes  # DSSE, JSON


class Inspect(Request, frozen=True, tag="inspect"):
    """State of a list's keys."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.INTAKE})
    list: str


class ListState(Reply, frozen=True, tag="list_state"):
    state: str  # "unknown", "pending", "open", "frozen", "shredded"


# -- one person at a time ------------------------------------------------------------------


class SealedRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One record as the operations plane stores it, with the place it is bound to."""

    list: str
    chunk: int
    index: int
    chunk_key: bytes  # HPKE-sealed to the list
    sealed: bytes

    def __repr__(self) -> str:
        return f"SealedRecord({self.list}/{self.chunk}/{self.index}, {len(self.sealed)} bytes)"


class Open(Request, frozen=True, tag="open"):
    """The masked view of one record at its current stage.

    A grant has one record in hand: another one is refused until `Close`, or until
    `hold_seconds` after the last `Open`. A record in another grant's hand is refused
    likewise. The first `Open` of a record by a person costs one of its budget.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field for the eyes. Its text never reaches a log: the repr shows its length."""

    kind: FieldKind
    text: str

    def __repr__(self) -> str:
        return f"Shown({self.kind}, {len(self.text)} characters)"


class View(Reply, frozen=True, tag="view"):
    stage: Stage
    fields: tuple[Shown, ...]
    match: tuple[FieldKind, ...]  # what the operator may ask for and type in
    matched: tuple[FieldKind, ...]
    tries_left: int
    reveal: tuple[FieldKind, ...]
    people_left: int  # of this hour's or day's budget, whichever is less


class Match(Request, frozen=True, tag="match"):
    """Compare what the callee said with one field of the record in hand."""

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    kind: FieldKind
    said: str

    def __repr__(self) -> str:
        return f"Match({self.record!r}, {self.kind}, {len(self.said)} characters)"


class Matched(Reply, frozen=True, tag="matched"):
    same: bool
    view: View


class Reveal(Request, frozen=True, tag="reveal"):
    """One field of the record in hand in full, for `seconds`, with a reason."""

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    kind: FieldKind
    reason: str  # a code: "manual_dial", "read_back"


class Revealed(Reply, frozen=True, tag="revealed"):
    text: str
    seconds: int

    def __repr__(self) -> str:
        return f"Revealed({len(self.text)} characters, {self.seconds} s)"


class Close(Request, frozen=True, tag="close"):
    """Seal the result of the record in hand to the entrustor and let go of the record.

    A final code closes the record for ever: no grant opens it again, from whatever copy.
    Repeated with the same attempt id: the same result sealed again, nothing else.
    """

    callers = frozenset({Caller.WEB})
    grant: str
    record: SealedRecord
    attempt: str  # id of this call, chosen by the caller once per lease
    code: int


class Closed(Reply, frozen=True, tag="closed"):
    final: bool
    sealed: bytes  # crypto.sealing.seal_result
    at: datetime


# -- the ledger ----------------------------------------------------------------------------


class Event(Request, frozen=True, tag="event"):
    """Append an event of the operations plane: a code and ids, never contents."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.INTAKE})
    code: str
    refs: dict[str, str]


class Head(Request, frozen=True, tag="head"):
    """The ledger's size and signed checkpoint (also: is the keeper alive?)."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.INTAKE, Caller.ADMIN})


class LedgerHead(Reply, frozen=True, tag="ledger_head"):
    size: int
    checkpoint: str  # C2SP tlog-checkpoint, a signed note
    root_kind: str  # "file"
    certificate_key: bytes  # Ed25519 public key that signs certificates
    ledger_key: bytes


class Opens(Request, frozen=True, tag="opens"):
    """How often records of a list were opened, revealed, matched: counts only."""

    callers = frozenset({Caller.WEB, Caller.WORKER})
    list: str


class OpenCounts(Reply, frozen=True, tag="open_counts"):
    opens: int
    people: int
    reveals: int
    matches: int
    operators: int


AnyRequest = (
    Pin
    | Submit
    | Enrol
    | Grant
    | Revoke
    | Mint
    | Manifest
    | Abandon
    | Freeze
    | Shred
    | Certify
    | Inspect
    | Open
    | Match
    | Reveal
    | Close
    | Event
    | Head
    | Opens
)
AnyReply = (
    Refused
    | Done
    | Enrolled
    | Granted
    | Minted
    | Certified
    | ListState
    | View
    | Matched
    | Revealed
    | Closed
    | LedgerHead
    | OpenCounts
)

_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(AnyRequest)
_replies = msgspec.msgpack.Decoder(AnyReply)


def encode(message: Request | Reply) -> bytes:
    """One frame: length and body."""
    body = _encoder.encode(message)
    return len(body).to_bytes(4, "big") + body


def decode_request(body: bytes) -> AnyRequest:
    """Raises msgspec.DecodeError on anything outside the schema."""
    return _requests.decode(body)


def decode_reply(body: bytes) -> AnyReply:
    """Raises msgspec.DecodeError on anything outside the schema."""
    return _replies.decode(body)
