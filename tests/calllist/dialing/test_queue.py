"""The queue of a long list, half of it worked off: a look at it reads a few rows, not all."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.db import transaction
from calllist.dialing import hand, inbound, queue
from calllist.dialing.tables import Lease
from calllist.jobs.tables import Record
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio

MANY = 60_000
FEW = 5  # rows and index entries that one look may touch
HALF_WORKED_OFF = """
update {table} set
    state = case when line < 20000 then 'done' else 'waiting' end,
    due_at = case when line >= 20000 then
        timestamptz '2026-06-02 12:00+09' + line % 977 * interval '1 minute' end
where line < 40000
"""


async def _long_list(centre: Centre) -> tuple[str, str]:
    """A list of one real person, and many rows beside it: 20,000 done, 20,000 waiting for
    their time, the rest never called. Returns the job and the list."""
    job = await centre.job()
    list_id = (await centre.upload(job, people=1)).list_id
    async with centre.sessions.begin() as session:
        table = f"records_{list_id}"
        await session.execute(
            text(
                f"insert into {table} (chunk, index, line, list_id, state, attempts, token)"  # noqa: S608
                " select 1 + n / 1000, n % 1000, n, :list, 'waiting', 0, sha256(n::text::bytea)"
                " from generate_series(3, :many) n"
            ),
            {"list": list_id, "many": MANY},
        )
        await session.execute(text(HALF_WORKED_OFF.format(table=table)))
        await session.execute(text("select pg_stat_force_next_flush()"))  # it reads every row
    async with centre.sessions.begin() as session:
        await session.execute(text(f"analyze {table}"))
    return job.id, list_id


async def _pick(session: AsyncSession, centre: Centre, job: str, list_id: str) -> None:
    picked = await queue.pick(session, job, queue.Caller("per_1", centre.now()))
    assert picked is not None
    assert picked.record.line >= 40_000


async def _due(session: AsyncSession, centre: Centre, job: str, list_id: str) -> None:
    later = centre.now(timedelta(hours=2, minutes=1))
    picked = await queue.pick(session, job, queue.Caller("per_1", later, only_due=True))
    assert picked is not None
    assert picked.record.due_at is not None


async def _next_due(session: AsyncSession, centre: Centre, job: str, list_id: str) -> None:
    assert await queue.next_due(session, job, centre.now()) is not None


async def _place(session: AsyncSession, centre: Centre, job: str, list_id: str) -> None:
    lease = Lease(list_id=list_id, chunk=30, index=7)
    record = await hand._record(session, lease)
    assert record is not None
    assert record.line == 29_007


async def _number(session: AsyncSession, centre: Centre, job: str, list_id: str) -> None:
    token = await session.scalar(text("select sha256('45000')"))
    filed = tuple_(Record.list_id, Record.token).in_([(list_id, token)])
    assert await inbound._live(session, job, filed, centre.now()) == [(list_id, 46, 0)]


Look = Callable[[AsyncSession, Centre, str, str], Awaitable[None]]


@pytest.mark.parametrize("analysed", [True, False], ids=["analysed", "new"])
async def test_a_look_reads_a_few_rows(centre: Centre, analysed: bool) -> None:
    job, list_id = await _long_list(centre)
    if not analysed:  # what autovacuum has not seen yet
        async with centre.sessions.begin() as session:
            forget = "select pg_clear_relation_stats('public', :table)"
            await session.execute(text(forget), {"table": f"records_{list_id}"})
    for look in (_pick, _due, _next_due, _place, _number):
        before = await _touched(centre, list_id)
        async with transaction(centre.sessions) as session:
            await look(session, centre, job, list_id)
            await session.execute(text("select pg_stat_force_next_flush()"))
        after = await _touched(centre, list_id)
        scans, rows, entries = (now - then for now, then in zip(after, before, strict=True))
        assert (scans, rows) == (0, 0), look.__name__
        assert entries <= FEW, look.__name__


async def _touched(centre: Centre, list_id: str) -> tuple[int, int, int]:
    """Sequential scans of the list's table, rows read by them, rows fetched by indexes."""
    async with centre.sessions() as session:
        found = await session.execute(
            text(
                "select seq_scan, seq_tup_read, coalesce(idx_tup_fetch, 0)"
                " from pg_stat_user_tables where relname = :table"
            ),
            {"table": f"records_{list_id}"},
        )
        scans, rows, entries = found.one()
        return scans, rows, entries
