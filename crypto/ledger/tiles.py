"""The ledger as files: C2SP tlog-tiles. What is full is never written again.

<month>/checkpoint                  the signed head
<month>/tile/<L>/<N>[.p/<W>]        256 hashes of level 8 L, or W so far
<month>/tile/entries/<N>[.p/<W>]    256 entries, each with its length in two bytes in front

An entry is salt and leaf; its leaf hash is taken over both. Hash tiles can be shown to
everybody: the salt keeps leaves from being guessed. Entries concern only whom they name.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from crypto.ledger.proofs import HashAt
from crypto.ledger.tree import HASH_BYTES, CompactRange, node_hash

HEIGHT = 8  # levels of one tile, C2SP tlog-tiles
TILE = 1 << HEIGHT  # hashes of a full tile, entries of a full bundle
ENTRY_BYTES = 0xFFFF  # an entry's length has two bytes
CHECKPOINT = "checkpoint"
TILE_PATH = re.compile(
    r"tile/(?P<level>entries|[0-7])/(?P<number>(?:x[0-9]{3}/){0,4}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class BadTile(ValueError):
    """Not the bytes that this tile has."""


def tile_path(level: int | str, number: int, width: int = TILE) -> str:
    """Where a tile lies below its month; level is "entries" for a bundle of entries."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.insert(0, f"x{number % 1000:03}")
    partial = "" if width == TILE else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{partial}"


def tile_of(path: str) -> tuple[str, int, int]:
    """The inverse of `tile_path`: level, number, width. Raises BadTile."""
    found = TILE_PATH.fullmatch(path)
    if found is None:
        raise BadTile(path)
    level, number = found["level"], int(re.sub("[x/]", "", found["number"]))
    width = int(found["width"] or TILE)
    if path != tile_path(level, number, width):
        raise BadTile(path)
    return level, number, width


def hashes_at(level: int, size: int) -> int:
    """How many hashes a log of `size` leaves has at tile level `level`."""
    return size >> HEIGHT * level


def width_of(count: int, number: int) -> int:
    """How full tile `number` is where `count` hashes or entries are: 0 to 256."""
    return max(0, min(TILE, count - number * TILE))


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as one file."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundle(data: bytes, width: int) -> list[bytes]:
    """The `width` entries of a bundle. Raises BadTile."""
    entries, at = [], 0
    for _ in range(width):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != len(data):
        raise BadTile("entries")
    return entries


def folded(hashes: bytes) -> bytes:
    """Root of a power of two of concatenated hashes."""
    row = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


class Frontier:
    """The right edge of a growing tree: of every level the tile that is not full yet."""

    def __init__(self, rows: Sequence[bytes] = (), full: Sequence[int] = ()) -> None:
        """rows: per level, hashes of the last tile (none if it is full); full: how many are."""
        self.rows, self.full = list(rows), list(full)

    def copy(self) -> "Frontier":
        return Frontier(self.rows, self.full)

    def add(self, hashes: bytes, level: int = 0) -> Iterator[tuple[int, int, bytes]]:
        """More hashes, up to the end of a tile at most; every tile that is full by it, as
        level, number, hashes. (Exhaust it.)"""
        if level == len(self.rows):
            self.rows.append(b"")
            self.full.append(0)
        self.rows[level] += hashes
        if len(self.rows[level]) == TILE * HASH_BYTES:
            tile, number = self.rows[level], self.full[level]
            self.rows[level], self.full[level] = b"", number + 1
            yield level, number, tile
            yield from self.add(folded(tile), level + 1)

    def partial(self) -> Iterator[tuple[int, int, bytes]]:
        """The tiles that are not full, as level, number, hashes."""
        for level, row in enumerate(self.rows):
            if row:
                yield level, self.full[level], row

    def root(self) -> bytes:
        """The tree head."""
        size, peaks = 0, []
        for level, row in reversed(list(enumerate(self.rows))):
            count = len(row) // HASH_BYTES
            size += count << HEIGHT * level
            for bit in reversed(range(HEIGHT)):
                if count >> bit & 1:
                    start = (count >> bit + 1 << bit + 1) * HASH_BYTES
                    peaks.append(folded(row[start : start + HASH_BYTES * (1 << bit)]))
        return CompactRange(size, tuple(peaks)).root()


ReadTile = Callable[[int, int, int], bytes]
"""(level, number, width) -> the bytes of a hash tile."""


def hash_at(size: int, read: ReadTile, cached: int = 64) -> HashAt:
    """The hashes of a log of `size` leaves, from its tiles. What it returns raises BadTile."""

    @lru_cache(cached)
    def tile(level: int, number: int) -> bytes:
        width = width_of(hashes_at(level, size), number)
        data = read(level, number, width)
        if len(data) != width * HASH_BYTES:
            raise BadTile(tile_path(level, number, width))
        return data

    def at(level: int, index: int) -> bytes:
        row, span = level // HEIGHT, 1 << level % HEIGHT
        number, first = divmod(index * span, TILE)
        part = tile(row, number)[first * HASH_BYTES : (first + span) * HASH_BYTES]
        if len(part) != span * HASH_BYTES:
            raise BadTile(tile_path(row, number))
        return folded(part)

    return at
