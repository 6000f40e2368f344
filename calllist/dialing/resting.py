"""People whom nobody reached: out of the queue, found when they call back, until a window ends.

After 架電上限 (70) a record rests where the contract permits searching: its content and token
stay until the end of the contract's call-back days, and only a search for its number leases it
(`calllist.dialing.inbound`). The keeper holds the same window. Then it is emptied like any other;
a settled list with nobody left to call ends with its last window.
"""

from datetime import datetime, time, timedelta

import jpholiday
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST
from calllist.dialing.calling_hours import EARLIEST, LATEST
from calllist.entrustors.codes import ATTEMPTS_USED_UP
from calllist.jobs import exposure
from calllist.jobs.lists import end_if_complete
from calllist.jobs.states import CALLED, RecordState
from calllist.jobs.tables import CallList, Record
from crypto.signed.terms import ContractTerms
from retention.custody import Custody

SATURDAY = 5


def window(terms: ContractTerms, code: int, at: datetime) -> datetime | None:
    """Until when somebody closed with this code at this moment is still found; None: not at all.

    The end of calling on the last of the contract's call-back days, which are business days.
    """
    days = terms.conduct.days_to_call_back
    if code != ATTEMPTS_USED_UP or not terms.inbound or not days:
        return None
    day = at.astimezone(JST).date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY and not jpholiday.is_holiday(day)
    closes = min(max(terms.conduct.weekday[1], EARLIEST), LATEST)
    return datetime.combine(day, time(closes), tzinfo=JST)


def given_up(record: Record) -> bool:
    """Whether only a call back can still lease this record, or has."""
    return record.last_code == ATTEMPTS_USED_UP


async def rest(session: AsyncSession, call_list: CallList, record: Record, until: datetime) -> None:
    """Out of the queue until `until`. Takes the locked row of the list."""
    record.state = RecordState.RESTING
    record.due_at = until
    call_list.resting += 1
    call_list.rest_ends = min(until, call_list.rest_ends or until)
    await session.flush()


async def sweep_rested(session: AsyncSession, custody: Custody, now: datetime) -> int:
    """Empty every record whose window has ended, and end the lists that waited for nothing else.

    Returns how many records. One in the hand of an operator, who was called back, comes later.
    """
    over = select(CallList.id).where(CallList.state.in_(CALLED), CallList.rest_ends <= now)
    count = 0
    for list_id in (await session.scalars(over.order_by(CallList.id))).all():
        count += await _empty(session, custody, list_id, now)
    return count


async def _empty(session: AsyncSession, custody: Custody, list_id: str, now: datetime) -> int:
    """Records before lists, as the desk takes them."""
    rested = (Record.list_id == list_id) & (Record.state == RecordState.RESTING)
    emptied = await session.execute(
        update(Record)
        .where(rested, Record.due_at <= now)
        .values(state=RecordState.DONE, sealed=None, token=None, due_at=None)
        .returning(Record.chunk)
        .execution_options(synchronize_session=False)
    )
    count = len(emptied.all())
    call_list = await locked(session, list_id)
    call_list.resting -= count
    exposure.emptied(call_list, count, now)
    next_one = await session.scalar(select(func.min(Record.due_at)).where(rested))
    call_list.rest_ends = next_one or (now if call_list.resting else None)
    await end_if_complete(session, custody, call_list, now)
    await session.flush()
    return count


async def locked(session: AsyncSession, list_id: str) -> CallList:
    """The list's row as it is now, locked."""
    return (await session.scalars(_LOCKED, {"list_id": list_id})).one()


_LOCKED = (
    select(CallList)
    .where(CallList.id == bindparam("list_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
