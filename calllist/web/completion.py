"""業務完了報告書 on the screen, and as the file that is handed out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from calllist.oversight import completion
from calllist.people.roles import Role
from calllist.web.access import Keeper, Session, Visitor, signed_in
from calllist.web.frame import page

router = APIRouter(include_in_schema=False)
Reader = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR, Role.AUDITOR))]


@router.get("/jobs/{job_id}/report")
async def shown(request: Request, session: Session, visitor: Reader, job_id: str) -> Response:
    """The figures of a job's lists, side by side."""
    made = await completion.report(session, visitor.person, job_id)
    return page(
        request,
        "report.html",
        visitor,
        job=made.job,
        columns=[*made.parts, made.total],
        rows=[
            (words[visitor.lang == "en"], name)
            for name, words in completion.WORDS.items()
            if name not in ("list", "total")
        ],
        codes=sorted(made.total.by_code),
    )


@router.get("/jobs/{job_id}/report.csv")
async def file(session: Session, keeper: Keeper, visitor: Reader, job_id: str) -> Response:
    """The same as CSV, with its hash in the ledger."""
    made, content = await completion.issue(session, keeper, visitor.person, job_id, visitor.lang)
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="report-{made.job.code}.csv"'},
    )
