"""The operator's screens: which job, one masked person at a time, the result, and rest;
and, when somebody calls back, the search for one number.

Every unsafe step answers with 303 to a page that may be reloaded as often as wanted: it
shows the same person, never a second one. Only a revealed field is answered directly, so
that nothing but asking again brings it back. Addresses carry ids and codes, never a value: a
number searched for travels in the form.
"""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from calllist.clock import JST
from calllist.dialing import calling_hours, desk, hand, inbound, queue, tally
from calllist.dialing.errors import (
    CallBackMissing,
    CallBackRefused,
    CodeRefused,
    InOtherHand,
    LeaseHeld,
    NumberUnreadable,
    RecordWithdrawn,
)
from calllist.entrustors.tables import Entrustor
from calllist.errors import CalllistError
from calllist.jobs import scope
from calllist.jobs.errors import JobOver
from calllist.people.roles import Role
from calllist.web import card
from calllist.web.access import Config, Custody, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to
from calllist.web.grouping import grouped
from calllist.web.problems import SIGN_IN_AGAIN, problem_of
from crypto.errors.base import Refusal
from crypto.fields import FieldKind

router = APIRouter(include_in_schema=False)
Operator = Annotated[Visitor, Depends(signed_in(Role.OPERATOR))]
IN_HAND = frozenset(
    {
        *("tries_used", "tries_used_today", "not_matchable", "not_understood"),
        *("not_revealable", "reveals_used"),
    }
)


@router.get("/desk")
async def my_jobs(
    request: Request, session: Session, custody: Custody, now: Now, visitor: Operator
) -> Response:
    """The jobs this operator is assigned to."""
    held = await desk.lease_of(session, custody, visitor.person, now)
    jobs = []
    for job in await scope.jobs_of(session, visitor.person):
        if job.state != "open":
            continue
        _, terms = await scope.job_and_terms(session, visitor.person, job.id)
        entrustor = await session.get_one(Entrustor, job.entrustor_id)
        jobs.append(
            {
                "id": job.id,
                "code": job.code,
                "entrustor": entrustor.name,
                "purpose": terms.purpose,
                "remaining": await tally.remaining(session, job.id),
                "hours": calling_hours.hours(terms.conduct, now.astimezone(JST).date()),
            }
        )
    return page(request, "desks.html", visitor, jobs=jobs, held=held.id if held else None)


@router.get("/desk/{job_id}")
async def rest(
    request: Request,
    session: Session,
    custody: Custody,
    now: Now,
    visitor: Operator,
    job_id: str,
) -> Response:
    """Between two calls: nobody is shown. A person in hand comes first."""
    held = await desk.lease_of(session, custody, visitor.person, now)
    if held is not None:
        await scope.job_of(session, visitor.person, job_id)
        return to(f"/leases/{held.id}")
    return await _rest(request, session, now, visitor, job_id)


@router.post("/desk/{job_id}/find")
async def find(
    *,
    request: Request,
    session: Session,
    custody: Custody,
    config: Config,
    now: Now,
    visitor: Operator,
    job_id: str,
    number: Annotated[str, Form(max_length=40)],
    nth: Annotated[int | None, Form(ge=0, le=1000)] = None,
) -> Response:
    """Somebody calls back: to the one who has this number, or word that nobody has.

    Of a household the page says how many there are; `nth` then chooses.
    """
    try:
        hits = await inbound.find(
            session,
            custody,
            visitor.person,
            visitor.grant,
            job_id,
            number,
            nth=nth,
            grace=config.lease_grace,
            now=now,
        )
    except (LeaseHeld, InOtherHand, NumberUnreadable, JobOver) as error:
        if isinstance(error, LeaseHeld):
            return to(f"/leases/{error.lease_id}", problem=error.code)
        return to(f"/desk/{job_id}", problem=error.code)
    except Refusal as refused:
        if refused.code in SIGN_IN_AGAIN:
            raise
        return to(f"/desk/{job_id}", problem=refused.code)
    if hits.lease is not None:
        return to(f"/leases/{hits.lease.id}")
    return await _rest(request, session, now, visitor, job_id, hits=hits.count, number=number)


@router.get("/desk/{job_id}/find")
async def found(_visitor: Operator, job_id: str) -> Response:
    """An address that was a form's."""
    return to(f"/desk/{job_id}")


async def _rest(
    request: Request,
    session: Session,
    now: datetime,
    visitor: Visitor,
    job_id: str,
    *,
    hits: int | None = None,
    number: str = "",
) -> Response:
    """The page between two calls. hits: what a search has found that is yet to be chosen from;
    the number goes back into hidden fields of the form only."""
    job, terms = await scope.job_and_terms(session, visitor.person, job_id)
    entrustor = await session.get_one(Entrustor, job.entrustor_id)
    waits = request.query_params.get("problem") == "nobody_left"
    return page(
        request,
        "rest.html",
        visitor,
        inbound=terms.inbound,
        hits=hits,
        number=number,
        job={
            "id": job.id,
            "code": job.code,
            "state": job.state,
            "entrustor": entrustor.name,
            "purpose": terms.purpose,
        },
        hours=calling_hours.hours(terms.conduct, now.astimezone(JST).date()),
        may_call=calling_hours.permitted(terms.conduct, now),
        opens_at=calling_hours.next_opening(terms.conduct, now),
        due_at=await queue.next_due(session, job_id, now) if waits else None,
        own=await tally.today(session, visitor.person, now),
        remaining=await tally.remaining(session, job_id),
        recorded=card.result_word(
            request.query_params.get("recorded"), terms.purpose, visitor.lang
        ),
    )


