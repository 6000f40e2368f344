"""Where a month, a tile and an entry end."""

from datetime import datetime, timedelta

import pytest

from crypto.ledger.shards import JST, end_of, month_of
from crypto.ledger.tiles import ENTRY_BYTES, TILE, bundle, tile_of, tile_path, unbundle, width_of
from crypto.standards.canonical import micros

MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("month", "after"),
    [("2026-01", (2026, 2)), ("2026-11", (2026, 12)), ("2026-12", (2027, 1))],
)
def test_a_month_ends_where_the_next_begins_in_japan(month: str, after: tuple[int, int]) -> None:
    following = datetime(*after, 1, tzinfo=JST)
    assert end_of(month) == micros(following)
    assert month_of(micros(following) - 1) == month
    assert month_of(micros(following)) == f"{following:%Y-%m}"


def test_a_tile_is_as_full_as_what_is_left_for_it() -> None:
    filled = {number: width_of(TILE + 3, number) for number in range(4)}
    assert filled == {0: TILE, 1: 3, 2: 0, 3: 0}


@pytest.mark.parametrize(
    ("number", "path"),
    [(0, "000"), (999, "999"), (1000, "x001/000"), (1_234_067, "x001/x234/067")],
)
def test_a_tiles_path_is_that_of_the_standard_and_tells_its_number(number: int, path: str) -> None:
    assert tile_path(0, number) == f"tile/0/{path}"
    assert tile_path("entries", number, 7) == f"tile/entries/{path}.p/7"
    assert tile_of(f"tile/entries/{path}.p/7") == ("entries", number, 7)


def test_the_longest_entry_has_a_length_of_two_bytes_and_no_longer_one_has() -> None:
    longest = bytes(ENTRY_BYTES)
    assert unbundle(bundle([longest, b"x"]), 2) == [longest, b"x"]
    with pytest.raises(OverflowError):
        bundle([longest + b"x"])
