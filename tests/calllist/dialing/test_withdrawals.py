"""取下げ: by reference number, once, at the desk at once, and the result is the entrustor's."""

import pytest
from sqlalchemy import select

from calllist.db import transaction
from calllist.dialing import hand
from calllist.dialing.closing import withdrawal_of
from calllist.dialing.errors import LeaseUnknown, NobodyLeft, RecordOver, RecordWithdrawn
from calllist.dialing.hand import InHand
from calllist.dialing.tables import Lease, Result
from calllist.dialing.withdrawals import Asked, Outcome, Withdrawals
from calllist.jobs.errors import JobOver, JobUnknown
from calllist.jobs.states import ListState, RecordState
from calllist.jobs.tables import CallList, Chunk, Job, Record
from calllist.people.roles import Role
from crypto.errors.lists import NotAuthorised
from crypto.records.fields import FieldKind
from crypto.records.references import REFERENCE_BYTES
from crypto.records.sealing import open_list_keys, open_result
from tests.calllist.centre import Centre, Someone

pytestmark = pytest.mark.asyncio


async def take_out(
    centre: Centre, job: Job, *references: str, by: Someone | None = None
) -> Outcome:
    """As a file would: one reference a line, below a header."""
    who = by or centre.manager
    assert who
    asked = [Asked(line, text) for line, text in enumerate(references, 2)]
    withdrawals = Withdrawals(centre.sessions, centre.custody, centre.clock.now)
    return await withdrawals.take_out(who.person, who.grant, job.id, asked)


async def results(centre: Centre) -> list[Result]:
    async with centre.sessions() as session:
        return list(await session.scalars(select(Result).order_by(Result.at, Result.code)))


async def records(centre: Centre, list_id: str) -> list[Record]:
    async with centre.sessions() as session:
        order = select(Record).where(Record.list_id == list_id).order_by(Record.line)
        return list(await session.scalars(order))


async def read(centre: Centre, result: Result) -> tuple[int, str, int]:
    """What the entrustor reads: line, reference, code."""
    async with centre.sessions() as session:
        call_list = await session.get_one(CallList, result.list_id)
    assert call_list.for_entrustor
    keys = open_list_keys(
        centre.keys.recipient,
        entrustor=centre.entrustor_id,
        list_id=result.list_id,
        sealed=call_list.for_entrustor,
    )
    told = open_result(
        keys.result_key, list_id=result.list_id, attempt=result.id, sealed=result.sealed
    )
    return told.line, told.reference, told.code


async def test_whoever_is_on_the_file_is_closed_once_and_the_entrustor_reads_it(
    centre: Centre,
) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=3)
    done = await take_out(centre, job, "R000002", "r000002", "R999999", "", "Ｒ０００００３")
    assert (done.given, done.withdrawn, done.already, done.unmatched) == (4, 2, 0, [4])
    first, second, third = await records(centre, received.list_id)
    assert (first.state, first.sealed is not None) == (RecordState.WAITING, True)
    for record in (second, third):
        assert (record.state, record.last_code) == (RecordState.DONE, 80)
        assert (record.sealed, record.token) == (None, None), "emptied at once"
    kept = await results(centre)
    assert {await read(centre, one) for one in kept} == {(3, "R000002", 80), (4, "R000003", 80)}
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, received.list_id)).remaining == 1
        chunk = await session.scalar(select(Chunk).where(Chunk.list_id == received.list_id))
        assert chunk
        assert len(chunk.references or b"") == 3 * REFERENCE_BYTES
    again = await take_out(centre, job, "R000002", "R000003")
    assert (again.withdrawn, again.already, again.unmatched) == (0, 2, [])
    assert len(await results(centre)) == 2


async def test_in_mid_call_the_operator_is_told_and_goes_on(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=2)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    assert await still(centre, operator, lease)
    await take_out(centre, job, "R000001")
    assert not await still(centre, operator, lease)
    with pytest.raises(RecordWithdrawn) as told:
        async with centre.desk(operator) as desk:
            await desk.match(lease.id, FieldKind.REFERENCE, "R000001")
    assert told.value.job_id == job.id
    with pytest.raises(LeaseUnknown):  # told once: the lease is gone
        await centre.record(operator, lease, 10)
    after = await centre.take(operator, job)
    _, view = await centre.show(operator, after)
    assert view.fields
    assert [one.code for one in await results(centre)] == [80]


