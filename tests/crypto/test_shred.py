"""Destroying keys: the crash table, and what is left of a list afterwards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto.errors import AlreadyOpened, ListOver, NotAllowed, NotFrozen, UnknownList, UploadSettled
from crypto.keystore import Keystore, KeystoreRefused
from crypto.lists import Lists
from crypto.roots.file import FileRoots, RootRefused
from crypto.wire.base import Caller
from crypto.wire.lists import Abandon, Freeze, Inspect, Shred
from crypto.wire.records import Open
from tests.crypto.world import YAMADA, World, sealed


class Crash(Exception):
    """The process dies here."""


def before(owner: type, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    def crash(*_: Any, **__: Any) -> None:
        raise Crash(name)

    return lambda patch: patch.setattr(owner, name, crash)


def after(owner: type, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    step = getattr(owner, name)

    def crash(*args: Any, **kwargs: Any) -> None:
        step(*args, **kwargs)
        raise Crash(name)

    return lambda patch: patch.setattr(owner, name, crash)


CRASHES = {
    "before the intent": before(Lists, "intend_shred"),
    "before the new root": before(FileRoots, "create"),
    "after the new root": after(FileRoots, "create"),
    "after the new epoch is written": after(Keystore, "_write_beside"),
    "after it is verified": after(Keystore, "_verify_beside"),
    "after the rename": after(Keystore, "_commit_beside"),
    "before the old root is destroyed": before(FileRoots, "destroy"),
    "after the old root is destroyed": after(FileRoots, "destroy"),
    "before the completion": before(Lists, "note_shredded"),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES.keys())
async def test_a_crash_anywhere_is_healed_by_shredding_again(
    world: World, crash: Callable[[pytest.MonkeyPatch], None]
) -> None:
    [doomed] = await world.upload("lst_1")
    [survivor] = await world.upload("lst_2")
    await world.say(Freeze("lst_1", "completed"))
    with pytest.MonkeyPatch.context() as patch:
        crash(patch)
        with pytest.raises(Crash):
            await world.say(Shred("lst_1"))
    await world.restart()
    assert len(list((world.folder / "roots").iterdir())) == 1
    assert not (world.folder / "keystore.next").exists()

    done = await world.say(Shred("lst_1"))
    assert await world.say(Shred("lst_1")) == done
    assert [line["seq"] for line in world.lines("shred")] == [done.seq]
    assert len(world.lines("shred_begins")) == 1
    assert "lst_1" not in world.home.keystore
    assert (await world.say(Inspect("lst_1"))).state == "shredded"
    grant = await world.shift("per_1")
    await world.say(Open(grant, survivor))
    with pytest.raises(ListOver):
        await world.say(Open(await world.shift("per_2"), doomed))
    await world.restart()
    assert [path.name for path in (world.folder / "roots").iterdir()] == ["00000002.root"]
    assert not (world.folder / "keystore.next").exists()


@pytest.mark.asyncio
async def test_a_copied_keystore_does_not_open_without_its_root(world: World) -> None:
    await world.upload("lst_1")
    copy = (world.folder / "keystore").read_bytes()
    await world.say(Freeze("lst_1", "completed"))
    await world.say(Shred("lst_1"))
    await world.stop()
    (world.folder / "keystore").write_bytes(copy)
    with pytest.raises(RootRefused):
        await world.start()
    (world.folder / "roots" / "00000002.root").rename(world.folder / "roots" / "00000001.root")
    with pytest.raises(KeystoreRefused):  # the new root does not open what the old one wrapped
        await world.start()


@pytest.mark.asyncio
async def test_start_refuses_a_keystore_older_than_the_ledger_even_with_its_root(
    world: World,
) -> None:
    """Promise 7, as far as a file root goes: the copy opens, but an honest ledger refuses it."""
    await world.upload("lst_1")
    keystore = (world.folder / "keystore").read_bytes()
    root = (world.folder / "roots" / "00000001.root").read_bytes()
    await world.say(Freeze("lst_1", "completed"))
    await world.say(Shred("lst_1"))
    await world.stop()
    (world.folder / "keystore").write_bytes(keystore)
    (world.folder / "roots" / "00000001.root").write_bytes(root)
    (world.folder / "roots" / "00000001.root").chmod(0o600)
    with pytest.raises(KeystoreRefused, match="epoch 1 was destroyed"):
        await world.start()


@pytest.mark.asyncio
async def test_start_refuses_a_keystore_that_lacks_a_living_list(world: World) -> None:
    empty = (world.folder / "keystore").read_bytes()
    await world.upload("lst_1")
    await world.stop()
    (world.folder / "keystore").write_bytes(empty)
    with pytest.raises(KeystoreRefused, match="lst_1"):
        await world.start()


@pytest.mark.asyncio
async def test_start_refuses_a_used_keystore_without_its_journal(world: World) -> None:
    """An empty ledger must not follow a full one."""
    await world.upload("lst_1")
    await world.stop()
    for part in world.folder.glob("journal.db*"):
        part.unlink()
    with pytest.raises(KeystoreRefused):
        await world.start()


@pytest.mark.asyncio
async def test_start_refuses_a_journal_without_its_keystore(world: World) -> None:
    await world.stop()
    (world.folder / "keystore").unlink()
    with pytest.raises(KeystoreRefused):
        await world.start()


@pytest.mark.asyncio
async def test_a_living_list_is_not_shredded_and_an_expired_one_is(world: World) -> None:
    await world.upload("lst_1", days=0.5)
    with pytest.raises(NotFrozen):
        await world.say(Shred("lst_1"))
    with pytest.raises(UnknownList):
        await world.say(Shred("lst_9"))
    world.wait(hours=12)
    await world.say(Shred("lst_1"))
    assert world.lines("freeze")[0]["trigger"] == "deadline"


@pytest.mark.asyncio
async def test_lists_that_wait_together_share_one_epoch(world: World) -> None:
    for name in ("lst_1", "lst_2"):
        await world.upload(name)
        await world.say(Freeze(name, "completed"))
    with pytest.MonkeyPatch.context() as patch:
        before(Keystore, "rotate")(patch)
        with pytest.raises(Crash):
            await world.say(Shred("lst_1"))
    await world.say(Shred("lst_2"))
    await world.say(Shred("lst_1"))
    assert world.home.keystore.epoch == 2
    assert [line["epoch"] for line in world.lines("shred")] == [1, 1]


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
    await world.say(Abandon("lst_2"))  # expired: nothing opens any more
    assert (await world.say(Inspect("lst_2"))).state == "shredded"


def test_a_root_that_does_not_fit_is_refused_before_anything_is_swept_away(tmp_path: Path) -> None:
    folder, keystore = tmp_path / "roots", tmp_path / "keystore"
    roots = FileRoots(folder)
    Keystore.create(keystore, roots)
    right = roots.unlock(1)
    roots.create(2)
    (folder / "00000001.root").write_bytes(bytes(32))
    with pytest.raises(KeystoreRefused, match="not under this root"):
        Keystore.load(keystore, roots)
    assert roots.epochs() == {1, 2}
    (folder / "00000001.root").write_bytes(right)
    Keystore.load(keystore, roots)
    assert roots.epochs() == {1}


def test_a_damaged_keystore_or_root_is_refused(tmp_path: Path) -> None:
    keystore, roots = tmp_path / "keystore", FileRoots(tmp_path / "roots")
    Keystore.create(keystore, roots)
    whole = keystore.read_bytes()
    for data in (b"", whole[:-1], whole.replace(b"keystore/1", b"keystore/9")):
        keystore.write_bytes(data)
        with pytest.raises(KeystoreRefused):
            Keystore.load(keystore, roots)
    keystore.write_bytes(whole)
    (tmp_path / "roots" / "00000001.root").write_bytes(b"short")
    with pytest.raises(RootRefused, match="damaged"):
        Keystore.load(keystore, roots)


def test_a_new_keystore_never_replaces_an_old_one(tmp_path: Path) -> None:
    keystore, roots = tmp_path / "keystore", FileRoots(tmp_path / "roots")
    Keystore.create(keystore, roots)
    with pytest.raises(KeystoreRefused, match="there is, or was"):
        Keystore.create(keystore, roots)


def test_a_root_open_to_others_is_refused(tmp_path: Path) -> None:
    roots = FileRoots(tmp_path / "roots")
    Keystore.create(tmp_path / "keystore", roots)
    (tmp_path / "roots" / "00000001.root").chmod(0o640)
    with pytest.raises(RootRefused, match="chmod 600"):
        Keystore.load(tmp_path / "keystore", roots)
    (tmp_path / "roots").chmod(0o750)
    with pytest.raises(RootRefused, match="chmod 700"):
        FileRoots(tmp_path / "roots")
