"""Which folder is made durable after a token in software has written to it."""

import os
from pathlib import Path

import pytest

from crypto.keys.roots import softhsm


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The inodes that were made durable; -1: every disk."""
    inodes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: inodes.append(os.fstat(descriptor).st_ino))
    monkeypatch.setattr(os, "sync", lambda: inodes.append(-1))
    return inodes


def test_everything_in_the_token_directory_is_made_durable_and_nothing_left_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synced: list[int]
) -> None:
    tokens = tmp_path / "tokens"
    (tokens / "one").mkdir(parents=True)
    (tokens / "one" / "token.object").touch()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(f"another = {tmp_path}\ndirectories.tokendir = {tokens}\n")
    monkeypatch.setenv(softhsm.NAMED_BY, str(conf))
    descriptors = Path("/proc/self/fd")
    before = len([*descriptors.iterdir()])
    softhsm.settle()
    assert len([*descriptors.iterdir()]) <= before
    expected = (tokens, tokens / "one", tokens / "one" / "token.object")
    assert sorted(synced) == sorted(path.stat().st_ino for path in expected)


@pytest.mark.parametrize("said", ["log.level = ERROR\n", "directories.tokendir = /nowhere\n", None])
def test_if_the_directory_is_not_to_be_found_every_disk_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synced: list[int], said: str | None
) -> None:
    conf = tmp_path / "softhsm2.conf"
    if said is not None:
        conf.write_text(said)
    monkeypatch.setenv(softhsm.NAMED_BY, str(conf))
    softhsm.settle()
    assert synced == [-1]


def test_without_a_word_of_the_environment_the_users_comes_before_the_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synced: list[int]
) -> None:
    monkeypatch.delenv(softhsm.NAMED_BY, raising=False)
    places = [tmp_path / "user.conf", tmp_path / "machine.conf"]
    monkeypatch.setattr(softhsm, "CONFIGURATIONS", tuple(map(str, places)))
    for place in reversed(places):
        tokens = tmp_path / place.stem
        tokens.mkdir()
        place.write_text(f"directories.tokendir={tokens}\n")
        synced.clear()
        softhsm.settle()
        assert synced == [tokens.stat().st_ino]
