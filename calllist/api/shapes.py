"""What the API says and hears. Nothing here holds more than one person."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from calllist.dialing.hand import InHand
from calllist.dialing.inbound import By
from calllist.jobs.tables import CallList, Job
from calllist.people.securitykeys import CREDENTIAL_CHARACTERS
from crypto.records.fields import FieldKind
from crypto.wire.records import View


class Told(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """A request's body. Unknown members are refused, and what was sent is never echoed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Credentials(Asked):
    """What the first step of signing in takes."""

    login: str = Field(max_length=64)
    password: str = Field(max_length=256, repr=False)


class Code(Asked):
    """A one-time code; `following`: the next one of a hardware token that has run ahead."""

    code: str = Field(max_length=16, repr=False)
    following: str = Field(default="", max_length=16, repr=False)


class Credential(Asked):
    """What the security key signed: the browser's AuthenticationResponseJSON, as text."""

    credential: str = Field(max_length=CREDENTIAL_CHARACTERS, repr=False)


class KeyOptions(Told):
    """What to ask the security key: PublicKeyCredentialRequestOptionsJSON, good for 5 minutes."""

    options: dict[str, Any]


class FormToken(Told):
    """Send it as X-CSRF-Token with every request that changes something."""

    csrf: str


class Who(FormToken):
    """A shift has begun."""

    person: str
    role: str
    until: datetime


class CommandCode(Told):
    """What to type into `calllist sign-in`, once."""

    code: str = Field(repr=False)
    until: datetime


class CommandCodeAsked(Asked):
    """The code that the browser shows."""

    code: str = Field(max_length=40, repr=False)


class JobTold(Told):
    """A job."""

    id: str
    code: str
    state: str
    purpose: str
    contract: str
    version: int
    created_at: datetime
    closed_at: datetime | None
    wrap_up: int | None  # seconds that it should take; null: what it needs


class WrapUpAsked(Asked):
    """Seconds, or null."""

    seconds: int | None = None


def job_told(job: Job, purpose: str) -> JobTold:
    """A job as the API says it."""
    return JobTold(
        id=job.id,
        code=job.code,
        state=job.state,
        purpose=purpose,
        contract=job.contract_id,
        version=job.version,
        created_at=job.created_at,
        closed_at=job.closed_at,
        wrap_up=job.wrap_up,
    )


class NewJob(Asked):
    """A job to open, under the latest signed version of this contract."""

    contract: str = Field(max_length=64)
    code: str = Field(max_length=32)


class ListTold(Told):
    """A list: state and counts. `failure` names code, line and column of a refused file."""

    id: str
    job: str
    number: int
    state: str
    started_at: datetime
    received_at: datetime | None
    rows_seen: int
    remaining: int
    failure: dict[str, Any] | None
    continued_by: str | None  # its keys were lost; that list has the same file and its states


def list_told(row: CallList) -> ListTold:
    """A list as the API says it."""
    return ListTold(
        id=row.id,
        job=row.job_id,
        number=row.number,
        state=row.state,
        started_at=row.started_at,
        received_at=row.received_at,
        rows_seen=row.rows_seen,
        remaining=row.remaining,
        failure=row.failure,
        continued_by=row.continued_by,
    )


class ProgressTold(Told):
    """Counts of one list."""

    list: ListTold
    people: int
    done: int
    in_hand: int
    fresh: int
    waiting: int
    due: int
    calls: int
    by_code: dict[int, int]
    deadline: datetime | None


class FindingTold(Told):
    """One line of a receipt."""

    line: int
    code: str
    column: int | None
    repeats: int | None


class LeaseTold(Told):
    """A record in hand, not yet opened: read /api/v1/leases/{lease} to see it."""

    lease: str
    job: str
    expires_at: datetime


class NumberAsked(Asked):
    """What somebody who calls back says, and which one of a household is meant."""

    number: str = Field(max_length=200, repr=False)
    by: By = By.NUMBER
    nth: int | None = Field(default=None, ge=0, le=1000)


class HitsTold(Told):
    """How many people of the job have the number, and the lease of one of them."""

    hits: int
    lease: str | None


