"""A working call centre per test; see `tests/calllist/centre.py`."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.calllist.centre import Centre


@pytest_asyncio.fixture
async def centre(
    sessions: async_sessionmaker[AsyncSession], database: str
) -> AsyncIterator[Centre]:
    folder = Path(tempfile.mkdtemp(prefix="cl"))  # short: a UNIX socket's path has 107 bytes
    opened = await Centre.open(sessions, database, folder)
    yield opened
    await opened.close()
    shutil.rmtree(folder)
