"""`/metrics`: the figures of `calllist.oversight.figures` for Prometheus, to whoever has the token.

Without `CALLLIST_METRICS_TOKEN` there is no such page. Prometheus sends the token as
`authorization: {credentials_file: ...}`; any web process answers for the whole platform.
"""

import secrets

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from calllist.oversight import figures
from calllist.web.access import Config, Keeper

router = APIRouter(include_in_schema=False)
BEARER = "Bearer "


@router.get("/metrics")
async def metrics(request: Request, settings: Config, keeper: Keeper) -> Response:
    """503 without a database. Without a keeper its figures are missing: `calllist_keeper_up`."""
    if settings.metrics_token is None:
        raise HTTPException(404)
    given = request.headers.get("Authorization", "").encode()
    wanted = (BEARER + settings.metrics_token.get_secret_value()).encode()
    if not secrets.compare_digest(given, wanted):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    state = request.app.state
    text = await figures.text(state.sessions, keeper, state.watch)
    return Response(text, media_type=figures.MEDIA_TYPE)
