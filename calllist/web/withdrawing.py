"""取下げ: a file of reference numbers, given by the manager or the entrustor; and the statement of
whom files are encrypted to."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from calllist.dialing.withdrawals import Asked, Outcome
from calllist.errors import CalllistError
from calllist.jobs import scope
from calllist.jobs.states import JobState
from calllist.people import tokens
from calllist.people.roles import Role
from calllist.web.access import (
    Keeper,
    NotFromHere,
    Session,
    SignedInAs,
    Visitor,
    session_token,
    signed_in,
)
from calllist.web.frame import page
from calllist.web.parts import FormUnreadable, Parts
from calllist.web.problems import SIGN_IN_AGAIN, problem_of
from crypto.errors.base import Refusal
from crypto.wire.uploads import Address

router = APIRouter(include_in_schema=False)
Taker = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.ENTRUSTOR))]
FormTaker = Annotated[Visitor, Depends(SignedInAs(Role.MANAGER, Role.ENTRUSTOR, form_token=False))]
LINES_SHOWN = 200
FIELDS = frozenset({"csrf", "column"})


@router.get("/jobs/{job_id}/withdrawals")
async def form(request: Request, session: Session, visitor: Taker, job_id: str) -> Response:
    """Where the file is given."""
    return page(request, "withdrawals.html", visitor, **await _around(session, visitor, job_id))


@router.post("/jobs/{job_id}/withdrawals")
async def take_out(request: Request, session: Session, visitor: FormTaker, job_id: str) -> Response:
    """Close who is on it; the answer has counts and lines. Sent again: nothing more happens."""
    try:
        parts = Parts(
            request.headers.get("Content-Type", ""), request.stream(), known=FIELDS.__contains__
        )
    except FormUnreadable:
        raise NotFromHere from None
    await parts.begin()
    if not tokens.is_csrf(session_token(request), parts.fields.get("csrf", "")):
        raise NotFromHere
    around = await _around(session, visitor, job_id)
    await session.commit()  # the stream may take a while: hold no connection meanwhile
    try:
        column = parts.fields.get("column", "").strip()
        files = request.app.state.withdrawal_files
        rows = await files.rows(visitor.person.id, parts.files(), column=column)
        outcome = await request.app.state.withdrawals.take_out(
            visitor.person, visitor.grant, job_id, [Asked(*row) for row in rows]
        )
    except (CalllistError, Refusal) as error:
        if getattr(error, "code", "") in SIGN_IN_AGAIN:
            raise
        problem = problem_of(error, visitor.lang)
        failure = {**problem.facts, "code": problem.code, "sentence": problem.detail}
        return page(
            request,
            "withdrawals.html",
            visitor,
            status=problem.status,
            **(around | {"failure": failure}),
        )
    return page(request, "withdrawals.html", visitor, **(around | _told(outcome)))


@router.get("/jobs/{job_id}/recipient")
async def recipient(session: Session, keeper: Keeper, visitor: Taker, job_id: str) -> Response:
    """The statement as a file, for `calllist seal` on the entrustor's own machine."""
    job = await scope.job_of(session, visitor.person, job_id)
    told = await keeper.call(Address(job.contract_id, job.id))
    return Response(
        told.statement,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="recipient-{job.code}.json"'},
    )


async def _around(session: Session, visitor: Visitor, job_id: str) -> dict[str, Any]:
    job, terms = await scope.job_and_terms(session, visitor.person, job_id)
    return {
        "job": {"id": job.id, "code": job.code, "open": job.state == JobState.OPEN},
        "purpose": terms.purpose,
        "sealed_only": bool(terms.conduct.sealed_only),
        "home": "/held" if visitor.person.role == Role.ENTRUSTOR else f"/jobs/{job.id}",
        "outcome": None,
        "failure": None,
    }


def _told(outcome: Outcome) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "unmatched": outcome.unmatched[:LINES_SHOWN],
        "more": max(0, len(outcome.unmatched) - LINES_SHOWN),
    }
