"""What a command on the platform's own hosts stands on: settings, one transaction, the keeper.

Every expected trouble (settings, database, keeper, a refusal) ends in a sentence.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import db, settings
from calllist.commands.console import NO, CommandFailed
from calllist.errors import CalllistError
from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.wire.base import Reply, Request
from crypto.wire.client import Address, KeeperClient

T = TypeVar("T")
R = TypeVar("R", bound=Reply)


def configured() -> settings.Settings:
    """The settings of this host. Fails with a sentence that names the variables."""
    try:
        return settings.load()
    except settings.SettingsError as error:
        if error.missing:
            raise CommandFailed("setting_missing", names=", ".join(error.missing)) from None
        raise CommandFailed("setting_wrong", detail=error) from None


def in_transaction(work: Callable[[AsyncSession, settings.Settings], Awaitable[T]]) -> T:
    """Run `work` in one transaction of the platform's database."""
    chosen = configured()

    async def run() -> T:
        async with _session(chosen) as session:
            return await work(session, chosen)

    with _sentences():
        return asyncio.run(run())


@asynccontextmanager
async def the_keeper(socket: Address) -> AsyncIterator[KeeperClient]:
    """The keeper at a socket of this host. Its troubles are sentences."""
    try:
        async with KeeperClient(socket, pool=1) as keeper:
            yield keeper
    except KeeperUnavailable:
        raise CommandFailed("keeper_unavailable", socket=socket) from None
    except Refusal as refused:
        raise CommandFailed("keeper_refused", NO, refusal=refused) from None


def ask_keeper(socket: Path, request: Request[R]) -> R:
    """Say one verb through a socket of this host."""

    async def run() -> R:
        async with the_keeper(socket) as keeper:
            return await keeper.call(request)

    return asyncio.run(run())


@asynccontextmanager
async def _session(chosen: settings.Settings) -> AsyncIterator[AsyncSession]:
    engine = db.passing_engine(chosen.database)
    try:
        async with db.transaction(db.sessions(engine)) as session:
            yield session
    finally:
        await engine.dispose()


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except db.DatabaseUnavailable:
        raise CommandFailed("database_unavailable") from None
    except ProgrammingError:
        raise CommandFailed("database_unprepared") from None
    except CalllistError as error:
        raise CommandFailed("platform_refused", NO, refusal=error.code) from None
