"""Between two calls: which job, rest, the next person, the search when somebody calls back.

Nobody is shown here. Every unsafe step answers with 303 to a page that may be reloaded as often
as wanted. A number searched for travels in the form, never in an address.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from calllist.clock import JST
from calllist.dialing import calling_hours, inbound, parking, promises, queue, tally
from calllist.dialing.desk import Desk
from calllist.dialing.errors import InOtherHand, LeaseHeld, NumberUnreadable
from calllist.entrustors.tables import Entrustor
from calllist.errors import CalllistError
from calllist.floor import seats
from calllist.jobs import scope
from calllist.jobs.errors import JobOver
from calllist.web import card, given
from calllist.web.access import Visitor
from calllist.web.frame import page, spoken, to
from calllist.web.problems import SIGN_IN_AGAIN, problem_of
from calllist.web.seat import Operator, OwnDesk
from calllist.web.sentences import sentence
from crypto.errors.base import Refusal

router = APIRouter(include_in_schema=False)


@router.get("/desk")
async def my_jobs(request: Request, visitor: Operator, desk: OwnDesk) -> Response:
    """The jobs this operator is assigned to."""
    held = await desk.lease()
    jobs = []
    for job in await scope.jobs_of(desk.session, desk.person):
        if job.state != "open":
            continue
        _, terms = await scope.job_and_terms(desk.session, desk.person, job.id)
        entrustor = await desk.session.get_one(Entrustor, job.entrustor_id)
        jobs.append(
            {
                "id": job.id,
                "code": job.code,
                "entrustor": entrustor.name,
                "purpose": terms.purpose,
                "remaining": await tally.remaining(desk.session, job.id),
                "hours": calling_hours.hours(terms.conduct, desk.now.astimezone(JST).date()),
            }
        )
    return page(request, "desks.html", visitor, jobs=jobs, held=held.id if held else None)


@router.get("/desk/{job_id}")
async def rest(request: Request, visitor: Operator, desk: OwnDesk, job_id: str) -> Response:
    """Nobody is in hand. A person in hand comes first."""
    held = await desk.lease()
    if held is not None:
        await scope.job_of(desk.session, desk.person, job_id)
        return to(f"/leases/{held.id}", problem=request.query_params.get("problem"))
    return await _rest(request, visitor, desk, job_id)


@router.post("/desk/{job_id}/find")
async def find(
    *,
    request: Request,
    visitor: Operator,
    desk: OwnDesk,
    job_id: str,
    number: Annotated[str, Form(max_length=200)],
    by: Annotated[inbound.By, Form()] = inbound.By.NUMBER,
    nth: Annotated[int | None, Form(ge=0, le=1000)] = None,
) -> Response:
    """Somebody calls back: to the one who has this number, letter or code, or word that nobody has.

    Of a household the page says how many there are; `nth` then chooses.
    """
    await seats.ready(desk.session, desk.person, desk.now)
    try:
        hits = await inbound.find(desk, job_id, number, by=by, nth=nth)
    except LeaseHeld as held:
        return to(f"/leases/{held.lease_id}", problem=held.code)
    except NumberUnreadable as error:
        if await desk.lease() is not None:
            return to(f"/desk/{job_id}", problem=error.code)
        unread = sentence(error.code, visitor.lang)
        return await _rest(request, visitor, desk, job_id, number=number, by=by, error=unread)
    except (InOtherHand, JobOver) as error:
        return to(f"/desk/{job_id}", problem=error.code)
    except Refusal as refused:
        if refused.code in SIGN_IN_AGAIN:
            raise
        return to(f"/desk/{job_id}", problem=refused.code)
    if hits.lease is not None:
        return to(f"/leases/{hits.lease.id}")
    if not hits.count:
        return to(f"/desk/{job_id}", problem="nobody_found")
    return await _rest(request, visitor, desk, job_id, hits=hits.count, number=number)


@router.get("/desk/{job_id}/find")
async def found(_visitor: Operator, job_id: str) -> Response:
    """An address that was a form's."""
    return to(f"/desk/{job_id}")


@router.post("/desk/{job_id}/next")
async def take(visitor: Operator, desk: OwnDesk, job_id: str) -> Response:
    """Lease the next person, and go there: whoever asks for somebody is at work."""
    await seats.ready(desk.session, desk.person, desk.now)
    return await onward(visitor, desk, job_id, recorded=None)


async def onward(visitor: Visitor, desk: Desk, job_id: str, *, recorded: int | None) -> Response:
    """The next person's page; if there is none now, the rest page says why.

    recorded: the result that was just given, to be named there.
    """
    try:
        lease = await desk.take(job_id)
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


async def _rest(
    request: Request,
    visitor: Visitor,
    desk: Desk,
    job_id: str,
    *,
    hits: int | None = None,
    number: str = "",
    by: inbound.By = inbound.By.NUMBER,
    error: str | None = None,
) -> Response:
    """hits: what a search has found that is yet to be chosen from; number: what was searched, for
    fields of the form only: hidden then, else in sight for whoever typed it, with its error."""
    job, terms = await scope.job_and_terms(desk.session, desk.person, job_id)
    entrustor = await desk.session.get_one(Entrustor, job.entrustor_id)
    waits = request.query_params.get("problem") == "nobody_left"
    handed = request.query_params.get("handed") == "1"
    return page(
        request,
        "rest.html",
        visitor,
        inbound=terms.inbound,
        handed=handed,
        parked=await parking.parked(desk.session, desk.person, job_id),
        hits=hits,
        number=number,
        by=by,
        error=error or spoken(request, visitor.lang),
        job={
            "id": job.id,
            "code": job.code,
            "state": job.state,
            "paused": job.paused_at is not None,
            "entrustor": entrustor.name,
            "purpose": terms.purpose,
        },
        hours=calling_hours.hours(terms.conduct, desk.now.astimezone(JST).date()),
        may_call=calling_hours.permitted(terms.conduct, desk.now),
        opens_at=calling_hours.next_opening(terms.conduct, desk.now),
        due_at=await queue.next_due(desk.session, job_id, desk.now) if waits else None,
        seat=await seats.standing(desk.session, desk.person, desk.now),
        own=await tally.today(desk.session, desk.person, desk.now),
        promises=await promises.promised(desk.session, job_id, desk.person, desk.now),
        remaining=await tally.remaining(desk.session, job_id),
        given=await given.facts(desk, job_id, terms, visitor.lang),
        recorded=card.result_word(
            request.query_params.get("recorded"), terms.purpose, visitor.lang
        ),
    )
