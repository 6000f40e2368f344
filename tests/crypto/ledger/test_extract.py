"""An extract shows what it proves; what was left out of it, added or exchanged is found."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.bookkeeping.filing import Shelf
from crypto.ledger.extract import (
    BadExtract,
    Coverage,
    Extract,
    Header,
    MonthPart,
    block_bytes,
    head_bytes,
    lines_of,
)
from crypto.ledger.proofs import several
from tests.crypto.logs import PUBLIC, Log

Line = tuple[int, bytes]
replace = msgspec.structs.replace


def all_of_it(lines: list[Line]) -> list[Line]:
    return lines


@pytest.fixture
def log(tmp_path: Path) -> Log:
    made = Log(tmp_path / "log")
    made.grow(90, ("lst_1", "lst_2", "lst_3"))
    made.publish()
    return made


def extract(
    log: Log,
    chosen: Callable[[list[Line]], list[Line]] = all_of_it,
    *,
    own: tuple[str, ...] = ("lst_1", "lst_2"),
    tail: bytes = b"",
    first: int = 0,
) -> Extract:
    """The lines of lists 1 and 2, as far as they are chosen, with a right proof of those."""
    shelf = Shelf.at(log.folder / log.month, 0)
    size = len(log.entries)
    hashes = shelf.file([]).closed(log.entries).hashes()
    lines = chosen([one for one in enumerate(log.entries) if b'"lst_3"' not in one[1]])
    proof = list(several([place for place, _ in lines], size, hashes))
    part = MonthPart(log.month, first, log.note(), len(lines), len(proof))
    header = Header("ent_1", "log", dict.fromkeys(own, b""), (part,))
    path = log.folder.parent / "file.entries"
    path.write_bytes(head_bytes(header) + block_bytes(lines) + b"".join(proof) + tail)
    return Extract(path)


def covered(found: Coverage) -> dict[str, tuple[int, bool, bool]]:
    return {name: (one.n, one.gap, one.over) for name, one in found.lists.items()}


def test_every_line_of_ones_own_lists_is_proven(log: Log) -> None:
    assert covered(extract(log).verify(PUBLIC)) == {
        "lst_1": (30, False, False),
        "lst_2": (30, False, False),
    }


def test_a_line_that_was_left_out_is_a_gap_unless_it_is_the_last(log: Log) -> None:
    found = extract(log, lambda lines: lines[:8] + lines[9:]).verify(PUBLIC)
    assert covered(found)["lst_1"] == (30, True, False)
    found = extract(log, lambda lines: lines[:-2]).verify(PUBLIC)
    assert covered(found)["lst_1"] == (29, False, False)  # so it is said of a living list


def test_a_list_is_over_when_its_keys_are_gone(log: Log) -> None:
    log.n["lst_1"] += 1
    log.line("shred", list="lst_1", n=log.n["lst_1"])
    assert covered(extract(log).verify(PUBLIC))["lst_1"] == (31, False, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tail": b"x"},
        {"own": ("lst_1",)},
        {"first": 1},
        {"chosen": lambda lines: [lines[1], lines[0], *lines[2:]]},
        {"chosen": lambda lines: [(lines[0][0], lines[1][1]), *lines[1:]]},
        {"chosen": lambda lines: [*lines, lines[-1]]},
    ],
)
def test_what_is_not_as_the_log_has_it_is_refused(log: Log, wrong: dict) -> None:
    with pytest.raises(BadExtract):
        extract(log, **wrong).verify(PUBLIC)


def test_every_cut_and_another_key_are_refused(log: Log) -> None:
    path = extract(log).path
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(BadExtract):
        Extract(path).verify(stranger)
    data = path.read_bytes()
    for end in range(0, len(data), 37):
        path.write_bytes(data[:end])
        with pytest.raises(BadExtract):
            Extract(path).verify(PUBLIC)


@pytest.mark.parametrize(("count", "blocks"), [(0, 0), (1, 1), (256, 1), (257, 2), (512, 2)])
def test_a_block_has_256_lines(tmp_path: Path, count: int, blocks: int) -> None:
    """Frozen: a file that somebody keeps says how many lines it has, and not how many blocks."""
    header = Header("ent_1", "log", {}, (MonthPart("2026-04", 0, "", count, 0),))
    path = tmp_path / "file.entries"
    path.write_bytes(head_bytes(header) + block_bytes([]) * blocks)
    assert len(list(Extract(path).blocks())) == blocks
    path.write_bytes(head_bytes(header) + block_bytes([]) * (blocks - 1))
    if blocks:
        with pytest.raises(BadExtract, match="cut off"):
            list(Extract(path).blocks())


def retold(found: Extract, **changes: object) -> Extract:
    """The same file, saying something else of its month."""
    data, header = found.path.read_bytes(), found.header
    parts = (replace(header.months[0], **changes),)
    head = head_bytes(replace(header, months=parts))
    found.path.write_bytes(head + data[len(head_bytes(header)) :])
    return Extract(found.path)


@pytest.mark.parametrize("wrong", [{"month": "2026-05"}, {"count": 59}])
def test_what_is_said_of_a_month_is_what_was_signed(log: Log, wrong: dict) -> None:
    found = extract(log).verify(PUBLIC)
    assert (found.lines, [head.size for head in found.heads]) == (60, [90])
    with pytest.raises(BadExtract, match=r"2026-0[45]$"):
        retold(extract(log), **wrong).verify(PUBLIC)


def test_a_list_that_is_over_stays_so_and_a_line_without_a_number_is_a_gap(log: Log) -> None:
    log.line("shred", list="lst_1", n=31)
    log.line("certify", list="lst_1", n=32)
    log.line("open", list="lst_2")
    found = covered(extract(log).verify(PUBLIC))
    assert found == {"lst_1": (32, False, True), "lst_2": (0, True, False)}


def test_where_a_file_is_cut_off_it_is_said_to_be(log: Log) -> None:
    path = extract(log).path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadExtract, match="cut off"):
        Extract(path).verify(PUBLIC)
    assert list(lines_of(bytes(8) + b"\0\4abcd")) == [(0, b"abcd")]
    for block in (bytes(8) + b"\0\5abcd", bytes(8) + b"\0"):
        with pytest.raises(BadExtract, match="cut off"):
            list(lines_of(block))


def test_a_line_that_is_none_and_another_file_are_refused(log: Log) -> None:
    log.entries[0] = bytes(16) + b"{"
    with pytest.raises(BadExtract, match="line"):
        extract(log).verify(PUBLIC)
    path = extract(log).path
    path.write_bytes(path.read_bytes().replace(b"entries/1", b"entries/2", 1))
    with pytest.raises(BadExtract, match="form"):
        Extract(path)


def test_every_block_is_found_where_it_lies(tmp_path: Path) -> None:
    bodies = [block_bytes([(0, b"x" * size)]) for size in (300, 20)]
    parts = tuple(MonthPart(month, 0, "", 1, 2) for month in ("2026-04", "2026-05"))
    path = tmp_path / "file.entries"
    head = head_bytes(Header("ent_1", "log", {}, parts))
    path.write_bytes(head + b"".join(body + bytes(64) for body in bodies))
    data, found = path.read_bytes(), list(Extract(path).blocks())
    assert [data[at : at + length] for at, length in found] == [body[4:] for body in bodies]
    assert [len(entry) for body in bodies for _, entry in lines_of(body[4:])] == [300, 20]
