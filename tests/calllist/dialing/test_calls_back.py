"""Somebody calls back with a letter or a code, or while another person is in hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from calllist.db import transaction
from calllist.dialing import inbound, returning
from calllist.dialing.errors import InOtherHand, LeaseHeld, NumberUnreadable
from calllist.dialing.inbound import By, Hits
from calllist.dialing.tables import Lease
from calllist.jobs.tables import Job, Record
from crypto.errors.records import BudgetHour
from crypto.records.fields import FieldKind, Stage
from crypto.wire.records import View
from tests.calllist.centre import Centre, Someone

pytestmark = pytest.mark.asyncio


async def find(centre: Centre, someone: Someone, job: Job, typed: str, by: By) -> Hits:
    async with centre.desk(someone) as desk:
        return await inbound.find(desk, job.id, typed, by=by)


async def code_of(centre: Centre, someone: Someone, lease: Lease) -> str:
    async with centre.desk(someone) as desk:
        return (await desk.code(lease.id))[1].code


def reading(view: View) -> str:
    return next(field.text for field in view.fields if field.kind == "name_kana")


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is said to the database meanwhile, without its values."""
    said: list[str] = []

    def note(*given: object) -> None:
        said.append(str(given[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_a_letter_or_a_code_leads_to_one_person_at_s2_and_a_miss_costs_one_too(
    centre: Centre,
) -> None:
    await centre.sign_contract(people_per_hour=5)
    job, other = await centre.job(), await centre.job("KNK-002")
    await centre.upload(job, people=3)
    await centre.upload(other, people=1)
    operator, second = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    code = await code_of(centre, operator, lease)
    with pytest.raises(InOtherHand):
        await find(centre, second, job, code, By.CODE)
    await centre.record(operator, lease, 30)

    found = await find(centre, second, job, f"{code[:3]} {code[3:]}", By.CODE)
    assert found.lease
    _, view = await centre.show(second, found.lease)
    assert (reading(view), view.stage) == ("カクウ0001", Stage.ANSWERED)
    await centre.record(second, found.lease, 10)
    assert await find(centre, second, job, code, By.CODE) == Hits(0), "done with: not found"

    found = await find(centre, second, job, "ｒ０００００２", By.REFERENCE)
    assert found.lease
    _, view = await centre.show(second, found.lease)
    assert (reading(view), view.stage) == ("カクウ0002", Stage.ANSWERED)
    await centre.record(second, found.lease, 30)
    misses = [("R000004", By.REFERENCE), ("R999999", By.REFERENCE), ("999999", By.CODE)]
    for typed, by in misses:
        assert await find(centre, second, job, typed, by) == Hits(0), "another job's, nobody's"
    with pytest.raises(BudgetHour):
        await find(centre, second, job, "R000003", By.REFERENCE)


@pytest.mark.parametrize(
    ("typed", "by"),
    [("", By.REFERENCE), ("x" * 201, By.REFERENCE), ("12345", By.CODE), ("12a456", By.CODE)],
)
async def test_what_cannot_be_read_is_not_searched_for(typed: str, by: By) -> None:
    with pytest.raises(NumberUnreadable) as refused:
        inbound.read(typed, by)
    assert not typed or typed not in str(refused.value)


async def test_hits_and_misses_say_the_same_to_the_database_with_and_without_somebody_in_hand(
    centre: Centre,
) -> None:
    job = await centre.job()
    await centre.upload(job, people=12)
    operator, second = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    codes = []
    for _ in range(2):
        lease = await centre.take(operator, job)
        await centre.show(operator, lease)
        codes.append(await code_of(centre, operator, lease))
        await centre.record(operator, lease, 30)
    never = next(c for c in map("{:06}".format, range(9)) if c not in codes)
    pairs = [
        ("090-0000-0009", "090-0000-0999", By.NUMBER),
        ("R000010", "R999999", By.REFERENCE),
        (codes[0], never, By.CODE),
        ("090-0000-0011", "090-0000-0998", By.NUMBER),
        ("R000012", "R999998", By.REFERENCE),
        (codes[1], never, By.CODE),
    ]
    for nth, (hit, miss, by) in enumerate(pairs):
        held = await centre.take(second, job) if nth >= len(pairs) // 2 else None
        with statements() as missing:
            assert await find(centre, second, job, miss, by) == Hits(0)
        with statements() as hitting:
            found = await find(centre, second, job, hit, by)
        assert found.lease
        assert hitting == missing, by
        await centre.show(second, found.lease)
        await centre.record(second, found.lease, 10)
        if held is not None:
            back = await centre.take(second, job)
            assert back.id == held.id
            await centre.show(second, back)
            await centre.record(second, back, 10)


async def test_whoever_is_not_dialled_yet_waits_aside_and_comes_back_at_the_same_stage(
    centre: Centre,
) -> None:
    job = await centre.job()
    await centre.upload(job, people=3)
    operator, other = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    mine = await centre.take(operator, job)
    _, seen = await centre.show(operator, mine)
    assert await find(centre, operator, job, "R999999", By.REFERENCE) == Hits(0)
    _, again = await centre.show(operator, mine)
    assert (again.stage, reading(again)) == (Stage.DIALLING, reading(seen)), "a miss parks nobody"

    caller = await find(centre, operator, job, "090-0000-0002", By.NUMBER)
    assert caller.lease
    assert caller.lease.id != mine.id
    await centre.show(operator, caller.lease)
    with pytest.raises(InOtherHand):  # parked is taken, for everybody else
        await find(centre, other, job, "090-0000-0001", By.NUMBER)
    with pytest.raises(LeaseHeld):  # who is spoken to is not put aside
        await find(centre, operator, job, "090-0000-0003", By.NUMBER)
    await centre.record(operator, caller.lease, 10)
    back = await centre.take(operator, job)
    assert back.id == mine.id
    _, view = await centre.show(operator, back)
    assert (view.stage, reading(view)) == (Stage.DIALLING, "カクウ0001")
    assert view.people_left == seen.people_left - 2, "the miss and the caller"

    async with centre.desk(operator) as desk:
        await desk.match(back.id, FieldKind.REFERENCE, "wrong")
    with pytest.raises(LeaseHeld):
        await find(centre, operator, job, "090-0000-0003", By.NUMBER)


async def test_the_one_in_hand_may_be_the_one_who_calls(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=2)
    operator = await centre.operator("suzuki", job)
    mine = await centre.take(operator, job)
    await centre.show(operator, mine)
    found = await find(centre, operator, job, "090-0000-0001", By.NUMBER)
    assert found.lease
    assert found.lease.id == mine.id
    _, view = await centre.show(operator, mine)
    assert view.stage is Stage.ANSWERED
    await centre.record(operator, mine, 10)


async def test_a_parked_lease_that_expires_goes_back_into_the_queue(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=2)
    operator, other = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    mine = await centre.take(operator, job)
    await centre.show(operator, mine)
    caller = await find(centre, operator, job, "R000002", By.REFERENCE)
    assert caller.lease
    await centre.show(operator, caller.lease)
    await centre.record(operator, caller.lease, 10)
    later = timedelta(hours=2)
    async with transaction(centre.sessions) as session:
        assert await returning.sweep_leases(session, centre.custody, centre.now(later)) == 1
    async with centre.sessions() as session:
        states = await session.scalars(select(Record.state).order_by(Record.index))
        assert list(states) == ["waiting", "done"]
    theirs = await centre.take(other, job)
    _, view = await centre.show(other, theirs)
    assert reading(view) == "カクウ0001"
