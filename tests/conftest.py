"""The small real world that tests stand in: PostgreSQL, the keeper, a database per test.

    postgres   one real server for the whole run
    database   the URL of this test's own, freshly migrated database
    sessions   its session maker; `session` is one session of it
    keeper     a real keeper process of this test's own
    world      a small centre taken on through the real verbs (see `tests/world.py`)
    platform   all processes as shipped, one for the whole run (see `tests/platform.py`)

Nothing of ours is mocked.
"""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from calllist import migrations
from calllist.embedded.postgres import DATABASE, OWNER, SUPERUSER, Postgres
from calllist.people import passwords
from crypto.wire.base import Caller
from tests.keepers import KeeperProcess
from tests.platform import WholePlatform, whole
from tests.world import World

# In this process a password costs a millisecond, not 200: the same Argon2id with small parameters.
# What the product asks for is held by `test_a_password_costs_what_rfc_9106_asks_for`.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "scram_iterations": "1",  # a connection costs a third
}


HERE = Path(__file__).parent
LONG = ("browser", "demo", "redteam", "promises", "calllist/embedded")  # what takes long, in order


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no process is left alone with it at the end. A file
    stays in one process (`--dist loadfile`)."""

    def rank(item: pytest.Item) -> int:
        place = item.path.relative_to(HERE).as_posix()
        return next((n for n, part in enumerate(LONG) if place.startswith(part)), len(LONG))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One real server for the whole run. Its data folder is `postgres.data`."""
    home = tmp_path_factory.mktemp("postgres")
    server = Postgres(home, log=home / "postgres.log", settings=FAST)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str:
    """The name of a migrated, empty database that tests copy."""
    migrations.upgrade(postgres.url())
    return DATABASE


@pytest.fixture
def database(postgres: Postgres, template: str) -> Iterator[str]:
    """The URL of a fresh database; it is dropped when the test ends."""
    name = f"test_{secrets.token_hex(6)}"
    maintenance = postgres.url(role=SUPERUSER, database="postgres")
    copied = f"template {template} strategy file_copy"  # on a busy machine half the price
    run(execute(maintenance, f"create database {name} {copied} owner {OWNER}"))
    yield postgres.url(database=name)
    run(execute(maintenance, f"drop database {name} with (force)"))


@pytest_asyncio.fixture
async def sessions(database: str) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    engine = create_async_engine(database, pool_pre_ping=True)
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()


@pytest_asyncio.fixture
async def session(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


@pytest.fixture
def keeper() -> Iterator[KeeperProcess]:
    """A keeper of this test's own, in a short folder: UNIX socket paths are short."""
    with tempfile.TemporaryDirectory(prefix="clk-") as folder:
        process = KeeperProcess(Path(folder))
        process.start()
        yield process
        process.stop()


@pytest_asyncio.fixture
async def world(
    sessions: async_sessionmaker[AsyncSession], keeper: KeeperProcess, tmp_path: Path
) -> AsyncIterator[World]:
    """An entrustor with a signed contract, a centre with a manager and two operators."""
    async with keeper.client(Caller.ADMIN) as admin, keeper.client(Caller.WEB) as web:
        yield await World.build(sessions, admin=admin, web=web, folder=tmp_path / "keys")


@pytest.fixture(scope="session")
def platform() -> Iterator[WholePlatform]:
    """Every process under the supervisor; tests bring their own people (`platform.centre`)."""
    with whole() as running:
        yield running


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine from a synchronous fixture without touching pytest-asyncio's loops."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)


async def execute(url: str, *statements: str) -> None:
    """Statements outside a transaction, as CREATE DATABASE wants it."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
