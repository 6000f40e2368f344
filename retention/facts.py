"""What a certificate says, as data: the keeper's facts and the worker's claims.

The keeper signs both and vouches for the first only. Neither holds personal data: ids,
counts, times, hashes, names of fields and of stores.
"""

from datetime import datetime
from typing import Literal, TypedDict

import msgspec

from retention.states import Outcome

FORM: Literal["calllist-claims/1"] = "calllist-claims/1"


class Received(TypedDict, total=False):
    """`Holding.facts`: what the receipt knows and the certificate repeats, as far as known."""

    entrustor: str  # legal name
    contract: str  # contract number as printed
    purpose: str  # purpose code of the terms
    rows: int  # data rows in the file
    accepted: int
    duplicates: int
    rejected: int
    not_to_be_called: int  # on the list of refusals that came with the file
    file_hash: str  # hex SHA-256 over salt and file: the entrustor compares with its own copy
    fields: list[str]  # field kinds that were kept
    parties: list[str]  # legal names of everyone whom the contract lets handle the list
    grace_hours: int  # between completion and destruction


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the look into one store found. `store` and `how` are codes (`retention.vocabulary`)."""

    store: str
    outcome: Outcome
    how: str  # "counted", "searched", "asked", "compared", "not_reached"
    found: int = 0  # rows or occurrences left: 0 with PASS
    seen: int = 0  # rows or files looked at
    bytes: int = 0  # bytes read
    days: int = 0  # beyond our reach: kept for so many days; 0: not known
    until: datetime | None = None  # then it is gone: `days` after the rows were erased


class Claims(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the worker did and checked. In the certificate it stands as the worker's word."""

    form: Literal["calllist-claims/1"]
    number: int  # gap-free per entrustor
    reference: str  # job code and list number
    basis: str  # contract and version
    trigger: str
    people: int
    received: dict[str, str | int | list[str]]  # `Received`
    received_at: datetime
    deadline: datetime
    frozen_at: datetime
    shredded_at: datetime
    erased_at: datetime
    erased_rows: int
    verified_at: datetime
    checks: tuple[Check, ...]
    ending: str = ""  # "results_first" (返還後消去) or "at_once"; early certificates do not say


class LineInclusion(msgspec.Struct, frozen=True):
    """That the shred line is in the ledger, under the certificate's checkpoint (RFC 6962)."""

    index: int  # of the line in its month
    entry: bytes  # salt and line
    hashes: tuple[bytes, ...]


class Named(msgspec.Struct, frozen=True):
    """A certificate that is no longer in force, to the byte, and why."""

    certificate: str
    edition: int
    digest: str  # hex SHA-256 of its signed original
    reason: str  # a code (`retention.vocabulary.CHANGES`)
    statement: str  # number of the statement that two have signed


class Revocation(Named, frozen=True):
    """The payload of a revocation (失効)."""

    list: str
    entrustor: str  # id
    revoked_at: datetime


class CertificateFacts(msgspec.Struct, frozen=True):
    """A certificate's payload: the keeper's own facts, and the worker's `claims`."""

    certificate: str
    issued_at: datetime
    list: str
    entrustor: str  # id
    contract: str  # id
    version: int  # of the contract
    key: str  # fingerprint of the list's public key
    minted_at: datetime
    expires: datetime  # nothing would have opened afterwards in any case
    frozen_at: datetime
    trigger: str
    shredded_at: datetime
    shred_seq: int  # index of the ledger line
    epoch_destroyed: int
    root_kind: str  # "file", "software-token", or "hsm: maker model serial"
    opens: int
    people_opened: int
    operators: int
    matches: int
    reveals: int
    checkpoint: str  # signed note over a ledger that contains the shred line
    claims: Claims
    root_proof: str = ""  # how the root's destruction was proven; early certificates do not say
    # What the keeper knows of the list itself; early certificates leave it to the worker's word.
    purpose: str = ""  # code of the terms
    parties: tuple[str, ...] = ()  # ids: who was approved when the list was minted
    rows: int | None = None  # records of the manifest
    file_hash: str = ""  # hex, salted, as in `Received`
    manifested_at: datetime | None = None  # complete: nothing could be added any more
    attested: dict[str, int] = {}  # by step: the ledger line in which the worker said it
    edition: int = 1
    replaces: Named | None = None  # by an edition after the first
    inclusion: LineInclusion | None = None  # the proof that it does

    @property
    def people(self) -> int:
        """How many the list held: the keeper's word, or an early certificate's worker's."""
        return self.claims.people if self.rows is None else self.rows

    @property
    def salted_hash(self) -> str | None:
        """Of the file received, hex: the keeper's word, or an early certificate's worker's."""
        said = self.claims.received.get("file_hash")
        return self.file_hash or (said if isinstance(said, str) else None)
