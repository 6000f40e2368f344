"""Whoever looks a line up gets that line: proven, of its own list, from wherever it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from crypto.bookkeeping import signing
from crypto.bookkeeping.filing import Shelf
from crypto.ledger import proven, tracing
from crypto.ledger.extract import (
    BLOCK_LINES,
    Extract,
    Header,
    MonthPart,
    block_bytes,
    head_bytes,
)
from crypto.ledger.manifested import manifested
from crypto.ledger.proofs import BadProof, several
from crypto.ledger.tracing import in_extract, in_log, trace
from tests.crypto.logs import KEY, PUBLIC, Log

TAG, OTHER = "00" * 16, "11" * 16


def extract(log: Log) -> Extract:
    """The whole current month of a log, as an entrustor gets it."""
    lines = list(enumerate(log.entries))
    hashes = Shelf.at(log.folder / log.month, 0).file([]).closed(log.entries).hashes()
    proof = list(several([place for place, _ in lines], len(log.entries), hashes))
    part = MonthPart(log.month, 0, log.note(), len(lines), len(proof))
    header = Header("ent_1", "log", {}, (part,))
    blocks = [block_bytes(lines[at : at + BLOCK_LINES]) for at in range(0, len(lines), BLOCK_LINES)]
    path = log.folder.parent / "file.entries"
    path.write_bytes(head_bytes(header) + b"".join(blocks) + b"".join(proof))
    return Extract(path)


# -- proofs as files -----------------------------------------------------------------------


def test_a_line_that_the_head_does_not_have_is_not_proven(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.grow(5)
    log.publish()
    honest = proven.of_line(tmp_path, 3, PUBLIC)
    other = proven.Inclusion(3, log.entries[2], honest.hashes, honest.checkpoint)
    with pytest.raises(BadProof):
        other.check(PUBLIC)


def test_under_another_key_or_of_no_line_nothing_is_proven(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.grow(5)
    note = log.publish()
    stranger = bytes(32)
    with pytest.raises(BadProof):
        proven.of_line(tmp_path, 3, PUBLIC).check(stranger)
    with pytest.raises(BadProof):
        proven.Consistency(note, note, ()).check(stranger)
    for entry in (bytes(16), bytes(16) + b"{}", bytes(16) + b"\xff"):
        with pytest.raises(BadProof):
            proven.Inclusion(0, entry, (), signing.sign("2026-04", 1, bytes(32), KEY)).check(PUBLIC)


def test_a_proof_as_a_file_has_one_spelling(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.grow(5)
    log.publish()
    file = proven.written(proven.of_line(tmp_path, 3, PUBLIC))
    assert proven.written(proven.read(file)) == file
    for wrong in (
        b"",
        b"\xff",
        file.replace(b'"inclusion"', b'"exclusion"'),
        file.replace(b'"index"', b'"remark": "x",\n "index"'),
    ):
        with pytest.raises(BadProof):
            proven.read(wrong)


# -- what was written down of a file -------------------------------------------------------


def test_the_manifest_of_a_list_is_found_among_others(tmp_path: Path) -> None:
    """In a later block than the others' too: each block is read where it begins."""
    log = Log(tmp_path / "log")
    said = {"chunks": 1, "rows": 7, "file_hash": "aa"}
    log.line("mint", list="lst_2", n=1)
    log.line("manifest", list="lst_1", n=1, **{**said, "rows": 1})
    log.grow(BLOCK_LINES, ("lst_1",))
    log.line("manifest", list="lst_2", n=2, **said)
    log.publish()
    found = extract(log)
    assert len(list(found.blocks())) == 2
    line = manifested(found, "lst_2")
    assert line is not None
    assert (line.seq, line.rows, line.file_hash) == (2 + BLOCK_LINES, 7, "aa")
    first = manifested(found, "lst_1")
    assert first is not None
    assert (first.seq, first.rows) == (1, 1)
    assert manifested(found, "lst_3") is None


# -- who handled somebody ------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Two people were looked at, one of them by two others."""
    made = Log(tmp_path / "log")
    made.grow(300)
    made.grow(1, principal="per_1", tag=TAG)
    made.grow(1, principal="per_2", tag=OTHER)
    made.turn()
    made.grow(1, principal="per_3", tag=TAG)
    made.publish()
    return made


def test_only_those_who_handled_the_one_looked_for_are_told_of(log: Log) -> None:
    """The other stands in the same block."""
    assert [one.principal for one in trace(in_log(log.folder), [TAG])] == ["per_1", "per_3"]
    assert [one.principal for one in trace(in_log(log.folder), [OTHER])] == ["per_2"]
    assert [one.principal for one in trace(in_extract(extract(log)), [TAG])] == ["per_3"]
    assert trace(in_log(log.folder), []) == []


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("small", [1, 2, 9])
def test_the_answer_is_the_same_whoever_shares_the_work(
    log: Log, monkeypatch: pytest.MonkeyPatch, jobs: int, small: int
) -> None:
    """In one process or two, few tasks or many, a block a task or all of them in one."""
    monkeypatch.setattr(tracing, "SMALL", small)
    monkeypatch.setattr(tracing, "AT_ONCE", 1)
    found = trace(in_log(log.folder), [TAG, OTHER], jobs)
    assert [one.principal for one in found] == ["per_1", "per_2", "per_3"]
