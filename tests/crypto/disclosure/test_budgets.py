"""How many distinct people one principal may see: every window, exact, and raised by signature."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crypto.disclosure.budgets import BY_CAP, REFUSALS, Budgets
from crypto.errors.keeper import LedgerUnavailable
from crypto.errors.records import BudgetHour, BudgetJob
from crypto.errors.statements import BadStatement, UnpinnedKey
from crypto.signed.mandates import CAPS, Mandates
from crypto.signed.orders import BudgetRaise
from crypto.wire.lists import Shred
from crypto.wire.records import Close, Open, SealedRecord
from tests.crypto.world import TERMS, World, townsfolk

replace = msgspec.structs.replace
LONG = replace(TERMS, expires=TERMS.expires + timedelta(days=365))
Wait = Callable[[World], None]


async def world_with(folder: Path, **caps: int) -> World:
    """Only the caps that are named can be reached."""
    world = await World.at(folder / "keeper")
    await world.settle(replace(LONG, **(dict.fromkeys(CAPS, 10_000) | caps)))
    return world


async def see(world: World, *records: SealedRecord, person: str = "per_1") -> int:
    """Open and close each; how many people are left after the last."""
    left = -1
    world.wait(minutes=1)  # a code of the authenticator is good once
    grant = await world.shift(person)
    for number, record in enumerate(records):
        left = (await world.say(Open(grant, record))).people_left
        attempt = f"{record.list}-{record.index}-{world.now.timestamp():.0f}-{number}"
        await world.say(Close(grant, record, attempt, 30))
    return left


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("cap", "until_free"),
    [
        ("people_per_hour", timedelta(hours=1)),
        ("people_per_30_days", timedelta(days=30)),
        ("people_per_entrustor_day", timedelta(hours=24)),
        ("people_per_job", None),
        ("people_per_list", None),
    ],
)
async def test_the_first_person_too_many_is_refused_and_ledgered(
    tmp_path: Path, cap: str, until_free: timedelta | None
) -> None:
    world = await world_with(tmp_path, **{cap: 3})
    records = await world.upload("lst_1", townsfolk(6), days=200)
    assert await see(world, *records[:3]) == 0
    assert await see(world, *records[:3]) == 0  # the same people again cost nothing
    for _ in range(2):
        with pytest.raises(BY_CAP[cap]):
            await see(world, records[3])
        await world.restart()
    refused = world.lines("refused")
    assert {line["code"] for line in refused} == {BY_CAP[cap].code}
    assert await see(world, records[3], person="per_2") == 2  # each on their own
    if until_free is not None:
        world.wait(seconds=until_free.total_seconds() - 300)
        with pytest.raises(BY_CAP[cap]):
            await see(world, records[4])
        world.wait(seconds=300)
        await see(world, records[4])
    else:
        world.wait(days=100)
        with pytest.raises(BY_CAP[cap]):
            await see(world, records[4])
    await world.stop()


@pytest.mark.asyncio
async def test_a_slow_drip_meets_the_month(tmp_path: Path) -> None:
    """F3: forty a day, every day, trips the rolling thirty days."""
    world = await world_with(tmp_path, people_per_30_days=20)
    records = await world.upload("lst_1", townsfolk(40), days=200)
    seen = 0
    for day in range(12):
        try:
            await see(world, *records[2 * day : 2 * day + 2])
            seen += 2
        except REFUSALS:
            break
        world.wait(days=1)
    assert seen == 20
    await world.stop()


@pytest.mark.asyncio
async def test_a_job_counts_for_life_through_its_lists_and_beyond_their_end(
    tmp_path: Path,
) -> None:
    world = await world_with(tmp_path, people_per_job=3, people_per_list=2)
    first = await world.upload("lst_1", townsfolk(3), days=100)
    second = await world.upload("lst_2", townsfolk(3), days=300)
    await see(world, *first[:2])
    with pytest.raises(REFUSALS):
        await see(world, first[2])  # two of one list
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    world.wait(days=90)  # no window reaches so far, and the rows of a shredded list are folded
    await see(world, second[0])
    assert world.home.journal.db.execute("SELECT count(*) FROM seen").fetchone() == (1,)
    await world.restart()
    with pytest.raises(BudgetJob):
        await see(world, second[1])
    [other] = await world.upload("lst_3", days=100, job="job_2")
    await see(world, other)
    await world.stop()


@pytest.mark.asyncio
async def test_the_tally_in_memory_is_the_one_on_the_disk(tmp_path: Path) -> None:
    """Whatever was opened, again, late, by whom: a keeper that has just started counts the same."""
    world = await world_with(tmp_path)
    records = await world.upload("lst_1", townsfolk(12), days=60)
    for step in range(30):
        await see(world, records[(step * 7) % 12], person=f"per_{1 + step % 2}")
        world.wait(hours=(step * 5) % 31)
        kept = world.home.journal
        fresh = Budgets(kept, Mandates(kept.db), world.keeper._clocks.counted)
        for person in ("per_1", "per_2"):
            live = world.keeper.budgets._tally(person, world.now)
            read = fresh._tally(person, world.now)
            live.drop_until(int((world.now - timedelta(days=30)).timestamp() * 1e6))
            assert list(live.times) == list(read.times)
            assert +live.jobs == +read.jobs
            assert +live.lists == +read.lists
    await world.stop()


@pytest.mark.asyncio
async def test_a_charge_whose_commit_failed_was_none(tmp_path: Path) -> None:
    world = await world_with(tmp_path, people_per_hour=2)
    records = await world.upload("lst_1", townsfolk(4))
    grant = await world.shift("per_1")
    journal = world.home.journal
    await world.say(Open(grant, records[0]))
    await world.say(Close(grant, records[0], "att_0", 30))
    for record in records[1:]:  # each is charged, and then its whole commit comes to nothing
        done = await asyncio.gather(
            world.say(Open(grant, record)),
            journal.run(lambda: journal.db.execute("INSERT INTO nowhere VALUES (1)")),  # type: ignore[arg-type,return-value]
            return_exceptions=True,
        )
        assert [type(one) for one in done] == [LedgerUnavailable] * 2
    assert (await world.say(Open(grant, records[1]))).people_left == 0
    await world.stop()


@pytest.mark.asyncio
async def test_requests_in_one_commit_share_one_budget(tmp_path: Path) -> None:
    """Fifty at once by one person: as many as the hand and the budget let through, and no more."""
    world = await world_with(tmp_path, people_per_hour=5)
    records = await world.upload("lst_1", townsfolk(50))
    grant = await world.shift("per_1")

    async def one(number: int) -> bool:
        try:
            await world.say(Open(grant, records[number]))
            await world.say(Close(grant, records[number], f"att_{number}", 30))
        except BudgetHour:
            return False
        except Exception as error:
            if getattr(error, "code", "") != "hand_full":
                raise
            return await one(number)
        return True

    shown = await asyncio.gather(*(one(number) for number in range(50)))
    assert sum(shown) == 5
    await world.stop()


# -- warned, and raised --------------------------------------------------------------------


@pytest.mark.asyncio
async def test_four_fifths_are_said_in_the_ledger_once_per_window(tmp_path: Path) -> None:
    world = await world_with(tmp_path, people_per_hour=5)
    records = await world.upload("lst_1", townsfolk(10), days=9)
    await see(world, *records[:3])
    assert not world.lines("budget_warning")
    await see(world, *records[3:5])
    [warned] = world.lines("budget_warning")
    assert (warned["principal"], warned["budget"]) == ("per_1", "people_per_hour")
    assert (warned["people"], warned["cap"]) == (4, 5)
    world.wait(hours=2)
    await see(world, *records[5:10])
    assert len(world.lines("budget_warning")) == 2
    await world.stop()


def raised(**changed: Any) -> BudgetRaise:
    until = TERMS.expires - timedelta(days=20)
    body = BudgetRaise("ent_1", "ctr_1", until, "per_1", people_per_hour=4)
    return replace(body, **changed)


@pytest.mark.asyncio
@pytest.mark.parametrize("of", [{}, {"person": None, "role": "operator"}])
async def test_a_signed_raise_is_in_force_at_once_and_ends_by_itself(
    tmp_path: Path, of: dict[str, Any]
) -> None:
    world = await world_with(tmp_path, people_per_hour=2)
    records = await world.upload("lst_1", townsfolk(12), days=29)
    await see(world, *records[:2])
    with pytest.raises(BudgetHour):
        await see(world, records[2])
    await world.sign(raised(**of))
    assert await see(world, *records[2:4]) == 0
    with pytest.raises(BudgetHour):
        await see(world, records[4])
    if not of:
        with pytest.raises(BudgetHour):  # hers, and nobody else's
            await see(world, *records[:3], person="per_2")
    world.wait(days=11)
    await world.restart()
    with pytest.raises(BudgetHour):
        await see(world, *records[4:7])
    await world.stop()


@pytest.mark.asyncio
async def test_only_the_entrustor_raises_and_only_what_makes_sense(tmp_path: Path) -> None:
    world = await world_with(tmp_path, people_per_hour=2)
    with pytest.raises(UnpinnedKey):
        await world.sign(raised(), by=world.centre)
    for wrong in (
        raised(role="operator"),
        raised(person=None),
        raised(people_per_hour=0),
        raised(until=world.now),
    ):
        with pytest.raises(BadStatement):
            await world.sign(wrong)
    await world.sign(raised(people_per_hour=1))  # nothing is lowered by it
    records = await world.upload("lst_1", townsfolk(3))
    assert await see(world, *records[:2]) == 0
    await world.stop()
