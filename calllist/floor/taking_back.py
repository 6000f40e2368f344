"""A record is taken out of an operator's hand, at once: back into the queue, shown to nobody."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import returning
from calllist.dialing.tables import Lease
from calllist.floor.errors import NothingInHand
from calllist.jobs import scope
from calllist.jobs.errors import JobUnknown
from calllist.people.roles import Role
from calllist.people.tables import Person
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event
from retention.custody import Custody


async def take_back(
    session: AsyncSession,
    keeper: KeeperClient,
    custody: Custody,
    person: Person,
    operator_id: str,
    now: datetime,
) -> None:
    """End the operator's lease; `person` takes it. A result that the keeper has is written down.
    Whoever was put aside stays there: it comes back by itself, or its time is over.

    Raises NothingInHand: the call is over, or of a job, or at a site, that this person may not
    know of.
    """
    query = select(Lease).where(
        Lease.person_id == operator_id, Lease.parked_at.is_(None), Lease.given_at.is_(None)
    )
    if person.role == Role.SUPERVISOR:
        at_the_site = select(Person.id).where(Person.site_id == person.site_id)
        query = query.where(Lease.person_id.in_(at_the_site))
    lease = await session.scalar(query.with_for_update())
    if lease is None:
        raise NothingInHand(operator_id)
    try:
        await scope.job_of(session, person, lease.job_id)
    except JobUnknown:
        raise NothingInHand(operator_id) from None
    refs = {"job": lease.job_id, "list": lease.list_id, "operator": operator_id, "by": person.id}
    await returning.give_back(session, custody, lease, now)
    await keeper.call(Event("record_taken_back", refs))
