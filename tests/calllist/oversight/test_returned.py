"""返還後消去: a completed list is frozen at once, and erased when its results are received."""

import pytest

from calllist.db import transaction
from calllist.jobs.tables import CallList, Job
from calllist.oversight import handover, order, returned
from calllist.people.roles import Role
from crypto.signed.terms import Conduct
from retention.errors import HoldingOver, HoldingUnknown
from retention.states import State, Trigger
from retention.tables import Holding
from tests.calllist.centre import Centre, Someone

pytestmark = pytest.mark.asyncio


async def holding(centre: Centre, list_id: str) -> Holding:
    async with centre.sessions() as session:
        return await session.get_one(Holding, list_id)


async def choose(centre: Centre, officer: Someone, list_id: str, *, first: bool) -> None:
    async with transaction(centre.sessions) as session:
        await order.choose(
            session,
            centre.keeper,
            centre.custody,
            officer.person,
            list_id,
            results_first=first,
            now=centre.now(),
        )


async def acknowledge(centre: Centre, officer: Someone) -> None:
    async with transaction(centre.sessions) as session:
        file = await handover.results_file(session, centre.keeper, officer.person)
        await handover.acknowledge(
            session,
            centre.keeper,
            officer.person,
            batch=file.batch,
            count=file.count,
            now=centre.now(),
        )


async def follow(centre: Centre) -> None:
    async with transaction(centre.sessions) as session:
        await returned.follow(session, centre.custody, centre.now())


async def called_to_its_end(centre: Centre, list_id: str, operator: Someone) -> None:
    await centre.settle(list_id)
    async with centre.sessions() as session:
        job = await session.get_one(Job, (await session.get_one(CallList, list_id)).job_id)
    for _ in range(2):
        await centre.call(operator, job, 10)


async def test_signed_in_the_terms_a_completed_list_waits_frozen_for_its_results(
    centre: Centre,
) -> None:
    await centre.sign_contract(conduct=Conduct(duplicates="phone", results_first=True))
    job = await centre.job()
    list_id = (await centre.upload(job, people=2)).list_id
    await called_to_its_end(centre, list_id, await centre.operator("suzuki", job))
    waiting = await holding(centre, list_id)
    assert (waiting.state, waiting.trigger) == (State.FROZEN, Trigger.COMPLETED)
    assert waiting.due_at == waiting.deadline, "never longer than that"
    await follow(centre)
    assert (await holding(centre, list_id)).due_at == waiting.deadline
    await acknowledge(centre, await centre.person("yakuin", Role.ENTRUSTOR))
    await follow(centre)
    due = (await holding(centre, list_id)).due_at
    assert due is not None
    assert due <= centre.now()


async def test_without_the_choice_nothing_about_destruction_waits_for_results(
    centre: Centre,
) -> None:
    job = await centre.job()
    list_id = (await centre.upload(job, people=2)).list_id
    await called_to_its_end(centre, list_id, await centre.operator("suzuki", job))
    due = (await holding(centre, list_id)).due_at
    assert due is not None
    assert due <= centre.now()


async def test_the_entrustor_changes_it_until_the_end_and_an_order_waits_for_nothing(
    centre: Centre,
) -> None:
    job = await centre.job()
    list_id = (await centre.upload(job, people=2)).list_id
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    await choose(centre, officer, list_id, first=True)
    await choose(centre, officer, list_id, first=False)
    await choose(centre, officer, list_id, first=True)
    assert centre.manager
    with pytest.raises(HoldingUnknown):
        await choose(centre, centre.manager, list_id, first=False)
    await called_to_its_end(centre, list_id, await centre.operator("suzuki", job))
    with pytest.raises(HoldingOver):
        await choose(centre, officer, list_id, first=False)
    async with transaction(centre.sessions) as session:
        await order.destroy(
            session,
            centre.keeper,
            centre.custody,
            officer.person,
            list_id,
            centre.now(),
            grant=officer.grant,
        )
    due = (await holding(centre, list_id)).due_at
    assert due is not None
    assert due <= centre.now()
