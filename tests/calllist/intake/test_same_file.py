"""The same file is not taken into one job twice, unless its sender says so."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select, text, update

from calllist.db import transaction
from calllist.intake.problems import IntakeError
from calllist.intake.sweep import stale
from calllist.intake.upload import Received
from calllist.jobs.tables import CallList, Job, Record
from crypto.wire.base import Caller
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio
GOOD = "".join(f"架空{n},090-0000-{n:04d},R{n}\n" for n in range(1, 4))
FILE = "氏名,電話番号,整理番号\n" + GOOD + "架空,なし,R4\n" * 3
TWO_WAIT = (
    "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    " and query like '%FROM jobs%FOR NO KEY UPDATE%'"
)
PATIENCE = 30.0


async def send(
    centre: Centre,
    job: Job,
    content: str = FILE,
    *,
    again: bool = False,
    corrects: str | None = None,
    after: asyncio.Event | None = None,
) -> Received:
    async def body() -> AsyncIterator[bytes]:
        yield content.encode()
        if after is not None:
            await after.wait()

    assert centre.manager
    return await centre.uploads().receive(
        centre.manager.person, job.id, body(), again=again, corrects=corrects
    )


async def states(centre: Centre) -> list[tuple[int, str, str]]:
    """Number, state and code of every list."""
    async with centre.sessions() as session:
        rows = await session.scalars(select(CallList).order_by(CallList.number))
        return [(row.number, row.state, (row.failure or {}).get("code", "")) for row in rows]


async def people(centre: Centre) -> int:
    async with centre.sessions() as session:
        return await session.scalar(select(func.count()).select_from(Record)) or 0


async def test_the_same_file_is_refused_with_the_number_of_its_list_unless_the_sender_says_so(
    centre: Centre,
) -> None:
    job = await centre.job()
    first = await send(centre, job)
    with pytest.raises(IntakeError) as refused:
        await send(centre, job)
    assert (refused.value.code, refused.value.reason) == ("same_file", "1")
    assert await states(centre) == [(1, "open", ""), (2, "failed", "same_file")]
    assert await people(centre) == 3
    assert (await send(centre, job, again=True)).receipt.accepted == 3
    assert (await send(centre, job, FILE + "架空七,090-0000-0007,R7\n")).number == 4
    corrected = await send(centre, job, corrects=first.list_id)
    assert (corrected.receipt.accepted, corrected.receipt.duplicates) == (0, 3)


async def test_only_lists_of_the_same_job_that_are_called_count(centre: Centre) -> None:
    job = await centre.job()
    first = await send(centre, job)
    await send(centre, await centre.job("KNK-002"))
    async with transaction(centre.sessions) as session:
        await session.execute(
            update(CallList).where(CallList.id == first.list_id).values(state="over")
        )
    assert (await send(centre, job)).number == 2


async def test_of_two_that_come_at_the_same_moment_one_is_taken(centre: Centre) -> None:
    """Both begin before either is stored, and both wait to be opened at once."""
    job, whole = await centre.job(), asyncio.Event()
    both = [asyncio.create_task(send(centre, job, after=whole)) for _ in range(2)]
    async with transaction(centre.sessions) as session:
        await until(centre, "select count(*) from lists where state = 'receiving'")
        await session.execute(
            select(Job.id).where(Job.id == job.id).with_for_update(key_share=True)
        )
        whole.set()
        await until(centre, TWO_WAIT)
    told = await asyncio.gather(*both, return_exceptions=True)
    (taken,) = [one for one in told if isinstance(one, Received)]
    (refused,) = [one for one in told if isinstance(one, IntakeError)]
    assert (refused.code, refused.reason) == ("same_file", str(taken.number))
    async with transaction(centre.sessions) as session, centre.line(Caller.WORKER) as keeper:
        assert len(await stale(session, keeper, centre.now())) == 1  # rows, keys and all
    assert await people(centre) == 3
    codes = {state: code for _, state, code in await states(centre)}
    assert codes == {"open": "", "failed": "same_file"}


async def until(centre: Centre, counted: str) -> None:
    """Wait until this counts two."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with centre.sessions() as session:
                if await session.scalar(text(counted)) == 2:
                    return
            await asyncio.sleep(0.05)
