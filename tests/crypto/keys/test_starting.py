"""What a keeper starts on: the keystore that its ledger spoke of last, and no other."""

import shutil
from pathlib import Path

import pytest

from crypto.keys.keystore import Keystore
from crypto.keys.roots.kinds import RootRefused
from crypto.keys.vault import KeystoreRefused
from crypto.lists.lifecycle import Lists
from crypto.wire.lists import Inspect, Shred
from tests.crypto.crashes import Crash, after, before
from tests.crypto.world import World


def put_back(world: World, copy: Path) -> None:
    """The keystore of `copy`, and its roots where they lie in files."""
    shutil.copy(copy / "keystore", world.folder / "keystore")
    shutil.copytree(copy / "roots", world.folder / "roots", dirs_exist_ok=True)


async def shredded_once(world: World, copy: Path) -> None:
    """A list was there when `copy` was taken, and is gone now."""
    await world.upload("lst_1")
    shutil.copytree(world.folder, copy)
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    await world.stop()


@pytest.mark.asyncio
async def test_start_refuses_an_old_keystore_even_with_its_root(
    world: World, tmp_path: Path
) -> None:
    """Promise 7: the copy would open, but an honest ledger refuses it; and no root is touched."""
    await shredded_once(world, tmp_path / "copy")
    right = (world.folder / "keystore").read_bytes()
    put_back(world, tmp_path / "copy")
    with pytest.raises(KeystoreRefused, match="copy of epoch 1 that was put back"):
        await world.start()
    (world.folder / "keystore").write_bytes(right)
    await world.start()


@pytest.mark.asyncio
async def test_start_refuses_an_old_keystore_of_the_same_epoch(
    world: World, tmp_path: Path
) -> None:
    await world.upload("lst_1")
    old = (world.folder / "keystore").read_bytes()
    await world.upload("lst_2")
    await world.stop()
    right = (world.folder / "keystore").read_bytes()
    (world.folder / "keystore").write_bytes(old)
    with pytest.raises(KeystoreRefused, match="not the keystore of the ledger's last entry"):
        await world.start()
    (world.folder / "keystore.next").write_bytes(old)
    with pytest.raises(KeystoreRefused, match="not the keystore of the ledger's last entry"):
        await world.start()
    (world.folder / "keystore").write_bytes(right)
    await world.start()
    assert not (world.folder / "keystore.next").exists()


@pytest.mark.asyncio
async def test_start_refuses_a_state_that_speaks_of_another_keystore_than_the_ledger(
    world: World, tmp_path: Path
) -> None:
    """Whoever edits the table still has the ledger's line against them."""
    await world.upload("lst_1")
    database = world.home.journal.db
    digest = database.execute("SELECT digest FROM keystore").fetchone()
    await world.upload("lst_2")
    database.execute("UPDATE keystore SET digest = ?", digest)
    await world.stop()
    with pytest.raises(KeystoreRefused, match="last word"):
        await world.start()


@pytest.mark.asyncio
async def test_a_manifest_that_was_noted_and_not_renamed_is_renamed_at_the_start(
    either: World,
) -> None:
    world = either
    with pytest.MonkeyPatch.context() as patch:
        before((Keystore, "commit"), (Keystore, "finish"))(patch)
        with pytest.raises(Crash):
            await world.upload("lst_1")
    assert "lst_1" not in world.home.keystore
    await world.restart()
    assert (await world.say(Inspect("lst_1"))).state == "open"
    assert "lst_1" in world.home.keystore


@pytest.mark.asyncio
async def test_a_manifest_that_was_not_noted_leaves_no_key(world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        after((Lists, "add"))(patch)
        with pytest.raises(Crash):
            await world.upload("lst_1")
    assert "lst_1" not in world.home.keystore
    await world.upload("lst_2")
    await world.restart()
    assert "lst_1" not in world.home.keystore
    assert "lst_2" in world.home.keystore


@pytest.mark.asyncio
async def test_an_old_keystore_without_its_root_is_refused_by_whoever_forges_the_ledger(
    either: World, tmp_path: Path
) -> None:
    """Everything rolled back but the root: it is gone, from the folder or from the token."""
    await shredded_once(either, tmp_path / "copy")
    roots = list((tmp_path / "copy" / "roots").glob("*.root"))
    for path in roots:
        path.unlink()
    world = World(tmp_path / "copy", either.root)
    with pytest.raises(RootRefused, match="root of epoch 1"):
        await world.start()
