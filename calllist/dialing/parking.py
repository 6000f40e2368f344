"""Somebody calls while a person is in hand who has not been dialled: that lease waits aside.

    in hand, undialled -> parked -> in hand again with the next `take`
                               `-> back into the queue when it expires

Whoever is being spoken to is not put aside. A parked lease is the operator's and nobody else's:
the row stays taken, only the keeper's hand is free for the one who calls.
"""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import returning
from calllist.dialing.tables import Lease
from calllist.people.tables import Person
from retention.custody import Custody
from retention.states import State
from retention.tables import Holding


async def park(session: AsyncSession, lease_id: str, until: datetime, now: datetime) -> None:
    """Put this lease aside, to come back before `until`. No such lease: nothing."""
    await session.execute(
        update(Lease).where(Lease.id == lease_id).values(parked_at=now, expires_at=until)
    )


async def parked(session: AsyncSession, person: Person, job_id: str) -> int:
    """How many leases of this job an operator has put aside."""
    found = await session.scalars(_PARKED, {"person_id": person.id, "job_id": job_id})
    return len(found.all())


async def back(
    session: AsyncSession,
    custody: Custody,
    person: Person,
    job_id: str,
    *,
    until: datetime,
    now: datetime,
) -> Lease | None:
    """The lease that was put aside first, in hand again until `until`; None if there is none.

    What has expired or ended meanwhile is given back on the way.
    """
    rows = await session.execute(_ASIDE, {"person_id": person.id, "job_id": job_id})
    for lease, state, deadline in rows.all():
        if state == State.OPEN and now < min(deadline, lease.expires_at):
            lease.parked_at, lease.expires_at = None, until
            await session.flush()
            return lease
        await returning.give_back(session, custody, lease, now)
    return None


_PARKED = select(Lease.id).where(
    Lease.person_id == bindparam("person_id"),
    Lease.job_id == bindparam("job_id"),
    Lease.parked_at.is_not(None),
)
_ASIDE = (
    _PARKED.with_only_columns(Lease, Holding.state, Holding.deadline)
    .join(Holding, Holding.id == Lease.list_id)
    .order_by(Lease.parked_at)
    .with_for_update(of=Lease)
)
