"""A change of the keystore that is dropped, owed or cut short, and what stays in memory of it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors.lists import RootNotDestroyed, UnknownList
from crypto.errors.records import DoesNotOpen
from crypto.host.memory import LockedMemory, Slot
from crypto.keys.keystore import Keystore
from crypto.keys.roots.file import FileRoot, FileRoots
from crypto.keys.roots.kinds import RootRefused
from crypto.keys.unlocked import Unlocked
from crypto.keys.vault import (
    Binding,
    KeystoreRefused,
    ListSecrets,
    Recorded,
    StoredList,
    beside,
    encode,
)
from crypto.keys.wrapping import WRAP_NONCE_BYTES, WRAP_TAG_BITS, unwrap, wrap

BINDING = Binding("ent_1", "lst_1", b"p" * 32, 1)
LATER = Binding("ent_1", "lst_1", b"p" * 32, 2)
FOREIGN = Binding("ent_2", "lst_2", b"p" * 32, 1)
KEYS = ListSecrets(b"s" * 96, b"r" * 32, b"t" * 32)
Change = Callable[[Keystore], bytes]
CHANGES: dict[str, Change] = {
    "lists": lambda keystore: keystore.stage_lists({FOREIGN: KEYS}),
    "box": lambda keystore: keystore.stage_box("job_2", "ent_3", b"another"),
    "rebound": lambda keystore: keystore.stage_rebound(BINDING, LATER),
    "epoch": lambda keystore: keystore.stage_epoch(["lst_1"], ["job_1"]),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keystore"


@pytest.fixture
def roots(path: Path) -> FileRoots:
    return FileRoots(path.parent / "roots")


@pytest.fixture
def keystore(path: Path, roots: FileRoots) -> Keystore:
    """With a list, and a box of an entrustor who has no list."""
    keystore = Keystore.create(path, roots)
    keystore.stage_lists({BINDING: KEYS})
    keystore.commit()
    keystore.stage_box("job_1", "ent_3", b"identity")
    keystore.commit()
    return keystore


@pytest.fixture
def held(keystore: Keystore, monkeypatch: pytest.MonkeyPatch) -> list[Slot]:
    """Every slot that the keystore takes from now on, after those that it has."""
    slots = list(keystore._live.keys.values())
    hold = keystore._memory.hold

    def held(key: bytes) -> Slot:
        slots.append(hold(key))
        return slots[-1]

    monkeypatch.setattr(keystore._memory, "hold", held)
    return slots


def full(slots: list[Slot]) -> set[int]:
    return {id(slot) for slot in slots if not slot.key.readonly}


# -- what stays in memory ------------------------------------------------------------------


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("ending", ["commit", "drop", "another", "close"])
def test_no_key_stays_in_memory_that_the_keystore_does_not_need(
    keystore: Keystore, held: list[Slot], change: Change, ending: str
) -> None:
    change(keystore)
    if ending == "another":  # what was staged and never committed gives way
        change(keystore)
    if ending != "drop":
        keystore.commit()
    keystore.drop()
    assert full(held) == {id(slot) for slot in keystore._live.keys.values()} != set()
    if ending == "close":
        keystore.close()
        assert full(held) == set()


def test_closing_wipes_the_roots_too(keystore: Keystore) -> None:
    root = keystore._live.root
    keystore.close()
    assert isinstance(root, FileRoot)
    assert bytes(root._slot.key) == bytes(32)


def test_keys_of_a_file_that_opens_in_part_are_wiped(keystore: Keystore) -> None:
    live, memory, held = keystore._live, LockedMemory(), list[Slot]()
    hold = memory.hold
    memory.hold = lambda key: held.append(hold(key)) or held[-1]  # type: ignore[method-assign,func-returns-value]
    damaged = live.file.entrustors | {"ent_3": bytes(60)}
    file = msgspec.structs.replace(live.file, entrustors=damaged)
    with pytest.raises(DoesNotOpen):
        Unlocked.by(file, live.digest, live.root, memory)
    assert len(held) == 1
    assert full(held) == set()


def test_a_box_opens_for_its_entrustor_only(keystore: Keystore) -> None:
    assert keystore.box("job_1", "ent_3") == b"identity"
    for job, entrustor in (("job_9", "ent_3"), ("job_1", "ent_1"), ("job_1", "ent_9")):
        with pytest.raises(UnknownList, match=job):
            keystore.box(job, entrustor)
    live = keystore._live
    without = Unlocked(live.file, live.digest, live.root, {})
    with pytest.raises(UnknownList):
        without.box("job_1", "ent_3")


# -- staged, noted, renamed ----------------------------------------------------------------


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_rename_that_is_owed_comes_before_any_change(
    path: Path, keystore: Keystore, change: Change
) -> None:
    keystore.stage_box("job_9", "ent_1", b"noted")
    path.rename(path.parent / "elsewhere")
    path.mkdir()  # a file cannot be renamed onto it
    with pytest.raises(IsADirectoryError):
        keystore.commit()
    path.rmdir()
    change(keystore)
    assert "job_9" in keystore.boxes


def test_what_was_dropped_is_not_committed_also_after_a_load(
    path: Path, roots: FileRoots, keystore: Keystore
) -> None:
    left_over = beside(path)
    left_over.write_bytes(b"left over")
    loaded = Keystore.load(path, roots, Recorded(keystore.digest))
    assert not left_over.exists()
    for one in (loaded, keystore):
        before = one.digest
        one.stage_box("job_9", "ent_1", b"dropped")
        one.drop()
        one.commit()
        one.stage_box("job_9", "ent_1", b"not noted")
        one.finish(before)
        one.commit()
        assert (one.digest, "job_9" in one.boxes) == (before, False)


def test_a_change_lies_on_the_disk_before_it_is_noted_and_before_it_is_told(
    path: Path, keystore: Keystore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsync of the whole file, then of its folder; of the folder again after the rename."""
    synced: list[Any] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor)))
    monkeypatch.setattr("crypto.keys.keystore.sync_folder", synced.append)
    keystore.stage_box("job_2", "ent_1", b"another")
    file, folder = synced
    size = beside(path).stat().st_size
    assert (file.st_size, folder) == (size, path.parent)
    keystore.commit()
    assert synced[2:] == [path.parent]


