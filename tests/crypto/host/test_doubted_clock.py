"""A time that the keeper doubts renews nothing: no budget, no quota, no limit, no lock."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from crypto.disclosure import threshold
from crypto.errors.base import Refusal
from crypto.errors.keeper import LineQuota
from crypto.errors.lists import TooManyShreds
from crypto.errors.people import Locked, WrongCode
from crypto.errors.records import BudgetHour, BudgetMonth, RevealsUsed, TriesUsedToday
from crypto.host.clocks import SETTLING
from crypto.records.fields import FieldKind
from crypto.wire.lists import Shred
from crypto.wire.people import Grant
from crypto.wire.records import Match, Open, Reveal, SealedRecord
from tests.crypto.world import START, TERMS, World, townsfolk


async def one_an_hour(folder: Path) -> tuple[World, list[SealedRecord]]:
    """A world in which the one person of this hour has been seen."""
    world = await World.at(folder / "keeper")
    caps = {"people_per_hour": 1, "people_per_day": 3, "people_per_30_days": 3}
    await world.settle(replace(TERMS, expires=START + timedelta(days=90), **caps))
    records = await world.upload("lst_1", townsfolk(6), days=29)
    await see(world, records[0])
    return world, records


async def see(world: World, record: SealedRecord) -> None:
    """One call by per_1, on a fresh shift."""
    world.wait(seconds=31)
    shift = await world.say(Grant("per_1", world.factors["per_1"].at(world.now + world.ahead)))
    await world.call(shift.secret, record)


@pytest.mark.asyncio
@pytest.mark.parametrize("ahead", [timedelta(hours=1, minutes=5), timedelta(hours=23)])
async def test_a_clock_that_jumps_forward_renews_no_hour_and_no_day(
    tmp_path: Path, ahead: timedelta
) -> None:
    world, records = await one_an_hour(tmp_path)
    for jump in (1, 2, 3):
        world.ahead = jump * ahead
        with pytest.raises(BudgetHour):
            await see(world, records[1])
    await world.restart()
    with pytest.raises(BudgetHour):
        await see(world, records[1])
    world.wait(hours=1)  # an hour that has really passed
    await see(world, records[1])
    with pytest.raises(BudgetHour):
        await see(world, records[2])
    await world.stop()


@pytest.mark.asyncio
async def test_what_was_seen_while_the_clock_was_wrong_counts_when_it_is_put_right(
    tmp_path: Path,
) -> None:
    world, records = await one_an_hour(tmp_path)
    world.wait(hours=1)
    grant = await world.shift("per_1")
    world.ahead = timedelta(hours=5)
    await world.call(grant, records[1])
    world.ahead = timedelta(0)
    with pytest.raises(BudgetHour):
        await world.call(grant, records[2])
    world.wait(hours=1)
    await world.call(grant, records[2])
    await world.stop()


@pytest.mark.asyncio
async def test_when_a_doubt_is_over_the_clock_counts_again(tmp_path: Path) -> None:
    world, records = await one_an_hour(tmp_path)
    world.ahead = timedelta(hours=5)
    with pytest.raises(BudgetHour):
        await see(world, records[1])
    world.wait(seconds=SETTLING.total_seconds() + 60)
    await see(world, records[1])
    world.now += world.ahead
    world.ahead = timedelta(0)
    await world.restart()  # nothing is left of the doubt
    with pytest.raises(BudgetHour):
        await see(world, records[2])
    world.wait(hours=1)
    await see(world, records[2])
    assert [line["cause"] for line in world.lines("clock_doubted")] == ["jump"]
    await world.stop()


@pytest.mark.asyncio
async def test_a_keeper_that_was_off_for_weeks_renews_a_day_and_not_the_month(
    tmp_path: Path,
) -> None:
    """Nobody has witnessed that time: 24 hours of it are believed, the rest a day later."""
    world, records = await one_an_hour(tmp_path)
    for record in records[1:3]:
        world.wait(hours=1)
        await see(world, record)
    [late] = await world.upload("lst_2", townsfolk(1), days=80)
    await world.stop()
    world.now += timedelta(days=40)
    await world.start()
    with pytest.raises(BudgetMonth):
        await see(world, late)
    await world.stop()


@pytest.mark.asyncio
async def test_a_keeper_that_starts_in_the_past_does_not_stop_work_for_good(
    tmp_path: Path,
) -> None:
    """A mainboard without a battery: the first minutes are of 2020, then the network says."""
    world, records = await one_an_hour(tmp_path)
    await world.stop()
    world.ahead = -timedelta(days=1)
    await world.start()
    with pytest.raises(Refusal):
        await see(world, records[1])  # also because the roster's month has not begun
    world.ahead = timedelta(0)
    with pytest.raises(BudgetHour):
        await see(world, records[1])
    world.wait(hours=1)
    await see(world, records[1])
    await world.stop()


@pytest.mark.asyncio
async def test_a_jump_renews_neither_tries_nor_reveals_nor_a_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "DESK_EACH", 0)
    monkeypatch.setattr(threshold, "DESK_LEAST", 5)
    world = await World.at(tmp_path / "keeper")
    identity = replace(TERMS.identity, tries=1, tries_per_day=1)
    await world.settle(replace(TERMS, identity=identity, reveals_per_hour=1, hold_seconds=10**7))
    [record] = await world.upload("lst_1", days=29)
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.say(Match(grant, record, FieldKind.REFERENCE, "K-9"))
    world.wait(hours=13)
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    reveal = Reveal(grant, record, FieldKind.PHONE, "manual_dial")
    await world.say(reveal)
    world.ahead = timedelta(hours=11, minutes=30)  # a day and half an hour, by that clock
    with pytest.raises(TriesUsedToday):
        await world.say(Match(grant, record, FieldKind.REFERENCE, "K-9"))
    with pytest.raises(RevealsUsed):
        await world.say(reveal)
    await world.say(Open(grant, record))
    with pytest.raises(LineQuota):
        await world.say(Open(grant, record))
    await world.stop()


@pytest.mark.asyncio
async def test_a_jump_unlocks_nobody(world: World) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            await world.say(Grant("per_1", "000000"))
    world.ahead = timedelta(minutes=20)
    right = world.factors["per_1"].at(world.now + world.ahead)
    with pytest.raises(Locked) as locked:
        await world.say(Grant("per_1", right))
    assert locked.value.detail.startswith(
        (world.now + world.ahead + timedelta(minutes=15)).isoformat(timespec="minutes")[:16]
    )
    world.wait(minutes=15)
    await world.say(Grant("per_1", world.factors["per_1"].at(world.now + world.ahead)))


@pytest.mark.asyncio
async def test_a_jump_lets_no_more_lists_be_shredded_within_an_hour(world: World) -> None:
    world.shreds_an_hour = 1
    await world.restart()
    for name in ("lst_1", "lst_2"):
        await world.upload(name, days=9)
        await world.end(name)
    await world.say(Shred("lst_1"))
    world.ahead = timedelta(hours=2)
    with pytest.raises(TooManyShreds):
        await world.say(Shred("lst_2"))
