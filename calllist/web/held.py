"""What is held about whose people, until when: the entrustor's and the auditor's screen."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from calllist.jobs import exposure
from calllist.jobs.errors import ListNotReady
from calllist.oversight import alarms, certificates, handover, held, order
from calllist.oversight.held import Held
from calllist.people.roles import Role
from calllist.web import ending, told
from calllist.web.access import Custody, Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to
from crypto.errors.base import KeeperUnavailable
from crypto.wire.ledger import Head
from retention.states import State

SOON = timedelta(minutes=10)
MOVING, QUIET = 3, 30  # seconds

router = APIRouter(include_in_schema=False)
Officer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR))]
Overseer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR, Role.AUDITOR))]


@router.get("/held")
async def holdings(
    request: Request, session: Session, keeper: Keeper, now: Now, visitor: Overseer
) -> Response:
    """Counts, deadlines, how far a destruction is; for the auditor also the ledger's head."""
    rows = await held.held(session, visitor.person, now)
    issued = await certificates.issued(session, visitor.person)
    by_list = {one.holding_id: one.id for one in sorted(issued, key=lambda row: row.edition)}
    audits = visitor.person.role == Role.AUDITOR
    open_ones = [row for row in rows if row.state == State.OPEN and row.deadline > now]
    sums = {
        "readable": sum(row.remaining for row in open_ones if row.held_at is None),
        "open": len(open_ones),
        "going": sum(row.living and row.state != State.LOST for row in rows) - len(open_ones),
        "certified": len(by_list),
        "exposure": sum((row.exposure for row in rows), exposure.NONE),
        "results": None if audits else (await handover.waiting(session, visitor.person)).results,
    }
    return page(
        request,
        "held.html",
        visitor,
        everyone=audits,
        sums=sums,
        holdings=[
            {
                **asdict(row),
                "left": row.deadline - now,
                "expired": row.state == State.OPEN and row.deadline <= now,
                "certificate": by_list.get(row.list_id),
                "trouble": ending.trouble(row.failure, visitor.lang),
            }
            for row in rows
        ],
        seconds=_seconds(rows, now),
        told=await told.told(session, visitor.person, visitor.lang),
        alerts=await alarms.alerts(session, keeper, visitor.person, now),
        head=await _head(keeper) if audits else None,
    )


@router.get("/held/{holding_id}/destroy")
async def confirm(
    request: Request, session: Session, now: Now, visitor: Officer, holding_id: str
) -> Response:
    """What the order would destroy, in name and number, before it is given."""
    row = await held.one(session, visitor.person, holding_id, now)
    return page(request, "destroy.html", visitor, row=row)


@router.post("/held/{holding_id}/destroy")
async def destroy(
    *,
    session: Session,
    keeper: Keeper,
    custody: Custody,
    now: Now,
    visitor: Officer,
    holding_id: str,
) -> Response:
    """委託元の指示."""
    try:
        await order.destroy(
            session, keeper, custody, visitor.person, holding_id, now, grant=visitor.grant
        )
    except ListNotReady as error:
        return to("/held", problem=error.code)
    return to("/held")


@router.post("/held/{holding_id}/ending")
async def choose(
    *,
    request: Request,
    session: Session,
    keeper: Keeper,
    custody: Custody,
    now: Now,
    visitor: Officer,
    holding_id: str,
) -> Response:
    """消去 or 返還後消去, until the list ends."""
    first = (await request.form()).get("results_first") == "yes"
    await order.choose(
        session, keeper, custody, visitor.person, holding_id, results_first=first, now=now
    )
    return to("/held")


def _seconds(rows: list[Held], now: datetime) -> int:
    """How soon the screen looks again: often while something moves, or soon will."""
    moving = any(row.living and row.state != State.OPEN and not row.failure for row in rows)
    soon = any(row.state == State.OPEN and row.deadline < now + SOON for row in rows)
    return MOVING if moving or soon else QUIET


async def _head(keeper: Keeper) -> Any:
    """The ledger's signed head, or None while the keeper is away: the counts are worth showing."""
    try:
        return await keeper.call(Head())
    except KeeperUnavailable:
        return None
