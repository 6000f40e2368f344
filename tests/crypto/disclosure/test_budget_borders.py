"""Where a budget begins and ends: found by mutants that nobody noticed."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from crypto.errors.records import BudgetHour, BudgetMonth
from crypto.records.fields import FieldKind
from crypto.wire.lists import Shred
from crypto.wire.records import Close, Find, Open
from tests.crypto.disclosure.test_budgets import see, world_with
from tests.crypto.world import TERMS, World, townsfolk

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


async def test_the_hour_is_over_to_the_microsecond(tmp_path: Path) -> None:
    world = await world_with(tmp_path, people_per_hour=10)
    records = await world.upload("lst_1", townsfolk(16))
    assert await see(world, *records[:8]) == 2
    world.wait(hours=1, microseconds=-1)
    grant = await world.shift("per_1")
    assert (await world.say(Open(grant, records[0]))).people_left == 2
    await world.say(Close(grant, records[0], "att_a", 30))
    world.wait(microseconds=1)
    assert (await world.say(Open(grant, records[1]))).people_left == 8
    await world.say(Close(grant, records[1], "att_b", 30))
    assert len(world.lines("budget_warning")) == 1
    for record in records[8:14]:
        await world.say(Open(grant, record))
        await world.say(Close(grant, record, f"att_{record.index}", 30))
    assert len(world.lines("budget_warning")) == 2, "a new hour warns anew"
    await world.stop()


async def test_a_found_number_and_its_record_are_one_person_and_cost_nobody_else_theirs(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "keeper"
    world = await World.at(folder)
    await world.settle(msgspec.structs.replace(TERMS, inbound=True, people_per_hour=20))
    folk = townsfolk(3)
    records = await world.upload("lst_1", folk)
    await see(world, *records)
    grant = await world.shift("per_2")
    await world.say(Open(grant, records[1]))
    await world.say(Close(grant, records[1], "att_1", 30))
    await world.say(Find(grant, "job_1", folk[2][FieldKind.PHONE]))
    left = (await world.say(Open(grant, records[2]))).people_left
    await world.restart()
    assert left == 18
    assert (await world.say(Open(grant, records[2]))).people_left == left
    await world.stop()


async def test_somebody_seen_more_than_a_month_ago_is_one_person_anew(tmp_path: Path) -> None:
    world = await world_with(tmp_path, people_per_30_days=2)
    [record] = await world.upload("lst_1", townsfolk(1), days=80)
    await see(world, record)
    world.now += timedelta(days=31)
    await world.shift("per_2")  # the keeper has seen that time pass
    await world.restart()
    assert await see(world, record) == 1
    await world.stop()
