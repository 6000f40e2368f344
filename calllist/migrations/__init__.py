"""The database's shape over time, and who may touch what in it.

`upgrade(url)` brings a database to the latest revision and then states the rights of the
roles of web, worker and intake, if these roles exist. Run it as the owner of the database;
running it again changes nothing.
"""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from calllist.migrations.grants import grant

FOLDER = Path(__file__).parent


def upgrade(url: str) -> None:
    """Migrate the database at this address (postgresql:// or postgresql+asyncpg://)."""
    asyncio.run(upgrade_async(url))


async def upgrade_async(url: str) -> None:
    """The same, inside an event loop."""
    address = url.replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(address, poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
            await connection.run_sync(grant)
    finally:
        await engine.dispose()


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for an open connection: there is no ini file to forget."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(configuration(connection), "head")
