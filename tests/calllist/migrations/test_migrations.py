"""Migrations make exactly the tables that the code declares; roles get no more than listed."""

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from calllist import migrations
from calllist.embedded.postgres import Postgres
from calllist.schema import metadata

pytestmark = pytest.mark.asyncio


async def test_the_migrated_database_is_what_the_code_declares(database: str) -> None:
    await migrations.upgrade_async(database)  # again: changes nothing
    engine = create_async_engine(database)
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    await engine.dispose()
    assert differences == []


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("calllist_web", "delete from records"),
        ("calllist_web", "insert into records (list_id) values ('x')"),
        ("calllist_web", "delete from results"),
        ("calllist_web", "delete from certificates"),
        ("calllist_web", "insert into certificates values ('x')"),
        ("calllist_worker", "update people set login = 'x'"),
        ("calllist_worker", "insert into leases values ('x')"),
        ("calllist_worker", "update certificates set envelope = 'x'"),
        ("calllist_worker", "update handover_tests set opened_at = now()"),
        ("calllist_worker", "insert into handover_tests (entrustor_id) values ('x')"),
        ("calllist_worker", "select proof from handover_tests"),
        ("calllist_intake", "select sealed from records"),
        ("calllist_intake", "select login from people"),
        ("calllist_intake", "delete from records"),
        ("calllist_intake", "insert into records (list_id) values ('x')"),
        ("calllist_intake", "select drop_list('lst_1')"),
        ("calllist_worker", "delete from records"),
        ("calllist_worker", "update records set list_id = 'x'"),
        ("calllist_worker", "select begin_list('lst_1')"),
        ("calllist_worker", "select finish_list('lst_1', null, null)"),
        ("calllist_web", "update records set line = 1"),
        ("calllist_web", "select begin_list('lst_1')"),
        ("calllist_web", "select drop_list('lst_1')"),
    ],
)
async def test_what_a_role_does_not_need_it_may_not(
    postgres: Postgres, database: str, role: str, statement: str
) -> None:
    url = postgres.url(role=role, database=database.rsplit("/", 1)[1])
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()