async def still(centre: Centre, someone: Someone, lease: Lease) -> bool:
    async with transaction(centre.sessions) as session:
        return await hand.still(session, someone.person, lease.id)


@pytest.mark.parametrize("step", ["show", "record"])
async def test_whatever_the_operator_does_next_says_so(centre: Centre, step: str) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    await take_out(centre, job, "R000001")
    next_step = (
        centre.show(operator, lease) if step == "show" else centre.record(operator, lease, 30)
    )
    with pytest.raises(RecordWithdrawn):
        await next_step
    with pytest.raises(NobodyLeft):
        await centre.take(operator, job)


async def test_the_last_one_taken_out_ends_a_settled_list(centre: Centre) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=2)
    await centre.settle(received.list_id)
    await take_out(centre, job, "R000001", "R000002")
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, received.list_id)).state == ListState.OVER
    with pytest.raises(JobOver):
        await take_out(centre, job, "R000001")


def name_of(held: InHand) -> str:
    """The reference of the row, as `Centre.rows` numbers them."""
    return f"R{held.record.line - 1:06d}"


async def test_a_commit_lost_after_the_keepers_word_is_made_good(centre: Centre) -> None:
    """The keeper has closed three; the database heard of none."""
    job = await centre.job()
    received = await centre.upload(job, people=3)
    operator = await centre.operator("suzuki", job)
    manager = centre.manager
    assert manager
    lease = await centre.take(operator, job)
    held = await in_hand(centre, operator, lease)
    withdrawal = withdrawal_of(received.list_id, held.record.chunk, held.record.index)
    await centre.custody.withdraw(manager.grant, held.sealed, withdrawal, name_of(held))
    with pytest.raises(RecordOver):  # by the operator who meets it
        await centre.show(operator, lease)
    assert [(one.id, one.code) for one in await results(centre)] == [(withdrawal, 80)]

    lease = await centre.take(operator, job)
    held = await in_hand(centre, operator, lease)
    second = withdrawal_of(received.list_id, held.record.chunk, held.record.index)
    await centre.custody.withdraw(manager.grant, held.sealed, second, name_of(held))
    done = await take_out(centre, job, "R000002")  # by the same file again
    assert (done.withdrawn, done.already) == (1, 0)
    assert {one.id for one in await results(centre)} == {withdrawal, second}
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, received.list_id)).remaining == 1


async def in_hand(centre: Centre, someone: Someone, lease: Lease) -> InHand:
    async with transaction(centre.sessions) as session:
        return await hand.in_hand(session, someone.person, lease.id)


async def test_a_call_closed_and_not_written_down_is_kept_beside_the_withdrawal(
    centre: Centre,
) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    held, _ = await centre.show(operator, lease)
    await centre.custody.close(operator.grant, held.sealed, lease.id, 30)  # our commit never came
    await take_out(centre, job, "R000001")
    assert {(await read(centre, one))[2] for one in await results(centre)} == {30, 80}


async def test_of_a_list_without_reference_numbers_the_line_is_the_reference(
    centre: Centre,
) -> None:
    job = await centre.job()
    received = await centre.send(job, "氏名,電話番号\n架空一,090-0000-0001\n架空二,090-0000-0002\n")
    done = await take_out(centre, job, "3", "4", "架空")
    assert (done.withdrawn, done.unmatched) == (1, [3, 4])
    states = [(one.line, one.state) for one in await records(centre, received.list_id)]
    assert states == [(2, RecordState.WAITING), (3, RecordState.DONE)]
    assert [await read(centre, one) for one in await results(centre)] == [(3, "", 80)]


async def test_who_may_and_for_which_job(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=2)
    officer = await centre.person("itaku", Role.ENTRUSTOR)
    assert (await take_out(centre, job, "R000001", by=officer)).withdrawn == 1
    operator = await centre.operator("suzuki", job)
    with pytest.raises(NotAuthorised):  # by the keeper: the web's own rule stands before it
        await take_out(centre, job, "R000002", by=operator)
    unknown = Job(id="job_none")
    with pytest.raises(JobUnknown):
        await take_out(centre, unknown, "R000002")
