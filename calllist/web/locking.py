"""The locked screen of an operator: by hand, or by the page itself when nobody is there.

A page asks for it after `Settings.idle_lock` without a key or the pointer, in whichever tab; the
page of a call does not ask, and would be refused.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from calllist.dialing import leaving
from calllist.dialing.errors import LeaseHeld
from calllist.floor import seats
from calllist.floor.seats import Reason
from calllist.people import signin
from calllist.web.access import Keeper, session_token
from calllist.web.frame import to
from calllist.web.seat import Operator, OwnDesk

router = APIRouter(include_in_schema=False)


@router.post("/lock")
async def lock(request: Request, visitor: Operator, desk: OwnDesk, keeper: Keeper) -> Response:
    """Only the second factor goes on from here; the seat is left, a call is not."""
    try:
        await leaving.leave(desk)
    except LeaseHeld as held:
        return to(f"/leases/{held.lease_id}", problem=held.code)
    await seats.pause(desk.session, visitor.person, Reason.AWAY, desk.now)
    await signin.lock(desk.session, keeper, session_token(request), visitor.grant, desk.now)
    return to("/sign-in/code", problem="screen_locked")
