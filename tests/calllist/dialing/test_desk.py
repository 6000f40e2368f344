"""The desk: one at a time, the same again, exactly one result."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from calllist.db import transaction
from calllist.dialing import returning
from calllist.dialing.errors import (
    CallBackMissing,
    CallBackRefused,
    CodeRefused,
    LeaseHeld,
    LeaseUnknown,
    NobodyLeft,
    OutsideHours,
    RecordOver,
)
from calllist.dialing.tables import Lease, Result
from calllist.jobs.errors import JobUnknown
from calllist.jobs.states import ListState, RecordState
from calllist.jobs.tables import CallList, Job, Record
from crypto.records.fields import FieldKind
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio


async def test_a_second_lease_is_refused_and_names_the_first(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    with pytest.raises(LeaseHeld) as held:
        await centre.take(operator, job)
    assert held.value.lease_id == lease.id


async def test_looking_again_shows_the_same_masked_person(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    first = await centre.show(operator, lease)
    again = await centre.show(operator, lease)
    assert first[1].fields == again[1].fields
    shown = {field.kind: field.text for field in first[1].fields}
    assert shown[FieldKind.PHONE].count("*") >= 4
    assert FieldKind.NAME not in shown, "the reading is the one name to ask for"
    assert shown[FieldKind.NAME_KANA] == "カクウ0001"


async def test_two_operators_never_get_one_person(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=6)
    operators = [await centre.operator(f"op{n}", job) for n in range(3)]
    leases = await asyncio.gather(*(centre.take(operator, job) for operator in operators))
    assert len({(lease.chunk, lease.index) for lease in leases}) == 3


async def test_foreign_and_invented_leases_look_alike(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job)
    one, other = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    lease = await centre.take(one, job)
    with pytest.raises(LeaseUnknown):
        await centre.show(other, lease)
    with pytest.raises(LeaseUnknown):
        await centre.record(other, lease, 10)
    with pytest.raises(LeaseUnknown):
        await centre.show(one, Lease(id="lea_invented"))


async def test_an_operator_without_the_job_does_not_learn_of_it(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job)
    stranger = await centre.operator("suzuki")
    with pytest.raises(JobUnknown):
        await centre.take(stranger, job)


async def test_a_final_result_empties_the_row_and_the_last_one_ends_job_and_list(
    centre: Centre,
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=2)
    await centre.settle(received.list_id)
    operator = await centre.operator("suzuki", job)
    assert (await centre.call(operator, job, 10)).final
    async with centre.sessions() as session:
        done = await session.scalar(select(Record).where(Record.state == RecordState.DONE))
        assert done is not None
        assert done.sealed is None
        assert done.token is None
        assert (await session.get_one(CallList, received.list_id)).state == ListState.SETTLED
    await centre.call(operator, job, 50)
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, received.list_id)).state == ListState.OVER
        assert (await session.get_one(Job, job.id)).state == "closed"
        assert len((await session.scalars(select(Result))).all()) == 2


async def test_a_list_whose_intake_is_open_does_not_end_by_itself(centre: Centre) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    await centre.call(operator, job, 10)
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, received.list_id)).state == ListState.OPEN
    await centre.settle(received.list_id)
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, received.list_id)).state == ListState.OVER


async def test_a_double_click_records_one_result(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    outcomes = await asyncio.gather(*(centre.record(operator, lease, 10) for _ in range(3)))
    assert {(outcome.code, outcome.final) for outcome in outcomes} == {(10, True)}
    async with centre.sessions() as session:
        assert len((await session.scalars(select(Result))).all()) == 1


async def test_an_unanswered_call_is_tried_again_later_and_not_for_ever(centre: Centre) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    outcome = await centre.call(operator, job, 30)
    assert not outcome.final
    with pytest.raises(NobodyLeft) as nobody:
        await centre.take(operator, job)
    assert nobody.value.due_at == outcome.due_at
    for expected in ((30, False), (70, True)):
        await _make_due(centre, received.list_id)
        outcome = await centre.call(operator, job, 30)
        assert (outcome.code, outcome.final) == expected


async def test_a_call_back_is_kept_even_when_the_attempts_are_used_up(centre: Centre) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    at = centre.now(timedelta(hours=3))
    for _ in range(4):
        lease = await centre.take(operator, job)
        await centre.show(operator, lease)
        outcome = await centre.record(operator, lease, 12, at)
        assert (outcome.final, outcome.due_at) == (False, at)
        await _make_due(centre, received.list_id)


async def test_a_call_back_needs_a_time_at_which_people_may_be_called(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    with pytest.raises(CallBackMissing):
        await centre.record(operator, lease, 12)
    for wrong in (timedelta(hours=-1), timedelta(hours=12), timedelta(days=60)):
        with pytest.raises(CallBackRefused):
            await centre.record(operator, lease, 12, centre.now(wrong))
    with pytest.raises(CodeRefused):
        await centre.record(operator, lease, 70)
    with pytest.raises(CodeRefused):
        await centre.record(operator, lease, 99)


async def test_nobody_is_called_at_night(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    with pytest.raises(OutsideHours) as closed:
        await centre.take(operator, job, later=timedelta(hours=11))
    assert closed.value.opens_at > centre.now(timedelta(hours=11))


async def test_a_record_given_back_is_shown_to_the_next_operator_at_once(centre: Centre) -> None:
    """The keeper still had it in the first one's hand: a commit lost after it was shown, clocks
    that differ, a list that was frozen and lives again."""
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    await centre.show(operator, await centre.take(operator, job))
    async with transaction(centre.sessions) as session:
        late = centre.now(timedelta(hours=2))
        assert await returning.sweep_leases(session, centre.custody, late) == 1
    other = await centre.operator("tanaka", job)
    _, view = await centre.show(other, await centre.take(other, job))
    assert view.fields


async def test_an_expired_lease_goes_back_and_its_late_result_still_counts_once(
    centre: Centre,
) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    late = centre.now(timedelta(hours=2))
    async with transaction(centre.sessions) as session:
        assert await returning.sweep_leases(session, centre.custody, centre.now()) == 0
        assert await returning.sweep_leases(session, centre.custody, late) == 1
    other = await centre.operator("tanaka", job)
    again = await centre.take(other, job)
    assert (again.chunk, again.index) == (lease.chunk, lease.index)
    with pytest.raises(LeaseUnknown):
        await centre.record(operator, lease, 10)


async def test_signing_in_again_in_mid_call_keeps_the_person_and_the_result(
    centre: Centre,
) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    operator.signed = await centre.sign_in_again(operator)
    assert (await centre.record(operator, lease, 10)).final


async def test_a_restored_row_of_a_closed_record_is_refused_and_skipped(centre: Centre) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=2)
    operator = await centre.operator("suzuki", job)
    async with centre.sessions() as session:
        first = await session.get_one(Record, (received.list_id, 0, 0))
        kept = {"sealed": first.sealed, "token": first.token, "state": RecordState.WAITING}
    await centre.call(operator, job, 10)
    async with transaction(centre.sessions) as session:
        restored = await session.get_one(Record, (received.list_id, 0, 0))
        for name, value in kept.items():
            setattr(restored, name, value)
        (await session.get_one(CallList, received.list_id)).remaining += 1
    lease = await centre.take(operator, job)
    with pytest.raises(RecordOver):
        await centre.show(operator, lease)
    next_one = await centre.take(operator, job)
    assert next_one.index == 1
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, received.list_id)).remaining == 1


async def _make_due(centre: Centre, list_id: str) -> None:
    async with transaction(centre.sessions) as session:
        for record in await session.scalars(select(Record).where(Record.list_id == list_id)):
            if record.due_at is not None:
                record.due_at = centre.now(timedelta(minutes=-1))
