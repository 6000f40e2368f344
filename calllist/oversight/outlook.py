"""What a job's own counts say of when it runs out of people: the ground of the forecast."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST
from calllist.dialing.tables import Result
from calllist.jobs.states import CALLED as CALLABLE
from calllist.jobs.states import RecordState
from calllist.jobs.tables import Record
from calllist.oversight import exhaustion
from calllist.oversight.called import CALLED, FINISHED
from calllist.oversight.exhaustion import Forecast, Turn
from calllist.oversight.progress import Progress
from crypto.signed.terms import Conduct

RECENT = 7  # days before today: from these and today is taken how fast the work goes
TO_CALL = (RecordState.WAITING, RecordState.LEASED)


async def outlook(
    session: AsyncSession, rows: Sequence[Progress], conduct: Conduct, now: datetime
) -> Forecast | None:
    """Of the lists of one job that are being called; None if there is no ground for one."""
    lists = [row.call_list.id for row in rows if row.call_list.state in CALLABLE]
    if not lists:
        return None
    of_lists = Result.list_id.in_(lists)
    turns = await session.execute(
        select(Result.nth, func.count(), func.count().filter(FINISHED))
        .where(of_lists, CALLED, Result.nth > 0)
        .group_by(Result.nth)
    )
    since = (now.astimezone(JST) - timedelta(days=RECENT)).replace(hour=0, minute=0, second=0)
    lately = await session.execute(
        select(func.count(), func.min(Result.at)).where(of_lists, CALLED, Result.at >= since)
    )
    calls, first = lately.one()
    if not calls:
        return None
    waiting = await session.execute(
        select(Record.attempts, func.count())
        .where(Record.list_id.in_(lists), Record.state.in_(TO_CALL))
        .group_by(Record.attempts)
    )
    return exhaustion.forecast(
        conduct,
        {made: people for made, people in waiting},  # noqa: C416 - rows, not pairs
        {nth: Turn(made, finished) for nth, made, finished in turns},
        recent=calls,
        worked=exhaustion.between(conduct, first, now),
        now=now,
    )
