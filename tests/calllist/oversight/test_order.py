"""The entrustor's order: its own lists only, at once, once."""

from datetime import timedelta

import pytest

from calllist.db import transaction
from calllist.dialing.errors import LeaseUnknown
from calllist.jobs.states import JobState, ListState
from calllist.jobs.tables import CallList, Job
from calllist.oversight import held, order
from calllist.oversight.held import Held
from calllist.people.roles import Role
from calllist.people.tables import Person
from crypto.wire.ledger import Head
from retention.errors import HoldingOver, HoldingUnknown
from retention.states import State
from retention.tables import Holding
from tests.calllist.centre import Centre, Someone

pytestmark = pytest.mark.asyncio


async def _order(centre: Centre, officer: Someone | Person, list_id: str) -> Held:
    someone = isinstance(officer, Someone)
    async with transaction(centre.sessions) as session:
        return await order.destroy(
            session,
            centre.keeper,
            centre.custody,
            officer.person if someone else officer,
            list_id,
            centre.now(),
            grant=officer.grant if someone else "",
        )


async def _officer(centre: Centre) -> Someone:
    return await centre.person("yakuin", Role.ENTRUSTOR)


async def test_an_order_freezes_in_mid_call_and_closes_list_and_job(centre: Centre) -> None:
    job = await centre.job()
    list_id = (await centre.upload(job, people=3)).list_id
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.show(operator, lease)
    done = await _order(centre, await _officer(centre), list_id)
    assert (done.state, done.trigger, done.people) == (State.FROZEN, "entrustor", 3)
    with pytest.raises((HoldingOver, LeaseUnknown)):
        await centre.show(operator, lease)
    async with centre.sessions() as session:
        holding = await session.get_one(Holding, list_id)
        assert holding.due_at is not None
        assert holding.due_at <= centre.now()  # an order has no grace
        assert (await session.get_one(CallList, list_id)).state == ListState.OVER
        assert (await session.get_one(Job, job.id)).state == JobState.CLOSED


async def test_an_order_repeated_does_nothing_more(centre: Centre) -> None:
    list_id = (await centre.upload(await centre.job())).list_id
    officer = await _officer(centre)
    first = await _order(centre, officer, list_id)
    head = await centre.keeper.call(Head())
    assert await _order(centre, officer, list_id) == first
    assert (await centre.keeper.call(Head())).size == head.size


async def test_an_order_ends_a_grace_that_still_runs(centre: Centre) -> None:
    list_id = (await centre.upload(await centre.job())).list_id
    async with transaction(centre.sessions) as session:
        holding = await session.get_one(Holding, list_id)
        holding.facts = {**holding.facts, "grace_hours": 48}
        await session.flush()
        await centre.custody.release(session, list_id, "manager", grant="", now=centre.now())
        assert holding.due_at is not None
        assert holding.due_at > centre.now(timedelta(hours=47))
    done = await _order(centre, await _officer(centre), list_id)
    assert done.trigger == "manager"  # what ended it is not rewritten
    assert done.due_at is not None
    assert done.due_at <= centre.now()


async def test_only_its_own_entrustor_may_order(centre: Centre) -> None:
    list_id = (await centre.upload(await centre.job())).list_id
    stranger = Person(id="per_x", role=Role.ENTRUSTOR, entrustor_id="ent_other")
    assert centre.manager
    for person in (stranger, centre.manager.person):
        with pytest.raises(HoldingUnknown):
            await _order(centre, person, list_id)
    with pytest.raises(HoldingUnknown):
        await _order(centre, (await _officer(centre)).person, "lst_invented")
    async with centre.sessions() as session:
        assert (await session.get_one(Holding, list_id)).state == State.OPEN
        auditor = (await centre.person("kansa", Role.AUDITOR)).person
        assert (await held.one(session, auditor, list_id, centre.now())).people == 3
