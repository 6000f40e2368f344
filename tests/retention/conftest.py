"""A strongroom of the test's own: an entrustor, a contract and one list of ten people."""

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.keepers import KeeperProcess
from tests.retention.strongroom import Strongroom

PEOPLE = 10


@pytest_asyncio.fixture
async def room(keeper: KeeperProcess, sessions: async_sessionmaker[AsyncSession]) -> Strongroom:
    room = Strongroom(keeper, sessions)
    await room.onboard()
    await room.upload("lst_01", PEOPLE)
    return room
