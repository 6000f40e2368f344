"""名簿の暗号化: the screen that encrypts a file in the browser, to the job's recipient.

A convenience, and it says so: the page and its script come from this host, so it protects from
everybody but this host. Whoever has to be safe from us takes `calllist seal`, or `age`. Nothing of
the file comes here: the route gives out the page, and the signed statement comes from `recipient`.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from calllist.jobs import scope
from calllist.jobs.states import JobState
from calllist.people.roles import Role
from calllist.web.access import Session, Visitor, signed_in
from calllist.web.frame import page

router = APIRouter(include_in_schema=False)
Sealer = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR))]


@router.get("/jobs/{job_id}/seal")
async def seal(request: Request, session: Session, visitor: Sealer, job_id: str) -> Response:
    """Where a file is encrypted. A manager may hand the result over at once."""
    job = await scope.job_of(session, visitor.person, job_id)
    return page(
        request,
        "seal.html",
        visitor,
        job={"id": job.id, "code": job.code, "open": job.state == JobState.OPEN},
        takes_in=visitor.person.role == Role.MANAGER,
    )
