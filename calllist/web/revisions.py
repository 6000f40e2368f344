"""結果の事後訂正: calls as time, operator and four signs; another code for one of them, and why.

Nobody of a list is on these pages: whoever oversees the call chooses it by when and whose it was.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from calllist.dialing import revising
from calllist.dialing.errors import ResultUnknown
from calllist.entrustors.codes import REVISED
from calllist.errors import CalllistError
from calllist.jobs.errors import JobUnknown
from calllist.oversight.reports import periods
from calllist.people.roles import Role
from calllist.web import words
from calllist.web.access import Custody, Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to
from calllist.web.i18n import translate
from calllist.web.problems import SIGN_IN_AGAIN
from crypto.errors.base import Refusal
from crypto.signed.terms import ContractTerms
from crypto.wire.revisions import Reason

router = APIRouter(include_in_schema=False)
Overseer = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.SUPERVISOR))]


@router.get("/jobs/{job_id}/revisions")
async def shown(
    *,
    request: Request,
    session: Session,
    visitor: Overseer,
    job_id: str,
    day: Annotated[str, Query(max_length=10)] = "",
    operator: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The newest calls, of a day or an operator if one is asked for."""
    asked = periods.read(day).day if day else None
    found = await revising.calls(session, visitor.person, job_id, day=asked, operator=operator)
    return page(
        request,
        "revisions.html",
        visitor,
        job=found.job,
        calls=found.calls,
        said=_said(found.terms, visitor.lang),
        operators=found.operators,
        full=len(found.calls) == revising.PAGE,
        day=day,
        operator=operator,
        revised="revised" in request.query_params,
    )


@router.get("/jobs/{job_id}/revisions/{attempt}")
async def chosen(
    request: Request, session: Session, visitor: Overseer, job_id: str, attempt: str
) -> Response:
    """One call: which code it should have had, and how that is known."""
    job, call, terms = await revising.call(session, visitor.person, job_id, attempt)
    return page(
        request,
        "revision.html",
        visitor,
        job=job,
        call=call,
        said=_said(terms, visitor.lang),
        codes=[rule for rule in revising.codes(terms) if rule.code != call.code],
        filled={name: request.query_params.get(name) for name in ("code", "reason")},
        reasons=[(reason, words[visitor.lang == "en"]) for reason, words in REVISED.items()],
    )


@router.post("/jobs/{job_id}/revisions/{attempt}")
async def revise(
    *,
    session: Session,
    keeper: Keeper,
    custody: Custody,
    now: Now,
    visitor: Overseer,
    job_id: str,
    attempt: str,
    was: Annotated[int, Form()],
    code: Annotated[int, Form()],
    reason: Annotated[Reason, Form()],
) -> Response:
    """The entrustor receives both codes; the ledger says who and why."""
    try:
        await revising.revise(
            *(session, keeper, custody, visitor.person, visitor.grant, job_id, attempt),
            was=was,
            code=code,
            reason=reason,
            now=now,
        )
    except (CalllistError, Refusal) as refused:
        if refused.code in SIGN_IN_AGAIN or isinstance(refused, JobUnknown | ResultUnknown):
            raise
        await session.rollback()
        place = f"/jobs/{job_id}/revisions/{attempt}"
        return to(place, problem=refused.code, code=code, reason=reason)
    return to(f"/jobs/{job_id}/revisions", revised=1)


def _said(terms: ContractTerms, lang: str) -> Callable[[int], str]:
    """The word for a code, as the desk of this purpose has it."""
    return lambda code: translate(lang, words.result(code, terms.purpose))
