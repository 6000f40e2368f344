"""One number, several people: one call at a time, the next of them in the same call, limits."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from calllist.clock import JST
from calllist.db import transaction
from calllist.dialing import calling_hours, inbound, queue, skipping
from calllist.dialing.errors import InOtherHand, LeaseUnknown, NobodyLeft, ReasonUnknown
from calllist.dialing.tables import Lease, Result
from calllist.jobs.states import ListState, RecordState
from calllist.jobs.tables import CallList, Job, Record
from crypto.signed.terms import Conduct
from tests.calllist.centre import Centre, Someone

pytestmark = pytest.mark.asyncio

AGAIN = timedelta(hours=2, minutes=1)  # after the retry's time, in another part of the day


async def household(
    centre: Centre, people: int = 2, *, alone: int = 0, **conduct: int
) -> tuple[Job, str]:
    """A list of so many people at one number, in front of others with numbers of their own."""
    await centre.sign_contract(
        inbound=True,
        conduct=Conduct(duplicates="person", **conduct),  # type: ignore[arg-type]
    )
    job = await centre.job()
    rows = [f"架空{n},カクウ{n},03-0000-0678,H{n:05d}" for n in range(people)]
    lines = ["氏名,フリガナ,電話番号,整理番号", *rows, *centre.rows(alone)]
    return job, (await centre.send(job, "\r\n".join(lines))).list_id


async def rows(centre: Centre) -> list[Record]:
    async with centre.sessions() as session:
        return list(await session.scalars(select(Record).order_by(Record.line)))


async def take(centre: Centre, who: Someone, job: Job, later: timedelta = timedelta(0)) -> Lease:
    return await centre.take(who, job, later=later)


async def place_of(centre: Centre, lease: Lease) -> int:
    """Which line of the list is leased, from 0."""
    for place, row in enumerate(await rows(centre)):
        if (row.chunk, row.index) == (lease.chunk, lease.index):
            return place
    raise AssertionError


async def ready(centre: Centre) -> None:
    """Time goes by: whatever waits is due."""
    async with centre.sessions.begin() as session:
        await session.execute(
            text("update records set due_at = :now where due_at is not null"),
            {"now": centre.now(timedelta(minutes=-1))},
        )


async def test_nobody_else_at_a_number_is_called_or_found_while_one_is_in_hand(
    centre: Centre,
) -> None:
    job, list_id = await household(centre, 3, alone=1)
    one, two = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    first = await take(centre, one, job)
    assert first.others == 2
    other = await take(centre, two, job)
    assert (await place_of(centre, first), await place_of(centre, other)) == (0, 3)
    assert other.others == 0
    await centre.show(two, other)
    await centre.record(two, other, 10)
    with pytest.raises(NobodyLeft):
        await take(centre, two, job)
    with pytest.raises(InOtherHand):
        async with centre.desk(two) as desk:
            await inbound.find(desk, job.id, "03-0000-0678", nth=1)
    with pytest.raises(IntegrityError, match="hand"):
        async with centre.sessions.begin() as session:  # the table itself knows
            await session.execute(
                text(f"update records_{list_id} set state = 'leased' where token is not null")  # noqa: S608
            )


async def test_of_many_who_ask_at_once_one_gets_the_number(centre: Centre) -> None:
    job, _ = await household(centre, 6)
    operators = [await centre.operator(f"op{n}", job) for n in range(4)]
    answers = await asyncio.gather(
        *(take(centre, one, job) for one in operators), return_exceptions=True
    )
    leases = [answer for answer in answers if isinstance(answer, Lease)]
    assert len(leases) <= 1
    assert all(isinstance(answer, NobodyLeft) for answer in answers if answer not in leases)
    if not leases:  # each stood in the other's way: the next to ask gets it
        await take(centre, operators[0], job)
    assert [row.state for row in await rows(centre)].count(RecordState.LEASED) == 1


async def test_whoever_answers_passes_the_telephone_on_and_that_is_no_second_call(
    centre: Centre,
) -> None:
    job, list_id = await household(centre, 3, alone=1)
    await centre.settle(list_id)
    operator = await centre.operator("suzuki", job)
    lease = await take(centre, operator, job)
    await centre.show(operator, lease)
    async with centre.desk(operator) as desk:
        refused = await desk.record(lease.id, 50, also=True)
    assert refused.final
    assert refused.also
    async with centre.desk(operator) as desk:
        hand, _ = await desk.show(refused.also)
        assert hand.lease.others == 1
        absent = await desk.record(refused.also, 20, also=True)
    assert not absent.final, "a refusal closes whoever refused, and nobody else of the household"
    async with centre.desk(operator) as desk:
        assert absent.also
        await desk.show(absent.also)
        last = await desk.record(absent.also, 10, also=True)
    assert last.also, "the second one is still to be called"
    async with centre.desk(operator) as desk:
        await desk.show(last.also)
        done = await desk.record(last.also, 30, also=True)
    assert done.also is None, "a silent line has nobody to ask for"
    assert [row.rung for row in (await rows(centre))[:3]] == [1, 1, 1], "one call of ours"
    assert await place_of(centre, await take(centre, operator, job)) == 3


async def test_a_stranger_whom_we_misdialled_passes_no_telephone_on(centre: Centre) -> None:
    job, _ = await household(centre, 2)
    operator = await centre.operator("suzuki", job)
    lease = await take(centre, operator, job)
    await centre.show(operator, lease)
    async with centre.desk(operator) as desk:
        misdialled = await desk.record(lease.id, 43, also=True)
    assert misdialled.also is None
    await centre.call(operator, job, 30)
    assert [row.rung for row in await rows(centre)] == [1, 1], "the call that was one counts"


async def test_after_a_call_in_vain_nobody_of_the_household_is_rung_before_the_retry(
    centre: Centre,
) -> None:
    job, _ = await household(centre, 2)
    operator = await centre.operator("suzuki", job)
    outcome = await centre.call(operator, job, 30)
    with pytest.raises(NobodyLeft) as nobody:
        await take(centre, operator, job)
    assert nobody.value.due_at == outcome.due_at
    first, second = await rows(centre)
    assert (first.rung, second.rung, second.attempts) == (1, 1, 0)
    assert first.due_at == second.due_at
    assert await place_of(centre, await take(centre, operator, job, AGAIN)) == 0


async def test_two_calls_a_day_to_a_number_and_three_in_all(centre: Centre) -> None:
    job, list_id = await household(centre, 2)
    await centre.settle(list_id)
    operator = await centre.operator("suzuki", job)
    await centre.call(operator, job, 30)
    await ready(centre)
    second = await centre.call(operator, job, 32)
    tomorrow = datetime(2026, 6, 3, 9, tzinfo=JST)
    assert second.due_at == tomorrow, "a busy line too: the day's calls are used up"
    assert {row.due_at for row in await rows(centre)} == {tomorrow}
    with pytest.raises(NobodyLeft) as nobody:
        await take(centre, operator, job)
    assert nobody.value.due_at == tomorrow
    await ready(centre)
    third = await centre.call(operator, job, 30)
    assert (third.code, third.final) == (70, True)
    await ready(centre)
    with pytest.raises(NobodyLeft):  # the other one is closed unseen, in passing
        await take(centre, operator, job)
    async with centre.sessions() as session:
        codes = await session.scalars(select(Result.code).order_by(Result.at))
        assert list(codes) == [30, 32, 70, 70]
        assert (await session.get_one(CallList, list_id)).remaining == 0
        assert (await session.get_one(CallList, list_id)).resting == 2, "found when calling back"


async def test_a_contract_may_permit_more_or_fewer_calls_a_day(centre: Centre) -> None:
    job, _ = await household(centre, 1, attempts_a_day=1, attempts=5)
    operator = await centre.operator("suzuki", job)
    outcome = await centre.call(operator, job, 30)
    assert outcome.due_at == datetime(2026, 6, 3, 9, tzinfo=JST)


async def test_a_promise_is_kept_whatever_the_count_says(centre: Centre) -> None:
    job, _ = await household(centre, 2, attempts=1)
    operator = await centre.operator("suzuki", job)
    lease = await take(centre, operator, job)
    await centre.show(operator, lease)
    at = centre.now(timedelta(hours=1)).replace(microsecond=0)
    await centre.record(operator, lease, 12, at)
    promised, other = await rows(centre)
    assert promised.due_at == at
    assert other.due_at is not None
    lease = await take(centre, operator, job, timedelta(hours=1, minutes=1))
    assert await place_of(centre, lease) == 0


@pytest.mark.parametrize("code", [43, 90])
async def test_a_promise_outlives_a_call_that_we_misdialled_or_that_broke_off(
    centre: Centre, code: int
) -> None:
    """The number's calls are used up: without the promise nobody would call this one again."""
    job, _ = await household(centre, 1, attempts=1)
    one, two = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    lease = await take(centre, one, job)
    at = centre.now(timedelta(hours=1))
    async with centre.desk(one) as desk:
        await desk.show(lease.id)
        await desk.record(lease.id, 12, call_back_at=at, for_me=True)
    due = timedelta(hours=1, minutes=1)
    lease = await take(centre, one, job, due)
    async with centre.desk(one, due) as desk:
        await desk.show(lease.id)
        await desk.record(lease.id, code)
    with pytest.raises(NobodyLeft):  # it is still the first one's promise
        await take(centre, two, job, due)
    assert await place_of(centre, await take(centre, one, job, due)) == 0


