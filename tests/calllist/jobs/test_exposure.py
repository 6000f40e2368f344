"""People held x time: exact while a list is called, and fixed once its keys are gone."""

from datetime import UTC, datetime, timedelta

import pytest

from calllist.jobs.exposure import Exposure, emptied, exposure
from calllist.jobs.tables import CallList
from retention.tables import Holding
from tests.calllist.centre import Centre
from tests.calllist.dialing.test_resting import given_up, sweep

START = datetime(2026, 4, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def of(people: int) -> CallList:
    return CallList(id="lst_1", received_at=START, remaining=people, resting=0, exposure=0)


def test_it_grows_slower_with_everybody_who_is_done() -> None:
    call_list, holding = of(10), Holding(id="lst_1")
    assert exposure(call_list, holding, day(2)) == Exposure(10, 20)
    emptied(call_list, 9, day(2))
    call_list.remaining -= 9
    assert exposure(call_list, holding, day(5)) == Exposure(1, 2 * 9 + 5)


def test_whoever_rests_is_still_held() -> None:
    call_list = of(0)
    call_list.resting = 3
    assert exposure(call_list, Holding(id="lst_1"), day(2)) == Exposure(3, 6)


@pytest.mark.parametrize("ending", ["shredded_at", "erased_at"])
def test_it_ends_with_the_keys_or_with_the_rows_of_a_lost_list(ending: str) -> None:
    holding = Holding(id="lst_1", **{ending: day(3)})
    assert exposure(of(2), holding, day(30)) == Exposure(0, 6)


def test_who_goes_on_in_another_list_is_counted_there() -> None:
    call_list = of(5)
    call_list.continued_by = "lst_2"
    assert exposure(call_list, Holding(id="lst_1"), day(3)) == Exposure(0, 0)


def test_of_several_lists_together() -> None:
    assert Exposure(1, 2.5) + Exposure(2, 0.5) == Exposure(3, 3)


@pytest.mark.asyncio
async def test_every_way_of_emptying_is_counted(centre: Centre) -> None:
    """Two that were called in vain, emptied by the sweep 28 days later; and none twice."""
    _, list_id, _ = await given_up(centre, people=2)
    await sweep(centre, timedelta(days=28))
    async with centre.sessions() as session:
        call_list = await session.get_one(CallList, list_id)
        holding = await session.get_one(Holding, list_id)
        held = exposure(call_list, holding, centre.now(timedelta(days=60)))
    assert held.people == 0
    assert held.person_days == pytest.approx(2 * 28, abs=0.01)
