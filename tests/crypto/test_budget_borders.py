"""Where a budget begins and ends: found by mutants that nobody noticed."""

from datetime import timedelta
from pathlib import Path

import pytest

from crypto.errors.records import BudgetHour, BudgetMonth
from crypto.wire.lists import Shred
from tests.crypto.test_budgets import see, world_with
from tests.crypto.world import townsfolk

pytestmark = pytest.mark.asyncio


async def test_somebody_seen_before_the_hour_counts_anew_in_it(tmp_path: Path) -> None:
    world = await world_with(tmp_path, people_per_hour=2)
    records = await world.upload("lst_1", townsfolk(3))
    await see(world, records[0])
    world.wait(hours=2)
    assert await see(world, *records[1:]) == 0
    with pytest.raises(BudgetHour):
        await see(world, records[0])
    await world.stop()


async def test_people_of_a_shredded_list_count_until_their_month_is_over(tmp_path: Path) -> None:
    world = await world_with(tmp_path, people_per_30_days=2)
    first = await world.upload("lst_1", townsfolk(2), days=100)
    second = await world.upload("lst_2", townsfolk(1), days=100)
    await see(world, *first)
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    world.wait(days=2)
    for _ in range(2):
        with pytest.raises(BudgetMonth):
            await see(world, second[0])
        await world.restart()
    world.now += timedelta(days=28)
    await see(world, second[0])
    await world.stop()


async def test_the_warning_comes_at_eight_tenths_and_not_before(tmp_path: Path) -> None:
    world = await world_with(tmp_path, people_per_hour=11)  # 8 of 11 are less, 9 of 11 are more
    records = await world.upload("lst_1", townsfolk(9))
    await see(world, *records[:8])
    assert not world.lines("budget_warning")
    await see(world, records[8])
    [warned] = world.lines("budget_warning")
    assert (warned["people"], warned["cap"]) == (9, 11)
    await world.stop()