async def test_a_crash_while_giving_up_is_healed_when_the_record_comes_up_again(
    centre: Centre,
) -> None:
    job, list_id = await household(centre, 2, attempts=1)
    await centre.settle(list_id)
    operator = await centre.operator("suzuki", job)
    await centre.call(operator, job, 30)
    await ready(centre)

    async def crash() -> None:
        async with centre.desk(operator) as desk:
            with pytest.raises(NobodyLeft):
                await desk.take(job.id)
            raise ZeroDivisionError  # the keeper has closed it; our commit never comes

    with pytest.raises(ZeroDivisionError):
        await crash()
    with pytest.raises(NobodyLeft):
        await take(centre, operator, job)
    async with centre.sessions() as session:
        assert list(await session.scalars(select(Result.code))) == [70, 70]


async def test_promises_come_first_then_who_was_never_called_then_calls_to_be_repeated(
    centre: Centre,
) -> None:
    job = await centre.job()
    await centre.upload(job, people=6)
    one, two = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    at = centre.now(timedelta(minutes=30)).replace(microsecond=0)
    for who, code, mine in ((one, 30, False), (one, 12, False), (one, 12, True), (two, 12, True)):
        lease = await take(centre, who, job)
        await centre.show(who, lease)
        async with centre.desk(who) as desk:
            await desk.record(lease.id, code, call_back_at=at if code == 12 else None, for_me=mine)
    due = await rows(centre)
    assert [row.due_for for row in due[:4]] == [None, None, one.person.id, two.person.id]
    later = timedelta(minutes=31)
    order = [await _next(centre, one, job, later, keep=True) for _ in range(4)]
    assert order == [2, 1, 4, 5], "one's own, anybody's, then the new ones; another's is left"
    assert await _next(centre, one, job, later + queue.AWAY) == 3, "until its operator stays away"
    assert await _next(centre, one, job, AGAIN) == 0


