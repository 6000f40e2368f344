"""What each result does to a record: calls again, at which time, counted or not."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from calllist.dialing.errors import CallBackMissing
from calllist.jobs.states import RecordState
from calllist.jobs.tables import Record
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio


async def record_of(centre: Centre) -> Record:
    """The one record of the world."""
    async with centre.sessions() as session:
        return (await session.scalars(select(Record))).one()


async def test_a_misdialled_call_is_not_the_persons_and_they_are_called_at_once(
    centre: Centre,
) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    for _ in range(5):  # however often: nobody's number was rung
        outcome = await centre.call(operator, job, 43)
        assert (outcome.final, outcome.due_at) == (False, None)
    record = await record_of(centre)
    assert (record.state, record.attempts, record.rung) == (RecordState.WAITING, 0, 0)
    assert not (await centre.call(operator, job, 30)).final


async def test_a_wrong_number_is_never_rung_again(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    assert (await centre.call(operator, job, 41)).final
    record = await record_of(centre)
    assert (record.state, record.sealed) == (RecordState.DONE, None)


async def test_a_time_that_the_family_named_is_kept_and_counts_as_a_call(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    with pytest.raises(CallBackMissing):
        await centre.record(operator, lease, 21)
    at = centre.now(timedelta(hours=1))
    outcome = await centre.record(operator, lease, 21, call_back_at=at)
    assert (outcome.final, outcome.due_at) == (False, at)
    record = await record_of(centre)
    assert (record.attempts, record.rung) == (1, 1)


@pytest.mark.parametrize("code", [22, 23])
async def test_who_could_not_be_verified_or_could_not_talk_is_called_another_time(
    centre: Centre, code: int
) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    outcome = await centre.call(operator, job, code)
    assert not outcome.final
    assert outcome.due_at is not None
    assert outcome.due_at > centre.now()
    assert (await record_of(centre)).attempts == 1
