"""A copy of a list's ciphertext is recognised wherever it lies, in every usual writing."""

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from retention import marks
from retention.residue import Store
from retention.states import Outcome

ROWS = [secrets.token_bytes(120) for _ in range(5)]
KNOWN = marks.split(marks.join(ROWS))


def test_marks_are_the_ends_of_what_was_sealed_once_each() -> None:
    assert [row[-16:] for row in ROWS] == KNOWN
    assert marks.split(marks.join([ROWS[0], ROWS[0], b"short"])) == [ROWS[0][-16:]]
    assert len(marks.join([secrets.token_bytes(40) for _ in range(100)])) == marks.MOST * 16
    assert marks.split(b"") == []


@pytest.mark.parametrize(
    "written",
    [
        bytes,
        lambda row: row.hex().encode(),
        lambda row: b"\\x" + row.hex().encode(),
        lambda row: row.hex().upper().encode(),
        base64.b64encode,
        lambda row: base64.b64encode(b"a" + row),
        lambda row: base64.urlsafe_b64encode(b"ab" + row),
    ],
    ids=["raw", "hex", "bytea", "upper", "base64", "shifted", "url"],
)
def test_one_copied_row_in_a_file_is_found(
    tmp_path: Path, written: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "dump").write_bytes(secrets.token_bytes(5000) + written(ROWS[3]) + b"x")
    (tmp_path / "quiet").write_bytes(secrets.token_bytes(700))
    clean = tmp_path / "quiet"
    found, none = marks.search([Store("temp", tmp_path), Store("logs", clean)], KNOWN)
    assert (found.store, found.outcome, found.found) == ("temp", Outcome.FAILED, 1)
    assert (none.store, none.outcome, none.seen, none.bytes) == ("logs", Outcome.PASS, 1, 700)


def test_without_a_mark_or_a_place_nothing_is_claimed(tmp_path: Path) -> None:
    [check] = marks.search([Store("temp", tmp_path)], [])
    assert check.outcome is Outcome.UNKNOWN
    [check] = marks.search([Store("temp", tmp_path / "gone")], KNOWN)
    assert check.outcome is Outcome.UNKNOWN
    assert marks.look("mirror", [b"a line"], []).outcome is Outcome.UNKNOWN


def test_rows_read_elsewhere_are_looked_through_alike() -> None:
    clean = marks.look("mirror", [b"a line", b"another"], KNOWN)
    assert (clean.outcome, clean.seen, clean.bytes) == (Outcome.PASS, 2, 13)
    found = marks.look("mirror", [b"a line", b"with " + ROWS[0]], KNOWN)
    assert (found.outcome, found.found) == (Outcome.FAILED, 1)
