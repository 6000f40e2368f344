"""A lease that ends without a word of its operator: back into the queue, and nothing lost.

The keeper may have closed the call although our commit never came (a killed web, a lost
database). Its sealed result is then fetched and written down as if it had just arrived. If it
has not, it lets go of the record, so that whoever is leased it next need not wait for the hold.
A result that was provisional (`provisional`) becomes final on the same way.
"""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import closing, queue
from calllist.dialing.errors import RecordWithdrawn
from calllist.dialing.hand import InHand, in_hand
from calllist.dialing.tables import Lease
from calllist.entrustors.codes import WITHDRAWN
from calllist.people.tables import Person
from crypto.errors.records import UnknownAttempt
from retention.custody import Custody


async def give_back(session: AsyncSession, custody: Custody, lease: Lease, now: datetime) -> None:
    """End this lease. Call it with the lease's row locked."""
    try:
        closed = await custody.recall(lease.id)
    except UnknownAttempt:
        await custody.let_go(lease.list_id, (lease.chunk, lease.index))
        await queue.put_back(session, [(lease.list_id, lease.chunk, lease.index)])
        await session.delete(lease)
        await session.flush()
        return
    person = (await session.scalars(select(Person).where(Person.id == lease.person_id))).one()
    try:
        hand = await in_hand(session, person, lease.id, given=True)
    except RecordWithdrawn:  # taken out after the result, which was written down with that
        return
    await closing.settle(
        *(session, custody, hand, person, closed.code, closed),
        call_back_at=lease.call_back_at,
        for_me=lease.call_back_mine,
        now=now,
    )


async def give_back_all(
    session: AsyncSession, custody: Custody, list_id: str, now: datetime
) -> None:
    """End every lease of a list whose keys are gone: after this no call of it can close."""
    held = await session.scalars(select(Lease).where(Lease.list_id == list_id).with_for_update())
    for lease in held.all():
        await give_back(session, custody, lease, now)


async def conclude(
    session: AsyncSession, custody: Custody, hand: InHand, person: Person, now: datetime
) -> None:
    """The keeper says that the record in hand is closed: with this lease's result, taken out or
    because it was given up, which is written down now, or (a restored copy) with an earlier one."""
    record = hand.record
    place = (record.list_id, record.chunk, record.index)
    for attempt in (
        hand.lease.id,
        closing.withdrawal_of(*place),
        closing.giving_up_of(*place),
        closing.suppression_of(*place),
    ):
        with suppress(UnknownAttempt):
            closed = await custody.recall(attempt)
            await closing.settle(
                session, custody, hand, person, closed.code, closed, attempt=attempt, now=now
            )
            return
    await closing.finish(session, custody, hand, None, now, now)


async def withdraw(
    session: AsyncSession,
    custody: Custody,
    grant: str,
    hand: InHand,
    person: Person,
    now: datetime,
) -> None:
    """Close as 対象外 what the entrustor took out: the result goes to it like any other."""
    closed = await custody.close(grant, hand.sealed, hand.lease.id, WITHDRAWN)
    await closing.settle(session, custody, hand, person, WITHDRAWN, closed, now=now)


async def sweep_leases(session: AsyncSession, custody: Custody, now: datetime) -> int:
    """Give back every expired lease. Returns how many."""
    expired = await session.scalars(
        select(Lease).where(Lease.expires_at <= now).with_for_update(skip_locked=True)
    )
    count = 0
    for lease in expired:
        await give_back(session, custody, lease, now)
        count += 1
    return count
