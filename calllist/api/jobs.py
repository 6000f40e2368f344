"""Jobs and their lists, as JSON: uploads in, counts out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict

from calllist.api.shapes import (
    FindingTold,
    JobTold,
    ListTold,
    NewJob,
    ProgressTold,
    ReceiptTold,
    job_told,
    list_told,
)
from calllist.entrustors.contracts import terms_of
from calllist.jobs import lists, scope, work
from calllist.jobs.errors import ListNotReady
from calllist.jobs.tables import Job
from calllist.oversight import progress
from calllist.people.roles import Role
from calllist.web.access import Custody, Keeper, Now, Session, Visitor, signed_in
from crypto.fields import FieldKind

router = APIRouter(tags=["jobs"])

Manager = Annotated[Visitor, Depends(signed_in(Role.MANAGER))]
Worker = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.OPERATOR))]
Overseer = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR, Role.AUDITOR))]


class Columns(BaseModel):
    """Which header means what, where synonyms do not decide; and an earlier last day."""

    model_config = ConfigDict(frozen=True)

    phone: str | None = None
    phone_alt: str | None = None
    name: str | None = None
    name_kana: str | None = None
    organisation: str | None = None
    reference: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    postal: str | None = None
    address: str | None = None
    subject: str | None = None
    amount: str | None = None
    due_date: str | None = None
    expires: AwareDatetime | None = None

    @property
    def by_hand(self) -> dict[FieldKind, str]:
        given = self.model_dump(exclude={"expires"}, exclude_none=True)
        return {FieldKind(kind): header for kind, header in given.items()}


@router.get("/jobs")
async def jobs(visitor: Worker, session: Session) -> list[JobTold]:
    """The jobs of a manager's party, or an operator's own."""
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


@router.get("/jobs/{job_id}/lists")
async def lists_of(job_id: str, visitor: Overseer, session: Session) -> list[ListTold]:
    """The lists of a job."""
    return [list_told(row) for row in await work.lists_of(session, visitor.person, job_id)]


@router.put(
    "/jobs/{job_id}/lists",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload(
    job_id: str,
    request: Request,
    columns: Annotated[Columns, Query()],
    visitor: Manager,
    session: Session,
) -> ReceiptTold:
    """Stream one file in as the request's body (no form): all of it is taken, or nothing.

    Watch `rows_seen` of the list while it runs. Answers with the receipt.
    """
    await session.commit()  # the stream may take minutes: hold no connection meanwhile
    received = await request.app.state.uploads.receive(
        visitor.person,
        job_id,
        request.stream(),
        by_hand=columns.by_hand,
        expires=columns.expires,
    )
    return ReceiptTold(
        list=received.list_id,
        number=received.number,
        receipt=received.receipt.facts(),
        salt=received.salt,
        continues=received.continues,
        lost=received.lost,
    )


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


@router.get("/lists/{list_id}/receipt")
async def receipt(list_id: str, visitor: Overseer, session: Session) -> ReceiptTold:
    """The receipt: counts by code, columns, encoding; never a value."""
    row = await scope.list_of(session, visitor.person, list_id)
    if row.receipt is None:
        raise ListNotReady(list_id)
    return ReceiptTold(list=row.id, number=row.number, receipt=row.receipt)


@router.get("/lists/{list_id}/findings")
async def findings(
    list_id: str,
    visitor: Overseer,
    session: Session,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[FindingTold]:
    """Rejected, repeated and restored rows: line, column, code."""
    found = await lists.findings_of(session, visitor.person, list_id, after=after, limit=limit)
    return [
        FindingTold(line=one.line, code=one.code, column=one.column, repeats=one.repeats)
        for one in found
    ]


@router.post("/lists/{list_id}/close-intake")
async def close_intake(
    list_id: str, visitor: Manager, session: Session, keeper: Keeper, custody: Custody, at: Now
) -> ListTold:
    """The receipt is read: the list ends by itself with its last final result."""
    row = await lists.close_intake(session, keeper, custody, visitor.person, list_id, at)
    return list_told(row)


async def _told(session: Session, job: Job) -> JobTold:
    return job_told(job, (await terms_of(session, job.contract_id, job.version)).purpose)