async def _next(
    centre: Centre, who: Someone, job: Job, later: timedelta, *, keep: bool = False
) -> int:
    """Which line comes next; it is done with then."""
    lease = await take(centre, who, job, later)
    place = await place_of(centre, lease)
    await centre.show(who, lease)
    await centre.record(who, lease, 10)
    return place


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ((2, 9, 30), (2, 12, 0)),  # the morning: not in the morning again
        ((2, 10, 30), (2, 12, 30)),
        ((2, 13, 0), (2, 17, 0)),  # the afternoon: the evening
        ((2, 17, 10), (3, 9, 0)),  # the evening: the next day
        ((6, 13, 0), (7, 9, 0)),  # no calls on Saturday evening
    ],
)
async def test_a_call_in_vain_is_repeated_in_another_part_of_the_day(
    at: tuple[int, int, int], due: tuple[int, int, int]
) -> None:
    made, again = (datetime(2026, 6, *one, tzinfo=JST) for one in (at, due))
    assert calling_hours.retry(Conduct(), made) == again


async def test_lists_are_called_in_the_managers_order(centre: Centre) -> None:
    job = await centre.job()
    lists = [(await centre.upload(job, people=1)).list_id for _ in range(3)]
    operator = await centre.operator("suzuki", job)
    async with transaction(centre.sessions) as session:
        (await session.get_one(CallList, lists[0])).turn = 2
        (await session.get_one(CallList, lists[2])).turn = 0
    called = []
    for _ in lists:
        lease = await take(centre, operator, job)
        called.append(lists.index(lease.list_id))
        await centre.show(operator, lease)
        await centre.record(operator, lease, 10)
    assert called == [2, 1, 0]
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, lists[0])).state == ListState.OPEN


