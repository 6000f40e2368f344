"""The database's trouble is one clear error, whichever library names it."""

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist import db
from calllist.db import DatabaseUnavailable

pytestmark = pytest.mark.asyncio

BACKEND = select(func.pg_backend_pid())


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


async def test_a_connection_that_was_cut_is_replaced_before_anybody_uses_it(
    sessions: async_sessionmaker[AsyncSession], database: str
) -> None:
    engine = db.engine(database, pool=1)
    makes = db.sessions(engine)
    async with db.transaction(makes) as session:
        before = await session.scalar(BACKEND)
    async with sessions.begin() as session:
        assert await session.scalar(select(func.pg_terminate_backend(before, 5000)))
    async with db.transaction(makes) as session:
        assert await session.scalar(BACKEND) != before
    await engine.dispose()


async def test_a_living_connection_is_asked_nothing_before_it_is_used_again(database: str) -> None:
    engine = db.engine(database, pool=1)
    makes = db.sessions(engine)
    said: list[str] = []
    async with db.transaction(makes) as session:
        raw = await (await session.connection()).get_raw_connection()
        connection: Any = raw.driver_connection
        before = await session.scalar(BACKEND)
    with connection.query_logger(lambda query: said.append(query.query)):
        async with db.transaction(makes) as session:
            assert await session.scalar(BACKEND) == before
    assert [query for query in said if "pg_backend_pid" not in query] == ["BEGIN;", "COMMIT;"]
    await engine.dispose()
