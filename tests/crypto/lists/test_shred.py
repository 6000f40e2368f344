"""Ending lists: which may be abandoned or shredded, and what is left of them."""

import pytest

from crypto.errors.keeper import NotAllowed
from crypto.errors.lists import AlreadyOpened, NotFrozen, UnknownList, UploadSettled
from crypto.wire.base import Caller
from crypto.wire.lists import Abandon, Inspect, Shred
from crypto.wire.records import Open
from tests.crypto.world import YAMADA, World, sealed


@pytest.mark.asyncio
async def test_a_living_list_is_not_shredded_and_an_expired_one_is(world: World) -> None:
    await world.upload("lst_1", days=0.5)
    with pytest.raises(NotFrozen):
        await world.say(Shred("lst_1"))
    with pytest.raises(UnknownList):
        await world.say(Shred("lst_9"))
    world.wait(hours=12)
    await world.say(Shred("lst_1", world.now))
    assert world.lines("freeze")[0]["trigger"] == "deadline"


@pytest.mark.asyncio
async def test_an_abandoned_upload_loses_its_keys_unless_somebody_was_shown(world: World) -> None:
    await world.upload("lst_1")
    await world.say(Abandon("lst_1"))
    assert (await world.say(Inspect("lst_1"))).state == "shredded"
    await world.say(Abandon("lst_1"))
    await world.mint("lst_2")
    await world.say(Abandon("lst_2"))
    assert (await world.say(Inspect("lst_2"))).state == "unknown"
    [record] = await world.upload("lst_3")
    await world.say(Open(await world.shift("per_1"), record))
    with pytest.raises(AlreadyOpened):
        await world.say(Abandon("lst_3"))


@pytest.mark.asyncio
async def test_only_the_worker_abandons(world: World) -> None:
    """Who takes uploads in cannot destroy the lists of others before they are opened."""
    await world.upload("lst_1")
    for caller in set(Caller) - {Caller.WORKER}:
        with pytest.raises(NotAllowed):
            await world.say(Abandon("lst_1"), caller)
    assert (await world.say(Inspect("lst_1"))).state == "open"


@pytest.mark.asyncio
async def test_a_list_that_has_lived_for_an_hour_is_no_broken_upload(world: World) -> None:
    minted = await world.mint("lst_1")
    world.wait(minutes=90)  # a slow upload: the manifest counts
    _, manifest = sealed(minted, "lst_1", [YAMADA])
    await world.say(manifest)
    await world.upload("lst_2")
    world.wait(minutes=60)
    await world.say(Abandon("lst_1"))
    world.wait(seconds=1)
    with pytest.raises(UploadSettled):
        await world.say(Abandon("lst_2"))
    assert (await world.say(Inspect("lst_2"))).state == "open"
    await world.say(Abandon("lst_1"))  # repeated by a sweep whose commit failed
    world.wait(days=1)
    await world.say(Abandon("lst_2", world.now))  # expired: nothing opens any more
    assert (await world.say(Inspect("lst_2"))).state == "shredded"


@pytest.mark.asyncio
async def test_what_never_was_is_abandoned_without_a_line(world: World) -> None:
    """The reserve of a full disk is for what ends something."""
    before = len(world.lines())
    for number in range(3):
        await world.say(Abandon(f"lst_never_{number}"))
    assert len(world.lines()) == before
