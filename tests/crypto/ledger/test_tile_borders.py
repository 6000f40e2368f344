"""Where a month, a tile and an entry end."""

from datetime import datetime, timedelta

import pytest

from crypto.ledger.shards import JST, end_of, month_of
from crypto.ledger.tiles import (
    ENTRY_BYTES,
    TILE,
    BadTile,
    bundle,
    hash_at,
    tile_of,
    tile_path,
    unbundle,
    width_of,
)
from crypto.ledger.tree import HASH_BYTES
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


def hashes(count: int) -> bytes:
    return b"".join(bytes([n]) * HASH_BYTES for n in range(count))


@pytest.mark.parametrize("held", [2, 4], ids=["short", "long"])
def test_a_tile_of_another_width_is_no_tile(held: int) -> None:
    at = hash_at(3, lambda _level, _number, _width: hashes(held))
    with pytest.raises(BadTile, match=r"tile/0/000\.p/3"):
        at(0, 0)


def test_a_hash_behind_the_end_of_the_log_is_none() -> None:
    at = hash_at(3, lambda _level, _number, width: hashes(width))
    assert at(0, 2) == bytes([2]) * HASH_BYTES
    for level, index in ((0, 3), (1, 1)):  # the second would need a fourth leaf
        with pytest.raises(BadTile):
            at(level, index)
