"""Budgets near their end: managers and auditors are told how many operators, not who."""

from datetime import timedelta

import pytest

from calllist.mirror.pulling import pull
from calllist.oversight import notices, warnings
from calllist.people.roles import Role
from crypto.errors.records import BudgetHour
from crypto.wire.base import Caller
from tests.calllist.centre import Centre, Someone, transaction

pytestmark = pytest.mark.asyncio


async def _told(centre: Centre, *people: Someone, later: timedelta = timedelta(0)) -> list[object]:
    """What a sweep of the worker tells each of them."""
    async with transaction(centre.sessions) as session, centre.line(Caller.WORKER) as line:
        await pull(session, line, centre.now())
        await warnings.say_budgets(session, centre.now(later))
    async with transaction(centre.sessions) as session:
        return [
            one.facts
            for someone in people
            for one in await notices.current(session, someone.person)
            if one.code == "budgets_near"
        ]


async def test_managers_and_auditors_are_told_how_many_are_near_a_budget_while_it_lasts(
    centre: Centre,
) -> None:
    await centre.sign_contract(people_per_hour=5)  # the fourth is 80 %
    job = await centre.job()
    await centre.upload(job, 7)
    operator = await centre.operator("suzuki", job)
    manager, auditor = centre.manager, await centre.person("kansa", Role.AUDITOR)
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    assert manager
    for _ in range(3):
        await centre.call(operator, job, 30)
    assert not await _told(centre, manager, auditor)
    await centre.call(operator, job, 30)
    assert await _told(centre, manager, auditor) == [{"near": 1, "used_up": 0}] * 2
    await centre.call(operator, job, 30)
    lease = await centre.take(operator, job)
    with pytest.raises(BudgetHour):
        await centre.show(operator, lease)
    assert await _told(centre, manager, auditor) == [{"near": 0, "used_up": 1}] * 2
    assert not await _told(centre, officer, operator)
    assert not await _told(centre, manager, auditor, later=timedelta(hours=1))
