"""Whom nobody reached: kept for a call back, emptied when the window ends, never called again."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import select

from calllist.clock import JST
from calllist.db import transaction
from calllist.dialing import resting
from calllist.dialing.errors import CallBackRefused, NobodyLeft
from calllist.dialing.inbound import Hits
from calllist.dialing.returning import sweep_leases
from calllist.entrustors.contracts import terms_for
from calllist.entrustors.purposes import Purpose
from calllist.jobs.states import ListState, RecordState
from calllist.jobs.tables import CallList, Job, Record
from crypto.records.fields import Stage
from crypto.signed.terms import Conduct, ContractTerms
from retention.states import State, Trigger
from retention.tables import Holding
from tests.calllist.centre import Centre, Someone
from tests.calllist.dialing.test_inbound import find
from tests.calllist.dialing.test_withdrawals import take_out

pytestmark = pytest.mark.asyncio

NUMBER = "090-0000-0001"
FRIDAY = datetime(2026, 5, 1, 15, tzinfo=JST)  # before the holidays of early May
NEVER = timedelta(0)
MONTH = timedelta(days=28)


def terms(**conduct: object) -> ContractTerms:
    made = terms_for(
        Purpose.HEALTH_CHECK,
        entrustor_id="ent_1",
        contract_id="ctr_1",
        version=1,
        parties=("pty_1",),
        expires=datetime(2027, 1, 1, tzinfo=UTC),
        conduct=Conduct(**conduct),  # type: ignore[arg-type]
    )
    return msgspec.structs.replace(made, inbound=True)


@pytest.mark.parametrize(
    ("conduct", "until"),
    [
        ({}, datetime(2026, 5, 7, 20, tzinfo=JST)),  # 5/2 to 5/6: weekend and holidays
        ({"call_back_days": 2}, datetime(2026, 5, 8, 20, tzinfo=JST)),
        ({"weekday": (9, 23)}, datetime(2026, 5, 7, 21, tzinfo=JST)),
        ({"call_back_days": 0}, None),
    ],
)
async def test_a_window_ends_with_the_calling_hours_of_a_business_day(
    conduct: dict[str, object], until: datetime | None
) -> None:
    assert resting.window(terms(**conduct), 70, FRIDAY) == until


async def test_no_other_result_has_a_window() -> None:
    assert resting.window(terms(), 10, FRIDAY) is None
    assert resting.window(msgspec.structs.replace(terms(), inbound=False), 70, FRIDAY) is None


async def given_up(centre: Centre, *, people: int = 1) -> tuple[Job, str, Someone]:
    """The last call that the contract permits found nobody; everybody else is done."""
    await centre.sign_contract(inbound=True, conduct=Conduct(duplicates="phone", attempts=1))
    job = await centre.job()
    list_id = (await centre.upload(job, people=people)).list_id
    await centre.settle(list_id)
    operator = await centre.operator("suzuki", job)
    for _ in range(people):
        assert (await centre.call(operator, job, 30)).code == 70
    return job, list_id, operator


async def row(centre: Centre) -> Record:
    async with centre.sessions() as session:
        return (await session.scalars(select(Record))).one()


async def sweep(centre: Centre, later: timedelta) -> int:
    async with transaction(centre.sessions) as session:
        return await resting.sweep_rested(session, centre.custody, centre.now(later))


async def states(centre: Centre, list_id: str) -> tuple[str, str, str | None]:
    async with centre.sessions() as session:
        call_list = await session.get_one(CallList, list_id)
        holding = await session.get_one(Holding, list_id)
        return call_list.state, holding.state, holding.trigger


async def test_nobody_is_called_any_more_and_the_list_waits_for_the_window(
    centre: Centre,
) -> None:
    job, list_id, operator = await given_up(centre)
    with pytest.raises(NobodyLeft):
        await centre.take(operator, job)
    record = await row(centre)
    assert (record.state, record.sealed is None) == (RecordState.RESTING, False)
    assert await states(centre, list_id) == (ListState.SETTLED, State.OPEN, None)
    async with centre.sessions() as session:
        call_list = await session.get_one(CallList, list_id)
        assert (call_list.remaining, call_list.resting) == (0, 1)
        assert call_list.rest_ends == record.due_at


async def test_when_the_window_ends_the_content_goes_and_the_list_with_it(centre: Centre) -> None:
    _, list_id, _ = await given_up(centre, people=2)
    assert await sweep(centre, NEVER) == 0
    assert await sweep(centre, MONTH) == 2
    async with centre.sessions() as session:
        for record in await session.scalars(select(Record)):
            left = (record.state, record.sealed, record.token, record.due_at)
            assert left == (RecordState.DONE, None, None, None)
    assert await states(centre, list_id) == (ListState.OVER, State.FROZEN, Trigger.COMPLETED)


async def test_who_calls_back_is_found_and_the_last_one_ends_the_list(centre: Centre) -> None:
    job, list_id, operator = await given_up(centre)
    found = await find(centre, operator, job, NUMBER)
    assert found.lease
    _, view = await centre.show(operator, found.lease)
    assert view.stage is Stage.ANSWERED
    assert (await centre.record(operator, found.lease, 10)).final
    assert await states(centre, list_id) == (ListState.OVER, State.FROZEN, Trigger.COMPLETED)
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, list_id)).resting == 0


async def test_a_call_back_without_a_final_result_goes_on_resting_as_long_as_before(
    centre: Centre,
) -> None:
    job, list_id, operator = await given_up(centre)
    until = (await row(centre)).due_at
    found = await find(centre, operator, job, NUMBER)
    assert found.lease
    await centre.show(operator, found.lease)
    wish = centre.now(timedelta(days=1))
    with pytest.raises(CallBackRefused):  # no desk may call any more
        await centre.record(operator, found.lease, 12, wish)
    outcome = await centre.record(operator, found.lease, 20)
    record = await row(centre)
    assert (outcome.final, outcome.code, outcome.due_at) == (False, 20, until)
    assert (record.state, record.due_at) == (RecordState.RESTING, until)
    with pytest.raises(NobodyLeft):
        await centre.take(operator, job)
    assert await sweep(centre, MONTH) == 1
    assert (await states(centre, list_id))[0] == ListState.OVER


async def test_an_expired_lease_of_a_call_back_goes_back_to_rest_not_into_the_queue(
    centre: Centre,
) -> None:
    job, list_id, operator = await given_up(centre)
    assert (await find(centre, operator, job, NUMBER)).lease
    assert await sweep(centre, MONTH) == 0  # it is in a hand
    async with transaction(centre.sessions) as session:
        await sweep_leases(session, centre.custody, centre.now(timedelta(hours=2)))
    assert (await row(centre)).state == RecordState.RESTING
    with pytest.raises(NobodyLeft):
        await centre.take(operator, job)
    assert await sweep(centre, MONTH) == 1
    assert (await states(centre, list_id))[0] == ListState.OVER


async def test_after_the_window_nobody_is_found_though_no_sweep_ran(centre: Centre) -> None:
    job, _, operator = await given_up(centre)
    assert await find(centre, operator, job, NUMBER, later=timedelta(days=14)) == Hits(0)


async def test_taken_out_by_the_entrustor_nobody_is_found_and_the_list_ends(
    centre: Centre,
) -> None:
    job, list_id, _ = await given_up(centre)
    assert (await take_out(centre, job, "R000001")).withdrawn == 1
    assert (await row(centre)).sealed is None
    async with centre.sessions() as session:
        call_list = await session.get_one(CallList, list_id)
        assert (call_list.remaining, call_list.resting) == (0, 0)
    assert (await states(centre, list_id))[0] == ListState.OVER
