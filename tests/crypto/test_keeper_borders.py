"""What the keeper does in whatever state its disk, root and clock are: found by mutants."""

import asyncio
import logging

import pytest

from crypto.errors.keeper import LedgerUnavailable
from crypto.errors.lists import RootUnavailable
from crypto.orders import ShredOrder
from crypto.roots.file import FileRoots
from crypto.roots.kinds import RootRefused
from crypto.wire.ledger import Event
from crypto.wire.lists import Abandon, Freeze, Shred
from crypto.wire.people import Revoke
from crypto.wire.records import Open
from tests.crypto.world import World

pytestmark = pytest.mark.asyncio


async def test_without_its_reserve_the_keeper_only_ends_things(world: World) -> None:
    """A folder stands in its place: neither to be made nor to be removed."""
    [record] = await world.upload("lst_1")
    for name in ("lst_2", "lst_3"):
        await world.upload(name)
    grant, manager = await world.shift("per_1"), await world.managers_grant()
    order = world.signed(ShredOrder("ent_1", ("lst_2",)), world.entrustor)
    reserve = world.folder / "reserve"
    reserve.unlink()
    (reserve / "x").mkdir(parents=True)
    for request in (Event("x", {}), Open(grant, record)):
        with pytest.raises(LedgerUnavailable):
            await world.say(request)
    await world.say(Freeze("lst_2", "manager", manager))
    await world.say(order)
    for ending in (Shred("lst_2"), Abandon("lst_3"), Revoke("per_1")):
        await world.say(ending)
    assert [line["list"] for line in world.lines("shred")] == ["lst_2", "lst_3"]
    (reserve / "x").rmdir()
    reserve.rmdir()
    await world.say(Event("x", {}))


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
