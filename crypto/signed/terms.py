"""What a statement can decide: the bodies that people sign.

A statement is canonical JSON, signed with Ed25519 over exactly these bytes by the
approver's own machine (`calllist approve FILE`) and checked in the keeper against a key
pinned out of band. The keeper interprets the part it enforces; `Conduct` binds the
platform and is signed along with it, so that nobody can change it afterwards.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from crypto.records.fields import FieldKind, Mask, Stage
from crypto.records.slips import SlipKind
from crypto.signed.orders import Order


class FieldRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of one field kind is shown at S1, S2, S3, and what else it may be used for."""

    s1: Mask
    s2: Mask
    s3: Mask
    match: bool = False  # the operator may type what the callee says
    reveal: bool = False  # may be revealed for `reveal_seconds`, with a reason


class IdentityRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """S3 is reached when `count` different kinds out of `of` have matched."""

    count: int
    of: tuple[FieldKind, ...]
    tries: int = 3  # mismatches per record, for life
    tries_per_day: int = 60  # mismatches per person who asks, within 24 hours (crypto D26)


CallBackDays = Annotated[int, msgspec.Meta(ge=0, le=10)]
UnitCalls = Annotated[int, msgspec.Meta(ge=1, le=100)]
CallsADay = Annotated[int, msgspec.Meta(ge=1, le=20)]
USUAL_CALL_BACK_DAYS = 1  # until the end of the next business day
USUAL_CALLS_A_DAY = 2


class Conduct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people are called. Signed by the entrustor, kept by the platform."""

    weekday: tuple[int, int] = (9, 20)  # first and last hour of calling, JST, end exclusive
    weekend: tuple[int, int] = (9, 17)  # Saturdays, Sundays and Japanese holidays
    attempts: int = 3  # calls per person and per number in all
    retry_minutes: int = 120  # after 不在 and the like
    duplicates: str = "person"  # "phone" or "person" (same phone and same reference or name)
    grace_hours: int = 0  # between completion and destruction
    # Files come encrypted (age) or not at all. Unset where it is false: what was signed before it
    # existed keeps its bytes.
    sealed_only: bool | msgspec.UnsetType = msgspec.UNSET
    # Headers of at most two columns that are kept as codes (年代, 地区): order and reports.
    segments: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    # Business days for which somebody who was never reached can still call back (0: none).
    call_back_days: CallBackDays | msgspec.UnsetType = msgspec.UNSET
    # 返還後消去: after its completion a list is frozen, and its keys wait until the entrustor has
    # its results, or the deadline. The entrustor may change this for each list until its end.
    results_first: bool | msgspec.UnsetType = msgspec.UNSET
    # No desk opens before the entrustor has opened a test file of results with its own key.
    handover_test: bool | msgspec.UnsetType = msgspec.UNSET
    # What is billed: so many unanswered calls are one unit, and whoever else is finished is one.
    # Unset: each person finished is one.
    unanswered_per_unit: UnitCalls | msgspec.UnsetType = msgspec.UNSET
    # Calls to one number on one day, whomever they are for. Unset: what is usual.
    attempts_a_day: CallsADay | msgspec.UnsetType = msgspec.UNSET

    @property
    def days_to_call_back(self) -> int:
        """`call_back_days`, or what is usual."""
        days = self.call_back_days
        return USUAL_CALL_BACK_DAYS if isinstance(days, msgspec.UnsetType) else days

    @property
    def calls_a_day(self) -> int:
        """`attempts_a_day`, or what is usual."""
        calls = self.attempts_a_day
        return USUAL_CALLS_A_DAY if isinstance(calls, msgspec.UnsetType) else calls


HOME = "home_"  # how the id of a place of work in somebody's home begins


class ContractTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="contract"):
    """One version of one contract. A later version narrows nothing that is already minted."""

    entrustor: str
    contract: str
    version: int
    purpose: str
    fields: dict[FieldKind, FieldRule]
    identity: IdentityRule
    codes: dict[int, bool]  # result code -> is it final (the record is closed for ever)
    parties: tuple[str, ...]  # whose people may open a record
    sites: tuple[str, ...]  # empty: any site
    expires: datetime  # nothing of this contract opens afterwards
    conduct: Conduct = Conduct()
    people_per_hour: int = 120
    people_per_day: int = 600
    people_per_30_days: int = 13_200  # a day's capacity on 22 working days
    people_per_job: int = 13_200  # for life: one person works off one job for a month
    people_per_list: int = 6_000  # for life: ten days' capacity; lists are shared out
    people_per_entrustor_day: int = 600  # of one entrustor; no more than of all together
    hold_seconds: int = 1200  # a record in hand belongs to one grant for so long
    reveal_seconds: int = 90
    reveals_per_hour: int = 120  # fields one person may have revealed; call capacity
    inbound: bool = False  # one number may be searched for when somebody calls back
    home: bool | msgspec.UnsetType = msgspec.UNSET  # 在宅: people may work from homes too

    # From which stage the note of an earlier call is read (S1, S2, S3). Unset: no notes are kept.
    notes: Literal["S1", "S2", "S3"] | msgspec.UnsetType = msgspec.UNSET
    # What may be handed over to the entrustor on a slip (申し送り票). Unset: nothing.
    slips: tuple[SlipKind, ...] | msgspec.UnsetType = msgspec.UNSET

    @property
    def notes_from(self) -> Stage | None:
        """From which stage notes are read; None: the contract permits none."""
        return Stage(self.notes) if self.notes else None

    def permits_site(self, site: str) -> bool:
        """Whether people may open records from this place of work."""
        named = not self.sites or site in self.sites
        return named and (self.home is True or not site.startswith(HOME))


class RosterEntry(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="roster"
):
    """One natural person may register a second factor and work in one role for one party.

    A renewal keeps the factor that the person has confirmed unless it says `new_factor`.
    """

    person: str
    party: str
    site: str
    role: str  # "operator" may open records, "supervisor" those handed over; others only sign in
    until: datetime  # last working day, end
    new_factor: bool = False  # one more may be registered in place of a confirmed one


StatementBody = ContractTerms | RosterEntry | Order


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The envelope that is signed: its canonical JSON is what the signature covers."""

    body: StatementBody
    issuer: str  # who asked for it (person or party id)
    issued: datetime
    valid_until: datetime  # not accepted by the keeper afterwards
    nonce: str  # 128 random bits, hex: no statement is accepted twice


class SignedStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement as it travels. `payload` is the canonical JSON of a `Statement`."""

    payload: bytes
    key: str  # fingerprint of the signing key
    signature: bytes
