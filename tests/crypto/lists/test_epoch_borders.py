"""The keystore's queue at its edges: who waits, who leaves, a disk without room, the end."""

import asyncio
import errno
import threading
from typing import Any

import pytest

from crypto.errors.keeper import LedgerUnavailable
from crypto.keys.keystore import Keystore
from crypto.lists.epochs import Epochs
from crypto.wire.base import Done
from crypto.wire.lists import Inspect, Shred
from tests.crypto.crashes import Crash, after, before
from tests.crypto.world import World

pytestmark = pytest.mark.asyncio


async def ended(world: World, *names: str) -> None:
    """Lists that wait for their end."""
    for name in names:
        await world.upload(name)
        await world.end(name)


async def together(world: World, *names: str) -> list[asyncio.Task[Done]]:
    """All of them ask for the end before the first epoch begins."""
    epochs = world.keeper._epochs

    def waiting() -> int:
        return sum(len(one.asking) for one in epochs._waiting.values())

    async with epochs._turn:
        asking = [asyncio.create_task(world.say(Shred(name))) for name in names]
        async with asyncio.timeout(10):
            while waiting() < len(names):  # noqa: ASYNC110  # in a queue
                await asyncio.sleep(0)
    return asking


class Disk:
    """Writes of the keystore that find a disk with this error, so many times."""

    def __init__(self, patch: pytest.MonkeyPatch, number: int, times: int) -> None:
        self.left, write = times, Keystore._write_beside

        def written(keystore: Keystore, data: bytes) -> None:
            if self.left:
                self.left -= 1
                raise OSError(number, "x")
            write(keystore, data)

        patch.setattr(Keystore, "_write_beside", written)


# -- who waits -----------------------------------------------------------------------------


async def test_what_is_out_of_the_keystore_already_ends_beside_what_is_in_it(
    world: World,
) -> None:
    """One died after its epoch, before it was said; it shares the next with another one."""
    await ended(world, "lst_1", "lst_2")
    with pytest.MonkeyPatch.context() as patch:
        after((Keystore, "commit"))(patch)
        with pytest.raises(Crash):
            await world.say(Shred("lst_1"))
    assert "lst_1" not in world.home.keystore
    for done in await asyncio.gather(*await together(world, "lst_1", "lst_2")):
        assert done.seq in [line["seq"] for line in world.lines("shred")]
    assert (await world.say(Inspect("lst_2"))).state == "shredded"
    assert world.home.keystore.epoch == 3


async def test_whoever_leaves_keeps_nobody_else_from_an_answer(world: World) -> None:
    await ended(world, "lst_1", "lst_2")
    leaving, staying, other = await together(world, "lst_1", "lst_1", "lst_2")
    leaving.cancel()
    assert (await staying).seq < (await other).seq
    assert len(world.lines("shred")) == 2


async def test_the_line_of_an_epoch_names_it(world: World) -> None:
    await ended(world, "lst_1")
    await world.say(Shred("lst_1"))
    [line] = world.lines("epoch")
    assert line["epoch"] == world.home.keystore.epoch == 2
    assert line["keystore"] == world.home.keystore.digest.hex()


# -- without room --------------------------------------------------------------------------


async def test_every_step_of_an_end_may_take_the_reserve(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ended(world, "lst_1")
    run, taken = world.home.journal.run, list[bool]()

    async def watched(step: Any, *, ending: bool = False) -> Any:
        taken.append(ending)
        return await run(step, ending=ending)

    monkeypatch.setattr(world.home.journal, "run", watched)
    await world.say(Shred("lst_1"))
    assert taken == [True, True, True]  # the intent, the epoch, the completion


async def test_on_a_full_disk_an_epoch_is_made_in_the_room_of_the_reserve(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await ended(world, "lst_1")
    Disk(monkeypatch, errno.ENOSPC, 1)
    await world.say(Shred("lst_1"))
    assert len([said for said in caplog.messages if "the reserve is released" in said]) == 1


@pytest.mark.parametrize(
    ("number", "reserve"), [(errno.EIO, True), (errno.ENOSPC, False)], ids=["broken", "no reserve"]
)
async def test_where_the_reserve_would_not_help_or_is_gone_nothing_is_tried_again(
    world: World, number: int, *, reserve: bool, caplog: pytest.LogCaptureFixture
) -> None:
    await ended(world, "lst_1")
    with pytest.MonkeyPatch.context() as patch:
        disk = Disk(patch, number, 2)
        if not reserve:
            patch.setattr(world.home.reserve, "release", lambda: False)
        with pytest.raises(OSError, match="x"):
            await world.say(Shred("lst_1"))
    assert disk.left == 1
    assert not [said for said in caplog.messages if "the reserve is released" in said]
    await world.say(Shred("lst_1"))


async def test_a_list_for_which_there_is_no_room_is_refused_and_leaves_no_key(
    world: World,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        Disk(patch, errno.ENOSPC, 1)
        with pytest.raises(LedgerUnavailable):
            await world.upload("lst_1")
    assert world.home.keystore._staged is None
    assert "lst_1" not in world.home.keystore
    await world.upload("lst_2")


async def test_what_came_to_nothing_is_not_kept_for_another_time(world: World) -> None:
    """Neither the keys of an epoch that was not announced nor those of a list not noted."""
    await ended(world, "lst_1")
    with pytest.MonkeyPatch.context() as patch:
        before((Epochs, "_announced"))(patch)
        with pytest.raises(Crash):
            await world.say(Shred("lst_1"))
    assert world.home.keystore._staged is None
    with pytest.MonkeyPatch.context() as patch:
        after((Keystore, "stage_lists"))(patch)
        with pytest.raises(Crash):
            await world.upload("lst_2")
    assert world.home.keystore._staged is None


# -- the end -------------------------------------------------------------------------------


async def test_a_keeper_that_stops_finishes_the_epoch_that_is_under_way(world: World) -> None:
    await ended(world, "lst_1")
    [asking] = await together(world, "lst_1")
    await world.stop()
    done = await asking
    assert not [one for one in threading.enumerate() if one.name.startswith("epochs")]
    await world.start()
    assert [line["seq"] for line in world.lines("shred")] == [done.seq]


async def test_a_keeper_that_has_ended_nothing_stops_at_once(world: World) -> None:
    await world.stop()
    assert not [one for one in threading.enumerate() if one.name.startswith("epochs")]
