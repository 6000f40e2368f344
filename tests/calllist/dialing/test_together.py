"""Many operators at once on one list: everybody called once, one end of the list."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import func, select

from calllist.dialing.errors import NobodyLeft
from calllist.dialing.tables import Lease, Result
from calllist.jobs.errors import JobOver
from calllist.jobs.states import ListState, RecordState
from calllist.jobs.tables import CallList, Job, Record
from retention.states import State
from retention.tables import Holding
from tests.calllist.centre import Centre, Someone

pytestmark = pytest.mark.asyncio

OPERATORS, PEOPLE, LISTS = 6, 20, 2


async def test_nobody_is_called_twice_none_is_skipped_and_the_job_ends_once(
    centre: Centre,
) -> None:
    job = await centre.job()
    received = [await centre.upload(job, PEOPLE) for _ in range(LISTS)]
    operators = [await centre.operator(f"op{n}", job) for n in range(OPERATORS)]

    async def work(operator: Someone) -> int:
        calls = 0
        while True:
            try:
                await centre.call(operator, job, 10)
            except (NobodyLeft, JobOver):
                return calls
            calls += 1

    calls, *_ = await asyncio.gather(
        asyncio.gather(*(work(operator) for operator in operators)),
        *(centre.settle(one.list_id) for one in received),
    )
    assert sum(calls) == PEOPLE * LISTS
    assert all(calls)
    async with centre.sessions() as session:
        states = Counter(await session.scalars(select(Record.state)))
        assert states == {RecordState.DONE: PEOPLE * LISTS}
        assert await session.scalar(select(func.count()).select_from(Result)) == PEOPLE * LISTS
        assert not await session.scalar(select(func.count()).select_from(Lease))
        for one in received:
            row = await session.get_one(CallList, one.list_id)
            assert (row.state, row.remaining) == (ListState.OVER, 0)
            assert (await session.get_one(Holding, one.list_id)).state == State.FROZEN
        assert (await session.get_one(Job, job.id)).state == "closed"
