"""Who is told what, once; and that it leaves the screens with its reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from calllist.db import transaction
from calllist.oversight import notices
from calllist.oversight.tables import Notice
from calllist.people.roles import Role
from calllist.people.tables import Person
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio


START = datetime(2026, 4, 1, 9, tzinfo=UTC)
LATER = timedelta(hours=1)


async def _tell(centre: Centre, code: str, later: timedelta = timedelta(0), **told: Any) -> None:
    async with transaction(centre.sessions) as session:
        await notices.tell(session, code, now=START + later, **told)


async def _current(centre: Centre, person: Person) -> list[Notice]:
    async with centre.sessions() as session:
        return await notices.current(session, person)


async def test_found_again_it_stands_once_with_the_latest_facts(centre: Centre) -> None:
    auditor = (await centre.person("kansa", Role.AUDITOR)).person
    await _tell(centre, "overdue", list_id="lst_1", facts={"left": 3})
    await _tell(centre, "overdue", LATER, list_id="lst_1", facts={"left": 2})
    (notice,) = await _current(centre, auditor)
    assert (notice.facts, notice.raised_at) == ({"left": 2}, START)


async def test_over_it_leaves_and_with_its_reason_it_comes_back(centre: Centre) -> None:
    auditor = (await centre.person("kansa", Role.AUDITOR)).person
    await _tell(centre, "overdue", list_id="lst_1")
    await _tell(centre, "overdue", list_id="lst_2")
    async with transaction(centre.sessions) as session:
        await notices.over(session, "overdue", list_id="lst_1", now=START)
    assert [notice.list_id for notice in await _current(centre, auditor)] == ["lst_2"]
    await _tell(centre, "overdue", LATER, list_id="lst_1")
    latest, _ = await _current(centre, auditor)
    assert (latest.list_id, latest.raised_at) == ("lst_1", START + LATER)


async def test_an_officer_hears_of_its_own_lists_a_manager_of_the_lists_of_its_jobs(
    centre: Centre,
) -> None:
    list_id = (await centre.upload(await centre.job(), people=1)).list_id
    officer = (await centre.person("yakuin", Role.ENTRUSTOR)).person
    await _tell(centre, "overdue", list_id=list_id, entrustor_id=officer.entrustor_id)
    await _tell(centre, "overdue", list_id="lst_of_another", entrustor_id=None)
    await _tell(centre, "worker_silent")
    heard = {
        who.role: {(notice.code, notice.list_id) for notice in await _current(centre, who)}
        for who in (officer, centre.manager.person)
    }
    assert heard["entrustor"] == {("overdue", list_id)}
    assert heard["manager"] == {("overdue", list_id), ("worker_silent", None)}


async def test_what_must_be_acted_on_comes_first(centre: Centre) -> None:
    auditor = (await centre.person("kansa", Role.AUDITOR)).person
    await _tell(centre, "check_failed", list_id="lst_1")
    await _tell(centre, "held", LATER, list_id="lst_2")
    assert [notice.code for notice in await _current(centre, auditor)] == ["check_failed", "held"]


async def test_a_code_without_an_audience_is_refused(centre: Centre) -> None:
    with pytest.raises(KeyError):
        await _tell(centre, "nobody_hears_of_it")