class CodeTold(Told):
    """The code of a call, and until when its entrustor knows it."""

    code: str = Field(repr=False)
    until: datetime


class CallCode(Asked):
    """The code that somebody was given on the telephone."""

    code: str = Field(max_length=40, repr=False)


class CallTold(Told):
    """Genuine or not; if so of which job, and when the code was given."""

    genuine: bool
    job: str
    at: datetime | None


class ShownTold(Told):
    """One field as the stage shows it."""

    kind: str
    text: str = Field(repr=False)


class DeskTold(Told):
    """One masked person."""

    lease: str
    job: str
    expires_at: datetime
    attempts: int
    others: int
    last_code: int | None
    stage: str
    fields: list[ShownTold]
    match: list[str]
    matched: list[str]
    tries_left: int
    reveal: list[str]
    people_left: int
    number: int = 1  # which of the person's numbers is rung
    codes: list[int]
    note: str | None = None  # of an earlier call, from the stage that the terms name


def desk_told(hand: InHand, view: View) -> DeskTold:
    """The person in hand, as the keeper masked it."""
    return DeskTold(
        lease=hand.lease.id,
        job=hand.job.id,
        expires_at=hand.lease.expires_at,
        attempts=hand.record.attempts,
        others=hand.lease.others,
        last_code=hand.record.last_code,
        stage=view.stage,
        fields=[ShownTold(kind=shown.kind, text=shown.text) for shown in view.fields],
        match=list(view.match),
        matched=list(view.matched),
        tries_left=view.tries_left,
        reveal=list(view.reveal),
        people_left=view.people_left,
        number=view.number,
        codes=[rule.code for rule in hand.codes],
        note=view.note.text if view.note else None,
    )


class Said(Asked):
    """What the callee said of one field."""

    kind: FieldKind
    said: str = Field(max_length=200, repr=False)


class MatchTold(Told):
    """一致 or 不一致, and the person as shown from now on."""

    same: bool
    desk: DeskTold


class Why(Asked):
    """Which field to reveal, and the reason: manual_dial or read_back."""

    kind: FieldKind
    reason: str = Field(max_length=32)


class RevealTold(Told):
    """One field in full; take it off the screen after `seconds`."""

    text: str = Field(repr=False)
    seconds: int


class Batch(Asked):
    """A fetched file of results, by its digest and count."""

    batch: str = Field(max_length=64)
    count: int


class Ending(Asked):
    """What becomes of a list that is called to its end: 消去, or 返還後消去."""

    results_first: bool


class TestCode(Asked):
    """The code that stood in a test file."""

    code: str = Field(max_length=64)


class HandoverTested(Told):
    """When the entrustor first named the code."""

    opened_at: datetime


class Acknowledged(Told):
    """How many results were confirmed."""

    acknowledged: int


class CertificateTold(Told):
    """A certificate, what has become of it, and how far its delivery has come."""

    id: str
    number: int
    edition: int
    list: str
    issued_at: datetime
    status: str  # "in_force", "replaced", "revoked", "unknown": documents that do not fit together
    reason: str  # code of the change; "": none
    changed_at: datetime | None  # when it was replaced or revoked
    successor: str  # id of the edition that replaces it; "": none
    pdf: bool  # GET /certificates/{id}.pdf has one; until then the worker makes it
    pdf_stamped_at: datetime | None  # RFC 3161, by the timestamping authority
    viewed_at: datetime | None
    acknowledged_at: datetime | None


class ClocksTold(Told):
    """Seconds that a clock is ahead of the web's host; None: it could not be asked."""

    database: float | None
    keeper: float | None
    doubted: bool  # the keeper's has jumped: expiry alone shreds nothing


class Health(Told):
    """`ok`, or the code of what is missing."""

    database: str
    keeper: str
    oldest_due_seconds: int | None = None  # due and still readable; None: unknown
    sweep_seconds: int | None = None  # since the last sweep ended; None: unknown, or never
    clocks: ClocksTold | None = None
    alarms: list[str] = []  # codes of `calllist.oversight.watch`: somebody must act
