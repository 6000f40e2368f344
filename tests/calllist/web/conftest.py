"""The application in front of a working call centre, without a server."""

from collections.abc import AsyncIterator

import pytest_asyncio
from fastapi import FastAPI

from calllist.app import create_app
from calllist.embedded.postgres import Postgres
from calllist.settings import Settings
from tests.calllist.centre import ORIGIN, Centre


@pytest_asyncio.fixture
async def app(centre: Centre, postgres: Postgres, database: str) -> AsyncIterator[FastAPI]:
    name = database.rsplit("/", 1)[1]
    settings = Settings(  # type: ignore[call-arg]
        DATABASE_URL=postgres.url(role="calllist_web", database=name),
        INTAKE_DATABASE_URL=postgres.url(role="calllist_intake", database=name),
        home=centre.folder,
        clock_offset=centre.clock.offset,
        synthetic_numbers=True,
        origin=ORIGIN,
    )
    made = create_app(settings)
    async with made.router.lifespan_context(made):
        yield made
