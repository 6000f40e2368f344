"""A manager with a job, and the places where a test looks after an upload."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist.intake.sweep import stale
from calllist.intake.upload import Uploads
from calllist.jobs.tables import CallList, Chunk, Finding, Record
from calllist.people.tables import Person
from crypto.signed.terms import ContractTerms
from crypto.wire.base import Caller
from crypto.wire.lists import Inspect
from retention.tables import Holding
from tests.keepers import KeeperProcess, now
from tests.world import World

# Of lists, whether they belong to `records` or not.
TABLES = r"select count(*) from pg_class where relkind = 'r' and relname like 'records\_%'"


@dataclass
class Desk:
    """Where a manager uploads. `job` is an open job under a contract by phone."""

    world: World
    keeper: KeeperProcess
    sessions: async_sessionmaker[AsyncSession]
    database: str
    manager: Person
    job: str

    def uploads(self, *, database_url: str | None = None, max_rows: int = 2_000_000) -> Uploads:
        return Uploads(
            self.sessions,
            self.world.custody,
            database_url=database_url or self.database,
            keeper=self.keeper.socket(Caller.INTAKE),
            now=now,
            synthetic=True,
            max_rows=max_rows,
        )

    async def lists(self) -> list[CallList]:
        async with self.sessions() as session:
            return list(await session.scalars(select(CallList).order_by(CallList.number)))

    async def rows(self) -> dict[str, int]:
        """How many rows each table holds that an upload writes, and how many lists have a table."""
        counted = {}
        async with self.sessions() as session:
            for table in (Record, Chunk, Finding, Holding):
                rows = await session.scalar(select(func.count()).select_from(table))
                counted[table.__tablename__] = rows or 0
            counted["tables"] = await session.scalar(text(TABLES)) or 0
        return counted

    async def keys(self, list_id: str) -> str:
        """What the keeper says of the keys of a list."""
        async with self.keeper.client(Caller.WORKER) as keeper:
            return (await keeper.call(Inspect(list_id))).state

    async def sweep(self) -> list[str]:
        async with self.sessions.begin() as session, self.keeper.client(Caller.WORKER) as keeper:
            return await stale(session, keeper, now())


@pytest_asyncio.fixture
async def desk(
    sessions: async_sessionmaker[AsyncSession],
    database: str,
    keeper: KeeperProcess,
    tmp_path: Path,
) -> AsyncIterator[Desk]:
    async with keeper.client(Caller.ADMIN) as admin, keeper.client(Caller.WEB) as web:
        world = await World.build(
            sessions, admin=admin, web=web, folder=tmp_path / "keys", change=_by_phone
        )
        job = await world.job()
        async with sessions() as session:
            manager = await world.person(session, world.manager)
        yield Desk(world, keeper, sessions, database, manager, job)


def _by_phone(terms: ContractTerms) -> ContractTerms:
    conduct = msgspec.structs.replace(terms.conduct, duplicates="phone")
    return msgspec.structs.replace(terms, conduct=conduct)
