"""Budgets near their end: managers hear how many of their own party's operators, not who; auditors
of every party's."""

from datetime import timedelta

import pytest

from calllist.mirror.pulling import pull
from calllist.oversight import mail, notices, warnings
from calllist.oversight.tables import Mail
from calllist.parties.onboarding import PartyKind, register_party, register_site
from calllist.people.roles import Role
from calllist.web import told
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


async def test_a_manager_hears_of_its_own_partys_operators_and_an_auditor_of_which_party(
    centre: Centre,
) -> None:
    async with transaction(centre.sessions) as session:
        party = await register_party(session, name="架空受託", kind=PartyKind.SUB_ENTRUSTEE)
        site = await register_site(session, party_id=party.id, name="支店")
    await centre.sign_contract(people_per_hour=1, parties=(centre.party_id, party.id))
    job = await centre.job()
    await centre.upload(job, 2)
    theirs = await centre.operator("suzuki", job, party_id=party.id, site_id=site.id)
    manager, auditor = centre.manager, await centre.person("kansa", Role.AUDITOR)
    other = await centre.person("yosokanri", Role.MANAGER, party_id=party.id, site_id=None)
    assert manager
    await centre.call(theirs, job, 30)
    near = {"near": 1, "used_up": 0}
    assert await _told(centre, manager, other, auditor) == [near, near]
    assert not await _told(centre, manager)
    async with transaction(centre.sessions) as session:
        assert not await told.told(session, manager.person, "ja")
        [said] = await told.told(session, auditor.person, "ja")
        assert said.place == "架空受託"
        boxes = {Role.MANAGER: "kanri@example.jp", Role.AUDITOR: "kansa@example.jp"}
        [only] = await mail.owed(session, boxes, centre.now())
        assert (await session.get_one(Mail, only)).recipient == Role.AUDITOR

    ours = await centre.operator("tanaka", job)
    await centre.call(ours, job, 30)
    assert await _told(centre, manager) == [near]
    assert await _told(centre, other) == [near]
    assert await _told(centre, auditor) == [near] * 2
    async with transaction(centre.sessions) as session:
        assert len(await mail.owed(session, boxes, centre.now())) == 3
