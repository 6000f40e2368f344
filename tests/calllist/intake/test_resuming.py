"""What an upload may not do once it was given up, and what is left when the web ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from calllist.commands.bodies import FileChanged, body
from calllist.intake.problems import IntakeError
from calllist.intake.resuming import Resuming, attempt_of
from calllist.intake.upload import Received
from calllist.jobs.tables import CallList
from tests.calllist.intake.conftest import Desk
from tests.keepers import now

LONG = 30.0
LINES = b"".join(b"%d,090-0000-%04d\n" % (n, n) for n in range(1, 200))


async def held(release: asyncio.Event) -> AsyncIterator[bytes]:
    """A file of which the end does not come before `release`."""
    yield "整理番号,電話番号\n".encode() + LINES
    await release.wait()


async def begun(desk: Desk, resuming: Resuming, release: asyncio.Event) -> asyncio.Task[Received]:
    """An upload in the middle of its file."""

    async def receive(stream: AsyncIterator[bytes], attempt: bytes) -> Received:
        return await desk.uploads().receive(desk.manager, desk.job, stream, attempt=attempt)

    attempt = attempt_of("session", desk.job, "t" * 22)
    task = asyncio.create_task(resuming.put(attempt, 0, held(release), receive))
    async with asyncio.timeout(LONG):
        while True:
            if await desk.lists():
                return task
            await asyncio.sleep(0.02)


@pytest.mark.asyncio
async def test_what_was_given_up_cannot_settle_any_more(desk: Desk) -> None:
    """Its process was taken for dead and lives: the next beginning is the only list."""
    release = asyncio.Event()
    task = await begun(desk, Resuming(desk.sessions, now), release)
    async with desk.sessions.begin() as session:
        await session.execute(update(CallList).values(failure={"code": "interrupted"}))
    release.set()
    with pytest.raises(IntakeError, match="interrupted"):
        await task
    (row,) = await desk.lists()
    assert row.state == "receiving"
    assert await desk.sweep() == [row.id]
    assert (await desk.rows())["holdings"] == 0
    assert await desk.keys(row.id) == "shredded"


@pytest.mark.asyncio
async def test_when_the_web_ends_what_waits_ends_with_it_at_once(desk: Desk) -> None:
    resuming = Resuming(desk.sessions, now)
    task = await begun(desk, resuming, asyncio.Event())
    async with asyncio.timeout(LONG):
        await resuming.close()
        with pytest.raises(asyncio.CancelledError):
            await task
    (row,) = await desk.lists()
    assert (row.failure or {})["code"] == "interrupted"
    assert await desk.sweep() == [row.id]
    assert (await desk.rows())["records"] == 0


def test_a_file_that_changes_while_it_is_sent_is_not_sent_on(tmp_path: Path) -> None:
    file, other = tmp_path / "list.csv", tmp_path / "refusals.csv"
    file.write_bytes(LINES)
    other.write_bytes(b"090-0000-0001\n")
    with body(file, other) as whole:
        data = b"".join(whole.read(0))
        assert (len(data), LINES in data, b"list.csv" in data) == (whole.size, True, False)
        for start in (0, 1, 150, 200, whole.size - 1, whole.size):
            assert b"".join(whole.read(start)) == data[start:]
        file.write_bytes(LINES[:-1] + b"x")
        with pytest.raises(FileChanged):
            list(whole.read(150))
