"""The database: engine, sessions, and the one transaction of a request.

One request, or one step of a destruction, is one transaction. Verbs take a session and
never commit. Statements carry no literal of a record into a log: echo stays off and
parameters are hidden in errors.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import NullPool

from calllist.errors import CalllistError

CONNECT_SECONDS = 5  # a desk that waits longer thinks that it hangs
POOL_SECONDS = 30  # a whole shift signs in at once, and passwords are slow to check


class DatabaseUnavailable(CalllistError):
    """PostgreSQL cannot be reached. Nothing was written; try again."""

    code = "database_unavailable"


def engine(url: str, *, pool: int = 16) -> AsyncEngine:
    """An engine for a process that lives long. A connection that was cut is replaced before use."""
    made = create_async_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        **_COMMON,
    )
    event.listen(made.sync_engine, "checkout", _refuse_if_cut)
    return made


def _refuse_if_cut(connection: AdaptedConnection, _record: object, _proxy: object) -> None:
    """The event loop has heard of the cut already: nothing is asked for that (I181)."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def passing_engine(url: str, *, lock_wait: timedelta | None = None) -> AsyncEngine:
    """An engine for one event loop that ends soon (a task): no connection is kept.

    lock_wait: a statement that waits longer for a lock of somebody else's fails (SQLSTATE 55P03).
    """
    how = dict(_COMMON)
    if lock_wait is not None:
        waits = f"{int(lock_wait.total_seconds() * 1000)}ms"
        how["connect_args"] = {
            **_COMMON["connect_args"],
            "server_settings": {"lock_timeout": waits},
        }
    return create_async_engine(url, poolclass=NullPool, **how)


_NO_CONNECTION = ("53300", "57P03")  # too many connections; starting up or shutting down

_COMMON: dict[str, Any] = {
    "echo": False,
    "hide_parameters": True,
    "connect_args": {"timeout": CONNECT_SECONDS, "command_timeout": 60},
}


def sessions(of: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Makes sessions whose objects stay readable after the commit."""
    return async_sessionmaker(of, expire_on_commit=False)


async def time(session: AsyncSession) -> datetime:
    """What the database's own clock says now, in the middle of a transaction too."""
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return now


@asynccontextmanager
async def transaction(makes: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """One transaction: committed at the end, rolled back on an error.

    An error whose `keeps` is true is raised after a commit. Raises DatabaseUnavailable
    if PostgreSQL cannot be reached, at any point.
    """
    try:
        async with makes() as session:
            await session.connection()
            try:
                yield session
            except CalllistError as error:
                if error.keeps:
                    await session.commit()
                raise
            await session.commit()
    except (OSError, PoolTimeoutError, OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable from error
    except DBAPIError as error:
        if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _NO_CONNECTION:
            raise DatabaseUnavailable from error
        raise
