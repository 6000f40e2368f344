"""The small real world that tests stand in: PostgreSQL, the keeper, a database per test.

    postgres   one real server for the whole run
    database   the URL of this test's own, freshly migrated database
    sessions   its session maker; `session` is one session of it
    keeper     a real keeper process of this test's own
    world      a small centre taken on through the real verbs (see `tests/world.py`)
    platform   all processes as shipped, one for the whole run (see `tests/platform.py`)

They lie in memory where there is room for them (`tests/scratch.py`).
Nothing of ours is mocked.
"""

import asyncio
import os
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
from tests import scratch
from tests.keepers import KeeperProcess
from tests.platform import WholePlatform, whole
from tests.settled import Picture, Pictures
from tests.world import World

# In this process a password costs a millisecond, not 200: the same Argon2id with small parameters.
# What the product asks for is held by `test_a_password_costs_what_rfc_9106_asks_for`.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

if (place := scratch.folder()) is not None:
    os.environ["TMPDIR"] = tempfile.tempdir = place  # for the processes that we start, too

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


WHOLE = pytest.StashKey[WholePlatform]()
USERS = pytest.StashKey[set[Path]]()  # files with a test that has the platform


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no process is left alone with it at the end. A file
    stays in one process (`--dist loadfile`). Who shares the platform comes one after the other."""
    config.stash[USERS] = users = {item.path for item in items if _has_platform(item)}

    def rank(item: pytest.Item) -> tuple[int, bool]:
        place = item.path.relative_to(HERE).as_posix()
        long = next((n for n, part in enumerate(LONG) if place.startswith(part)), len(LONG))
        return (LONG.index("redteam") if item.path in users else long, item.path not in users)

    items.sort(key=rank)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The platform rests while nobody uses it: it sweeps each second, and costs a tenth of us."""
    whole = item.config.stash.get(WHOLE, None)
    if whole is None:
        return
    if item.path not in item.config.stash[USERS]:
        whole.stop()
    elif not whole.running:
        whole.start()


def _has_platform(item: pytest.Item) -> bool:
    return "platform" in getattr(item, "fixturenames", ())


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


@pytest.fixture(scope="session")
def pictures(postgres: Postgres, template: str) -> Iterator[Pictures]:
    """Settled worlds that tests start from (see `tests/settled.py`)."""
    pictures = Pictures(
        lambda name: _create(postgres, name, template), lambda name: _drop(postgres, name)
    )
    yield pictures
    pictures.close()


@pytest.fixture
def settled(
    request: pytest.FixtureRequest, postgres: Postgres, pictures: Pictures
) -> Picture | None:
    """What this test's database and keeper begin with; None: empty ones."""
    if "world" not in request.fixturenames:
        return None

    def settle(name: str, folder: Path) -> World:
        keeper = KeeperProcess(folder)
        keeper.start()
        world: World = run(_build(postgres.url(database=name), keeper, folder / "keys"))
        keeper.stop()
        return world

    return pictures.of("world", settle)


async def _build(url: str, keeper: KeeperProcess, keys: Path) -> World:
    engine = create_async_engine(url)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with keeper.client(Caller.ADMIN) as admin, keeper.client(Caller.WEB) as web:
        world = await World.build(sessions, admin=admin, web=web, folder=keys)
    await engine.dispose()
    return world


@pytest.fixture
def database(postgres: Postgres, template: str, settled: Picture | None) -> Iterator[str]:
    """The URL of a fresh database; it is dropped when the test ends."""
    name = f"test_{secrets.token_hex(6)}"
    _create(postgres, name, template if settled is None else settled.database)
    yield postgres.url(database=name)
    _drop(postgres, name)


def _create(postgres: Postgres, name: str, template: str) -> None:
    maintenance = postgres.url(role=SUPERUSER, database="postgres")
    copied = f"template {template} strategy file_copy"  # on a busy machine half the price
    run(execute(maintenance, f"create database {name} {copied} owner {OWNER}"))


def _drop(postgres: Postgres, name: str) -> None:
    maintenance = postgres.url(role=SUPERUSER, database="postgres")
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
def keeper(request: pytest.FixtureRequest) -> Iterator[KeeperProcess]:
    """A keeper of this test's own, in a short folder: UNIX socket paths are short."""
    settled: Picture | None = None
    if "world" in request.fixturenames:
        settled = request.getfixturevalue("settled")
    with tempfile.TemporaryDirectory(prefix="clk-") as folder:
        process = KeeperProcess(Path(folder))
        if settled is not None:
            settled.home(process.home)
        process.start()
        yield process
        process.stop()


@pytest_asyncio.fixture
async def world(
    sessions: async_sessionmaker[AsyncSession],
    keeper: KeeperProcess,
    settled: Picture | None,
    tmp_path: Path,
) -> AsyncIterator[World]:
    """An entrustor with a signed contract, a centre with a manager and two operators."""
    async with keeper.client(Caller.ADMIN) as admin, keeper.client(Caller.WEB) as web:
        keys = tmp_path / "keys"
        if settled is None:
            yield await World.build(sessions, admin=admin, web=web, folder=keys)
            return
        settled.keys(keys)
        told: World = settled.told
        yield told.again(sessions, admin=admin, web=web, folder=keys)


@pytest.fixture(scope="session")
def platform(request: pytest.FixtureRequest) -> Iterator[WholePlatform]:
    """Every process under the supervisor; tests bring their own people (`platform.centre`)."""
    with whole() as running:
        request.config.stash[WHOLE] = running
        yield running
        del request.config.stash[WHOLE]


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
