"""Jobs and their lists, as JSON. Files come in through `receiving`."""

from typing import Annotated

from fastapi import APIRouter, Depends

from calllist.api.shapes import (
    JobTold,
    ListTold,
    NewJob,
    ProgressTold,
    WrapUpAsked,
    job_told,
    list_told,
)
from calllist.entrustors.contracts import terms_of
from calllist.jobs import lists, scope, work
from calllist.jobs.tables import Job
from calllist.oversight import progress
from calllist.people.roles import Role
from calllist.web.access import Custody, Keeper, Now, Session, Visitor, signed_in

router = APIRouter(tags=["jobs"])

Manager = Annotated[Visitor, Depends(signed_in(Role.MANAGER))]
AT_WORK = (Role.MANAGER, Role.SUPERVISOR, Role.OPERATOR)
Worker = Annotated[Visitor, Depends(signed_in(*AT_WORK, command=True))]
Overseer = Annotated[
    Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR, Role.AUDITOR, command=True))
]


@router.get("/jobs")
async def jobs(visitor: Worker, session: Session) -> list[JobTold]:
    """The jobs of a manager's or supervisor's party, or an operator's own."""
    found = await scope.jobs_of(session, visitor.person)
    return [await _told(session, job) for job in found]


@router.post("/jobs", status_code=201)
async def create(
    asked: NewJob, visitor: Manager, session: Session, keeper: Keeper, at: Now
) -> JobTold:
    """A new job under the latest signed version of a contract."""
    job = await work.create_job(
        session, keeper, visitor.person, contract_id=asked.contract, code=asked.code, now=at
    )
    return await _told(session, job)


@router.put("/jobs/{job_id}/operators/{person_id}", status_code=204)
async def assign(
    job_id: str, person_id: str, visitor: Manager, session: Session, keeper: Keeper, at: Now
) -> None:
    """Let an operator work on the job."""
    await work.assign(session, keeper, visitor.person, job_id, person_id, at)


@router.delete("/jobs/{job_id}/operators/{person_id}", status_code=204)
async def unassign(
    job_id: str, person_id: str, visitor: Manager, session: Session, keeper: Keeper
) -> None:
    """No next record for this operator."""
    await work.unassign(session, keeper, visitor.person, job_id, person_id)


@router.put("/jobs/{job_id}/wrap-up", status_code=204)
async def limit_wrap_up(
    job_id: str, asked: WrapUpAsked, visitor: Manager, session: Session
) -> None:
    """How long wrap-up should take after a call; null: as long as it needs."""
    await work.limit_wrap_up(session, visitor.person, job_id, asked.seconds)


@router.get("/jobs/{job_id}/lists")
async def lists_of(job_id: str, visitor: Overseer, session: Session) -> list[ListTold]:
    """The lists of a job."""
    return [list_told(row) for row in await work.lists_of(session, visitor.person, job_id)]


@router.post("/jobs/{job_id}/close")
async def close(
    job_id: str, visitor: Manager, session: Session, keeper: Keeper, custody: Custody, at: Now
) -> JobTold:
    """End the job; every list of it is released and will be destroyed."""
    job = await lists.close_job(
        session, keeper, custody, visitor.person, job_id, at, grant=visitor.grant
    )
    return await _told(session, job)


@router.get("/lists/{list_id}")
async def one_list(list_id: str, visitor: Overseer, session: Session, at: Now) -> ProgressTold:
    """Counts of one list."""
    found = await progress.progress(session, visitor.person, list_id, at)
    return ProgressTold(
        list=list_told(found.call_list),
        people=found.people,
        done=found.done,
        in_hand=found.in_hand,
        fresh=found.fresh,
        waiting=found.waiting,
        due=found.due,
        calls=found.calls,
        by_code=found.by_code,
        deadline=found.deadline,
    )


@router.post("/lists/{list_id}/close-intake")
async def close_intake(
    list_id: str, visitor: Manager, session: Session, keeper: Keeper, custody: Custody, at: Now
) -> ListTold:
    """The receipt is read: the list ends by itself with its last final result."""
    row = await lists.close_intake(session, keeper, custody, visitor.person, list_id, at)
    return list_told(row)


async def _told(session: Session, job: Job) -> JobTold:
    return job_told(job, (await terms_of(session, job.contract_id, job.version)).purpose)
