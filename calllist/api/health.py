"""Whether the web reaches database and keeper, and how far destruction lags. For probes.

The status is for those who send browsers here: 503 only if this web can serve nobody. What
somebody must act on stands in `alarms` (`calllist health` ends with another code then).
"""

from fastapi import APIRouter, Request, Response

from calllist.api.shapes import ClocksTold, Health
from calllist.db import DatabaseUnavailable
from calllist.oversight.clocks import Clocks
from calllist.oversight.watch import Standing
from calllist.web.access import Keeper
from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.wire.ledger import Head

router = APIRouter(tags=["health"])


@router.get("/health")
async def health(request: Request, response: Response, keeper: Keeper) -> Health:
    """200 if both answer, else 503 with the code of what does not."""
    database, standing = await _database(request)
    told = Health(database=database, keeper=await _keeper(keeper))
    if standing is not None:
        silence = standing.silence
        told = told.model_copy(
            update={
                "oldest_due_seconds": int(standing.oldest_due.total_seconds()),
                "sweep_seconds": None if silence is None else int(silence.total_seconds()),
                "clocks": _clocks(standing.clocks),
                "alarms": standing.alarms,
            }
        )
    if (told.database, told.keeper) != ("ok", "ok"):
        response.status_code = 503
    return told


async def _database(request: Request) -> tuple[str, Standing | None]:
    try:
        return "ok", await request.app.state.watch.look()
    except DatabaseUnavailable as error:
        return error.code, None


def _clocks(clocks: Clocks) -> ClocksTold:
    """Ahead of this web's host; None: not asked."""
    ahead = [
        None if at is None else round((at - clocks.here).total_seconds(), 1)
        for at in (clocks.database, clocks.keeper)
    ]
    return ClocksTold(database=ahead[0], keeper=ahead[1], doubted=clocks.doubted)


async def _keeper(keeper: Keeper) -> str:
    try:
        await keeper.call(Head())
    except KeeperUnavailable:
        return "keeper_unavailable"
    except Refusal as refused:
        return refused.code
    return "ok"
