"""The keystore's file, and every refusal to start on one that is not the right one."""

import ctypes
import gc
import hashlib
from pathlib import Path

import pytest

from crypto.errors.lists import UnknownList
from crypto.errors.records import DoesNotOpen
from crypto.host.memory import LockedMemory
from crypto.keys.keystore import Keystore
from crypto.keys.roots.file import FileRoots
from crypto.keys.roots.kinds import RootRefused
from crypto.keys.vault import Binding, KeystoreRefused, ListSecrets, Recorded
from crypto.wire.lists import Shred
from crypto.wire.uploads import Address
from tests.crypto.world import World

NOTHING = Recorded(b"")
BINDING = Binding("ent_1", "lst_1", b"p" * 32, 1)
KEYS = ListSecrets(b"s" * 96, b"r" * 32, b"t" * 32)


def filled(path: Path, roots: FileRoots) -> Keystore:
    """A keystore with one list."""
    keystore = Keystore.create(path, roots)
    keystore.stage_lists({BINDING: KEYS})
    keystore.commit()
    return keystore


# -- beside its journal --------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_copied_keystore_does_not_open_without_its_root(world: World) -> None:
    """Not even for somebody who takes the ledger's word away and the new root for the old."""
    await world.upload("lst_1")
    copy = (world.folder / "keystore").read_bytes()
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    world.home.journal.db.execute("UPDATE keystore SET digest = x'', announced = NULL, seq = NULL")
    await world.stop()
    (world.folder / "keystore").write_bytes(copy)
    with pytest.raises(KeystoreRefused, match="knows nothing of"):
        await world.start()
    roots = FileRoots(world.folder / "roots")
    (world.folder / "roots" / "00000002.root").rename(world.folder / "roots" / "00000001.root")
    digest = Recorded(hashlib.sha256(copy).digest())
    with pytest.raises(KeystoreRefused, match="not under this root"):
        Keystore.load(world.folder / "keystore", roots, digest)


@pytest.mark.asyncio
async def test_start_refuses_a_keystore_from_before_a_living_list(world: World) -> None:
    empty = (world.folder / "keystore").read_bytes()
    await world.upload("lst_1")
    await world.stop()
    (world.folder / "keystore").write_bytes(empty)
    with pytest.raises(KeystoreRefused, match="ledger's last entry"):
        await world.start()


@pytest.mark.asyncio
async def test_start_refuses_a_journal_with_a_list_that_the_keystore_lacks(world: World) -> None:
    """Beside the digest: every living list must have its keys."""
    await world.upload("lst_1")
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    world.home.journal.db.execute("UPDATE lists SET epoch = NULL, shredded_at = NULL")
    await world.stop()
    with pytest.raises(KeystoreRefused, match="keys are missing: lst_1"):
        await world.start()


@pytest.mark.asyncio
@pytest.mark.parametrize("of", ["list", "letterbox"])
async def test_start_refuses_a_keystore_with_keys_without_its_journal(
    world: World, of: str
) -> None:
    """An empty ledger must not follow a full one."""
    if of == "list":
        await world.upload("lst_1")
    else:
        await world.say(Address("ctr_1", "job_1"))
    await world.stop()
    for part in world.folder.glob("journal.db*"):
        part.unlink()
    with pytest.raises(KeystoreRefused, match="knows nothing of"):
        await world.start()


@pytest.mark.asyncio
async def test_start_refuses_a_journal_without_its_keystore(world: World) -> None:
    await world.stop()
    (world.folder / "keystore").unlink()
    with pytest.raises(KeystoreRefused, match="has a history"):
        await world.start()


# -- by itself -----------------------------------------------------------------------------


def test_a_root_that_does_not_fit_is_refused_before_anything_is_swept_away(tmp_path: Path) -> None:
    folder, path = tmp_path / "roots", tmp_path / "keystore"
    roots = FileRoots(folder)
    Keystore.create(path, roots)
    right = (folder / "00000001.root").read_bytes()
    roots.create(2)
    (folder / "00000001.root").write_bytes(bytes(32))
    with pytest.raises(KeystoreRefused, match="not under this root"):
        Keystore.load(path, roots, NOTHING)
    assert roots.epochs() == {1, 2}
    (folder / "00000001.root").write_bytes(right)
    Keystore.load(path, roots, NOTHING)
    assert roots.epochs() == {1}


def test_a_keystore_that_is_not_the_noted_one_is_refused_before_anything_is_swept_away(
    tmp_path: Path,
) -> None:
    folder, path = tmp_path / "roots", tmp_path / "keystore"
    roots = FileRoots(folder)
    filled(path, roots)
    roots.create(2)
    path.with_suffix(".next").write_bytes(b"x")
    with pytest.raises(KeystoreRefused):
        Keystore.load(path, roots, Recorded(bytes(32)))
    assert roots.epochs() == {1, 2}
    assert path.with_suffix(".next").exists()