@router.post("/desk/{job_id}/next")
async def take(
    session: Session,
    custody: Custody,
    config: Config,
    now: Now,
    visitor: Operator,
    job_id: str,
) -> Response:
    """Lease the next person, and go there."""
    return await _onward(session, custody, config.lease_grace, now, visitor, job_id, recorded=None)


@router.get("/leases/{lease_id}")
async def show(
    *,
    request: Request,
    session: Session,
    custody: Custody,
    config: Config,
    now: Now,
    visitor: Operator,
    lease_id: str,
) -> Response:
    """The person in hand, masked at the stage the keeper holds."""
    try:
        hand, view = await desk.show(
            session,
            custody,
            visitor.person,
            visitor.grant,
            lease_id,
            grace=config.lease_grace,
            now=now,
        )
    except RecordWithdrawn as over:  # nobody was shown; the next one is a key away
        return to(f"/desk/{over.job_id}", problem=over.code)
    verdict = card.verdict(request.query_params)
    given = await card.facts(session, visitor, hand, view, grace=config.lease_grace, now=now)
    return page(
        request,
        "desk.html",
        visitor,
        **given,
        verdict=verdict,
        revealed=None,
        callee=await card.callee(request, hand),
    )


@router.get("/leases/{lease_id}/still")
async def still(session: Session, visitor: Operator, lease_id: str) -> Response:
    """Whether the person is still in hand: 204. Asked by the page itself while somebody looks at
    it; on anything else it goes to where the reason is said, and loses what it shows."""
    held = await hand.still(session, visitor.person, lease_id)
    return Response(status_code=204 if held else 410)


@router.post("/leases/{lease_id}/match")
async def match(
    *,
    session: Session,
    custody: Custody,
    now: Now,
    visitor: Operator,
    lease_id: str,
    kind: Annotated[FieldKind, Form()],
    said: Annotated[str, Form(max_length=200)],
) -> Response:
    """What the callee said: same or not. The answer is on the page of the person."""
    try:
        _, matched = await desk.match(
            session, custody, visitor.person, visitor.grant, lease_id, kind, said, now=now
        )
    except Refusal as refused:
        if refused.code not in IN_HAND:
            raise
        return to(f"/leases/{lease_id}", problem=refused.code)
    return to(f"/leases/{lease_id}", checked=kind.value, same=int(matched.same))


@router.post("/leases/{lease_id}/reveal")
async def reveal(
    *,
    request: Request,
    session: Session,
    custody: Custody,
    config: Config,
    now: Now,
    visitor: Operator,
    lease_id: str,
    kind: Annotated[FieldKind, Form()],
    reason: Annotated[str, Form(pattern="^(manual_dial|read_back)$")],
) -> Response:
    """One field in full, for some seconds; reloading the person's page masks it again."""
    try:
        _, revealed = await desk.reveal(
            session, custody, visitor.person, visitor.grant, lease_id, kind, reason, now=now
        )
    except Refusal as refused:
        if refused.code not in IN_HAND:
            raise
        return to(f"/leases/{lease_id}", problem=refused.code)
    hand, view = await desk.show(
        session,
        custody,
        visitor.person,
        visitor.grant,
        lease_id,
        grace=config.lease_grace,
        now=now,
    )
    given = await card.facts(session, visitor, hand, view, grace=config.lease_grace, now=now)
    text = grouped(revealed.text) if kind is FieldKind.PHONE else revealed.text
    shown = {"kind": kind.value, "text": text, "seconds": revealed.seconds}
    return page(
        request,
        "desk.html",
        visitor,
        **given,
        verdict=None,
        revealed=shown,
        callee=await card.callee(request, hand),
    )


@router.post("/leases/{lease_id}/result")
async def record(
    *,
    session: Session,
    custody: Custody,
    config: Config,
    now: Now,
    visitor: Operator,
    lease_id: str,
    code: Annotated[int, Form()],
    call_back_at: Annotated[str, Form(max_length=30)] = "",
    then: Annotated[str, Form()] = "next",
) -> Response:
    """Record the result and, if wanted, lease the next person in the same breath."""
    try:
        outcome = await desk.record(
            session,
            custody,
            visitor.person,
            visitor.grant,
            lease_id,
            code,
            call_back_at=_moment(call_back_at),
            now=now,
        )
    except RecordWithdrawn as over:
        return to(f"/desk/{over.job_id}", problem=over.code)
    except (CallBackMissing, CallBackRefused, CodeRefused) as error:
        return to(f"/leases/{lease_id}", problem=error.code)
    if then == "rest":
        return to(f"/desk/{outcome.job_id}", recorded=outcome.code)
    return await _onward(
        session, custody, config.lease_grace, now, visitor, outcome.job_id, recorded=outcome.code
    )


@router.get("/leases/{lease_id}/{_verb}")
async def back(_visitor: Operator, lease_id: str, _verb: str) -> Response:
    """An address that was a form's: the person's own page instead."""
    return to(f"/leases/{lease_id}")


async def _onward(
    session: Session,
    custody: Custody,
    grace: timedelta,
    now: datetime,
    visitor: Visitor,
    job_id: str,
    *,
    recorded: int | None,
) -> Response:
    """The next person's page; if there is none now, the rest page says why."""
    try:
        lease = await desk.take(session, custody, visitor.person, job_id, grace=grace, now=now)
    except CalllistError as error:
        problem = problem_of(error, visitor.lang)
        if "lease_id" in problem.facts:
            return to(f"/leases/{problem.facts['lease_id']}", problem=problem.code)
        if problem.status == 404 and problem.code != "nobody_left":
            if recorded is None:
                raise
            return to("/desk")
        return to(f"/desk/{job_id}", problem=problem.code, recorded=recorded)
    return to(f"/leases/{lease.id}")


def _moment(text: str) -> datetime | None:
    """The time of a datetime-local field, meant in Japan."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=JST) if text else None
    except ValueError:
        return None
