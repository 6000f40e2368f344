"""One number in two lists of a job: one call at a time, one count, one household."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from calllist.dialing.errors import NobodyLeft, NumberInUse
from calllist.dialing.tables import Lease, Result
from calllist.jobs.states import RecordState
from calllist.jobs.tables import Job, Record
from crypto.signed.terms import Conduct
from tests.calllist.centre import Centre, Someone

pytestmark = pytest.mark.asyncio

HEADER = "氏名,フリガナ,電話番号,整理番号"
SHARED = "03-0000-0678"


async def lists(centre: Centre, *, first: bool = True, **conduct: int) -> Job:
    """A job with a list that begins with somebody at the shared number; one more comes with
    `another`."""
    await centre.sign_contract(conduct=Conduct(duplicates="phone", **conduct))  # type: ignore[arg-type]
    job = await centre.job()
    if first:
        await another(centre, job)
    return job


async def another(centre: Centre, job: Job, alone: int = 0) -> str:
    row = f"架空花子,カクウハナコ,{SHARED},X{centre.numbers:05d}"
    received = await centre.send(job, "\r\n".join([HEADER, row, *centre.rows(alone)]))
    return received.list_id


async def rung(centre: Centre) -> dict[str, int]:
    """How often the first person's number was rung, as each list has it."""
    async with centre.sessions() as session:
        found = await session.execute(
            select(Record.list_id, Record.rung).where(Record.chunk == 0, Record.index == 0)
        )
        return {row.list_id: row.rung for row in found}


async def everybody_is_due(centre: Centre) -> None:
    async with centre.sessions.begin() as session:
        await session.execute(
            text("update records set due_at = :now where due_at is not null"),
            {"now": centre.now(timedelta(minutes=-1))},
        )


async def state(centre: Centre, list_id: str) -> str:
    async with centre.sessions() as session:
        found = await session.scalar(
            select(Record.state).where(
                Record.list_id == list_id, Record.chunk == 0, Record.index == 0
            )
        )
        assert found
        return found


async def test_a_number_that_is_in_hand_is_not_shown_from_another_list(centre: Centre) -> None:
    job = await lists(centre)
    second = await another(centre, job)
    one, two = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    first = await centre.take(one, job)
    hand, _ = await centre.show(one, first)
    assert hand.lease.others == 1, "the other list's person is of the household"
    other = await centre.take(two, job)
    assert other.list_id == second
    with pytest.raises(NumberInUse):
        await centre.show(two, other)
    with pytest.raises(NobodyLeft) as nobody:
        await centre.take(two, job)
    assert nobody.value.due_at
    assert nobody.value.due_at > centre.now()
    assert await state(centre, second) == RecordState.WAITING, "it is nobody's, and not lost"
    await centre.show(one, first)  # as often as asked


async def test_of_two_who_look_at_one_moment_one_rings(centre: Centre) -> None:
    job = await lists(centre)
    await another(centre, job)
    operators = [await centre.operator(login, job) for login in ("suzuki", "tanaka")]
    leases = [await centre.take(one, job) for one in operators]
    assert len({lease.list_id for lease in leases}) == 2
    answers = await asyncio.gather(
        *(centre.show(one, lease) for one, lease in zip(operators, leases, strict=True)),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(answer) for answer in refused] == [NumberInUse]


async def test_a_call_through_one_list_counts_in_the_other_and_puts_it_off(centre: Centre) -> None:
    job = await lists(centre, attempts_a_day=2)
    await another(centre, job)
    operator = await centre.operator("suzuki", job)
    await centre.call(operator, job, 20)
    assert set((await rung(centre)).values()) == {1}
    with pytest.raises(NobodyLeft):
        await centre.take(operator, job)
    await everybody_is_due(centre)
    await centre.call(operator, job, 20)
    assert set((await rung(centre)).values()) == {2}
    await everybody_is_due(centre)
    with pytest.raises(NumberInUse):  # today's calls to this number are used up
        await centre.show(operator, await centre.take(operator, job))


async def test_a_list_that_comes_later_begins_with_the_numbers_count(centre: Centre) -> None:
    job = await lists(centre, attempts=2)
    operator = await centre.operator("suzuki", job)
    await centre.call(operator, job, 20)
    later = await another(centre, job)
    assert (await rung(centre))[later] == 0
    await centre.call(operator, job, 20)
    assert set((await rung(centre)).values()) == {2}, "the second call, whichever list it is of"
    await everybody_is_due(centre)
    with pytest.raises(NobodyLeft):
        await centre.take(operator, job)
    async with centre.sessions() as session:
        codes = list(await session.scalars(select(Result.code).order_by(Result.at)))
    assert sorted(codes) == [20, 70, 70], "used up by the second call: both lists give up"


async def test_a_call_back_that_was_asked_for_is_kept_whatever_the_count_says(
    centre: Centre,
) -> None:
    job = await lists(centre, attempts_a_day=1)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    await centre.record(operator, lease, 12, call_back_at=centre.now(timedelta(minutes=30)))
    await another(centre, job)
    await everybody_is_due(centre)
    await centre.show(operator, await centre.take(operator, job))


async def test_whoever_answers_passes_the_telephone_on_to_somebody_of_another_list(
    centre: Centre,
) -> None:
    job = await lists(centre)
    second = await another(centre, job, alone=1)
    third = await another(centre, job)
    one, two = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    lease = await centre.take(one, job)
    await centre.show(one, lease)
    async with centre.desk(one) as desk:
        first = await desk.record(lease.id, 50, also=True)
    assert first.also
    async with centre.desk(one) as desk:
        hand, _ = await desk.show(first.also)
        assert (hand.lease.list_id, hand.lease.rang, hand.lease.others) == (second, False, 1)
    assert await _free_for(centre, two, job) == [(second, 1)], "the call is under way"
    async with centre.desk(one) as desk:
        last = await desk.record(first.also, 20, also=True)
    async with centre.desk(one) as desk:
        assert last.also
        hand, _ = await desk.show(last.also)
        assert hand.lease.list_id == third
    assert set((await rung(centre)).values()) == {1}, "one call of ours"


async def _free_for(centre: Centre, who: Someone, job: Job) -> list[tuple[str, int]]:
    """List and index of everybody whom this operator may ring now, put aside one by one."""
    found: list[tuple[str, int]] = []
    leases: list[Lease] = []
    while True:
        try:
            lease = await centre.take(who, job)
        except NobodyLeft:
            return found
        try:
            await centre.show(who, lease)
        except NumberInUse:
            continue
        found.append((lease.list_id, lease.index))
        leases.append(lease)
        await centre.record(who, lease, 10)
