"""What runs with the owner's rights does nothing but what it is for, whoever calls it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
import pytest_asyncio

from calllist import migrations
from calllist.embedded.postgres import SUPERUSER, Postgres
from retention.states import State
from tests.keepers import now

pytestmark = pytest.mark.asyncio

FINISH = "select finish_list($1, null, null)"
LIST = """
insert into lists (id, job_id, entrustor_id, number, state, uploaded_by, started_at, heard_at,
    rows_seen, bytes_read, turn, remaining, resting, exposure)
    values ($1, 'job_1', 'ent_1', $2, $3, 'per_1', $4, $4, 0, 0, 1, 0, 0, 0)
"""
HOLDING = """
insert into holdings (id, entrustor_id, reference, basis, people, facts, results_first, opened_at,
    deadline, state) values ($1, 'ent_1', 'J-1', 'K v1', 1, '{}', false, $2, $2, $3)
"""


@dataclass
class Lists:
    """The roles' own connections, and lists without anything around them."""

    admin: asyncpg.Connection
    intake: asyncpg.Connection
    worker: asyncpg.Connection
    number: int = 0

    async def start(self, state: str = "receiving") -> str:
        self.number += 1
        name = f"lst_{self.number}"
        await self.admin.execute(LIST, name, self.number, state, now())
        return name

    async def becomes(self, name: str, state: str) -> None:
        await self.admin.execute("update lists set state = $2 where id = $1", name, state)

    async def hold(self, name: str, state: State) -> None:
        await self.admin.execute(HOLDING, name, now(), state.value)

    async def fill(self, name: str) -> None:
        await self.intake.execute("select begin_list($1)", name)
        await self.intake.execute(
            f"insert into records_{name} (chunk, index, line, sealed)"  # noqa: S608
            " values (0, 0, 2, 'x')"
        )
        await self.intake.execute(FINISH, name)


@pytest_asyncio.fixture
async def lists(postgres: Postgres, database: str) -> AsyncIterator[Lists]:
    await migrations.upgrade_async(database)
    name = database.rsplit("/", 1)[1].partition("?")[0]
    connections = [
        await asyncpg.connect(postgres.url(role=role, database=name).replace("+asyncpg", ""))
        for role in (SUPERUSER, "calllist_intake", "calllist_worker")
    ]
    await connections[0].execute("set session_replication_role = replica")  # no foreign keys
    yield Lists(*connections)
    for connection in connections:
        await connection.close()


async def _refused(connection: asyncpg.Connection, statement: str, *values: str | None) -> str:
    with pytest.raises(asyncpg.InsufficientPrivilegeError) as refused:
        await connection.execute(statement, *values)
    return str(refused.value)


async def test_intake_fills_the_table_of_its_list_and_nothing_else(lists: Lists) -> None:
    name = await lists.start()
    await lists.intake.execute("select begin_list($1)", name)
    for statement in (
        "select sealed from {table}",
        "select count(*) from {table}",
        "insert into {table} (list_id, chunk, index, line) values ('lst_2', 0, 0, 2)",
        "insert into {table} (chunk, index, line, state) values (0, 0, 2, 'done')",
        "update {table} set sealed = 'y'",
        "delete from {table}",
        "truncate {table}",
    ):
        told = await _refused(lists.intake, statement.format(table=f"records_{name}"))
        assert "permission denied" in told
    assert "owner" in await _refused(lists.intake, f"drop table records_{name}")


async def test_a_list_that_is_complete_is_out_of_intakes_reach(lists: Lists) -> None:
    name = await lists.start()
    await lists.fill(name)
    for table in ("records", f"records_{name}"):
        values = "(chunk, index, line) values (0, 1, 3)"
        await _refused(lists.intake, f"insert into {table} {values}")
    assert await lists.admin.fetchval("select count(*) from records") == 1


async def test_no_list_but_one_that_is_being_received_is_begun_or_finished(lists: Lists) -> None:
    for state in ("open", "settled", "failed", "lost", "over"):
        name = await lists.start(state)
        for statement in ("select begin_list($1)", FINISH):
            assert await _refused(lists.intake, statement, name) == "no such upload"
    name = await lists.start()
    await lists.hold(name, State.OPEN)
    for statement in ("select begin_list($1)", FINISH):
        assert await _refused(lists.intake, statement, name) == "no such upload"


async def test_names_that_are_no_list_are_refused(lists: Lists) -> None:
    """Even if such a list were received."""
    for number, name in enumerate(
        ("", None, "lst_1; drop table lists", 'lst_1"', "LST_1", "lst_" + "x" * 41, "people")
    ):
        if name:
            await lists.admin.execute(LIST, name, 100 + number, "receiving", now())
        for statement in ("select begin_list($1)", FINISH):
            assert await _refused(lists.intake, statement, name) == "no such upload"
        assert await _refused(lists.worker, "select drop_list($1)", name) == "this list is not over"


async def test_names_in_front_of_the_owners_mean_nothing(lists: Lists) -> None:
    """A table `lists` of the caller's own is not what the routine reads."""
    name = await lists.start("open")
    database = await lists.admin.fetchval("select current_database()")
    await lists.admin.execute(
        f"grant temporary on database {database} to calllist_intake, calllist_worker"
    )
    for connection in (lists.intake, lists.worker):
        await connection.execute("create temporary table lists (id text, state text)")
        await connection.execute("create temporary table holdings (id text, state text)")
        await connection.execute("insert into lists values ($1, 'receiving')", name)
        await connection.execute("set search_path = pg_temp, public")
    assert await _refused(lists.intake, "select public.begin_list($1)", name) == "no such upload"
    assert "not over" in await _refused(lists.worker, "select public.drop_list($1)", name)


async def test_only_what_must_not_exist_any_more_is_dropped(lists: Lists) -> None:
    for state, holding, dropped in (
        ("receiving", None, True),
        ("failed", None, True),
        ("open", None, False),
        ("over", None, False),
        ("receiving", State.OPEN, False),
        ("failed", State.FROZEN, False),
        ("open", State.OPEN, False),
        ("over", State.FROZEN, False),
        ("over", State.SHREDDED, True),
        ("lost", State.LOST, True),
        ("over", State.CERTIFIED, False),
    ):
        name = await lists.start()
        await lists.fill(name)
        await lists.becomes(name, state)
        if holding is not None:
            await lists.hold(name, holding)
        if dropped:
            assert await lists.worker.fetchval("select drop_list($1)", name) == 1
            assert await lists.worker.fetchval("select drop_list($1)", name) == 0
        else:
            assert "not over" in await _refused(lists.worker, "select drop_list($1)", name)
        there = await lists.admin.fetchval("select to_regclass($1)::text", f"records_{name}")
        assert (there is None) == dropped, (state, holding)
