"""An auditor's tools, on a copy of the log and the key that came by another way."""

from pathlib import Path
from subprocess import CompletedProcess

import pytest

from crypto.ledger.checkpoint import verifier_key
from tests.calllist.command_line import run
from tests.crypto.logs import PUBLIC, Log

FROZEN = Path(__file__).parents[1] / "vectors" / "ledger"


@pytest.fixture
def log(tmp_path: Path) -> Log:
    made = Log(tmp_path / "log")
    made.grow(300, ("lst_1",), principal="per_1")
    made.turn()
    made.grow(5, ("lst_1",), principal="per_1")
    made.publish()
    (tmp_path / "ledger.pub").write_text(verifier_key(PUBLIC) + "\n")
    return made


def tool(log: Log, *arguments: object) -> CompletedProcess[bytes]:
    """`calllist ledger` in English, beside the log."""
    return run("--lang=en", "ledger", *arguments, cwd=log.folder.parent)


def test_the_whole_log_is_verified_and_a_change_is_named(log: Log) -> None:
    done = tool(log, "verify", "log", "--key", "ledger.pub", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert b"2026-04  lines 0 to 299 (300)" in done.stdout
    assert b"only against heads that a witness has kept" in done.stderr
    path = log.folder / "2026-04/tile/entries/000"
    path.write_bytes(path.read_bytes().replace(b"per_1", b"per_2", 1))
    done = tool(log, "verify", "log", "--key", "ledger.pub")
    assert done.returncode == 1
    assert b"x 2026-04/tile/0/000" in done.stdout
    for wrong in (("nowhere", "ledger.pub"), ("log", "log/2026-04/checkpoint")):
        assert tool(log, "verify", wrong[0], "--key", wrong[1]).returncode == 2


def test_a_log_that_was_cut_off_shows_against_kept_heads(log: Log, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / log.month).write_text(log.note())
    check = ("verify", "log", "--key", "ledger.pub", "--heads", "kept")
    done = tool(log, *check)
    assert done.returncode == 0, done.stderr
    assert b"has only grown since the heads" in done.stderr
    log.entries.pop()
    log.publish()
    done = tool(log, *check)
    assert done.returncode == 1
    assert b"shorter than, or another than" in done.stdout


def test_proofs_are_made_and_checked_by_file(log: Log, tmp_path: Path) -> None:
    (tmp_path / "old").write_text(log.note())
    log.grow(20, ("lst_1",))
    log.publish()
    key = ("--key", "ledger.pub")
    for what, file, said in (
        (("--line", 303), "line.json", b"line 303 of the ledger"),
        (("--since", "old"), "growth.json", b"from 6 lines to 26"),
    ):
        made = tool(log, "prove", "log", *key, *what, "-o", file)
        assert made.returncode == 0, made.stderr
        checked = tool(log, "check-proof", file, *key)
        assert checked.returncode == 0
        assert said in checked.stderr
    assert tool(log, "prove", "log", *key, "--line", 999, "-o", "x").returncode == 1
    assert tool(log, "prove", "log", *key, "-o", "x").returncode == 2
    proof = tmp_path / "line.json"
    proof.write_bytes(proof.read_bytes().replace(b'"index": 3', b'"index": 2'))
    assert tool(log, "check-proof", proof, *key).returncode == 1


def test_a_frozen_extract_says_what_it_covers_and_whose_key_is_missing(tmp_path: Path) -> None:
    run("keys", "new", "own.key", cwd=tmp_path)
    command = ("trace", FROZEN / "lst_1.entries", "--key", "own.key")
    key = ("--log-key", FROZEN / "ledger.pub")
    done = run("--lang=en", *command, *key, cwd=tmp_path, stdin=b"03-0000-1234\n")
    assert done.returncode == 0, done.stderr
    assert b"not looked into, its key is not at hand (131 lines)" in done.stderr
    assert b"no list is covered whole: that says nothing" in done.stderr
    done = run("--lang=en", *command, *key, cwd=tmp_path, stdin=b"03-0000-1234\nnobody\n")
    assert done.returncode == 2
    assert b"Line 2 cannot be read" in done.stderr
