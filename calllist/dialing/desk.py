"""The desk: one masked person at a time.

    take -> show (as often as needed) -> match, reveal -> record -> take ...
                `-> withdrawn by the entrustor: closed as such, nobody shown -> take ...

`take` only leases; the person is opened by `show`, in a request of its own, when the lease
is already committed: a crash between the two leaves a lease that shows the same person, and
never an open record that nobody holds. A lease lives as long as the keeper's hold and a
grace, and every look at it lengthens it. Foreign and unknown leases are not told apart.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import ids
from calllist.dialing import calling_hours, closing, queue, resting, returning
from calllist.dialing.closing import Outcome
from calllist.dialing.errors import (
    LeaseHeld,
    LeaseUnknown,
    NobodyLeft,
    OutsideHours,
    RecordOver,
    RecordWithdrawn,
)
from calllist.dialing.hand import InHand, in_hand
from calllist.dialing.tables import Lease, Result
from calllist.entrustors import rehearsal
from calllist.entrustors.codes import WITHDRAWN
from calllist.entrustors.purposes import Purpose
from calllist.jobs.errors import JobOver
from calllist.jobs.scope import job_and_terms
from calllist.jobs.states import JobState
from calllist.people.tables import Person
from crypto.errors.records import NotInHand, RecordClosed, Withdrawn
from crypto.fields import FieldKind
from crypto.wire.records import Closed, Matched, Revealed, View
from retention.custody import Custody
from retention.states import State
from retention.tables import Holding


async def take(
    session: AsyncSession,
    custody: Custody,
    person: Person,
    job_id: str,
    *,
    grace: timedelta,
    now: datetime,
) -> Lease:
    """Lease the next record. Shows nothing; redirect to `show`.

    Raises JobUnknown, JobOver, HandoverUntested, OutsideHours (with the next opening), LeaseHeld
    (one live lease per operator, with its id), NobodyLeft (with the time when somebody is due).
    """
    job, terms = await job_and_terms(session, person, job_id)
    if job.state != JobState.OPEN:
        raise JobOver(job_id)
    await rehearsal.check(session, terms)
    if not calling_hours.permitted(terms.conduct, now):
        raise OutsideHours(calling_hours.next_opening(terms.conduct, now))
    await session.execute(  # two tabs of one operator: one after the other
        select(Person.id).where(Person.id == person.id).with_for_update()
    )
    held = await lease_of(session, custody, person, now)
    if held is not None:
        raise LeaseHeld(held.id)
    only_due = terms.purpose == Purpose.INBOUND  # they call us, unless they asked to be called
    record = await queue.pick(session, job_id, now, only_due=only_due)
    if record is None:
        raise NobodyLeft(await queue.next_due(session, job_id, now))
    lease = Lease(
        id=ids.new_lease(),
        person_id=person.id,
        job_id=job_id,
        list_id=record.list_id,
        chunk=record.chunk,
        index=record.index,
        taken_at=now,
        expires_at=now + timedelta(seconds=terms.hold_seconds) + grace,
    )
    session.add(lease)
    await session.flush()
    return lease


async def lease_of(
    session: AsyncSession, custody: Custody, person: Person, now: datetime
) -> Lease | None:
    """The operator's live lease, if any. One that is over is given back on the way.

    Over: expired, or its list released or past its deadline, so that nothing of it opens.
    """
    found = (
        await session.execute(
            select(Lease, Holding.state, Holding.deadline)
            .join(Holding, Holding.id == Lease.list_id)
            .where(Lease.person_id == person.id)
            .with_for_update(of=Lease)
        )
    ).first()
    if found is None:
        return None
    lease, state, deadline = found
    if state == State.OPEN and now < min(deadline, lease.expires_at):
        return lease
    await returning.give_back(session, custody, lease, now)
    return None


async def show(
    session: AsyncSession,
    custody: Custody,
    person: Person,
    grant: str,
    lease_id: str,
    *,
    grace: timedelta,
    now: datetime,
) -> tuple[InHand, View]:
    """The masked person in hand, at the stage the keeper holds. The same as often as asked.

    Raises LeaseUnknown, HoldingOver, RecordOver, RecordWithdrawn, and the keeper's refusals
    (budget_hour, budget_day, list_over, grant_over, hand_full, party_not_approved, ...).
    """
    hand = await in_hand(session, person, lease_id)
    try:
        view = await custody.disclose(session, grant, hand.sealed, now=now)
    except Withdrawn as refused:
        raise await _withdrawn(session, custody, person, grant, hand, now) from refused
    except RecordClosed as refused:
        await returning.conclude(session, custody, hand, person, now)
        raise RecordOver(lease_id) from refused
    hand.lease.expires_at = now + timedelta(seconds=hand.terms.hold_seconds) + grace
    return hand, view


async def match(
    session: AsyncSession,
    custody: Custody,
    person: Person,
    grant: str,
    lease_id: str,
    kind: FieldKind,
    said: str,
    *,
    now: datetime,
) -> tuple[InHand, Matched]:
    """Whether what the callee said is what the record says: 一致 or 不一致, and the new view.

    Raises LeaseUnknown, HoldingOver, and the keeper's tries_used, not_matchable, ...
    """
    hand = await in_hand(session, person, lease_id)
    return hand, await custody.match(session, grant, hand.sealed, kind, said, now=now)


async def reveal(
    session: AsyncSession,
    custody: Custody,
    person: Person,
    grant: str,
    lease_id: str,
    kind: FieldKind,
    reason: str,
    *,
    now: datetime,
) -> tuple[InHand, Revealed]:
    """One field in full for some seconds. `reason`: "manual_dial" or "read_back".

    Raises LeaseUnknown, HoldingOver, and the keeper's not_revealable, ...
    """
    hand = await in_hand(session, person, lease_id)
    return hand, await custody.reveal(session, grant, hand.sealed, kind, reason, now=now)


async def record(
    session: AsyncSession,
    custody: Custody,
    person: Person,
    grant: str,
    lease_id: str,
    code: int,
    *,
    call_back_at: datetime | None = None,
    now: datetime,
) -> Outcome:
    """Record the result of the call and let go of the person; exactly once per lease.

    A second time with the same lease: the first outcome again. Raises LeaseUnknown,
    CodeRefused, CallBackMissing, CallBackRefused, HoldingOver, RecordOver, RecordWithdrawn,
    and the keeper's refusals.
    """
    try:
        hand = await in_hand(session, person, lease_id)
    except LeaseUnknown:
        return await _recorded(session, person, lease_id)
    rule = closing.check(hand, code, call_back_at, now)
    sealed_code = closing.counted(hand, rule)
    try:
        closed = await _close(session, custody, grant, hand, sealed_code, now)
    except Withdrawn as refused:
        raise await _withdrawn(session, custody, person, grant, hand, now) from refused
    except RecordClosed as refused:
        await returning.conclude(session, custody, hand, person, now)
        raise RecordOver(lease_id) from refused
    return await closing.settle(
        session, custody, hand, person, sealed_code, closed, call_back_at=call_back_at, now=now
    )


async def _close(
    session: AsyncSession, custody: Custody, grant: str, hand: InHand, code: int, now: datetime
) -> Closed:
    """Close in the keeper; after a new sign-in or an expired hold, open once more before."""
    attempt, until = hand.lease.id, resting.window(hand.terms, code, now)
    try:
        return await custody.close(grant, hand.sealed, attempt, code, findable_until=until)
    except NotInHand:
        await custody.disclose(session, grant, hand.sealed, now=now)
        return await custody.close(grant, hand.sealed, attempt, code, findable_until=until)


async def _withdrawn(
    session: AsyncSession,
    custody: Custody,
    person: Person,
    grant: str,
    hand: InHand,
    now: datetime,
) -> RecordWithdrawn:
    """Close as 対象外: the result goes to the entrustor like any other."""
    closed = await custody.close(grant, hand.sealed, hand.lease.id, WITHDRAWN)
    await closing.settle(session, custody, hand, person, WITHDRAWN, closed, now=now)
    return RecordWithdrawn(hand.lease.id, hand.job.id)


async def _recorded(session: AsyncSession, person: Person, lease_id: str) -> Outcome:
    """The outcome of a lease that has its result: a double click, a second tab."""
    result = await session.get(Result, lease_id)
    if result is None or result.person_id != person.id:
        raise LeaseUnknown(lease_id)
    return Outcome(result.job_id, result.code, final=result.final, due_at=None)
