"""Somebody calls back: one number, one job, one person at a time; and who was withdrawn."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from calllist.db import transaction
from calllist.dialing import inbound
from calllist.dialing.errors import (
    InOtherHand,
    LeaseHeld,
    LeaseUnknown,
    NumberUnreadable,
    RecordWithdrawn,
)
from calllist.dialing.inbound import Hits, e164
from calllist.dialing.tables import Lease, Result
from calllist.intake.fields import phones
from calllist.jobs.errors import JobOver, JobUnknown
from calllist.jobs.tables import CallList, Job
from calllist.oversight import alarms
from crypto.errors.lists import ListOver
from crypto.errors.records import InboundNotPermitted
from crypto.records.fields import Stage
from crypto.records.sealing import seal_canaries
from crypto.signed import keyfile, statements
from crypto.signed.orders import Canaries, Extension
from crypto.signed.terms import Conduct, StatementBody
from crypto.wire.base import Caller
from retention.custody import Custody
from retention.states import State, Trigger
from retention.tables import Holding
from tests.calllist.centre import Centre, Someone

pytestmark = pytest.mark.asyncio


async def find(
    centre: Centre,
    someone: Someone,
    job: Job,
    typed: str,
    nth: int | None = None,
    later: timedelta = timedelta(0),
) -> Hits:
    async with centre.desk(someone, later) as desk:
        return await inbound.find(desk, job.id, typed, nth=nth)


async def name_canary(centre: Centre, number: str) -> None:
    """The entrustor signs that this number is its own."""
    keeper = keyfile.load_recipient(centre.folder / "keeper" / "public" / "keeper.pub")
    sealed = seal_canaries(
        keeper, entrustor=centre.entrustor_id, contract=centre.contract_id, numbers=[number]
    )
    await entrustor_signs(centre, Canaries(centre.entrustor_id, centre.contract_id, sealed))


async def entrustor_signs(centre: Centre, body: StatementBody) -> None:
    request = statements.prepare(
        body, issuer="officer", now=centre.now(), valid_for=timedelta(days=1)
    )
    async with transaction(centre.sessions) as session:
        await centre.hand_in(session, statements.dump_request(request), centre.keys.approver)


async def test_the_caller_is_found_at_any_hour_and_is_asked_who_they_are(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=3)
    operator, other = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    found = await find(
        centre, operator, job, "０９０ー００００ー０００２", later=timedelta(hours=11)
    )
    assert found.count == 1
    assert found.lease
    _, view = await centre.show(operator, found.lease)
    assert view.stage is Stage.ANSWERED
    assert [field.text for field in view.fields if field.kind == "name_kana"] == ["カクウ0002"]
    with pytest.raises(LeaseHeld):
        await find(centre, operator, job, "090-0000-0001")
    with pytest.raises(InOtherHand):
        await find(centre, other, job, "090-0000-0002")
    await centre.record(operator, found.lease, 10)
    assert await find(centre, operator, job, "09000000002") == Hits(0), "done with: not found"
    assert await find(centre, operator, job, "03-0000-0999") == Hits(0)
    left = await centre.take(operator, job)
    _, view = await centre.show(operator, left)
    assert view.people_left == 117, "a hit, the same number again, a miss, and this one"


async def test_of_a_household_one_at_a_time_by_choice(centre: Centre) -> None:
    await centre.sign_contract(conduct=Conduct(duplicates="person"))
    job = await centre.job()
    couple = [f"架空{n},カクウ{n},03-0000-0678,R00{n}" for n in (1, 2)]
    centre.rows = lambda _people: couple  # type: ignore[method-assign]
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    assert await find(centre, operator, job, "03-0000-0678") == Hits(2)
    seen = []
    for nth in (1, 0):
        found = await find(centre, operator, job, "03-0000-0678", nth)
        assert found.lease
        _, view = await centre.show(operator, found.lease)
        assert view.stage is Stage.ANSWERED
        seen += [field.text for field in view.fields if field.kind == "name_kana"]
        await centre.record(operator, found.lease, 20)
    assert seen == ["カクウ2", "カクウ1"]


async def test_who_may_not_search(centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator, stranger = await centre.operator("suzuki", job), await centre.operator("tanaka")
    with pytest.raises(JobUnknown):
        await find(centre, stranger, job, "090-0000-0001")
    with pytest.raises(NumberUnreadable):
        await find(centre, operator, job, "電話")
    await centre.sign_contract(inbound=False)
    strict = await centre.job("KNK-002")
    await centre.upload(strict)
    quiet = await centre.operator("sato", strict)
    with pytest.raises(InboundNotPermitted):
        await find(centre, quiet, strict, "090-0000-0004")
    async with transaction(centre.sessions) as session:
        (await session.get_one(Job, strict.id)).state = "closed"
    with pytest.raises(JobOver):
        await find(centre, quiet, strict, "090-0000-0004")


async def test_a_withdrawn_person_is_closed_unseen_and_the_result_reaches_the_entrustor(
    centre: Centre,
) -> None:
    await name_canary(centre, "+819000000001")
    job = await centre.job()
    received = await centre.upload(job, people=2)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    with pytest.raises(RecordWithdrawn) as over:
        await centre.show(operator, lease)
    assert over.value.job_id == job.id
    with pytest.raises(LeaseUnknown):
        await centre.show(operator, lease)
    lease = await centre.take(operator, job)
    await name_canary(centre, "+819000000002")
    with pytest.raises(RecordWithdrawn):  # a result without a look
        await centre.record(operator, lease, 10)
    async with centre.sessions() as session:
        results = (await session.scalars(select(Result).order_by(Result.at))).all()
        assert [(row.code, row.final) for row in results] == [(80, True), (80, True)]
        assert (await session.get_one(CallList, received.list_id)).remaining == 0
        assert await session.scalar(select(func.count()).select_from(Lease)) == 0


async def test_a_touched_canary_freezes_the_list_in_the_books_and_alarms_the_overseers(
    centre: Centre,
) -> None:
    await name_canary(centre, "+819000000002")
    job = await centre.job()
    received = await centre.upload(job, expires=centre.now() + timedelta(days=10))
    operator = await centre.operator("suzuki", job)
    with pytest.raises(ListOver):
        await find(centre, operator, job, "090-0000-0002")
    assert centre.manager
    async with transaction(centre.sessions) as session:
        found = await alarms.alerts(session, centre.keeper, centre.manager.person, centre.now())
    assert [(alert.job_code, alert.number) for alert in found] == [(job.code, 1)]
    async with centre.line(Caller.WORKER) as line, transaction(centre.sessions) as session:
        followed = await alarms.follow(session, line, Custody(line), centre.now())
        assert followed == [received.list_id]
        assert await alarms.follow(session, line, Custody(line), centre.now()) == []
    async with transaction(centre.sessions) as session:
        holding = await session.get_one(Holding, received.list_id)
        assert (holding.state, holding.trigger) == (State.FROZEN, Trigger.CANARY)
        assert holding.due_at == holding.deadline
    until = centre.now() + timedelta(days=20)
    await entrustor_signs(centre, Extension(centre.entrustor_id, received.list_id, until))
    async with centre.line(Caller.WORKER) as line, transaction(centre.sessions) as session:
        await Custody(line).extend(session, received.list_id, until)
        assert (await session.get_one(Holding, received.list_id)).state == State.OPEN
        assert await alarms.follow(session, line, Custody(line), centre.now()) == [], "as signed"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("090-0000-0678", "+819000000678"),
        ("０９０－００００－０６７８", "+819000000678"),
        ("090 0000 0678", "+819000000678"),
        ("(03)0000-0678", "+81300000678"),
        ("+81 90-0000-0678", "+819000000678"),
        ("+81 (0)90 0000 0678", "+819000000678"),
        ("+1 202 555 0100", "+12025550100"),
    ],
)
async def test_what_is_typed_is_read_as_the_file_was(typed: str, number: str) -> None:
    assert e164(typed) == number
    read = phones.read(typed, synthetic=True)
    if isinstance(read, phones.Phone):
        assert read.number == number


@pytest.mark.parametrize("typed", ["", "0", "00000000678", "90-0000-0678", "山田", "090-0000-067x"])
async def test_what_is_no_number_is_not_searched_for(typed: str) -> None:
    with pytest.raises(NumberUnreadable) as refused:
        e164(typed)
    assert not typed or typed not in str(refused.value)
