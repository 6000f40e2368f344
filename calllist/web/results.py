"""The entrustor fetches its results, sealed, and confirms what arrived.

What the browser fetched last is remembered in a cookie (a digest and a count), so that
confirming never covers a result which was not in that file.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from calllist.entrustors import rehearsal
from calllist.entrustors.rehearsal import HandoverCodeWrong
from calllist.oversight import handover
from calllist.oversight.errors import HandoverChanged, NothingToHandOver
from calllist.people.roles import Role
from calllist.web.access import Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to

router = APIRouter(include_in_schema=False)
Officer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR))]
FETCHED = "__Host-fetched"


@router.get("/results")
async def waiting(request: Request, session: Session, visitor: Officer) -> Response:
    """How many results wait, and how to take them."""
    return page(
        request,
        "results.html",
        visitor,
        waiting=await handover.waiting(session, visitor.person),
        test=await rehearsal.begun(session, visitor.person.entrustor_id or ""),
        acknowledged=_count(request.query_params.get("acknowledged", "")),
    )


@router.get("/results/file")
async def file(session: Session, keeper: Keeper, visitor: Officer) -> Response:
    """The sealed file. Asked again: the same, until it is confirmed."""
    try:
        fetched = await handover.results_file(session, keeper, visitor.person)
    except NothingToHandOver as error:
        return to("/results", problem=error.code)
    response = Response(
        fetched.content,
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="results.json"'},
    )
    response.set_cookie(
        FETCHED,
        f"{fetched.batch}.{fetched.count}",
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return response


@router.get("/results/test")
async def test_file(session: Session, keeper: Keeper, now: Now, visitor: Officer) -> Response:
    """A file with one invented result: made once, the same until the entrustor's key changes."""
    test = await rehearsal.begin(session, keeper, visitor.person.entrustor_id or "", now)
    return Response(
        test.content,
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="test.json"'},
    )


@router.post("/results/test")
async def confirm_test(
    session: Session,
    keeper: Keeper,
    now: Now,
    visitor: Officer,
    code: Annotated[str, Form(max_length=64)],
) -> Response:
    """The code that stood in the test file: desks may open."""
    person = visitor.person
    try:
        await rehearsal.confirm(
            session, keeper, person.entrustor_id or "", code, by=person.id, now=now
        )
    except HandoverCodeWrong as error:
        return to("/results", problem=error.code)
    return to("/results")


@router.post("/results/acknowledge")
async def acknowledge(
    request: Request, session: Session, keeper: Keeper, now: Now, visitor: Officer
) -> Response:
    """受領 of what the last fetched file held."""
    batch, _, count = request.cookies.get(FETCHED, "").partition(".")
    try:
        done = await handover.acknowledge(
            session, keeper, visitor.person, batch=batch, count=_count(count) or 0, now=now
        )
    except HandoverChanged:
        return to("/results", problem="handover_changed")
    response = to("/results", acknowledged=done)
    response.delete_cookie(FETCHED, path="/", secure=True, httponly=True, samesite="strict")
    return response


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None
