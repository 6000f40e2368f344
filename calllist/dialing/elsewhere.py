"""One number in several lists of a job: it is one number all the same.

Numbers are filed under a key of each list, so that rows of two lists cannot be compared. The
keeper says with the person how the number is filed in the job's other lists; what follows from
that is decided before anybody sees the number.

    in hand      somebody has it in hand through another list: the record waits a few minutes
    limits       calls through the other lists count: the highest count is the number's
    beside       who has it in another list may be asked for in the same call, too

Of two who look at one moment the second waits for the first, and draws back.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, null, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import numbers
from calllist.dialing.hand import InHand
from calllist.dialing.numbers import LEASED, Filed
from calllist.dialing.tables import Lease
from calllist.entrustors.codes import CALL_BACK
from calllist.jobs.tables import Record
from crypto.wire import records

BUSY = timedelta(minutes=5)  # about a call: then its result has put off whoever has the number


async def may_ring(
    session: AsyncSession, hand: InHand, found: Sequence[records.Filed], now: datetime
) -> bool:
    """Look at the other lists, once for a lease: before its call, if it is one of ours. False:
    the number must not be rung now; the record knows from when it may, and the lease is to be
    given back."""
    lease, record = hand.lease, hand.record
    if not lease.rang or lease.elsewhere is not None or lease.handed_by or not found:
        return True
    places = [(one.list, one.token) for one in found]
    await _one_at_a_time(session, [*places, (record.list_id, record.token or b"")])
    lease.elsewhere = {list_id: token.hex() for list_id, token in places}
    lease.others += sum([await numbers.waiting(session, place) for place in places])
    for place in places:
        await _count_as(session, record, place)
    for place in places:
        if await _in_hand(session, place):
            record.due_at = max(record.due_at or now, now + BUSY)
            return False
    if record.last_code == CALL_BACK:  # kept whatever the count says
        return True
    if numbers.spent(hand.terms, record):
        return False  # whose turn it is next gives it up
    opening = numbers.allowed(hand.terms.conduct, record, now, now)
    if opening > now:
        record.due_at = opening
    return opening <= now


async def _one_at_a_time(session: AsyncSession, places: Iterable[Filed]) -> None:
    """Whoever looks at the same number waits until we have said what we found."""
    await session.execute(select(func.pg_advisory_xact_lock(numbers.key(min(places)[1]))))


async def _count_as(session: AsyncSession, record: Record, filed: Filed) -> None:
    """Calls that were counted there and not here: a list that came later begins with none."""
    list_id, token = filed
    row = (
        await session.execute(
            select(Record.rung, Record.rung_that_day, Record.rung_on)
            .where(Record.list_id == list_id, Record.token == token, Record.rung > record.rung)
            .order_by(Record.rung.desc())
            .limit(1)
        )
    ).first()
    if row is not None:
        record.rung, record.rung_that_day, record.rung_on = row


async def _in_hand(session: AsyncSession, filed: Filed) -> bool:
    """Whether somebody has the number in hand there, who has looked already or is talking. One
    that is leased and has not looked yet will find us."""
    list_id, token = filed
    held = select(Record.chunk, Record.index).where(
        Record.list_id == list_id, Record.token == token, Record.state == LEASED
    )
    begun = or_(Lease.elsewhere.is_not(null()), ~Lease.rang)
    found = await session.scalar(
        select(
            exists().where(
                Lease.list_id == list_id, tuple_(Lease.chunk, Lease.index).in_(held), begun
            )
        )
    )
    return bool(found)
