"""Who is called next, and giving back what was not finished.

Call-backs and retries that are due come first, the longest due first; then records never
called, in the order of the file, or of the groups that the manager has put first or last.
Two operators never get the same record: the row is taken under a lock that others skip, and
leaves the queue in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, String, case, func, literal_column, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.entrustors.codes import ATTEMPTS_USED_UP
from calllist.jobs import segments
from calllist.jobs.states import CALLED, RecordState
from calllist.jobs.tables import CallList, Record
from retention.states import State
from retention.tables import Holding

WAITING = literal_column(f"'{RecordState.WAITING}'", String)


async def pick(
    session: AsyncSession, job_id: str, now: datetime, *, only_due: bool = False
) -> Record | None:
    """Take the next record of a job out of the queue, or None if nobody is due.

    only_due: nobody who was never called.
    """
    lists = await _callable_lists(session, job_id, now)
    for due in (True,) if only_due else (True, False):
        for list_id in lists:
            record = await (_first(session, list_id, now) if due else _fresh(session, list_id))
            if record is not None:
                record.state = RecordState.LEASED
                return record
    return None


async def next_due(session: AsyncSession, job_id: str, now: datetime) -> datetime | None:
    """When the next retry or call-back of a job comes up, if any waits."""
    earliest: list[datetime] = []
    for list_id in await _callable_lists(session, job_id, now):
        due = await session.scalar(
            select(func.min(Record.due_at)).where(
                Record.list_id == list_id,
                Record.state == WAITING,
                Record.due_at > now,
            )
        )
        if due is not None:
            earliest.append(due)
    return min(earliest, default=None)


async def put_back(session: AsyncSession, places: Sequence[tuple[str, int, int]]) -> None:
    """Leased records wait, or rest, again, as they did before they were taken."""
    if places:
        await session.execute(
            update(Record)
            .where(
                tuple_(Record.list_id, Record.chunk, Record.index).in_(places),
                Record.state == RecordState.LEASED,
            )
            .values(
                state=case(
                    (Record.last_code == ATTEMPTS_USED_UP, RecordState.RESTING),
                    else_=RecordState.WAITING,
                )
            )
            .execution_options(synchronize_session=False)
        )


async def _callable_lists(session: AsyncSession, job_id: str, now: datetime) -> list[str]:
    return list(
        await session.scalars(
            select(CallList.id)
            .join(Holding, Holding.id == CallList.id)
            .where(
                CallList.job_id == job_id,
                CallList.state.in_(CALLED),
                Holding.state == State.OPEN,
                Holding.deadline > now,
                Holding.held_at.is_(None),
            )
            .order_by(CallList.number)
        )
    )


async def _first(session: AsyncSession, list_id: str, now: datetime) -> Record | None:
    """The longest due of one list."""
    query = _waiting(list_id).where(Record.due_at <= now)
    record: Record | None = await session.scalar(
        query.order_by(Record.due_at, Record.chunk, Record.index)
    )
    return record


async def _fresh(session: AsyncSession, list_id: str) -> Record | None:
    """The next of one list who was never called: by groups, if some have a turn of their own."""
    for group in [*await segments.in_turn(session, list_id), true()]:
        query = _waiting(list_id).where(Record.due_at.is_(None), group)
        record: Record | None = await session.scalar(query.order_by(Record.chunk, Record.index))
        if record is not None:
            return record
    return None


def _waiting(list_id: str) -> Select[Record]:
    """One waiting record that nobody else is taking. A list's table has an index for every
    question put here, by these very conditions: the state is written out because an index is
    chosen before values are known."""
    return (
        select(Record)
        .where(Record.list_id == list_id, Record.state == WAITING)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
