"""An operator's own figures: counts of the day, never of whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST
from calllist.dialing.tables import Result
from calllist.entrustors.codes import TAKEN_OUT
from calllist.jobs.states import CALLED
from calllist.jobs.tables import CallList
from calllist.people.tables import Person


@dataclass(frozen=True)
class Day:
    """One operator's day so far."""

    calls: int
    done: int  # of these, with a final result


async def today(session: AsyncSession, person: Person, now: datetime) -> Day:
    """What this operator has recorded since midnight, Japanese time."""
    midnight = now.astimezone(JST).replace(hour=0, minute=0, second=0, microsecond=0)
    row = (
        await session.execute(
            select(func.count(), func.count().filter(Result.final.is_(True))).where(
                Result.person_id == person.id,
                Result.at >= midnight,
                Result.code.not_in(TAKEN_OUT),  # nobody was called
            )
        )
    ).one()
    return Day(row[0], row[1])


async def remaining(session: AsyncSession, job_id: str) -> int:
    """How many people of a job have no final result yet."""
    left = await session.scalar(
        select(func.sum(CallList.remaining)).where(
            CallList.job_id == job_id, CallList.state.in_(CALLED)
        )
    )
    return int(left or 0)
