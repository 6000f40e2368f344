"""The database's disk runs full, or all of PostgreSQL is killed, in the middle of an upload."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from calllist import migrations
from calllist.db import DatabaseUnavailable
from calllist.embedded.postgres import DATABASE, OWNER, SUPERUSER
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.blocks import BLOCK_ROWS
from calllist.intake.sweep import SILENCE, stale
from crypto.wire.base import Caller
from tests.calllist.intake.conftest import Desk
from tests.calllist.intake.test_upload import NAME, NOTHING, _until, body, held
from tests.cellar import Cellar
from tests.conftest import execute, run
from tests.keepers import now

pytestmark = pytest.mark.asyncio

MANY = 5 * BLOCK_ROWS  # rows before the file stops coming
ROW_BYTES = 400  # at the most, in the database
CLEAR = (NAME, "090-0000-2345", "+819000002345", "9000002345")  # of one person in the middle
MEGABYTES = 6  # of the disk: less than the rows of `TOO_MANY`
TOO_MANY = 60_000
RELATIONS = """
select pg_relation_filenode(oid)::text from pg_class
where pg_relation_filenode(oid) is not null
"""


@pytest.fixture(scope="module")
def cellar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cellar]:
    with Cellar(tmp_path_factory.mktemp("cellar"), megabytes=MEGABYTES) as made:
        migrations.upgrade(made.url(role=OWNER, database=DATABASE))
        url = made.url(role=SUPERUSER, database="postgres")
        run(execute(url, f"create tablespace small owner {OWNER} location '{made.space}'"))
        yield made


@pytest.fixture
def database(cellar: Cellar) -> Iterator[str]:
    """A database of this test on that server; whatever is new in it goes to the small disk."""
    maintenance = cellar.url(role=SUPERUSER, database="postgres")
    run(
        execute(
            maintenance,
            f"create database mishap template {DATABASE} owner {OWNER}",
            "alter database mishap set default_tablespace = small",
        )
    )
    yield cellar.url(role=OWNER, database="mishap")
    run(execute(maintenance, "drop database mishap with (force)"))
    assert cellar.files() == {}, "dropping the database takes whatever was left along"


@pytest_asyncio.fixture
async def sessions(database: str) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    engine = create_async_engine(database, pool_pre_ping=True)
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()


def _relation(name: str) -> str:
    """The number of the relation to which a file belongs (`16964_fsm`, `16964.1`)."""
    return re.split(r"[._]", name)[0]


async def _nothing_stays(desk: Desk, later: timedelta = timedelta(0)) -> None:
    async with desk.sessions.begin() as session, desk.keeper.client(Caller.WORKER) as keeper:
        await stale(session, keeper, now() + later)
    (row,) = await desk.lists()
    assert row.state == "failed"
    assert await desk.rows() == NOTHING
    assert await desk.keys(row.id) in ("unknown", "shredded")


async def test_a_full_disk_leaves_nothing(cellar: Cellar, desk: Desk) -> None:
    with pytest.raises(IntakeError) as refused:
        await desk.uploads().receive(desk.manager, desk.job, body(rows=TOO_MANY))
    assert (refused.value.code, refused.value.reason) == (Problem.STORE_UNAVAILABLE, "53100")
    await _nothing_stays(desk)
    assert cellar.files() == {}
    await desk.uploads().receive(desk.manager, desk.job, body(rows=10))


async def test_a_killed_database_leaves_at_most_a_nameless_file_that_nothing_opens(
    cellar: Cellar, desk: Desk
) -> None:
    """What the upload's transaction had written by then stays on the disk (decision I74)."""
    release = asyncio.Event()
    task = asyncio.create_task(
        desk.uploads().receive(desk.manager, desk.job, held(release, rows=MANY))
    )
    await _until(lambda row: row.rows_seen >= MANY - BLOCK_ROWS, desk)
    cellar.kill()
    release.set()
    with pytest.raises(DatabaseUnavailable):
        await task
    cellar.start()
    await _nothing_stays(desk, 2 * SILENCE)
    async with desk.sessions() as session:
        known = set(await session.scalars(text(RELATIONS)))
    left = {name: size for name, size in cellar.files().items() if _relation(name) not in known}
    assert left, "it is removed meanwhile? Then decision I74 is out of date"
    assert sum(left.values()) < MANY * ROW_BYTES
    assert not cellar.holds(*(piece.encode(code) for piece in CLEAR for code in ("utf-8", "cp932")))
    await desk.uploads().receive(desk.manager, desk.job, body(rows=10))
