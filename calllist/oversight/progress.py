"""How far a list has come: counts for managers, entrustors and auditors.

Counts come from the results, which survive the destruction of the list, and from the
records while there are any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST
from calllist.dialing.tables import Result
from calllist.jobs.scope import list_of
from calllist.jobs.states import RecordState
from calllist.jobs.tables import CallList, Record
from calllist.oversight import held
from calllist.people.tables import Person
from retention.tables import Holding


@dataclass(frozen=True)
class Progress:
    """Counts of one list."""

    call_list: CallList
    people: int  # accepted rows
    done: int  # with a final result
    in_hand: int
    fresh: int  # never called
    waiting: int  # called, to be called again
    due: int  # of `waiting`: now
    calls: int
    by_code: dict[int, int]  # result code -> calls
    by_hour: dict[datetime, int]  # hour (JST) -> calls, oldest first
    holding: Holding | None  # none while it is received

    @property
    def deadline(self) -> datetime | None:
        return None if self.holding is None else self.holding.deadline

    @property
    def left(self) -> int:
        """Without a final result, to be called or frozen: what the entrustor is shown too."""
        return left(self.holding, self.call_list)


def left(holding: Holding | None, call_list: CallList) -> int:
    """As `Progress.left`; people of a lost list count where another goes on with them."""
    if holding is None or call_list.continued_by is not None:
        return 0
    return held.left(holding, call_list.remaining)


async def holdings(session: AsyncSession, lists: Sequence[CallList]) -> dict[str, Holding]:
    """The holdings of these lists, by id."""
    query = select(Holding).where(Holding.id.in_([row.id for row in lists]))
    return {holding.id: holding for holding in await session.scalars(query)}


async def progress(session: AsyncSession, person: Person, list_id: str, now: datetime) -> Progress:
    """Raises ListUnknown."""
    call_list = await list_of(session, person, list_id)
    holding = await session.get(Holding, list_id)
    people = holding.people if holding is not None else 0
    if call_list.continued_by is not None:  # they are counted there
        people = 0
    by_code = await _by_code(session, list_id)
    states = await _states(session, list_id, now)
    return Progress(
        call_list=call_list,
        people=people,
        done=people - call_list.remaining if people else 0,
        in_hand=states["in_hand"],
        fresh=states["fresh"],
        waiting=states["waiting"],
        due=states["due"],
        calls=sum(by_code.values()),
        by_code=by_code,
        by_hour=await _by_hour(session, list_id),
        holding=holding,
    )


async def _states(session: AsyncSession, list_id: str, now: datetime) -> dict[str, int]:
    waits = Record.state == RecordState.WAITING
    row = (
        await session.execute(
            select(
                func.count().filter(Record.state == RecordState.LEASED),
                func.count().filter(waits, Record.attempts == 0),
                func.count().filter(waits, Record.attempts > 0),
                func.count().filter(waits, Record.attempts > 0, Record.due_at <= now),
            ).where(Record.list_id == list_id)
        )
    ).one()
    return dict(zip(("in_hand", "fresh", "waiting", "due"), row, strict=True))


async def _by_code(session: AsyncSession, list_id: str) -> dict[int, int]:
    rows = await session.execute(
        select(Result.code, func.count())
        .where(Result.list_id == list_id)
        .group_by(Result.code)
        .order_by(Result.code)
    )
    return dict(rows.all())


async def _by_hour(session: AsyncSession, list_id: str) -> dict[datetime, int]:
    hour = func.date_trunc("hour", Result.at).label("hour")
    rows = await session.execute(
        select(hour, func.count()).where(Result.list_id == list_id).group_by(hour).order_by(hour)
    )
    return {at.astimezone(JST): count for at, count in rows}
