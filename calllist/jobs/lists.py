"""Lists: begun before the first byte of a file, settled by the manager, ended once.

    receiving -> open -> settled -> over

Ending a list is one transaction with releasing its holding: from then on nothing opens.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import ids
from calllist.entrustors import contracts
from calllist.jobs.errors import (
    ContractSuperseded,
    JobOver,
    ListDeadline,
    ListNotReady,
    ListUnknown,
)
from calllist.jobs.lost import renew_terms
from calllist.jobs.scope import job_and_terms, job_of, list_of
from calllist.jobs.states import CALLED, UNFINISHED, JobState, ListState
from calllist.jobs.tables import CallList, Job
from calllist.people.tables import Person
from crypto.signed.terms import ContractTerms
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event
from retention.custody import Custody
from retention.states import Trigger

NOBODYS = ""  # a completion is nobody's word: the keeper sees it for itself


async def start_list(
    session: AsyncSession,
    person: Person,
    job_id: str,
    *,
    expires: datetime | None = None,
    attempt: bytes | None = None,
    now: datetime,
) -> tuple[CallList, ContractTerms, datetime]:
    """The row of a list about to be received, its terms and its deadline.

    To be committed before the first byte is read: whatever dies, the sweep finds the row.
    `expires` may only be earlier than the contract's. `attempt` names the upload to those who
    send it again: one that failed gives row and number to its next beginning. Raises
    JobUnknown, JobOver, ContractSuperseded, ListDeadline.
    """
    job, terms = await job_and_terms(session, person, job_id)
    await session.refresh(job, with_for_update=True)  # numbers are given out one by one
    if job.state != JobState.OPEN:
        raise JobOver(job_id)
    latest = await contracts.in_force(session, job.contract_id)
    if job.version != latest.version:
        await renew_terms(session, job, latest)
        job, terms = await job_and_terms(session, person, job_id)
    if job.version != latest.version:
        raise ContractSuperseded(job_id)
    deadline = expires or terms.expires
    if not now < deadline <= terms.expires:
        raise ListDeadline(job_id)
    row = await _begun_before(session, attempt)
    if row is None:
        number = await _next_number(session, job_id)
        row = CallList(job_id=job_id, entrustor_id=job.entrustor_id, number=number, attempt=attempt)
        session.add(row)
    row.id, row.state = ids.new("lst"), ListState.RECEIVING
    row.uploaded_by, row.started_at, row.heard_at = person.id, now, now
    row.rows_seen = row.bytes_read = row.remaining = 0
    await session.flush()
    return row, terms, deadline


async def _next_number(session: AsyncSession, job_id: str) -> int:
    last = await session.scalar(select(func.max(CallList.number)).where(CallList.job_id == job_id))
    return (last or 0) + 1


async def _begun_before(session: AsyncSession, attempt: bytes | None) -> CallList | None:
    """The row of an upload that failed and left nothing: it begins again under a fresh id."""
    if attempt is None:
        return None
    row: CallList | None = await session.scalar(
        select(CallList)
        .where(CallList.attempt == attempt, CallList.state == ListState.FAILED)
        .with_for_update()
    )
    if row is not None:
        forgotten = update(CallList).where(CallList.id == row.id).values(failure=null())
        await session.execute(forgotten)  # `None` would be the JSON null, and a failure still
    return row


async def corrected(session: AsyncSession, person: Person, job_id: str, list_id: str) -> CallList:
    """A list of this job whose rejected rows may come again, corrected.

    Raises ListUnknown, also for a list of another job; ListNotReady for one that is not called.
    """
    row = await list_of(session, person, list_id)
    if row.job_id != job_id:
        raise ListUnknown(list_id)
    if row.state not in CALLED:
        raise ListNotReady(list_id)
    return row


async def fail_list(
    session: AsyncSession, list_id: str, failure: dict[str, Any], now: datetime
) -> None:
    """Mark a list as refused: code, line and column, never a value."""
    await session.execute(
        update(CallList)
        .where(CallList.id == list_id, CallList.state == ListState.RECEIVING)
        .values(state=ListState.FAILED, failure=failure, heard_at=now)
    )


async def close_intake(
    session: AsyncSession,
    keeper: KeeperClient,
    custody: Custody,
    person: Person,
    list_id: str,
    now: datetime,
) -> CallList:
    """The manager has read the receipt: the list ends by itself with its last result.

    Raises ListUnknown, ListNotReady. Closed before: nothing to do.
    """
    await list_of(session, person, list_id)
    row = await _locked(session, list_id)
    if row.state in (ListState.SETTLED, ListState.OVER):
        return row
    if row.state != ListState.OPEN:
        raise ListNotReady(list_id)
    row.state = ListState.SETTLED
    await keeper.call(Event("intake_closed", {"list": list_id, "by": person.id}))
    await end_if_complete(session, custody, row, now)
    return row


async def end_if_complete(
    session: AsyncSession, custody: Custody, row: CallList, now: datetime
) -> bool:
    """End a settled list without a record left to call. Takes the locked row."""
    if row.state != ListState.SETTLED or row.remaining > 0 or row.resting > 0:
        return False
    await _end(session, custody, row, Trigger.COMPLETED, now, grant=NOBODYS)
    return True


async def close_job(
    session: AsyncSession,
    keeper: KeeperClient,
    custody: Custody,
    person: Person,
    job_id: str,
    now: datetime,
    *,
    grant: str,
) -> Job:
    """End a job and release every list of it, called to the end or not.

    grant: the manager's; without a live one the keeper ends nothing for good. Raises
    JobUnknown; ListNotReady while a file is being received. Closed before: nothing to do.
    """
    job = await job_of(session, person, job_id)
    lists = select(CallList).where(CallList.job_id == job_id).order_by(CallList.id)
    await session.execute(lists.with_for_update())  # lists before jobs, everywhere: no deadlock
    await session.refresh(job, with_for_update=True)
    if job.state == JobState.CLOSED:
        return job
    for row in (await session.scalars(lists.execution_options(populate_existing=True))).all():
        if row.state == ListState.RECEIVING:
            raise ListNotReady(row.id)
        if row.state in UNFINISHED:
            await _end(session, custody, row, Trigger.MANAGER, now, grant=grant)
    job.state = JobState.CLOSED
    job.closed_at = job.closed_at or now
    await keeper.call(Event("job_closed", {"job": job_id, "by": person.id}))
    return job


async def end_by_order(
    session: AsyncSession, custody: Custody, list_id: str, now: datetime, *, grant: str
) -> None:
    """End a list because its entrustor says so, called to the end or not.

    grant: of the entrustor's officer who says so.

    Already ended: a grace that still runs ends now; otherwise nothing to do. Raises
    ListNotReady while the file is being received.
    """
    row = await _locked(session, list_id)
    if row.state == ListState.RECEIVING:
        raise ListNotReady(list_id)
    if row.state in UNFINISHED:
        await _end(session, custody, row, Trigger.ENTRUSTOR, now, grant=grant)
    else:
        await custody.release(session, list_id, Trigger.ENTRUSTOR, grant=grant, now=now)


async def extend(session: AsyncSession, custody: Custody, list_id: str, until: datetime) -> None:
    """Its entrustor has signed a later deadline. If the keeper opens the list again (nobody had
    the right to end it), calling goes on where it stopped, as if the receipt had been read."""
    if not await custody.extend(session, list_id, until):
        return
    row = await _locked(session, list_id)
    if row.state == ListState.OVER:
        row.state = ListState.SETTLED
        await session.execute(
            update(Job).where(Job.id == row.job_id).values(state=JobState.OPEN, closed_at=None)
        )


async def mark_over(session: AsyncSession, list_id: str, now: datetime) -> None:
    """Say of a list that its holding has ended (deadline, order of the entrustor)."""
    row = await _locked(session, list_id)
    if row.state in UNFINISHED:
        row.state = ListState.OVER
        await _close_finished_job(session, row.job_id, now)


async def _end(
    session: AsyncSession,
    custody: Custody,
    row: CallList,
    trigger: Trigger,
    now: datetime,
    *,
    grant: str,
) -> None:
    await custody.release(session, row.id, trigger, grant=grant, now=now)
    row.state = ListState.OVER
    await _close_finished_job(session, row.job_id, now)


async def _close_finished_job(session: AsyncSession, job_id: str, now: datetime) -> None:
    await session.flush()
    await session.execute(select(Job.id).where(Job.id == job_id).with_for_update())
    living = (ListState.RECEIVING, *UNFINISHED)
    left = await session.scalar(
        select(func.count())
        .select_from(CallList)
        .where(CallList.job_id == job_id, CallList.state.in_(living))
    )
    if not left:
        await session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.OPEN)
            .values(state=JobState.CLOSED, closed_at=now)
        )


async def _locked(session: AsyncSession, list_id: str) -> CallList:
    return (
        await session.scalars(
            select(CallList)
            .where(CallList.id == list_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()
