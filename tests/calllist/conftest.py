"""A working call centre per test; see `tests/calllist/centre.py`."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist.app import create_app
from calllist.settings import Settings
from tests.calllist.centre import ORIGIN, Centre


@pytest_asyncio.fixture
async def centre(
    sessions: async_sessionmaker[AsyncSession], database: str
) -> AsyncIterator[Centre]:
    folder = Path(tempfile.mkdtemp(prefix="cl"))  # short: a UNIX socket's path has 107 bytes
    opened = await Centre.open(sessions, database, folder)
    yield opened
    await opened.close()
    shutil.rmtree(folder)


@pytest_asyncio.fixture
async def portal(centre: Centre) -> AsyncIterator[FastAPI]:
    """The web application of this centre, in this process."""
    settings = Settings(
        DATABASE_URL=centre.database,
        home=centre.folder,
        clock_offset=centre.clock.offset,
        synthetic_numbers=True,
        origin=ORIGIN,
    )
    made = create_app(settings)
    async with made.router.lifespan_context(made):
        yield made
