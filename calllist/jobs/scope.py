"""Which jobs and lists a person may know of: the one place where tenants are told apart.

Manager and supervisor: jobs whose contract approves their party. Operator: jobs assigned, as long
as its party is approved. Entrustor's officer: its own. Auditor: all. Administrator: none. Whatever
is outside is unknown (404), never forbidden.
"""

from typing import assert_never

from sqlalchemy import Select, bindparam, false, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.entrustors import contracts
from calllist.entrustors.contracts import decode
from calllist.entrustors.tables import ContractVersion
from calllist.jobs.errors import JobUnknown, ListUnknown
from calllist.jobs.tables import Assignment, CallList, Job
from calllist.people.roles import OF_PARTY, Role
from calllist.people.tables import Person
from crypto.signed.terms import ContractTerms


async def jobs_of(session: AsyncSession, person: Person) -> list[Job]:
    """The jobs this person may know of: open ones first, the newest first."""
    rows = await session.execute(_ALL[Role(person.role)], _asked_by(person))
    return [
        job for job, version, decided in rows if _approved(person, decode(version), decided=decided)
    ]


async def job_of(session: AsyncSession, person: Person, job_id: str) -> Job:
    """One job. Raises JobUnknown if this person may not know of it."""
    return (await job_and_terms(session, person, job_id))[0]


async def job_and_terms(
    session: AsyncSession, person: Person, job_id: str
) -> tuple[Job, ContractTerms]:
    """One job and the terms it stands under. Raises JobUnknown."""
    question, said = _ONE[Role(person.role)], {"job_id": job_id, **_asked_by(person)}
    found = (await session.execute(question, said)).first()
    if found is None:
        raise JobUnknown(job_id)
    job, version, decided = found
    terms = decode(version)
    if not _approved(person, terms, decided=decided):
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


def _asked_by(person: Person) -> dict[str, str | None]:
    return {
        "person_id": person.id,
        "entrustor_id": person.entrustor_id,
        "party_id": person.party_id,
    }


def _jobs(role: Role) -> Select[Job, ContractVersion, bool | None]:
    """The jobs that a person's role reaches, with the terms they stand under and what was decided
    of the person's party since; `_approved` decides of each."""
    query = select(Job, ContractVersion, contracts.decided(bindparam("party_id"))).join(
        ContractVersion,
        (ContractVersion.contract_id == Job.contract_id) & (ContractVersion.version == Job.version),
    )
    match role:
        case Role.OPERATOR:
            mine = (Assignment.job_id == Job.id) & (Assignment.person_id == bindparam("person_id"))
            return query.join(Assignment, mine)
        case Role.ENTRUSTOR:
            return query.where(Job.entrustor_id == bindparam("entrustor_id"))
        case Role.MANAGER | Role.SUPERVISOR | Role.AUDITOR:
            return query
        case Role.ADMINISTRATOR:
            return query.where(false())
        case _:
            assert_never(role)


# Made once for each role; who is asking is said with the question.
_ALL = {
    role: _jobs(role).order_by(Job.state.desc(), Job.created_at.desc(), Job.id) for role in Role
}
_ONE = {role: _jobs(role).where(Job.id == bindparam("job_id")) for role in Role}


def _approved(person: Person, terms: ContractTerms, *, decided: bool | None) -> bool:
    if person.role in OF_PARTY:
        return person.party_id in terms.parties if decided is None else decided
    return True