# -- a new epoch ---------------------------------------------------------------------------


def _another_list(keystore: Keystore, patch: pytest.MonkeyPatch) -> None:
    rewrapped = Keystore._rewrapped

    def other(self: Keystore, entry: StoredList, epoch: int, slots: dict[str, Slot]) -> StoredList:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(Unlocked, "plaintext", lambda *_: b"another")
            return rewrapped(self, entry, epoch, slots)

    patch.setattr(Keystore, "_rewrapped", other)


def _another_factor_key(keystore: Keystore, patch: pytest.MonkeyPatch) -> None:
    answers = iter([bytes(32)])
    right = keystore.factor_key()
    patch.setattr(keystore, "factor_key", lambda: next(answers, right))


def _another_file(keystore: Keystore, patch: pytest.MonkeyPatch) -> None:
    write = keystore._write_beside
    patch.setattr(keystore, "_write_beside", lambda _: write(encode(keystore._live.file)))


def _the_same_in_other_bytes(keystore: Keystore, patch: pytest.MonkeyPatch) -> None:
    write = keystore._write_beside
    # MessagePack: an integer of one byte as one of four.
    patch.setattr(
        keystore,
        "_write_beside",
        lambda data: write(data.replace(b"\xa5epoch\x02", b"\xa5epoch\xce\0\0\0\x02")),
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (_another_list, "lst_1 did not survive"),
        (_another_factor_key, "the factor key did not survive"),
        (_another_file, "not written as it should be"),
        (_the_same_in_other_bytes, "not written as it should be"),
    ],
)
def test_an_epoch_that_would_lose_something_is_refused(
    keystore: Keystore,
    monkeypatch: pytest.MonkeyPatch,
    wrong: Callable[[Keystore, pytest.MonkeyPatch], None],
    says: str,
) -> None:
    wrong(keystore, monkeypatch)
    with pytest.raises(KeystoreRefused, match=says):
        keystore.stage_epoch(["lst_1"], ["job_1"])


def test_the_box_of_an_entrustor_without_a_list_survives(keystore: Keystore) -> None:
    keystore.stage_epoch([], ["job_1"])
    keystore.commit()
    assert keystore.box("job_1", "ent_3") == b"identity"
    assert keystore.entrustors == {"ent_3"}


def test_a_root_that_lies_on_is_named_also_if_nothing_is_tried_with_it(
    path: Path, roots: FileRoots, monkeypatch: pytest.MonkeyPatch
) -> None:
    keystore = Keystore.create(path, roots)
    keystore.retire()
    roots.create(2)
    roots.create(3)
    monkeypatch.setattr(FileRoots, "destroy", lambda *_: None)
    with pytest.raises(RootNotDestroyed, match=r": 2$"):
        keystore.retire()


def test_a_root_that_opens_nothing_at_all_proves_nothing(
    keystore: Keystore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object) -> bytes:
        raise DoesNotOpen

    monkeypatch.setattr(FileRoot, "unwrap", closed)
    with pytest.raises(RootRefused, match="does not open its own"):
        keystore.retire()


# -- how a key is wrapped ------------------------------------------------------------------


def test_a_wrap_is_a_nonce_of_96_bits_and_aes_gcm_with_a_tag_of_128() -> None:
    """NIST SP 800-38D; frozen, for what lies on somebody's disk."""
    key = bytes(range(32))
    wrapped = wrap(key, b"place", b"secret")
    assert len(wrapped) == 12 + 6 + 16
    assert AESGCM(key).decrypt(wrapped[:12], wrapped[12:], b"place") == b"secret"
    assert unwrap(key, b"place", b"n" * 12 + AESGCM(key).encrypt(b"n" * 12, b"x", b"place")) == b"x"
    assert (WRAP_NONCE_BYTES, WRAP_TAG_BITS) == (12, 128)
    assert wrap(key, b"place", b"secret")[:12] != wrapped[:12]
