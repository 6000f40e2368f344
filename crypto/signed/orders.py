"""What is decided by signature besides contract terms and the roster: one body per kind.

Who must sign what stands in `crypto.signed.approvals`, what comes of it in `crypto.keeper.decided`.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from crypto.ids import Id

Count = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Lists = Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=200)]


class RecipientChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="recipient"):
    """The keys of lists minted from now on are sealed to another key of the entrustor."""

    entrustor: Id
    recipient: bytes  # public key of a `crypto.records.sealing.Recipient`


class BudgetRaise(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="budget"
):
    """One person, or everybody in one role, may see more people for a while.

    Zero leaves the contract's cap as it is; nothing here lowers one.
    """

    entrustor: Id
    contract: Id
    until: datetime
    person: Id | None = None  # exactly one of the two
    role: Id | None = None
    people_per_hour: Count = 0
    people_per_day: Count = 0
    people_per_30_days: Count = 0
    people_per_job: Count = 0
    people_per_list: Count = 0
    people_per_entrustor_day: Count = 0


class PartyDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="party"):
    """A party is approved for lists minted from now on, or withdrawn from all at once."""

    entrustor: Id
    contract: Id
    party: Id
    approved: bool


class Hold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="hold"):
    """A list is kept for a legal reason, or the keeping ends. While held it is frozen."""

    entrustor: Id
    list: Id
    held: bool
    reason: Reason  # for those who sign; it enters no ledger line


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="extension"):
    """A list lives until `until`, within its contract; a freeze nobody had a right to ends, and
    one that a manager ordered, until an epoch is begun for it."""

    entrustor: Id
    list: Id
    until: datetime


class ShredOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="shred"):
    """These lists may be shredded now.

    By their entrustor: without another trigger, and beyond the number per hour. By the centre
    (`entrustor` "centre"): beyond the number per hour only.
    """

    entrustor: Id
    lists: Lists


class Canaries(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="canaries"):
    """Numbers that the entrustor owns stand among the people of this contract's lists.

    Which they are is sealed to the keeper: neither who carries the statement nor who keeps it
    learns them. A later statement adds to an earlier one.
    """

    entrustor: Id
    contract: Id
    sealed: bytes  # crypto.records.sealing.seal_canaries


Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=50)]
ReissueReason = Literal["name", "number", "claim"]
RevocationReason = Literal["in_error", "wrong_list", "wrong_claim", "key_compromised"]


class Corrections(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a certificate repeats from the receipt, as it ought to read. Nothing else changes:
    no time, no count of what was erased, no result of a check."""

    entrustor: Name | None = None  # legal name
    contract: Name | None = None  # number as printed
    purpose: Id | None = None
    parties: Names = ()  # legal names, all of them
    rows: Count | None = None
    rejected: Count | None = None
    duplicates: Count | None = None
    not_to_be_called: Count | None = None


class Reissue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="reissue"):
    """差替: a certificate is replaced by the next edition, which names it."""

    entrustor: Id
    list: Id
    certificate: Id  # the one in force
    reason: ReissueReason
    corrected: Corrections


class CertificateRevocation(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="certificate_revocation"
):
    """失効: a certificate no longer counts. It stays, and so does what it was wrong about."""

    entrustor: Id
    list: Id
    certificate: Id  # the one in force
    reason: RevocationReason


Order = (
    RecipientChange
    | BudgetRaise
    | PartyDecision
    | Hold
    | Extension
    | ShredOrder
    | Canaries
    | Reissue
    | CertificateRevocation
)
