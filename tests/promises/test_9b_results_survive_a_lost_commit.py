"""Promise 9, the awkward moment: the keeper closed the call, and our commit never came."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from calllist.dialing import returning
from calllist.dialing.hand import in_hand
from calllist.dialing.tables import Result
from crypto.wire.records import Close
from retention.errors import HoldingOver
from tests.keepers import now
from tests.promises.conftest import PEOPLE, Town


async def close_without_storing(town: Town, code: int) -> str:
    """What a web process does that dies between the keeper's answer and its own commit."""
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    async with town.world.sessions() as session:
        person = await town.world.person(session, operator)
        record = (await in_hand(session, person, lease.id)).sealed
    await town.world.web.call(Close(operator.grant, record, lease.id, code))
    return lease.id


@pytest.mark.asyncio
@pytest.mark.parametrize(("code", "final"), [(10, True), (30, False)])
async def test_the_sweep_fetches_the_sealed_result_and_finishes_the_record(
    town: Town, code: int, final: bool
) -> None:
    attempt = await close_without_storing(town, code)
    for _ in range(2):  # a second sweep finds nothing more
        async with town.world.sessions.begin() as session:
            await returning.sweep_leases(session, town.world.custody, now() + timedelta(hours=2))
    async with town.world.sessions() as session:
        result = await session.get(Result, attempt)
        assert result is not None
        assert (result.code, result.final, bool(result.sealed)) == (code, final, True)
        assert await session.scalar(text("select count(*) from leases")) == 0
        remaining = await session.scalar(text("select remaining from lists"))
        emptied = await session.scalar(text("select count(*) from records where sealed is null"))
    assert remaining == PEOPLE - final
    assert emptied == final


@pytest.mark.asyncio
async def test_the_operator_who_presses_again_loses_nothing_either(town: Town) -> None:
    attempt = await close_without_storing(town, 10)
    outcome = await town.world.record(town.world.operators[0], attempt, 10)
    assert outcome.final
    async with town.world.sessions() as session:
        assert await session.scalar(text("select count(*) from results")) == 1


@pytest.mark.asyncio
async def test_a_lease_without_a_call_goes_back_to_the_queue(town: Town) -> None:
    await town.world.take(town.world.operators[0], town.job)
    async with town.world.sessions.begin() as session:
        done = await returning.sweep_leases(session, town.world.custody, now() + timedelta(hours=2))
    assert done == 1
    async with town.world.sessions() as session:
        assert await session.scalar(text("select count(*) from results")) == 0
        assert (
            await session.scalar(text("select count(*) from records where state = 'waiting'"))
            == PEOPLE
        )


@pytest.mark.asyncio
async def test_a_refusal_said_while_the_manager_closes_the_job_still_reaches_the_entrustor(
    town: Town,
) -> None:
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    async with town.world.sessions.begin() as session:
        await town.world.custody.release(
            session, town.list_id, "manager", grant=town.world.manager.grant, now=now()
        )
    with pytest.raises(HoldingOver):
        await town.world.look(operator, lease.id)
    outcome = await town.world.record(operator, lease.id, 50)
    assert outcome.final
    async with town.world.sessions() as session:
        result = await session.get(Result, lease.id)
    assert result is not None
    assert result.code == 50
    assert result.sealed
