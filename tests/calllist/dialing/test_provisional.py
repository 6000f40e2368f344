"""A result given before a rest may be changed for a minute; whatever happens, there is one."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from calllist.clock import JST
from calllist.db import transaction
from calllist.dialing import amending, provisional
from calllist.dialing.closing import Outcome
from calllist.dialing.desk import Desk
from calllist.dialing.errors import (
    CallBackMissing,
    CodeRefused,
    LeaseUnknown,
    NobodyLeft,
    RecordWithdrawn,
    ResultGiven,
)
from calllist.dialing.returning import sweep_leases
from calllist.dialing.tables import Lease, Result
from calllist.floor import board, taking_back
from calllist.floor.errors import NothingInHand
from calllist.jobs.states import ListState, RecordState
from calllist.jobs.tables import CallList, Job, Record
from crypto.errors.records import ResultFinal
from crypto.records.fields import FieldKind
from crypto.signed.terms import Conduct
from tests.calllist.centre import Centre, Someone
from tests.calllist.dialing.test_inbound import find
from tests.calllist.dialing.test_withdrawals import read, records, results, still, take_out

pytestmark = pytest.mark.asyncio
MINUTE = timedelta(seconds=60)
TOMORROW = timedelta(days=1)


async def given(
    centre: Centre, code: int, *, people: int = 1, **more: object
) -> tuple[Job, str, Someone, Lease]:
    """A job, its list, and an operator who has given this result and rests."""
    job = await centre.job()
    received = await centre.upload(job, people=people)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    outcome = await gives(centre, operator, lease, code, **more)
    assert (outcome.code, outcome.due_at) == (code, None)
    assert outcome.until
    return job, received.list_id, operator, lease


async def gives(
    centre: Centre, someone: Someone, lease: Lease, code: int, **more: object
) -> Outcome:
    async with centre.desk(someone) as desk:
        return await desk.record(lease.id, code, changeable=True, **more)  # type: ignore[arg-type]


async def amends(
    centre: Centre, someone: Someone, lease: Lease, code: int, **more: object
) -> Outcome:
    async with centre.desk(someone) as desk:
        return await amending.amend(desk, lease.id, code, **more)  # type: ignore[arg-type]


async def swept(centre: Centre, later: timedelta = MINUTE) -> None:
    async with transaction(centre.sessions) as session:
        await sweep_leases(session, centre.custody, centre.now(later))


async def codes(centre: Centre) -> list[int]:
    """As the entrustor reads them."""
    kept = await results(centre)
    told = [(await read(centre, one))[2] for one in kept]
    assert told == [one.code for one in kept]
    return told


async def leases(centre: Centre) -> int:
    async with centre.sessions() as session:
        return len((await session.scalars(select(Lease.id))).all())


@pytest.mark.parametrize(("first", "then"), [(30, 10), (10, 30), (50, 41), (10, 50)])
async def test_another_result_takes_its_place_and_with_the_minute_it_is_final(
    centre: Centre, first: int, then: int
) -> None:
    _, list_id, operator, lease = await given(centre, first)
    assert await codes(centre) == [], "nothing has followed from it"
    outcome = await amends(centre, operator, lease, then)
    assert outcome.code == then
    await swept(centre, MINUTE - timedelta(seconds=5))
    assert await codes(centre) == []
    await swept(centre)
    assert await codes(centre) == [then]
    [record] = await records(centre, list_id)
    final = then != 30
    state = RecordState.DONE if final else RecordState.WAITING
    assert (record.state, record.sealed is None, record.last_code) == (state, final, then)
    with pytest.raises(ResultFinal):
        await amends(centre, operator, lease, 20)
    await swept(centre)
    assert await codes(centre) == [then]


async def test_with_the_next_person_it_is_final(centre: Centre) -> None:
    job, _, operator, lease = await given(centre, 30, people=2)
    after = await centre.take(operator, job)
    assert after.id != lease.id
    assert await codes(centre) == [30]
    with pytest.raises(ResultFinal):
        await amends(centre, operator, lease, 10)
    await centre.show(operator, after)
    await centre.record(operator, after, 10)
    assert sorted(await codes(centre)) == [10, 30]


async def test_with_nobody_left_the_next_key_makes_it_final_as_well(centre: Centre) -> None:
    job, _, operator, _ = await given(centre, 10)
    with pytest.raises(NobodyLeft):
        await centre.take(operator, job)
    assert await codes(centre) == [10]


async def test_with_a_search_for_somebody_who_calls_it_is_final(centre: Centre) -> None:
    await centre.sign_contract(inbound=True)
    job, _, operator, _ = await given(centre, 30, people=2)
    await find(centre, operator, job, "090-0000-0002")
    assert await codes(centre) == [30]


async def test_the_next_look_at_the_desk_after_the_minute_makes_it_final(centre: Centre) -> None:
    _, _, operator, _ = await given(centre, 10)
    async with centre.desk(operator, MINUTE - timedelta(seconds=5)) as desk:
        assert await desk.lease() is None, "nobody is in hand"
    assert await codes(centre) == []
    async with centre.desk(operator, MINUTE) as desk:
        assert await desk.lease() is None
    assert await codes(centre) == [10]


async def test_a_double_click_is_answered_as_before_and_changes_nothing(centre: Centre) -> None:
    _, _, operator, lease = await given(centre, 30)
    first = await gives(centre, operator, lease, 10)
    assert (first.code, first.final) == (30, False)
    assert first.until
    assert (await centre.record(operator, lease, 50)).code == 30
    await swept(centre)
    assert await codes(centre) == [30]


async def test_nobody_is_shown_meanwhile_and_nobody_else_has_the_person(centre: Centre) -> None:
    job, _, operator, lease = await given(centre, 30)
    assert not await still(centre, operator, lease)
    with pytest.raises(ResultGiven) as told:
        await centre.show(operator, lease)
    assert told.value.job_id == job.id
    with pytest.raises(ResultGiven):
        async with centre.desk(operator) as desk:
            await desk.match(lease.id, FieldKind.REFERENCE, "R000001")
    other = await centre.operator("tanaka", job)
    with pytest.raises(NobodyLeft):
        await centre.take(other, job, later=timedelta(seconds=30))


async def test_nobody_of_the_household_is_rung_meanwhile(centre: Centre) -> None:
    await centre.sign_contract(conduct=Conduct())
    job = await centre.job()
    rows = "氏名,電話番号\n架空一,090-0000-0001\n架空二,090-0000-0001\n"
    await centre.send(job, rows)
    operator, other = [await centre.operator(name, job) for name in ("suzuki", "tanaka")]
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    await gives(centre, operator, lease, 30)
    with pytest.raises(NobodyLeft):
        await centre.take(other, job)


async def test_only_whoever_gave_it_changes_it(centre: Centre) -> None:
    job, _, _, lease = await given(centre, 30)
    other = await centre.operator("tanaka", job)
    with pytest.raises(LeaseUnknown):
        await amends(centre, other, lease, 10)
    await swept(centre)
    with pytest.raises(LeaseUnknown):
        await amends(centre, other, lease, 10)


async def test_what_has_no_result_yet_is_not_changed(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    with pytest.raises(LeaseUnknown):
        await amends(centre, operator, lease, 10)


async def test_after_the_minute_it_stands_though_nobody_has_swept(centre: Centre) -> None:
    _, _, operator, lease = await given(centre, 30)
    async with transaction(centre.sessions) as session:
        row = await session.get_one(Lease, lease.id)
        row.expires_at = centre.now()
    with pytest.raises(ResultFinal):
        await amends(centre, operator, lease, 10)
    await swept(centre)
    assert await codes(centre) == [30]


async def test_a_wrong_choice_leaves_it_as_it_was(centre: Centre) -> None:
    _, _, operator, lease = await given(centre, 30)
    with pytest.raises(CodeRefused):
        await amends(centre, operator, lease, 80)
    with pytest.raises(CallBackMissing):
        await amends(centre, operator, lease, 12)
    await swept(centre)
    assert await codes(centre) == [30]


async def test_a_time_to_call_back_is_kept_until_it_is_final(centre: Centre) -> None:
    at = centre.now(TOMORROW).astimezone(JST).replace(hour=11, minute=0, second=0, microsecond=0)
    _, list_id, operator, lease = await given(centre, 12, call_back_at=at, for_me=True)
    await swept(centre)
    [record] = await records(centre, list_id)
    assert (record.due_at, record.due_for) == (at, operator.person.id)
    assert lease.id == (await results(centre))[0].id


async def test_the_time_is_changed_with_the_result(centre: Centre) -> None:
    at = centre.now(TOMORROW).astimezone(JST).replace(hour=11, minute=0, second=0, microsecond=0)
    _, list_id, operator, lease = await given(centre, 12, call_back_at=at, for_me=True)
    await amends(centre, operator, lease, 12, call_back_at=at + timedelta(hours=1))
    await swept(centre)
    [record] = await records(centre, list_id)
    assert (record.due_at, record.due_for) == (at + timedelta(hours=1), None)


async def test_a_change_that_the_keeper_has_and_our_commit_lost_is_the_result(
    centre: Centre,
) -> None:
    _, _, operator, lease = await given(centre, 30)
    async with centre.sessions() as session:  # never committed
        desk = Desk(session, centre.custody, operator.person, operator.grant, MINUTE, centre.now())
        await amending.amend(desk, lease.id, 10)
    await swept(centre)
    assert await codes(centre) == [10]


async def test_a_result_that_the_keeper_has_and_our_commit_lost_is_written_down_at_once(
    centre: Centre,
) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    held, _ = await centre.show(operator, lease)
    await centre.custody.close(operator.grant, held.sealed, lease.id, 30)
    outcome = await gives(centre, operator, lease, 10)
    assert outcome.until
    async with centre.desk(operator) as desk:
        stands = await provisional.standing(desk.session, desk.custody, desk.person, lease.id)
    assert stands
    assert stands.code == 30, "the keeper remembers which"
    await swept(centre)
    assert await codes(centre) == [30]


async def test_the_entrustor_takes_out_somebody_whose_result_is_not_final(centre: Centre) -> None:
    job, _, operator, lease = await given(centre, 30, people=2)
    assert (await take_out(centre, job, "R000001")).withdrawn == 1
    assert sorted(await codes(centre)) == [30, 80], "both, and nothing twice"
    with pytest.raises(RecordWithdrawn):
        await amends(centre, operator, lease, 10)
    await swept(centre)
    after = await centre.take(operator, job)
    await centre.show(operator, after)
    assert sorted(await codes(centre)) == [30, 80]


async def test_that_call_counts_for_whoever_else_has_the_number(centre: Centre) -> None:
    await centre.sign_contract(conduct=Conduct())
    job = await centre.job()
    rows = "氏名,電話番号,整理番号\n架空一,090-0000-0001,R1\n架空二,090-0000-0001,R2\n"
    listed = await centre.send(job, rows)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    await gives(centre, operator, lease, 30)
    await take_out(centre, job, "R1")
    _, other = await records(centre, listed.list_id)
    assert (other.rung, other.rung_that_day) == (1, 1)
    assert other.due_at, "not rung again at once"


async def test_taken_out_and_swept_it_ends_without_a_word(centre: Centre) -> None:
    job, _, _, _ = await given(centre, 30)
    await take_out(centre, job, "R000001")
    await swept(centre)
    assert await leases(centre) == 0
    assert sorted(await codes(centre)) == [30, 80]


async def test_a_final_result_comes_before_the_withdrawal(centre: Centre) -> None:
    job, _, _, _ = await given(centre, 10)
    done = await take_out(centre, job, "R000001")
    assert (done.withdrawn, done.already) == (0, 1)
    await swept(centre)
    assert await codes(centre) == [10]


async def test_the_last_result_ends_a_settled_list_once_it_is_final(centre: Centre) -> None:
    _, list_id, _, _ = await given(centre, 10)
    await centre.settle(list_id)
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, list_id)).state == ListState.SETTLED
    await swept(centre)
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, list_id)).state == ListState.OVER
        assert (await session.scalar(select(Record.sealed))) is None
        assert len((await session.scalars(select(Result.id))).all()) == 1


async def test_whoever_rests_after_a_result_is_in_no_call_on_the_floor(centre: Centre) -> None:
    _, _, operator, _ = await given(centre, 30)
    manager = centre.manager
    assert manager
    async with transaction(centre.sessions) as session:
        picture = await board.draw(session, centre.now())
        assert [(one.person, one.job) for one in picture.places] == [(operator.person.id, None)]
        with pytest.raises(NothingInHand):
            await taking_back.take_back(
                session,
                centre.keeper,
                centre.custody,
                manager.person,
                operator.person.id,
                centre.now(),
            )
