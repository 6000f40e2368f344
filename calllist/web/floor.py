"""The floor: the live board of managers and supervisors, and what operators say of their own seats.

The board comes as a page and, while it is open, as a stream of the same part of the page: one
event a second at most, and only if something has changed. Nobody of a list is in it.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response, StreamingResponse

from calllist.dialing.errors import LeaseHeld
from calllist.errors import CalllistError
from calllist.floor import seats, taking_back, transferring
from calllist.floor.board import FRESH, Board, Picture
from calllist.floor.seats import Reason
from calllist.jobs import scope, work
from calllist.people.roles import Role
from calllist.web import pages
from calllist.web.access import Custody, Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import csrf_field, page, to
from calllist.web.jobs import Manager
from calllist.web.seat import Operator, OwnDesk

router = APIRouter(include_in_schema=False)
Overseer = Annotated[Visitor, Depends(signed_in(Role.MANAGER, Role.SUPERVISOR))]
SEATS = 200  # rows of a page: the most urgent; of all others the counts


@router.get("/floor")
async def board(request: Request, session: Session, visitor: Overseer) -> Response:
    """Every seat of the manager's jobs, or of the supervisor's site: calling, waiting, paused,
    stuck."""
    known = {job.id for job in await scope.jobs_of(session, visitor.person)}
    picture = await _board(request).picture()
    held = await transferring.in_hand_of(session, visitor.person)
    return page(request, "floor.html", visitor, held=held, **_facts(picture, visitor, known))


@router.get("/floor/live", response_class=StreamingResponse)
async def live(request: Request, session: Session, visitor: Overseer) -> StreamingResponse:
    """The board's part of the page, again whenever it changes; the browser comes anew when it
    ends, so that a sign-in that is over sees nothing more."""
    known = {job.id for job in await scope.jobs_of(session, visitor.person)}
    body = _events(_board(request), visitor, known)
    return StreamingResponse(body, media_type="text/event-stream")


@router.post("/floor/jobs/{job_id}/pause")
async def pause_job(
    session: Session, keeper: Keeper, now: Now, visitor: Manager, job_id: str
) -> Response:
    """Nobody of this job is called until it goes on."""
    try:
        await work.pause(session, keeper, visitor.person, job_id, now)
    except CalllistError as error:
        return to("/floor", problem=error.code)
    return to("/floor")


@router.post("/floor/jobs/{job_id}/resume")
async def resume_job(session: Session, keeper: Keeper, visitor: Manager, job_id: str) -> Response:
    """The calls of this job go on."""
    try:
        await work.resume(session, keeper, visitor.person, job_id)
    except CalllistError as error:
        return to("/floor", problem=error.code)
    return to("/floor")


@router.post("/floor/seats/{person_id}/take-back")
async def take_back(
    *,
    session: Session,
    keeper: Keeper,
    custody: Custody,
    now: Now,
    visitor: Overseer,
    person_id: str,
) -> Response:
    """What this operator has in hand goes back into the queue, at once."""
    try:
        await taking_back.take_back(session, keeper, custody, visitor.person, person_id, now)
    except CalllistError as error:
        return to("/floor", problem=error.code)
    return to("/floor")


@router.post("/floor/seats/{person_id}/assign")
async def assign(
    *,
    session: Session,
    keeper: Keeper,
    now: Now,
    visitor: Manager,
    person_id: str,
    job: Annotated[str, Form(max_length=64)],
) -> Response:
    """The next person of this operator may be one of this job."""
    try:
        await work.assign(session, keeper, visitor.person, job, person_id, now)
    except CalllistError as error:
        return to("/floor", problem=error.code)
    return to("/floor")


@router.post("/floor/seats/{person_id}/unassign")
async def unassign(
    session: Session,
    keeper: Keeper,
    visitor: Manager,
    person_id: str,
    job: Annotated[str, Form(max_length=64)],
) -> Response:
    """Nobody more of this job for this operator; who is in hand is finished."""
    try:
        await work.unassign(session, keeper, visitor.person, job, person_id)
    except CalllistError as error:
        return to("/floor", problem=error.code)
    return to("/floor")


@router.post("/desk/{job_id}/pause")
async def pause(
    visitor: Operator, desk: OwnDesk, job_id: str, reason: Annotated[Reason, Form()]
) -> Response:
    """Leave the seat; a person in hand comes first."""
    await scope.job_of(desk.session, visitor.person, job_id)
    try:
        await desk.alone()
    except LeaseHeld as held:
        return to(f"/leases/{held.lease_id}", problem=held.code)
    await seats.pause(desk.session, visitor.person, reason, desk.now)
    return to(f"/desk/{job_id}")


@router.post("/desk/{job_id}/ready")
async def ready(visitor: Operator, desk: OwnDesk, job_id: str) -> Response:
    """Back at the seat."""
    await scope.job_of(desk.session, visitor.person, job_id)
    await seats.ready(desk.session, visitor.person, desk.now)
    return to(f"/desk/{job_id}")


def _board(request: Request) -> Board:
    found: Board = request.app.state.board
    return found


def _facts(picture: Picture, visitor: Visitor, known: set[str]) -> dict[str, Any]:
    """The part of the picture that the visitor may see; known: the ids of its jobs."""
    manages = visitor.person.role == Role.MANAGER
    picture = picture.of_jobs(known)
    picture = picture if manages else picture.of_site(visitor.person.site_id)
    codes = {job.id: job.code for job in picture.works}
    return {
        "at": picture.at,
        "manages": manages,
        "total": picture.states(),
        "jobs": [(job, picture.states(job.id)) for job in picture.works],
        "sites": picture.sites(),
        "asking": [
            (one, codes.get(one.job or "", ""))
            for one in picture.places
            if one.offered_to == visitor.person.id
        ],
        "seats": [(one, codes.get(one.job or "", "")) for one in picture.places[:SEATS]],
        "others": max(0, len(picture.places) - SEATS),
    }


async def _events(board: Board, visitor: Visitor, known: set[str]) -> AsyncIterator[str]:
    """Server-sent events (HTML standard, 9.2): each is the part `floor_board.html`."""
    began: datetime | None = None
    said = ""
    yield f"retry: {int(FRESH.total_seconds() * 1000)}\n\n"
    while True:
        picture = await board.picture()
        began = began or picture.at
        part = pages.text(
            "floor_board.html",
            visitor.lang,
            csrf_field=csrf_field(visitor),
            **_facts(picture, visitor, known),
        )
        if part != said:
            said = part
            yield "".join(f"data: {line}\n" for line in part.splitlines()) + "\n"
        if picture.at - began >= board.lasts:
            return
        await asyncio.sleep(FRESH.total_seconds())
