"""A settled keeper per test, and one token directory per process."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.crypto.softkey import NEW
from tests.crypto.tokens import TokenDirectory
from tests.crypto.world import World


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Keys pinned, contract signed, operators per_1 and per_2 and manager per_m enrolled."""
    world = await World.at(tmp_path / "keeper")
    await world.settle()
    yield world
    await world.stop()


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenDirectory]:
    """A SoftHSM token; the library reads where it lies once per process."""
    directory = TokenDirectory.made(tmp_path_factory.mktemp("softhsm"))
    os.environ.update(directory.environment)
    yield directory
    for name in directory.environment:
        del os.environ[name]


@pytest.fixture(params=["file", "token"])
def root(request: pytest.FixtureRequest) -> str:
    """The setting of the root: every test with this fixture runs with both kinds."""
    if request.param == "file":
        return "file"
    name = f"t{os.urandom(6).hex()}"
    directory: TokenDirectory = request.getfixturevalue("token")
    return directory.setting(name)


@pytest_asyncio.fixture
async def either(tmp_path: Path, root: str) -> AsyncIterator[World]:
    """As `world`, once with each kind of root."""
    world = await World.at(tmp_path / "keeper", root)
    await world.settle()
    yield world
    await world.stop()


@pytest_asyncio.fixture
async def newcomer(world: World) -> World:
    """The roster names per_9, who has nothing yet."""
    await world.name(NEW)
    return world
