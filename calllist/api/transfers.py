"""Warm transfer, as JSON: the operator asks a supervisor, who takes the person over or not.

Nobody is shown here; whoever accepts asks for the person at GET /leases/{lease}. The operator then
hears 404 of the lease.
"""

from datetime import datetime

from fastapi import APIRouter

from calllist.api.shapes import Asked, Told
from calllist.dialing import hand
from calllist.floor import transferring
from calllist.web.access import Keeper
from calllist.web.seat import OwnDesk, SupervisorsDesk

router = APIRouter(tags=["transfers"])


class ColleagueTold(Told):
    """Somebody of the staff."""

    person: str
    name: str


class AskedOf(Asked):
    """Which supervisor is to take over."""

    person: str


class TransferTold(ColleagueTold):
    """An operator who asks; of which job; until when that stands."""

    job: str
    until: datetime


class TakenOver(Told):
    """The lease, which is the supervisor's from now on."""

    lease: str


@router.get("/leases/{lease_id}/supervisors")
async def free(lease_id: str, desk: OwnDesk) -> list[ColleagueTold]:
    """Who may be asked: supervisors of the site whose hands are free."""
    await hand.still(desk.session, desk.person, lease_id)
    people = await transferring.free(desk.session, desk.person, desk.now)
    return [ColleagueTold(person=one.id, name=one.name) for one in people]


@router.put("/leases/{lease_id}/offer", status_code=204)
async def offer(lease_id: str, asked: AskedOf, desk: OwnDesk, keeper: Keeper) -> None:
    """Ask this supervisor, for two minutes; the person stays until the answer. 409 `not_free`."""
    await transferring.offer(desk, keeper, lease_id, asked.person)


@router.delete("/leases/{lease_id}/offer", status_code=204)
async def withdraw(lease_id: str, desk: OwnDesk, keeper: Keeper) -> None:
    """The operator keeps the person."""
    await transferring.withdraw(desk, keeper, lease_id)


@router.get("/transfers")
async def asking(desk: SupervisorsDesk) -> list[TransferTold]:
    """Who asks this supervisor now."""
    return [
        TransferTold(person=one.person, name=one.name, job=one.job, until=one.until)
        for one in await transferring.asking(desk.session, desk.person, desk.now)
    ]


@router.post("/transfers/{person_id}/accept")
async def accept(person_id: str, desk: SupervisorsDesk, keeper: Keeper) -> TakenOver:
    """Take over whom this operator has in hand. 409 `not_offered`, `lease_held`."""
    return TakenOver(lease=await transferring.accept(desk, keeper, person_id))


@router.post("/transfers/{person_id}/decline", status_code=204)
async def decline(person_id: str, desk: SupervisorsDesk, keeper: Keeper) -> None:
    """The operator goes on alone. 409 `not_offered`."""
    await transferring.decline(desk, keeper, person_id)
