"""The web process: wiring, headers, and nothing else.

    uvicorn --factory calllist.app:make --no-access-log

The log carries no query strings and no bodies (the access log stays off). OpenAPI is served
at /api/openapi.json.
"""

import gc
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from calllist import db
from calllist.api import metrics
from calllist.api.routes import router as api
from calllist.clock import Clock
from calllist.dialing.withdrawals import Withdrawals
from calllist.floor.board import Board
from calllist.intake.previews import Previews
from calllist.intake.resuming import Resuming
from calllist.intake.upload import Uploads
from calllist.intake.withdrawing import WithdrawalFiles
from calllist.oversight.watch import Watch
from calllist.settings import Settings, SettingsError, load
from calllist.web import problems
from calllist.web.pulse import Pulse
from calllist.web.routes import problem_page
from calllist.web.routes import router as screens
from calllist.web.shield import Shield
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from retention.custody import Custody

NEW_OBJECTS = 10_000  # Python's own are 700: a page is made of more than that


def create_app(settings: Settings, extra_routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The application. Connects to nothing yet: database and keeper may come later.

    `extra_routers` are the demonstration's: they exist only where its command hands them in.
    """
    app = FastAPI(
        title="calllist",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.clock = Clock(settings.clock_offset)
    app.state.engine = db.engine(settings.database, pool=settings.database_pool)
    app.state.sessions = db.sessions(app.state.engine)
    app.state.keeper = KeeperClient(settings.keeper_at(Caller.WEB), pool=settings.keeper_pool)
    app.state.pulse = Pulse(app.state.keeper)
    app.state.custody = Custody(app.state.keeper)
    app.state.uploads = Uploads(
        app.state.sessions,
        app.state.custody,
        database_url=settings.intake_database,
        keeper=settings.keeper_at(Caller.INTAKE),
        now=app.state.clock.now,
        synthetic=settings.synthetic_numbers,
        max_rows=settings.max_rows,
    )
    app.state.board = Board(app.state.sessions, app.state.clock.now)
    app.state.previews = Previews()
    app.state.withdrawal_files = WithdrawalFiles()
    app.state.withdrawals = Withdrawals(app.state.sessions, app.state.custody, app.state.clock.now)
    app.state.resuming = Resuming(app.state.sessions, app.state.clock.now)
    app.state.watch = Watch(
        app.state.sessions, app.state.keeper, app.state.clock.now, settings.clock_offset
    )
    app.state.demo = None
    problems.install(app, problem_page)
    app.add_middleware(Shield, last_resort=problems.last_resort(problem_page), hosts=settings.hosts)
    app.include_router(screens)
    app.include_router(api)
    app.include_router(metrics.router)
    for router in extra_routers:
        app.include_router(router)
    return app


def make() -> FastAPI:
    """For uvicorn. Ends the process with one sentence if a setting is missing or wrong."""
    try:
        made = create_app(load())
    except SettingsError as error:
        print(f"calllist: {error}", file=sys.stderr)  # noqa: T201 - the one sentence
        raise SystemExit(2) from None
    _spare_the_collector()
    return made


def _spare_the_collector() -> None:
    """What stands from the start stays to the end, and is not looked through again and again. A
    request leaves few circles behind, but makes many objects: the next look comes later."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 50)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.watch.start()
    yield
    await app.state.watch.close()
    await app.state.resuming.close()
    await app.state.keeper.close()
    await app.state.engine.dispose()
