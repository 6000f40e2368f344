"""What keys are wrapped for, which file is the right one, and the room that is kept for endings."""

import errno
import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from crypto.errors.lists import RootNotDestroyed
from crypto.host import reserve
from crypto.host.reserve import LOW_BYTES, RESERVE_BYTES, Reserve, is_full
from crypto.keys.keystore import Keystore
from crypto.keys.roots.file import FileRoots
from crypto.keys.vault import Binding, KeystoreRefused, ListSecrets, Place, Recorded, beside, settle

BINDING = Binding("ent_1", "lst_1", b"p" * 32, 1)
KEYS = ListSecrets(b"s" * 96, b"r" * 32, b"t" * 32)
PLACE = Place(7)


def text(word: str) -> bytes:
    return b"s" + len(word).to_bytes(4, "big") + word.encode()


def number(count: int) -> bytes:
    return b"i\0\0\0\x08" + count.to_bytes(8, "big")


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        (
            lambda: PLACE.entrustor("ent_1"),
            [text("calllist/wrap/entrustor/1"), number(7), text("ent_1")],
        ),
        (
            lambda: PLACE.list(BINDING),
            [
                *(text("calllist/wrap/list/1"), number(7), text("ent_1"), text("lst_1")),
                *(b"b\0\0\0\x20" + b"p" * 32, number(1)),
            ],
        ),
        (
            lambda: PLACE.box("ent_1", "job_1"),
            [text("calllist/wrap/letterbox/1"), number(7), text("ent_1"), text("job_1")],
        ),
        (PLACE.factors, [text("calllist/wrap/factors/1"), number(7)]),
        (PLACE.proof, [text("calllist/wrap/proof/1"), number(7)]),
    ],
    ids=["entrustor", "list", "box", "factors", "proof"],
)
def test_a_wrap_names_what_it_is_its_epoch_and_whose(
    place: Callable[[], bytes], parts: list[bytes]
) -> None:
    """Frozen: a keystore on somebody's disk was wrapped for exactly these bytes."""
    assert place() == b"".join(parts)


# -- the keystore --------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keystore"


@pytest.fixture
def keystore(path: Path) -> Keystore:
    """With one list and one box."""
    keystore = Keystore.create(path, FileRoots(path.parent / "roots"))
    keystore.stage_lists({BINDING: KEYS})
    keystore.commit()
    keystore.stage_box("job_1", "ent_1", b"identity")
    keystore.commit()
    return keystore


def test_a_change_that_was_noted_is_renamed_at_the_start(path: Path, keystore: Keystore) -> None:
    noted = keystore.stage_box("job_2", "ent_1", b"another")
    _, digest = settle(path, Recorded(noted))
    assert digest == noted
    assert not beside(path).exists()
    assert settle(path, Recorded(noted))[1] == noted


def test_only_what_the_journal_noted_is_committed(keystore: Keystore) -> None:
    before = keystore.digest
    keystore.stage_box("job_2", "ent_1", b"another")
    keystore.finish(before)
    assert keystore.digest == before
    noted = keystore.stage_box("job_2", "ent_1", b"another")
    keystore.finish(noted)
    assert keystore.digest == noted
    assert keystore.box("job_2", "ent_1") == b"another"


def test_a_keystore_that_cannot_be_read_says_why(path: Path) -> None:
    with pytest.raises(KeystoreRefused, match="No such file"):
        settle(path, Recorded(b""))


def test_the_file_is_its_owners_alone(path: Path, keystore: Keystore) -> None:
    keystore.stage_box("job_2", "ent_1", b"another")
    for one in (path, beside(path)):
        assert stat.S_IMODE(one.stat().st_mode) == 0o600


@pytest.mark.parametrize("keep", [("lst_1", "job_1"), ("lst_1", "")])
def test_a_new_epoch_destroys_the_root_before(
    path: Path, keystore: Keystore, keep: tuple[str, str]
) -> None:
    keystore.stage_epoch([keep[0]], [keep[1]])
    keystore.commit()
    keystore.retire()
    assert FileRoots(path.parent / "roots").epochs() == {2}
    assert keystore.secrets(BINDING) == KEYS
    assert keystore.boxes == {keep[1]} - {""}


def test_a_box_that_does_not_survive_stops_the_epoch(
    keystore: Keystore, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrapped = Keystore._box_rewrapped
    box = keystore._live.box
    monkeypatch.setattr(keystore._live, "box", lambda *_: b"something else")
    monkeypatch.setattr(
        Keystore,
        "_box_rewrapped",
        lambda self, *rest: (
            monkeypatch.setattr(self._live, "box", lambda *_: b"something else"),
            rewrapped(self, *rest),
            monkeypatch.setattr(self._live, "box", box),
        )[1],
    )
    with pytest.raises(KeystoreRefused, match="address of job_1"):
        keystore.stage_epoch(["lst_1"], ["job_1"])


@pytest.mark.parametrize("how", ["stays", "its_key_stays"])
def test_a_root_that_is_still_there_is_no_destroyed_root(
    keystore: Keystore, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Whether its file is still there, or what was unlocked from it still opens the old wrap."""
    keystore.stage_epoch(["lst_1"])
    keystore.commit()
    if how == "stays":
        monkeypatch.setattr(FileRoots, "destroy", lambda *_: None)
    else:
        monkeypatch.setattr("crypto.keys.roots.file.FileRoot.wipe", lambda _: None)
    with pytest.raises(RootNotDestroyed, match=r": 1$"):
        keystore.retire()


# -- the reserve ---------------------------------------------------------------------------


def test_the_reserve_is_taken_given_and_taken_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "reserve"
    kept = Reserve(path, 8192)
    assert kept.kept
    assert path.stat().st_blocks * 512 >= path.stat().st_size == 8192
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept.release()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert (kept.kept, kept.release()) == (False, False)
    assert kept.keep()
    assert kept.keep()
    os.truncate(path, 8191)
    assert not kept.kept
    assert (RESERVE_BYTES, LOW_BYTES) == (16 * 2**20, 2**20)


@pytest.mark.parametrize(("room", "kept"), [(LOW_BYTES - 1, False), (LOW_BYTES, True)])
def test_on_a_disk_that_is_full_at_the_start_the_reserve_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, kept: bool
) -> None:
    Reserve(tmp_path / "reserve", 8192)
    blocks = SimpleNamespace(f_bavail=room, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda _: blocks)
    assert Reserve(tmp_path / "reserve", 8192).kept == kept
    assert Reserve(tmp_path / "another", 8192).kept  # there is room for what is not there yet
    blocks.f_frsize = 3
    assert reserve._room(tmp_path) == 3 * room


def test_where_there_is_no_room_for_the_reserve_nothing_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "x")

    monkeypatch.setattr(os, "posix_fallocate", full)
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    assert not Reserve(tmp_path / "reserve", 8192).keep()
    assert not (tmp_path / "reserve").exists()
    assert ["no room" in record.message for record in caplog.records] == [True]
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "x"), True),
        (OSError(errno.EDQUOT, "x"), True),
        (OSError(errno.EIO, "x"), False),
        (ValueError("x"), False),
    ],
)
def test_a_full_disk_is_told_from_other_troubles(error: Exception, full: bool) -> None:
    assert is_full(error) == full
