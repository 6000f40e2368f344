"""What the keeper does in whatever state its disk, root and clock are: found by mutants."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from crypto.errors.keeper import LedgerUnavailable
from crypto.errors.lists import ListOver, RootUnavailable
from crypto.keys.roots.file import FileRoots
from crypto.keys.roots.kinds import RootRefused
from crypto.records.fields import FieldKind
from crypto.signed.orders import ShredOrder
from crypto.wire.ledger import Event
from crypto.wire.lists import Abandon, Freeze, Shred
from crypto.wire.people import Revoke
from crypto.wire.records import Match, Open
from tests.crypto.disclosure.test_canaries import CANARY, OWN, named
from tests.crypto.world import YAMADA, World

pytestmark = pytest.mark.asyncio


@contextlib.contextmanager
def no_reserve(world: World) -> Iterator[None]:
    """A folder stands in its place: neither to be made nor to be removed."""
    reserve = world.folder / "reserve"
    reserve.unlink()
    (reserve / "x").mkdir(parents=True)
    yield
    (reserve / "x").rmdir()
    reserve.rmdir()


async def test_without_its_reserve_the_keeper_only_ends_things(world: World) -> None:
    [record] = await world.upload("lst_1")
    for name in ("lst_2", "lst_3"):
        await world.upload(name)
    grant, manager = await world.shift("per_1"), await world.managers_grant()
    order = world.signed(ShredOrder("ent_1", ("lst_2",)), world.entrustor)
    with no_reserve(world):
        for request in (Event("x", {}), Open(grant, record)):
            with pytest.raises(LedgerUnavailable):
                await world.say(request)
        await world.say(Freeze("lst_2", "manager", manager))
        await world.say(order)
        for ending in (Shred("lst_2"), Abandon("lst_3"), Revoke("per_1")):
            await world.say(ending)
    assert [line["list"] for line in world.lines("shred")] == ["lst_2", "lst_3"]
    await world.say(Event("x", {}))


async def test_a_touched_canary_stops_its_list_though_the_disk_is_full(world: World) -> None:
    """The line cannot be written, the search is refused, and nothing opens any more."""
    await world.sign(named(world, OWN))
    canary, other = await world.upload("lst_1", [CANARY, YAMADA])
    grant = await world.shift("per_1")
    with no_reserve(world), pytest.raises(LedgerUnavailable):
        await world.say(Match(grant, canary, FieldKind.REFERENCE, "K-1"))
    assert not world.lines("canary")
    with pytest.raises(ListOver):
        await world.say(Open(grant, other))


async def test_a_keeper_that_is_told_to_stop_finishes_what_it_destroys(world: World) -> None:
    await world.upload("lst_1")
    await world.end("lst_1")
    shredding = asyncio.create_task(world.say(Shred("lst_1")))
    await asyncio.sleep(0)  # it has begun
    await world.keeper.close()
    assert [line["list"] for line in world.lines("shred")] == ["lst_1"]
    await shredding


async def test_why_a_root_did_not_answer_is_logged_and_not_told(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.upload("lst_1")
    await world.end("lst_1")

    def away(*_: object) -> None:
        raise RootRefused("it was pulled out")

    monkeypatch.setattr(FileRoots, "create", away)
    with caplog.at_level(logging.WARNING), pytest.raises(RootUnavailable) as refusal:
        await world.say(Shred("lst_1"))
    assert "Shred: it was pulled out" in caplog.messages
    assert "pulled" not in str(refusal.value)


async def test_a_clock_that_jumped_is_said_once_however_many_ask_at_that_moment(
    world: World,
) -> None:
    world.ahead = timedelta(hours=1)
    await asyncio.gather(*(world.say(Event("x", {})) for _ in range(3)))
    await world.say(Event("x", {}))
    assert [line["cause"] for line in world.lines("clock_doubted")] == ["jump"]


async def test_a_jump_that_could_not_be_said_is_said_when_there_is_room(world: World) -> None:
    world.ahead = timedelta(hours=1)
    with no_reserve(world), pytest.raises(LedgerUnavailable):
        await world.say(Event("x", {}))
    assert not world.lines("clock_doubted")
    await world.say(Event("x", {}))
    assert [line["cause"] for line in world.lines("clock_doubted")] == ["jump"]
