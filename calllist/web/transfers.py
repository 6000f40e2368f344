"""Warm transfer on the screens: the operator asks a supervisor, who takes the person over or not.

Nobody is shown here: the operator chooses among names of staff, the supervisor sees who asks and
for which job. Only the page of the lease, which is the supervisor's then, shows the person.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from calllist.dialing import hand
from calllist.dialing.desk import Desk
from calllist.dialing.errors import LeaseHeld, RecordWithdrawn
from calllist.dialing.hand import InHand
from calllist.errors import CalllistError
from calllist.floor import transferring
from calllist.floor.errors import NotFree
from calllist.people.tables import Person
from calllist.web.access import Keeper, Visitor
from calllist.web.frame import page, to
from calllist.web.problems import SIGN_IN_AGAIN
from calllist.web.seat import Operator, OwnDesk, SupervisorsDesk
from crypto.errors.base import Refusal
from crypto.errors.records import InOtherHand

router = APIRouter(include_in_schema=False)


@router.get("/leases/{lease_id}/transfer")
async def choose(request: Request, visitor: Operator, desk: OwnDesk, lease_id: str) -> Response:
    """Which supervisor is to be asked: those of the site whose hands are free."""
    await hand.still(desk.session, visitor.person, lease_id)
    people = await transferring.free(desk.session, visitor.person, desk.now)
    return page(request, "transfer.html", visitor, lease=lease_id, people=people)


@router.post("/leases/{lease_id}/offer")
async def offer(
    desk: OwnDesk, keeper: Keeper, lease_id: str, person: Annotated[str, Form(max_length=64)]
) -> Response:
    """Ask this supervisor; the person stays where they are until the answer."""
    try:
        await transferring.offer(desk, keeper, lease_id, person)
    except NotFree as error:
        return to(f"/leases/{lease_id}/transfer", problem=error.code)
    except RecordWithdrawn as over:
        return to(f"/desk/{over.job_id}", problem=over.code)
    except Refusal as refused:
        if refused.code in SIGN_IN_AGAIN:
            raise
        return to(f"/leases/{lease_id}", problem=refused.code)
    return to(f"/leases/{lease_id}")


@router.post("/leases/{lease_id}/keep")
async def keep(desk: OwnDesk, keeper: Keeper, lease_id: str) -> Response:
    """The operator withdraws the request."""
    try:
        await transferring.withdraw(desk, keeper, lease_id)
    except RecordWithdrawn as over:
        return to(f"/desk/{over.job_id}", problem=over.code)
    return to(f"/leases/{lease_id}")


@router.post("/floor/transfers/{person_id}/accept")
async def accept(desk: SupervisorsDesk, keeper: Keeper, person_id: str) -> Response:
    """Take over whom this operator has in hand."""
    try:
        lease_id = await transferring.accept(desk, keeper, person_id)
    except LeaseHeld as held:
        return to(f"/leases/{held.lease_id}", problem=held.code)
    except CalllistError as error:
        return to("/floor", problem=error.code)
    except Refusal as refused:
        if refused.code in SIGN_IN_AGAIN:
            raise
        return to("/floor", problem=refused.code)
    return to(f"/leases/{lease_id}")


@router.post("/floor/transfers/{person_id}/decline")
async def decline(desk: SupervisorsDesk, keeper: Keeper, person_id: str) -> Response:
    """The operator goes on alone."""
    try:
        await transferring.decline(desk, keeper, person_id)
    except CalllistError as error:
        return to("/floor", problem=error.code)
    return to("/floor")


async def onward(visitor: Visitor, desk: Desk, lease_id: str, error: Exception) -> Response:
    """Where the operator goes on whose person a supervisor has. Raises `error` if none has."""
    if isinstance(error, InOtherHand):
        await transferring.follow(desk, lease_id)
    gone = await transferring.handed_over(desk.session, visitor.person, lease_id)
    if gone is None:
        raise error
    return to(f"/desk/{gone.job_id}", handed=1)


async def facts(desk: Desk, held: InHand) -> dict[str, Any]:
    """What the card says of it: who is asked, and until when; who has handed the person over."""
    lease = held.lease
    asked = None
    if lease.offered_to and lease.offered_until and desk.now < lease.offered_until:
        who = await desk.session.get_one(Person, lease.offered_to)
        asked = {"name": who.name, "until": lease.offered_until}
    giver = await desk.session.get_one(Person, lease.handed_by) if lease.handed_by else None
    return {"asked": asked, "handed_by": giver and giver.name}