def test_a_damaged_keystore_is_refused(tmp_path: Path) -> None:
    path, roots = tmp_path / "keystore", FileRoots(tmp_path / "roots")
    Keystore.create(path, roots)
    whole = path.read_bytes()
    for data in (b"", whole[:-1], whole.replace(b"keystore/1", b"keystore/9")):
        path.write_bytes(data)
        with pytest.raises(KeystoreRefused):
            Keystore.load(path, roots, NOTHING)
    path.write_bytes(whole)
    (tmp_path / "roots" / "00000001.root").write_bytes(b"short")
    with pytest.raises(RootRefused, match="damaged"):
        Keystore.load(path, roots, NOTHING)


def test_a_new_keystore_never_replaces_an_old_one(tmp_path: Path) -> None:
    path, roots = tmp_path / "keystore", FileRoots(tmp_path / "roots")
    Keystore.create(path, roots)
    with pytest.raises(KeystoreRefused, match="there is, or was"):
        Keystore.create(path, roots)
    path.unlink()
    roots.create(2)
    with pytest.raises(KeystoreRefused, match="there is, or was"):
        Keystore.create(path, roots)


def test_keys_open_for_their_binding_only(tmp_path: Path) -> None:
    keystore = filled(tmp_path / "keystore", FileRoots(tmp_path / "roots"))
    assert keystore.secrets(BINDING) == KEYS
    for other in (
        Binding("ent_2", "lst_1", b"p" * 32, 1),
        Binding("ent_1", "lst_1", b"q" * 32, 1),
        Binding("ent_1", "lst_1", b"p" * 32, 2),
    ):
        with pytest.raises(DoesNotOpen):
            keystore.secrets(other)
    with pytest.raises(UnknownList):
        keystore.secrets(Binding("ent_1", "lst_2", b"p" * 32, 1))
    later = Binding("ent_1", "lst_1", b"p" * 32, 9)
    keystore.stage_rebound(BINDING, later)
    keystore.commit()
    assert keystore.secrets(later) == KEYS
    with pytest.raises(DoesNotOpen):
        keystore.secrets(BINDING)


def test_a_rename_that_failed_comes_before_the_next_change(tmp_path: Path) -> None:
    """The journal has noted it: it must not be lost to the next one."""
    path = tmp_path / "keystore"
    keystore = filled(path, FileRoots(tmp_path / "roots"))
    other = Binding("ent_1", "lst_2", b"p" * 32, 1)
    keystore.stage_lists({other: KEYS})
    path.rename(tmp_path / "elsewhere")
    path.mkdir()  # a file cannot be renamed onto it
    with pytest.raises(IsADirectoryError):
        keystore.commit()
    path.rmdir()
    keystore.drop()
    keystore.stage_lists({Binding("ent_1", "lst_3", b"p" * 32, 1): KEYS})
    keystore.commit()
    assert all(name in keystore for name in ("lst_1", "lst_2", "lst_3"))
    assert keystore.secrets(other) == KEYS


# -- in memory -----------------------------------------------------------------------------


def locked_kilobytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmLck"))


def test_keys_lie_in_locked_memory_that_is_not_dumped_and_are_wiped() -> None:
    """smaps(5): "lo" is locked, "dd" is left out of dumps, "dc" is not given to children."""
    gc.collect()  # what earlier tests held is let go of now, not between the two measurements
    before = locked_kilobytes()
    memory = LockedMemory()
    key = bytes(range(32))
    slot = memory.hold(key)
    assert slot.key == key
    assert memory.locked
    assert locked_kilobytes() > before
    flags = [
        line.split()[1:]
        for line in Path("/proc/self/smaps").read_text().splitlines()
        if line.startswith("VmFlags")
    ]
    assert any({"lo", "dd", "dc"} <= set(words) for words in flags)
    view = slot.key
    slot.wipe()
    slot.wipe()
    assert bytes(view) == bytes(32)
    other = memory.hold(bytes([7]) * 32)
    assert other.key is view
    assert bytes(slot.key) == bytes(32)  # whatever lies in its room since
    with pytest.raises(ValueError, match="not a key"):
        memory.hold(b"short")


def test_where_memory_may_not_be_locked_the_keeper_says_so_and_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    memory = LockedMemory()
    ctypes.set_errno(0)  # what another call said is not what this one says
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crypto.host.memory.ctypes.CDLL", _NoLock)
        slots = [memory.hold(bytes([n % 256]) * 32) for n in range(4097)]
    assert not memory.locked
    said = [record.message for record in caplog.records if "not locked" in record.message]
    assert said == ["keys are not locked in memory: Cannot allocate memory"]
    assert slots[4096].key == bytes(32)


class _NoLock(ctypes.CDLL):
    """A kernel that may not lock these pages, and says why (mlock(2): ENOMEM)."""

    def mlock(self, _address: object, size: ctypes.c_size_t) -> int:
        nowhere = ctypes.c_void_p(0)
        return int(self["mlock"](nowhere, size))
