"""Which jobs and lists a person may know of: the one place where tenants are told apart.

Manager: jobs whose contract approves the manager's party. Operator: jobs assigned.
Entrustor's officer: its own. Auditor: all. Administrator: none. Whatever is outside is
unknown (404), never forbidden.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.entrustors import contracts
from calllist.entrustors.contracts import decode
from calllist.entrustors.tables import ContractVersion
from calllist.jobs.errors import JobUnknown, ListUnknown
from calllist.jobs.tables import Assignment, CallList, Job
from calllist.people.roles import Role
from calllist.people.tables import Person
from crypto.signed.terms import ContractTerms


async def jobs_of(session: AsyncSession, person: Person) -> list[Job]:
    """The jobs this person may know of: open ones first, the newest first."""
    query = (
        select(Job, ContractVersion)
        .join(
            ContractVersion,
            (ContractVersion.contract_id == Job.contract_id)
            & (ContractVersion.version == Job.version),
        )
        .order_by(Job.state.desc(), Job.created_at.desc(), Job.id)
    )
    match person.role:
        case Role.OPERATOR:
            query = query.join(
                Assignment, (Assignment.job_id == Job.id) & (Assignment.person_id == person.id)
            )
        case Role.ENTRUSTOR:
            query = query.where(Job.entrustor_id == person.entrustor_id)
        case Role.MANAGER | Role.AUDITOR:
            pass
        case _:
            return []
    rows = await session.execute(query)
    return [job for job, version in rows if await _approved(session, person, decode(version))]


async def job_of(session: AsyncSession, person: Person, job_id: str) -> Job:
    """One job. Raises JobUnknown if this person may not know of it."""
    return (await job_and_terms(session, person, job_id))[0]


async def job_and_terms(
    session: AsyncSession, person: Person, job_id: str
) -> tuple[Job, ContractTerms]:
    """One job and the terms it stands under. Raises JobUnknown."""
    query = (
        select(Job, ContractVersion)
        .join(
            ContractVersion,
            (ContractVersion.contract_id == Job.contract_id)
            & (ContractVersion.version == Job.version),
        )
        .where(Job.id == job_id)
    )
    if person.role == Role.OPERATOR:
        query = query.join(
            Assignment, (Assignment.job_id == Job.id) & (Assignment.person_id == person.id)
        )
    found = (await session.execute(query)).first()
    if found is None:
        raise JobUnknown(job_id)
    job, terms = found[0], decode(found[1])
    owner = person.role != Role.ENTRUSTOR or job.entrustor_id == person.entrustor_id
    approved = await _approved(session, person, terms)
    if person.role == Role.ADMINISTRATOR or not owner or not approved:
        raise JobUnknown(job_id)
    return job, terms


async def list_of(session: AsyncSession, person: Person, list_id: str) -> CallList:
    """One list. Raises ListUnknown if this person may not know of it."""
    found = await session.get(CallList, list_id)
    if found is None:
        raise ListUnknown(list_id)
    try:
        await job_of(session, person, found.job_id)
    except JobUnknown:
        raise ListUnknown(list_id) from None
    return found


async def _approved(session: AsyncSession, person: Person, terms: ContractTerms) -> bool:
    if person.role in (Role.MANAGER, Role.OPERATOR):
        return person.party_id in await contracts.parties(session, terms)
    return True
