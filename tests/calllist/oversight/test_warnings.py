"""Before a deadline overseers hear of it in time, with who is left; of a hold, all the while."""

from datetime import UTC, datetime, timedelta

import pytest

from calllist.db import transaction
from calllist.oversight import notices, warnings
from calllist.people.roles import Role
from calllist.people.tables import Person
from retention.states import State
from retention.tables import Holding
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio

DEADLINE = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def held_list(centre: Centre) -> str:
    """An open list of three people that is due at `DEADLINE`."""
    list_id = (await centre.upload(await centre.job(), people=3)).list_id
    await change(centre, list_id, deadline=DEADLINE)
    return list_id


async def change(centre: Centre, list_id: str, **fields: object) -> None:
    async with transaction(centre.sessions) as session:
        holding = await session.get_one(Holding, list_id)
        for name, value in fields.items():
            setattr(holding, name, value)


async def told(centre: Centre, person: Person, before: timedelta) -> list[tuple[str, int, int]]:
    """What this person hears so long before the deadline: code, days, people left."""
    async with transaction(centre.sessions) as session:
        await warnings.warn(session, DEADLINE - before)
        await warnings.say_held(session, DEADLINE - before)
        return [
            (one.code, one.facts.get("days", 0), one.facts.get("left", 0))
            for one in await notices.current(session, person)
        ]


async def test_fourteen_seven_three_and_one_day_before_with_the_people_left(
    centre: Centre,
) -> None:
    await held_list(centre)
    assert centre.manager
    officer = (await centre.person("yakuin", Role.ENTRUSTOR)).person
    for person in (centre.manager.person, officer):
        heard = [
            await told(centre, person, timedelta(days=days, hours=hours))
            for days, hours in ((20, 0), (14, 0), (8, 0), (7, 0), (3, 1), (2, 0), (0, 1), (0, 0))
        ]
        assert [[days for _, days, _ in each] for each in heard] == [
            [],
            [14],
            [14],
            [7],
            [7],
            [3],
            [1],
            [],
        ]
    assert await told(centre, officer, timedelta(days=7)) == [("deadline_near", 7, 3)]


async def test_a_deadline_that_is_put_off_warns_anew_and_one_that_is_over_is_silent(
    centre: Centre,
) -> None:
    list_id = await held_list(centre)
    auditor = (await centre.person("kansa", Role.AUDITOR)).person
    assert await told(centre, auditor, timedelta(days=1)) == [("deadline_near", 1, 3)]
    await change(centre, list_id, deadline=DEADLINE + timedelta(days=5))
    assert await told(centre, auditor, timedelta(days=1)) == [("deadline_near", 7, 3)]
    await change(centre, list_id, state=State.FROZEN)
    assert await told(centre, auditor, timedelta(days=1)) == []


async def test_a_legal_hold_is_heard_of_by_all_as_long_as_it_lasts(centre: Centre) -> None:
    list_id = await held_list(centre)
    assert centre.manager
    officer = (await centre.person("yakuin", Role.ENTRUSTOR)).person
    auditor = (await centre.person("kansa", Role.AUDITOR)).person
    await change(centre, list_id, held_at=DEADLINE - timedelta(days=90))
    for person in (centre.manager.person, officer, auditor):
        assert await told(centre, person, timedelta(days=60)) == [("held", 0, 0)]
    await change(centre, list_id, held_at=None)
    assert await told(centre, officer, timedelta(days=60)) == []
