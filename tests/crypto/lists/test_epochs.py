"""Epochs: the crash table, what shares one, what survives; with either kind of root."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from crypto.errors.lists import ListOver, RootNotDestroyed, RootUnavailable
from crypto.errors.records import DoesNotOpen
from crypto.host.memory import Slot
from crypto.keys.inventory import PROVEN
from crypto.keys.keystore import Keystore
from crypto.keys.roots.file import FileRoot
from crypto.keys.roots.kinds import RootRefused
from crypto.keys.roots.pkcs11 import TokenRoot
from crypto.keys.roots.token import Token
from crypto.keys.vault import KeystoreRefused, Place, StoredList
from crypto.keys.wrapping import wrap
from crypto.lists.epochs import Epochs
from crypto.lists.keyroom import Keyroom
from crypto.lists.lifecycle import Lists
from crypto.wire.approvals import Pin
from crypto.wire.lists import Inspect, Shred
from crypto.wire.records import Open
from tests.crypto.crashes import Crash, Crashing, after, before, both
from tests.crypto.tokens import TokenDirectory
from tests.crypto.world import TERMS, World, sealed, townsfolk

CRASHES = {
    "before the intent": before((Lists, "intend_shred")),
    "after the intent": before((Epochs, "_begin_epoch")),
    "before the new root": before(*both("create")),
    "after the new root": after(*both("create")),
    "after the new epoch is written": after((Keystore, "_write_beside")),
    "before it is verified": before((Keystore, "_verify_staged")),
    "after it is verified": after((Keystore, "_verify_staged")),
    "before it is announced": before((Epochs, "_announced")),
    "after it is announced": before((Keystore, "commit")),
    "after the rename": after((Keystore, "commit")),
    "before the old root is destroyed": before(*both("destroy")),
    "after the old root is destroyed": after(*both("destroy")),
    "before the proof": before((Keystore, "_require_closed")),
    "after the proof": after((Keystore, "retire")),
    "before the completion": before((Keyroom, "complete_shred")),
    "while it is written": before((Lists, "note_shredded")),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES.keys())
async def test_a_crash_anywhere_is_healed_by_shredding_again(
    either: World, crash: Crashing
) -> None:
    world = either
    [doomed] = await world.upload("lst_1")
    [survivor] = await world.upload("lst_2")
    await world.end("lst_1")
    grants = [await world.shift("per_1"), await world.shift("per_2")]
    with pytest.MonkeyPatch.context() as patch:
        crash(patch)
        with pytest.raises(Crash):
            await world.say(Shred("lst_1"))
    await world.restart()
    assert len(world.home.choice.roots.epochs()) == 1
    assert not (world.folder / "keystore.next").exists()

    done = await world.say(Shred("lst_1"))
    assert await world.say(Shred("lst_1")) == done
    assert [line["seq"] for line in world.lines("shred")] == [done.seq]
    assert len(world.lines("shred_begins")) == 1
    assert "lst_1" not in world.home.keystore
    assert (await world.say(Inspect("lst_1"))).state == "shredded"
    await world.say(Open(grants[0], survivor))
    with pytest.raises(ListOver):
        await world.say(Open(grants[1], doomed))
    await world.restart()
    assert world.home.choice.roots.epochs() == {world.home.keystore.epoch}
    await world.say(Open(grants[0], survivor))


@pytest.mark.asyncio
@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES.keys())
async def test_after_a_failed_step_the_living_keeper_shreds_as_well(
    world: World, crash: Crashing
) -> None:
    """No restart in between: a token was away, a disk was full."""
    await world.upload("lst_1")
    [survivor] = await world.upload("lst_2")
    await world.end("lst_1")
    with pytest.MonkeyPatch.context() as patch:
        crash(patch)
        with pytest.raises(Crash):
            await world.say(Shred("lst_1"))
    [late] = await world.upload("lst_3")
    await world.say(Shred("lst_1"))
    assert len(world.lines("shred")) == 1
    await world.say(Open(await world.shift("per_1"), survivor))
    await world.restart()
    await world.say(Open(await world.shift("per_2"), late))
    assert world.home.choice.roots.epochs() == {world.home.keystore.epoch}


# -- proof ---------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_the_completion_says_what_was_destroyed_and_how_it_was_proven(either: World) -> None:
    await either.upload("lst_1")
    await either.end("lst_1")
    await either.say(Shred("lst_1"))
    [said] = either.lines("shred")
    kind = "file" if either.root == "file" else "software-token"
    assert (said["epoch"], said["root"], said["proof"]) == (1, kind, PROVEN)
    assert said["keystore"] == either.home.keystore.digest.hex()


@pytest.mark.asyncio
async def test_no_completion_while_the_old_root_is_still_there(either: World) -> None:
    """A root that survives its destruction is found out, whatever `destroy` believes."""
    world = either
    await world.upload("lst_1")
    await world.end("lst_1")
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in both("destroy"):
            patch.setattr(owner, name, lambda *_: None)
        with pytest.raises(RootNotDestroyed, match="1"):
            await world.say(Shred("lst_1"))
    assert not world.lines("shred")
    assert (await world.say(Inspect("lst_1"))).state == "frozen"
    await world.say(Shred("lst_1"))
    assert len(world.lines("shred")) == 1


@pytest.mark.asyncio
async def test_no_completion_of_a_list_whose_keys_are_in_the_keystore(world: World) -> None:
    """Whoever calls for it: the room that writes the line looks by itself."""
    await world.upload("lst_1")
    await world.end("lst_1")
    completing = world.keeper._keyroom.complete_shred
    with pytest.raises(RootNotDestroyed, match="lst_1"):
        await world.home.journal.run(lambda: completing("lst_1", world.now))
    assert not world.lines("shred")


@pytest.mark.asyncio
async def test_no_completion_while_the_store_of_roots_still_names_the_old_one(
    either: World,
) -> None:
    world = either
    await world.upload("lst_1")
    await world.end("lst_1")
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in both("epochs"):
            patch.setattr(owner, name, lambda *_: {1, 2})
        with pytest.raises(RootNotDestroyed, match="1"):
            await world.say(Shred("lst_1"))
    assert not world.lines("shred")
    await world.say(Shred("lst_1"))


@pytest.mark.asyncio
async def test_no_completion_while_the_old_root_still_opens_what_it_wrapped(either: World) -> None:
    """The list of roots says it is gone; the handle to it still works: that is no destruction."""
    world = either
    await world.upload("lst_1")
    await world.end("lst_1")
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in both("destroy"):
            patch.setattr(owner, name, lambda *_: None)
        for owner, name in both("epochs"):
            listed = getattr(owner, name)
            seen = iter([*[{1, 2}] * 3, *[{2}] * 9])
            patch.setattr(owner, name, lambda *_, seen=seen: next(seen))
            assert listed
        with pytest.raises(RootNotDestroyed):
            await world.say(Shred("lst_1"))
    assert not world.lines("shred")


def written_wrongly(patch: pytest.MonkeyPatch) -> None:
    """The disk has something else than was to be written."""
    write = Keystore._write_beside

    def spoiled(keystore: Keystore, data: bytes) -> None:
        file = msgspec.msgpack.decode(data)
        entry = file["lists"]["lst_2"]
        entry["secrets"] = entry["secrets"][:-1] + bytes([entry["secrets"][-1] ^ 1])
        write(keystore, msgspec.msgpack.encode(file))

    patch.setattr(Keystore, "_write_beside", spoiled)


def wrapped_wrongly(patch: pytest.MonkeyPatch) -> None:
    """The disk has what was to be written, and that was wrong."""

    def other(_: Keystore, entry: StoredList, epoch: int, slots: dict[str, Slot]) -> StoredList:
        place = Place(epoch).list(entry.binding)
        return StoredList(entry.binding, wrap(slots["ent_1"].key, place, b"other"))

    patch.setattr(Keystore, "_rewrapped", other)


def factor_key_exchanged(patch: pytest.MonkeyPatch) -> None:
    wrapping = FileRoot.wrap

    def other(root: FileRoot, place: bytes, plaintext: bytes) -> bytes:
        return wrapping(root, place, bytes(32) if place == Place(2).factors() else plaintext)

    patch.setattr(FileRoot, "wrap", other)


@pytest.mark.asyncio
@pytest.mark.parametrize("spoil", [written_wrongly, wrapped_wrongly, factor_key_exchanged])
async def test_what_did_not_survive_stops_the_epoch(world: World, spoil: Crashing) -> None:
    [record] = await world.upload("lst_2")
    await world.upload("lst_1")
    await world.end("lst_1")
    grant = await world.shift("per_1")
    with pytest.MonkeyPatch.context() as patch:
        spoil(patch)
        with pytest.raises(KeystoreRefused):
            await world.say(Shred("lst_1"))
    assert world.home.keystore.epoch == 1
    assert not world.lines("epoch", "shred")
    await world.restart()
    await world.say(Open(grant, record))
    await world.say(Shred("lst_1"))


@pytest.mark.asyncio
async def test_a_store_of_roots_that_opens_nothing_proves_nothing(either: World) -> None:
    """A token that says no to everything would otherwise be the perfect destroyer."""
    world = either
    await world.upload("lst_1")
    await world.end("lst_1")
    commit = Keystore.commit

    def deaf(*_: object) -> bytes:
        raise DoesNotOpen

    with pytest.MonkeyPatch.context() as patch:

        def then_deaf(keystore: Keystore) -> None:
            commit(keystore)
            patch.setattr(FileRoot, "unwrap", deaf)
            patch.setattr(TokenRoot, "unwrap", deaf)

        patch.setattr(Keystore, "commit", then_deaf)
        with pytest.raises(RootUnavailable):
            await world.say(Shred("lst_1"))
    assert not world.lines("shred")
    await world.say(Shred("lst_1"))


# -- sharing -------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_destructions_that_wait_together_share_one_epoch(either: World) -> None:
    names = [f"lst_{number}" for number in range(4)]
    for name in names:
        await either.upload(name)
        await either.end(name)
    done = await asyncio.gather(*(either.say(Shred(name)) for name in names))
    assert either.home.keystore.epoch <= 3  # the first may have been under way already
    epochs = [line["epoch"] for line in either.lines("shred")]
    assert len(epochs) == len(names)
    assert len(set(epochs)) == either.home.keystore.epoch - 1
    assert sorted(answer.seq for answer in done) == [line["seq"] for line in either.lines("shred")]


@pytest.mark.asyncio
async def test_what_was_intended_before_a_crash_shares_the_next_epoch(world: World) -> None:
    for name in ("lst_1", "lst_2"):
        await world.upload(name)
        await world.end(name)
    with pytest.MonkeyPatch.context() as patch:
        before((Epochs, "_begin_epoch"))(patch)
        with pytest.raises(Crash):
            await world.say(Shred("lst_1"))
    await world.say(Shred("lst_2"))
    await world.say(Shred("lst_1"))
    assert world.home.keystore.epoch == 2
    assert [line["epoch"] for line in world.lines("shred")] == [1, 1]


@pytest.mark.asyncio
async def test_opens_go_on_and_manifests_wait_while_an_epoch_is_made(either: World) -> None:
    world = either
    records = await world.upload("lst_1", townsfolk(2))
    await world.upload("lst_2")
    await world.end("lst_2")
    grants = [await world.shift("per_1"), await world.shift("per_2")]
    _, manifest = sealed(await world.mint("lst_3"), "lst_3", townsfolk(1))
    loop, reached, go_on = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    verify = Keystore._verify_staged

    def slowly(keystore: Keystore, digest: bytes) -> None:
        loop.call_soon_threadsafe(reached.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()
        verify(keystore, digest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Keystore, "_verify_staged", slowly)
        shredding = asyncio.create_task(world.say(Shred("lst_2")))
        await reached.wait()
        adding = asyncio.create_task(world.say(manifest))
        try:
            for grant, record in zip(grants, records, strict=True):
                await world.say(Open(grant, record))
            assert not adding.done()
            assert not shredding.done()
        finally:
            go_on.set()
        await asyncio.gather(shredding, adding)
    kinds = [line["kind"] for line in world.lines("manifest", "shred")]
    assert kinds[-2:] == ["shred", "manifest"]
    assert "lst_3" in world.home.keystore
    await world.restart()
    assert (await world.say(Inspect("lst_3"))).state == "open"


@pytest.mark.asyncio
async def test_opens_do_not_wait_for_the_token_and_destructions_say_that_it_is_away(
    token: TokenDirectory, tmp_path: Path
) -> None:
    """Entrustor keys are in memory; the root is needed for epochs and new entrustors only."""
    world = await World.at(tmp_path / "keeper", token.setting("away"))
    await world.settle()
    [record] = await world.upload("lst_1")
    await world.upload("lst_2")
    await world.end("lst_2")
    await world.restart()  # nothing is open yet
    grant = await world.shift("per_1")

    def away(*_: object) -> None:
        raise RootRefused("it was pulled out")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Token, "call", away)
        await world.say(Open(grant, record))
        await world.upload("lst_3")
        with pytest.raises(RootUnavailable):
            await world.say(Shred("lst_2"))
        assert (await world.say(Inspect("lst_2"))).state == "frozen"
    await world.say(Shred("lst_2"))
    await world.stop()


@pytest.mark.asyncio
async def test_an_entrustors_old_key_is_wiped_with_its_epoch(world: World) -> None:
    for name in ("lst_1", "lst_2"):
        await world.upload(name)
    slot = world.home.keystore._live.keys["ent_1"]
    assert bytes(slot.key) != bytes(32)
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    assert bytes(slot.key) == bytes(32)
    slot = world.home.keystore._live.keys["ent_1"]
    await world.stop()
    assert bytes(slot.key) == bytes(32)


# -- entrustors ----------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_an_entrustor_ends_with_its_last_list_and_nobody_else_does(either: World) -> None:
    world = either
    other = msgspec.structs.replace(TERMS, entrustor="ent_2", contract="ctr_2")
    await world.say(Pin("ent_2", world.entrustor.public, world.entrustor_recipient.public.data))
    await world.sign(other)
    for name in ("lst_1", "lst_2"):
        await world.upload(name)
    [record] = await world.upload("lst_3", contract="ctr_2", job="job_2")
    keystore = world.home.keystore
    assert keystore.entrustors == {"ent_1", "ent_2"}
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    assert keystore.entrustors == {"ent_1", "ent_2"}
    await world.end("lst_2")
    await world.say(Shred("lst_2"))
    assert keystore.entrustors == {"ent_2"}
    await world.say(Open(await world.shift("per_1"), record))
    await world.upload("lst_4")  # and may begin again, with a new key
    assert keystore.entrustors == {"ent_1", "ent_2"}
