"""The database's trouble is one clear error, whichever library names it."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist import db
from calllist.db import DatabaseUnavailable

pytestmark = pytest.mark.asyncio


async def test_no_connection_left(
    sessions: async_sessionmaker[AsyncSession], database: str, postgres: object
) -> None:
    name = database.rsplit("/", 1)[1].partition("?")[0]
    async with sessions.begin() as session:
        await session.execute(text(f'alter database "{name}" connection limit 0'))
    url = postgres.url(role="calllist_web", database=name)  # type: ignore[attr-defined]
    engine = db.passing_engine(url)
    with pytest.raises(DatabaseUnavailable):
        async with db.transaction(db.sessions(engine)):
            pass
    await engine.dispose()
