"""The result of a call, as the API takes and tells it."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from calllist.api.shapes import Asked, Told
from calllist.dialing.closing import Outcome
from crypto.records.slips import SlipKind


class ResultAsked(Asked):
    """How the call ended; 12 needs a time to call back, `for_me` if this operator promised it.

    also: lease somebody else who has the same number, for the same call. slip: as it was read back.
    changeable: another result may take its place for a minute, or until the next lease.
    """

    code: int
    call_back_at: AwareDatetime | None = None
    for_me: bool = False
    also: bool = False
    note: str = Field(default="", max_length=400, repr=False)  # for the next call
    slip: dict[SlipKind, Annotated[str, Field(max_length=400)]] = Field(
        default_factory=dict, repr=False
    )
    read_back: bool = False  # the slip, to the person
    changeable: bool = False


class ResultAmended(Asked):
    """Another result in its place; a note and a slip stay."""

    code: int
    call_back_at: AwareDatetime | None = None
    for_me: bool = False


class ResultTold(Told):
    """What was recorded (70 when the attempts are used up), and when the person is due again.

    also: the lease of somebody else at the same number, if asked for and there is one. until: it
    may be changed before.
    """

    job: str
    code: int
    final: bool
    due_at: datetime | None
    also: str | None
    until: datetime | None


def result_told(outcome: Outcome) -> ResultTold:
    """An outcome as the API says it."""
    return ResultTold(
        job=outcome.job_id,
        code=outcome.code,
        final=outcome.final,
        due_at=outcome.due_at,
        also=outcome.also,
        until=outcome.until,
    )