async def test_nobody_is_skipped_without_a_reason_and_whoever_is_waits_a_quarter_of_an_hour(
    centre: Centre,
) -> None:
    job, _ = await household(centre, 1)
    one, two = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    lease = await take(centre, one, job)
    await centre.show(one, lease)
    with pytest.raises(ReasonUnknown):
        async with centre.desk(one) as desk:
            await skipping.skip(desk, centre.keeper, lease.id, "")
    with pytest.raises(LeaseUnknown):
        async with centre.desk(two) as desk:
            await skipping.skip(desk, centre.keeper, lease.id, "instructed")
    async with centre.desk(one) as desk:
        assert await skipping.skip(desk, centre.keeper, lease.id, "acquainted") == job.id
    [row] = await rows(centre)
    assert (row.state, row.attempts, row.rung) == (RecordState.WAITING, 0, 0)
    with pytest.raises(NobodyLeft) as nobody:
        await take(centre, two, job)
    assert nobody.value.due_at == row.due_at
    lease = await take(centre, two, job, timedelta(minutes=16))
    await centre.show(two, lease)  # the keeper has let go of it


async def test_after_a_number_out_of_service_the_next_one_is_rung_and_counts_for_itself(
    centre: Centre,
) -> None:
    """Who has it too is rung with it: one call at a time, and its calls so far count."""
    job = await centre.job()
    lines = [
        "氏名,フリガナ,電話番号,電話番号2,整理番号",
        "架空一,カクウイチ,03-0000-0678,03-0000-0679,H00001",
        "架空二,カクウニ,03-0000-0679,,H00002",
    ]
    await centre.send(job, "\r\n".join(lines))
    one, two = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    first = await take(centre, one, job)
    assert (await place_of(centre, first), first.others) == (0, 0)
    await centre.show(one, first)
    held = await take(centre, two, job)
    outcome = await centre.record(one, first, 40)
    assert (outcome.code, outcome.final) == (40, False)
    moved, other = await rows(centre)
    assert moved.token == other.token
    assert (moved.state, moved.attempts, moved.rung) == (RecordState.WAITING, 0, 0)
    with pytest.raises(NobodyLeft):
        await take(centre, one, job)  # the number is in hand
    await centre.show(two, held)
    await centre.record(two, held, 10)
    assert (await rows(centre))[0].rung == 1, "the call that was under way counts too"
    again = await take(centre, one, job, AGAIN)
    assert await place_of(centre, again) == 0
    async with centre.desk(one, AGAIN) as desk:
        await desk.show(again.id)
        assert (await desk.record(again.id, 40)).final
    assert (await rows(centre))[0].sealed is None
