"""Whom the entrustor takes out, and to whom it encrypts its files; for managers and officers."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from calllist.api.shapes import Told
from calllist.dialing.withdrawals import Asked
from calllist.jobs import scope
from calllist.people.roles import Role
from calllist.web.access import Keeper, Session, Visitor, signed_in
from calllist.web.parts import Parts
from crypto.wire.uploads import Address

router = APIRouter(tags=["files"])
Taker = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR))]
LentTaker = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR, lent=True))]
LINES_TOLD = 1000


class WithdrawalsTold(Told):
    """What became of a withdrawal file: counts and lines, never a value."""

    given: int = Field(description="rows with a reference number")
    withdrawn: int = Field(description="people closed with code 80 now")
    already: int = Field(description="people who were done before")
    unmatched: int = Field(description="rows whose reference is on no list that is called")
    unmatched_lines: list[int] = Field(description="their lines in the file, the first 1,000")


@router.post(
    "/jobs/{job_id}/withdrawals",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def withdraw(
    job_id: str,
    request: Request,
    visitor: LentTaker,
    session: Session,
    column: Annotated[str, Query(max_length=200, description='header, or "#2"')] = "",
) -> WithdrawalsTold:
    """Take people out by reference number (paid, examined meanwhile): CSV, XLSX or one a line.

    For a list that came without reference numbers, its line numbers. Effective at the desk when
    this answers, in mid-call too. The same file again changes nothing.
    """
    await scope.job_of(session, visitor.person, job_id)
    await session.commit()  # the stream may take a while: hold no connection meanwhile
    body = await _file(request)
    files = request.app.state.withdrawal_files
    asked = [Asked(*row) for row in await files.rows(visitor.person.id, body, column=column)]
    done = await request.app.state.withdrawals.take_out(
        visitor.person, visitor.grant, job_id, asked
    )
    return WithdrawalsTold(
        given=done.given,
        withdrawn=done.withdrawn,
        already=done.already,
        unmatched=len(done.unmatched),
        unmatched_lines=done.unmatched[:LINES_TOLD],
    )


@router.get("/jobs/{job_id}/recipient", response_class=Response)
async def recipient(job_id: str, visitor: Taker, session: Session, keeper: Keeper) -> Response:
    """The keeper's signed statement of whom to encrypt this job's files to (`calllist seal`)."""
    job = await scope.job_of(session, visitor.person, job_id)
    told = await keeper.call(Address(job.contract_id, job.id))
    return Response(
        told.statement,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="recipient-{job.code}.json"'},
    )


async def _file(request: Request) -> AsyncIterator[bytes]:
    """The body, or the file of a form. Raises FormUnreadable."""
    content_type = request.headers.get("Content-Type", "")
    if not content_type.lower().startswith("multipart/form-data"):
        return request.stream()
    parts = Parts(content_type, request.stream())
    await parts.begin()
    return parts.files()
