"""A settled keeper per test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.crypto.world import World


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Keys pinned, contract signed, operators per_1 and per_2 and manager per_m enrolled."""
    world = await World.at(tmp_path / "keeper")
    await world.settle()
    yield world
    await world.stop()
