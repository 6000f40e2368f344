"""A number's calls are used up, and somebody of it was never reached: closed as 架電上限 (70).

Whoever's turn it is next closes such a record in passing: nobody is shown, nobody is called, and
it costs the operator what opening it costs. The attempt has an id of the record's own, so that a
crash between the keeper and our commit is healed when the record comes up again.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import closing, resting, returning
from calllist.dialing.hand import in_hand
from calllist.dialing.tables import Lease
from calllist.entrustors.codes import ATTEMPTS_USED_UP
from calllist.people.tables import Person
from crypto.errors.records import RecordClosed, Withdrawn
from retention.custody import Custody


async def give_up(
    session: AsyncSession,
    custody: Custody,
    lease: Lease,
    *,
    person: Person,
    grant: str,
    now: datetime,
) -> None:
    """End this new lease by closing its record. Raises what the keeper refuses with."""
    hand, code = await in_hand(session, person, lease.id), ATTEMPTS_USED_UP
    attempt = closing.giving_up_of(lease.list_id, lease.chunk, lease.index)
    lease.rang = False
    until = resting.window(hand.terms, code, now)
    try:
        await custody.disclose(session, grant, hand.sealed, now=now)
        closed = await custody.close(grant, hand.sealed, attempt, code, findable_until=until)
    except Withdrawn:
        await returning.withdraw(session, custody, grant, hand, person, now)
    except RecordClosed:
        await returning.conclude(session, custody, hand, person, now)
    else:
        await closing.settle(session, custody, hand, person, code, closed, attempt=attempt, now=now)
