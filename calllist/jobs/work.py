"""Jobs: opened under a signed contract version, worked on by assigned operators, closed.

A job ends by itself when all its lists are over, or when the manager closes it. Verbs that
overseers should know of say so to the ledger; none of them commits.
"""

import re
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import ids
from calllist.entrustors import contracts
from calllist.jobs.errors import (
    JobCodeMalformed,
    JobCodeTaken,
    JobOver,
    NotAnOperator,
    PartyNotApproved,
    WrapUpRefused,
)
from calllist.jobs.scope import job_and_terms, job_of
from calllist.jobs.states import JobState
from calllist.jobs.tables import Assignment, CallList, Job, OwnGroup
from calllist.people.roles import Role
from calllist.people.tables import Person
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,31}")
WRAP_UP = range(10, 901)  # seconds


async def create_job(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    *,
    contract_id: str,
    code: str,
    now: datetime,
) -> Job:
    """A job under the latest signed version of a contract.

    Raises ContractUnknown, JobCodeTaken, JobCodeMalformed, PartyNotApproved.
    """
    version = await contracts.in_force(session, contract_id)
    terms = contracts.decode(version)
    if person.party_id not in await contracts.parties(session, terms):
        raise PartyNotApproved(contract_id)
    if not CODE.fullmatch(code):
        raise JobCodeMalformed
    if await session.scalar(select(Job.id).where(Job.code == code)) is not None:
        raise JobCodeTaken
    job = Job(
        id=ids.new("job"),
        code=code,
        entrustor_id=terms.entrustor,
        contract_id=contract_id,
        version=version.version,
        state=JobState.OPEN,
        created_at=now,
    )
    session.add(job)
    await session.flush()
    await keeper.call(Event("job_created", {"job": job.id, "by": person.id}))
    return job


async def assign(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    job_id: str,
    operator_id: str,
    now: datetime,
) -> None:
    """Let an operator work on a job. Assigned before: nothing to do.

    Raises JobUnknown, JobOver, NotAnOperator, PartyNotApproved.
    """
    job, terms = await job_and_terms(session, person, job_id)
    if job.state != JobState.OPEN:
        raise JobOver(job_id)
    operator = await session.get(Person, operator_id)
    if operator is None or operator.role != Role.OPERATOR or operator.stopped_at is not None:
        raise NotAnOperator(operator_id)
    approved = operator.party_id in await contracts.parties(session, terms)
    if not approved or not terms.permits_site(operator.site_id or ""):
        raise PartyNotApproved(operator_id)
    row = {"job_id": job_id, "person_id": operator_id, "since": now}
    await session.execute(insert(Assignment).values(row).on_conflict_do_nothing())
    refs = {"job": job_id, "operator": operator_id, "by": person.id}
    await keeper.call(Event("operator_assigned", refs))


async def unassign(
    session: AsyncSession, keeper: KeeperClient, person: Person, job_id: str, operator_id: str
) -> None:
    """No next record for this operator; the one in hand may be finished. Whoever is not assigned:
    nothing to do. Raises JobUnknown."""
    await job_of(session, person, job_id)
    gone = await session.scalar(
        delete(Assignment)
        .where(Assignment.job_id == job_id, Assignment.person_id == operator_id)
        .returning(Assignment.person_id)
    )
    if gone is None:
        return
    lists = select(CallList.id).where(CallList.job_id == job_id)
    await session.execute(
        delete(OwnGroup).where(OwnGroup.person_id == operator_id, OwnGroup.list_id.in_(lists))
    )
    refs = {"job": job_id, "operator": operator_id, "by": person.id}
    await keeper.call(Event("operator_unassigned", refs))


async def pause(
    session: AsyncSession, keeper: KeeperClient, person: Person, job_id: str, now: datetime
) -> None:
    """Nobody is called until `resume`; who is in hand is finished. Paused before: nothing to do.

    Raises JobUnknown, JobOver.
    """
    job = await job_of(session, person, job_id)
    if job.state != JobState.OPEN:
        raise JobOver(job_id)
    if job.paused_at is None:
        job.paused_at = now
        await keeper.call(Event("job_paused", {"job": job_id, "by": person.id}))


async def resume(session: AsyncSession, keeper: KeeperClient, person: Person, job_id: str) -> None:
    """The calls go on. Not paused: nothing to do. Raises JobUnknown."""
    job = await job_of(session, person, job_id)
    if job.paused_at is not None:
        job.paused_at = None
        await keeper.call(Event("job_resumed", {"job": job_id, "by": person.id}))


async def limit_wrap_up(
    session: AsyncSession, person: Person, job_id: str, seconds: int | None
) -> None:
    """How long wrap-up should take after a call of this job; None: as long as it needs.

    Raises JobUnknown, JobOver, WrapUpRefused.
    """
    job = await job_of(session, person, job_id)
    if job.state != JobState.OPEN:
        raise JobOver(job_id)
    if seconds is not None and seconds not in WRAP_UP:
        raise WrapUpRefused
    job.wrap_up = seconds


async def assigned(session: AsyncSession, person: Person, job_id: str) -> list[Person]:
    """The operators of a job, by login. Raises JobUnknown."""
    await job_of(session, person, job_id)
    return list(
        await session.scalars(
            select(Person)
            .join(Assignment, Assignment.person_id == Person.id)
            .where(Assignment.job_id == job_id)
            .order_by(Person.login)
        )
    )


async def lists_of(session: AsyncSession, person: Person, job_id: str) -> list[CallList]:
    """The lists of a job, by number. Raises JobUnknown."""
    await job_of(session, person, job_id)
    return list(
        await session.scalars(
            select(CallList).where(CallList.job_id == job_id).order_by(CallList.number)
        )
    )
