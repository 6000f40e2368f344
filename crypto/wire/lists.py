"""The life of a list's keys, from mint to certificate."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from crypto.ids import Id
from crypto.wire.base import Caller, Done, Hash, Number, Reply, Request, SealedKey

Ending = Literal["completed", "manager", "deadline", "entrustor"]


class Minted(Reply, frozen=True, tag="minted"):
    """The public half of a list, and what its entrustor gets."""

    recipient: bytes  # public key of the list: chunk keys are sealed to it
    entrustor: str
    for_entrustor: bytes  # the list's result and trace keys, sealed to the entrustor
    terms: bytes  # canonical JSON of the ContractTerms in force
    file_salt: (
        bytes  # crypto.records.sealing.file_salt: of the hash that receipt and certificate show
    )


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
    commitments: tuple[Hash, ...]  # crypto.records.sealing.commitment(chunk key), chunk by chunk
    rows: tuple[Number, ...]  # records per chunk
    file_hash: Hash  # SHA-256 of `Minted.file_salt` and the file's bytes
    index_key: SealedKey  # the index key, sealed to the list
    # Records that are closed from the start, one bit each, the lowest of byte 0 first, chunk by
    # chunk: a list that continues one whose keys were lost. It can only narrow.
    closed: tuple[Annotated[bytes, msgspec.Meta(max_length=8192)], ...] = ()
    rejected: Number = 0  # rows of the file that became no record: so many may be corrected


class Abandon(Request[Done], frozen=True, tag="abandon"):
    """Forget the keys of a list of which nothing has ever been opened (a broken upload).

    Refused when the manifest of a living list is older than a broken upload stays unnoticed.
    """

    callers = frozenset({Caller.WORKER})
    list: Id
    database_time: datetime | None = None  # for a list that has expired since


class Freeze(Request[Done], frozen=True, tag="freeze"):
    """From now on nothing of this list opens; repeated: nothing to do.

    Anybody may say it, and whoever says it falsely has done no more than that: shredding
    needs a right (`crypto.lists.authority`). `grant` proves the right of a manager or of the
    entrustor; one that is shown and does not hold is refused.
    """

    callers = frozenset({Caller.WEB, Caller.WORKER})
    list: Id
    trigger: Ending
    grant: str = ""


class Shred(Request[Done], frozen=True, tag="shred"):
    """Destroy the keys of a frozen or expired list. Repeated: the first line again.

    Refused, with an alert in the ledger, unless somebody with the right to it has ended the
    list, every record is closed for ever, or it has expired by the keeper's clock and by the
    database's.
    """

    callers = frozenset({Caller.WORKER})
    list: Id
    database_time: datetime | None = None  # what the database's clock says now


Step = Literal["erased", "verified"]


class Attest(Request[Done], frozen=True, tag="attest"):
    """The worker says that it has taken this step of a destruction: a line, once for each step,
    and for each look into the stores that came out otherwise before the certificate.

    Only of a list whose keys are shredded; facts are counts and codes, as in an `Event`.
    """

    callers = frozenset({Caller.WORKER})
    list: Id
    step: Step
    facts: dict[str, str]


class Certified(Reply, frozen=True, tag="certified"):
    """The signed certificate."""

    envelope: bytes  # DSSE, JSON


class Certify(Request[Certified], frozen=True, tag="certify"):
    """Sign a list's one certificate; refused before the keeper's own shred line of this list,
    and before its two steps were attested.

    `claims` is canonical JSON of what the worker did and checked (`crypto.keeper.claimed`); it
    appears in the certificate as the worker's claim, unless the keeper knows better. Repeated with
    the same certificate id: the same envelope again.
    """

    callers = frozenset({Caller.WORKER})
    list: Id
    certificate: Id  # the entrustor's id, "-", and the number in the claims: six digits or more
    claims: bytes


class DocumentSigned(Reply, frozen=True, tag="document_signed"):
    """A signature under a document."""

    signature: bytes  # ECDSA, DER, over `crypto.standards.pades.signed_attributes` of the digest


class SignDocument(Request[DocumentSigned], frozen=True, tag="sign_document"):
    """Sign the PDF of a certificate that this keeper has signed; refused for any other.

    The keeper sees the digest only, and the ledger repeats it. For one certificate it signs so
    many different ones (`crypto.keeper.certifying`); repeated, the same signature again.
    """

    callers = frozenset({Caller.WORKER})
    certificate: Id
    digest: Hash  # SHA-256 of the signed bytes of the PDF


class ListState(Reply, frozen=True, tag="list_state"):
    """How far the keys of a list have come, and how they ended as far as they have."""

    state: str  # "unknown", "pending", "open", "frozen", "shredded", "lost"
    expires: datetime | None = None
    frozen_at: datetime | None = None
    shredded_at: datetime | None = None
    trigger: str = ""  # on what right: the worker claims nothing else (`crypto.keeper.claimed`)
    ended: str = ""  # frozen, and whose word it is that it may be shredded: "manager", "entrustor"
    notes: int = 0  # shredded, and notes of calls left: none


class Inspect(Request[ListState], frozen=True, tag="inspect"):
    """State of a list's keys."""

    callers = frozenset({Caller.WEB, Caller.WORKER, Caller.INTAKE})
    list: Id


class Alarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A canary of this list was touched; which one is not said."""

    list: Id
    at: datetime


class AlarmsTold(Reply, frozen=True, tag="alarms_told"):
    """Those of the lists asked for that have raised an alarm."""

    alarms: tuple[Alarm, ...]


class Alarms(Request[AlarmsTold], frozen=True, tag="alarms"):
    """Whether somebody has touched a canary of these lists."""

    callers = frozenset({Caller.WEB, Caller.WORKER})
    lists: Annotated[tuple[Id, ...], msgspec.Meta(max_length=10_000)]


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


class Rehearsed(Reply, frozen=True, tag="rehearsed"):
    """One invented result, as results travel."""

    key: str  # fingerprint of the entrustor's key in force
    keys: bytes  # crypto.records.sealing.ListKeys, sealed to it
    sealed: bytes  # the result: its reference is a code
    proof: Hash  # SHA-256 of the code


class Rehearse(Request[Rehearsed], frozen=True, tag="rehearse"):
    """Seal an invented result to the entrustor's key, as if `test` were a list and an attempt.

    It begins with `crypto.ids.TEST`, as the name of no list does.
    """

    callers = frozenset({Caller.WEB})
    entrustor: Id
    test: Id


class IssuedNames(Reply, frozen=True, tag="issued_names"):
    """Names of certificates, in the order in which they were signed."""

    names: tuple[str, ...]


class Issued(Request[IssuedNames], frozen=True, tag="issued"):
    """Which certificates of a list were signed: a restored database may have lost them."""

    callers = frozenset({Caller.WORKER})
    list: Id


class CertificateTold(Reply, frozen=True, tag="certificate_told"):
    """A certificate, and what has become of it."""

    envelope: bytes  # DSSE, JSON
    successor: str  # the certificate that has replaced it; "": none
    revocation: bytes  # DSSE, JSON; empty: it is not revoked


class LookAtCertificate(Request[CertificateTold], frozen=True, tag="look_at_certificate"):
    """A certificate as it was signed, again, and what has become of it since."""

    callers = frozenset({Caller.WEB, Caller.WORKER})
    certificate: Id


Requests = (
    Mint
    | Manifest
    | Abandon
    | Freeze
    | Shred
    | Attest
    | Certify
    | SignDocument
    | Issued
    | LookAtCertificate
    | Rehearse
    | Inspect
    | Opens
    | Alarms
)
Replies = (
    Minted
    | Certified
    | DocumentSigned
    | IssuedNames
    | CertificateTold
    | Rehearsed
    | ListState
    | OpenCounts
    | AlarmsTold
)
