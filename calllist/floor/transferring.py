"""Warm transfer: a supervisor takes over the person whom an operator has in hand.

    offer -> accept     the same lease, at the same stage; it is the supervisor's from then on
         `-> decline, withdraw, two minutes over: the person stays with the operator

The keeper moves the person first and the lease follows in our commit. If that never came, the
lease follows when either of the two asks next (`accept` once more, `follow`), or its time is over.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.desk import Desk
from calllist.dialing.hand import in_hand
from calllist.dialing.tables import Lease
from calllist.floor.errors import NotFree, NothingOffered
from calllist.jobs import scope
from calllist.jobs.errors import JobUnknown
from calllist.people.roles import Role
from calllist.people.tables import Person, SignIn
from crypto.wire.client import KeeperClient
from crypto.wire.transfers import Accept, Offer, Retract


async def free(session: AsyncSession, person: Person, now: datetime) -> list[Person]:
    """The supervisors of this person's site who are signed in and have nobody in hand."""
    here = exists().where(
        SignIn.person_id == Person.id,
        SignIn.complete.is_(True),
        SignIn.command.is_(False),
        SignIn.expires_at > now,
    )
    busy = exists().where(Lease.person_id == Person.id, Lease.parked_at.is_(None))
    return list(
        await session.scalars(
            select(Person)
            .where(
                Person.role == Role.SUPERVISOR,
                Person.site_id == person.site_id,
                Person.stopped_at.is_(None),
                here,
                ~busy,
            )
            .order_by(Person.name, Person.id)
        )
    )


@dataclass(frozen=True)
class Asking:
    """An operator who asks a supervisor to take over; of which job; until when that stands."""

    person: str
    name: str
    job: str
    until: datetime


async def asking(session: AsyncSession, person: Person, now: datetime) -> list[Asking]:
    """Who asks this supervisor now, whose request ends first before the others."""
    found = await session.execute(
        select(Person.id, Person.name, Lease.job_id, Lease.offered_until)
        .join(Lease, Lease.person_id == Person.id)
        .where(Lease.offered_to == person.id, Lease.offered_until > now, Lease.parked_at.is_(None))
        .order_by(Lease.offered_until, Person.id)
    )
    return [Asking(who, name, job, until) for who, name, job, until in found if until]


async def offer(desk: Desk, keeper: KeeperClient, lease_id: str, to: str) -> None:
    """Ask this supervisor to take the person in hand over; an earlier request ends.

    Raises NotFree, LeaseUnknown, RecordWithdrawn, and the keeper's refusals.
    """
    hand = await in_hand(desk.session, desk.person, lease_id)
    if to not in {one.id for one in await free(desk.session, desk.person, desk.now)}:
        raise NotFree
    made = await keeper.call(Offer(desk.grant, hand.sealed, hand.lease.id, to))
    lease = hand.lease
    lease.dialled_at = lease.dialled_at or desk.now
    lease.offered_to, lease.offer, lease.offered_until = to, made.offer, made.until


async def withdraw(desk: Desk, keeper: KeeperClient, lease_id: str) -> None:
    """The operator keeps the person. Nothing asked: nothing to do. Raises LeaseUnknown."""
    hand = await in_hand(desk.session, desk.person, lease_id)
    await _end(keeper, hand.lease)


async def decline(desk: Desk, keeper: KeeperClient, operator_id: str) -> None:
    """The supervisor does not take the operator's person. Raises NothingOffered."""
    await _end(keeper, await _offered(desk, operator_id))


async def accept(desk: Desk, keeper: KeeperClient, operator_id: str) -> str:
    """The supervisor takes the operator's person over: the lease, which is theirs from now on.

    Raises NothingOffered, LeaseHeld, RecordWithdrawn, and the keeper's refusals.
    """
    await desk.alone()
    lease = await _offered(desk, operator_id)
    try:
        _, terms = await scope.job_and_terms(desk.session, desk.person, lease.job_id)
    except JobUnknown:
        raise NothingOffered(operator_id) from None
    giver = await desk.session.get_one(Person, operator_id)
    hand = await in_hand(desk.session, giver, lease.id)
    await keeper.call(Accept(desk.grant, hand.sealed, lease.offer or ""))
    _follow(lease)
    lease.expires_at = desk.until(terms)
    return lease.id


async def follow(desk: Desk, lease_id: str) -> None:
    """The keeper says that the operator's person is in another hand: the supervisor's who was
    asked has taken them over, and our books have not heard of it.

    No request, or the supervisor has somebody else by now: nothing to do; the lease expires.
    """
    lease = await desk.session.scalar(
        select(Lease)
        .where(Lease.id == lease_id, Lease.person_id == desk.person.id)
        .with_for_update()
    )
    if lease is None or lease.offered_to is None:
        return
    busy = select(Lease.id).where(Lease.person_id == lease.offered_to, Lease.parked_at.is_(None))
    if await desk.session.scalar(busy) is None:
        _follow(lease)


async def stands(session: AsyncSession, lease_id: str, now: datetime) -> bool:
    """Whether a supervisor can still answer for this lease."""
    until = await session.scalar(select(Lease.offered_until).where(Lease.id == lease_id))
    return until is not None and now < until


async def in_hand_of(session: AsyncSession, person: Person) -> str | None:
    """The lease of whom this supervisor has taken over, if any."""
    found: str | None = await session.scalar(
        select(Lease.id).where(Lease.person_id == person.id, Lease.parked_at.is_(None))
    )
    return found


async def handed_over(session: AsyncSession, person: Person, lease_id: str) -> Lease | None:
    """The lease that this person has handed over to somebody who still has it."""
    found: Lease | None = await session.scalar(
        select(Lease).where(Lease.id == lease_id, Lease.handed_by == person.id)
    )
    return found


async def _offered(desk: Desk, operator_id: str) -> Lease:
    """The lease that this operator asks this supervisor to take. Raises NothingOffered."""
    lease: Lease | None = await desk.session.scalar(
        select(Lease)
        .where(
            Lease.person_id == operator_id,
            Lease.offered_to == desk.person.id,
            Lease.parked_at.is_(None),
        )
        .with_for_update()
    )
    if lease is None:
        raise NothingOffered(operator_id)
    return lease


async def _end(keeper: KeeperClient, lease: Lease) -> None:
    if lease.offer is not None:
        await keeper.call(Retract(lease.offer))
    lease.offered_to = lease.offer = lease.offered_until = None


def _follow(lease: Lease) -> None:
    """The lease goes where the keeper has put the person."""
    assert lease.offered_to is not None  # noqa: S101 - asked before
    lease.handed_by, lease.person_id = lease.person_id, lease.offered_to
    lease.offered_to = lease.offer = lease.offered_until = None
