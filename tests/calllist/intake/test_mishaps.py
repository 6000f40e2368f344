"""Whatever dies in the middle of an upload: no row, no table, no key stays.

The database itself, killed or without room: `test_store_mishaps`.
"""

import asyncio
import resource
import signal
from collections.abc import AsyncIterator
from contextlib import suppress

import psutil
import pytest
from sqlalchemy import text

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.blocks import BLOCK_ROWS
from tests.calllist.intake.conftest import Desk
from tests.calllist.intake.test_upload import LONG, NOTHING, _process, _until, body, held

pytestmark = pytest.mark.asyncio

READER = "calllist.intake.reading"
MANY = 5 * BLOCK_ROWS  # rows before the file stops coming


async def _reader() -> psutil.Process:
    """The reader of the one upload that runs."""
    process = await _process()
    async with asyncio.timeout(LONG):
        while True:
            for child in process.children():
                with suppress(psutil.Error):
                    if READER in child.cmdline():
                        return child
            await asyncio.sleep(0.02)


async def _ended(process: psutil.Process) -> None:
    async with asyncio.timeout(LONG):
        while True:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return
            await asyncio.sleep(0.02)


async def _nothing_stays(desk: Desk) -> None:
    await desk.sweep()
    (row,) = await desk.lists()
    assert row.state == "failed"
    assert await desk.rows() == NOTHING
    assert await desk.keys(row.id) in ("unknown", "shredded")


@pytest.mark.parametrize("victim", ["reader", "intake"])
async def test_a_killed_process_leaves_nothing(desk: Desk, victim: str) -> None:
    release = asyncio.Event()
    task = asyncio.create_task(
        desk.uploads().receive(desk.manager, desk.job, held(release, rows=MANY))
    )
    reader, intake = await _reader(), await _process()
    await _until(lambda row: row.rows_seen > 1000, desk)
    (reader if victim == "reader" else intake).send_signal(signal.SIGKILL)
    with pytest.raises(IntakeError) as refused:
        await task
    expected = Problem.READER_FAILED if victim == "reader" else Problem.INTERRUPTED
    assert refused.value.code == expected
    await _ended(reader)  # also when the process died that started it
    await _nothing_stays(desk)


@pytest.mark.parametrize(
    ("limit", "most", "problems"),
    [
        (resource.RLIMIT_AS, 1 << 20, {Problem.TOO_LARGE, Problem.READER_FAILED}),
        (resource.RLIMIT_CPU, 0, {Problem.READER_FAILED}),
    ],
    ids=["memory", "time"],
)
async def test_a_file_that_takes_too_much_ends_its_reader_and_nothing_else(
    desk: Desk, limit: int, most: int, problems: set[Problem]
) -> None:
    release = asyncio.Event()

    async def file() -> AsyncIterator[bytes]:
        async for block in held(release, rows=MANY):
            yield block
        async for block in body(rows=200_000):
            yield block

    task = asyncio.create_task(desk.uploads().receive(desk.manager, desk.job, file()))
    reader = await _reader()
    await _until(lambda row: row.rows_seen > 1000, desk)
    reader.rlimit(limit, (most, most))
    release.set()
    with pytest.raises(IntakeError) as refused:
        await task
    assert refused.value.code in problems
    await _nothing_stays(desk)
    await desk.uploads().receive(desk.manager, desk.job, body(rows=1))


async def test_a_database_that_goes_away_leaves_nothing(desk: Desk) -> None:
    release = asyncio.Event()
    task = asyncio.create_task(
        desk.uploads().receive(desk.manager, desk.job, held(release, rows=MANY))
    )
    await _until(lambda row: row.rows_seen > 1000, desk)
    async with desk.sessions.begin() as session:
        ended = await session.scalar(
            text(
                "select count(*) from (select pg_terminate_backend(pid) from pg_locks"
                " where locktype = 'advisory') as one"
            )
        )
    assert ended == 1
    release.set()
    with pytest.raises(IntakeError) as refused:
        await task
    assert refused.value.code == Problem.STORE_UNAVAILABLE
    await _nothing_stays(desk)
