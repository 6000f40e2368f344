"""An extract shows what it proves; what was left out of it, added or exchanged is found."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.ledger.extract import (
    BadExtract,
    Coverage,
    Extract,
    Header,
    MonthPart,
    block_bytes,
    head_bytes,
)
from crypto.ledger.filing import Shelf
from crypto.ledger.proofs import several
from tests.crypto.logs import PUBLIC, Log

Line = tuple[int, bytes]


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
