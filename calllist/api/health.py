"""Whether the web reaches database and keeper, and how far destruction lags. For probes."""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from calllist import db
from calllist.api.shapes import Health
from calllist.db import DatabaseUnavailable
from calllist.oversight.lag import oldest_due
from calllist.web.access import Keeper, Now
from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.wire.ledger import Head

router = APIRouter(tags=["health"])


@router.get("/health")
async def health(request: Request, response: Response, keeper: Keeper, at: Now) -> Health:
    """200 if both answer, else 503 with the code of what does not."""
    database, lag = await _database(request, at)
    told = Health(database=database, keeper=await _keeper(keeper), oldest_due_seconds=lag)
    if (told.database, told.keeper) != ("ok", "ok"):
        response.status_code = 503
    return told


async def _database(request: Request, now: datetime) -> tuple[str, int | None]:
    try:
        async with db.transaction(request.app.state.sessions) as session:
            return "ok", int((await oldest_due(session, now)).total_seconds())
    except DatabaseUnavailable as error:
        return error.code, None


async def _keeper(keeper: Keeper) -> str:
    try:
        await keeper.call(Head())
    except KeeperUnavailable:
        return "keeper_unavailable"
    except Refusal as refused:
        return refused.code
    return "ok"
