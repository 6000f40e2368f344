"""Who handled these people: lines whose person tag is one of those looked for.

Tags are HMACs under a list's trace key: without it nobody asks, and nobody else is found.
Blocks are searched as they lie on the disk; only a block with a hit is taken apart.
"""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain, groupby, islice
from multiprocessing import get_context
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import msgspec

from crypto.ledger.checkpoint import parse
from crypto.ledger.extract import Extract, lines_of
from crypto.ledger.reading import months, read_note
from crypto.ledger.tiles import CHECKPOINT, TILE, tile_path, unbundle, width_of

SALT_BYTES = 16
AT_ONCE = 128  # blocks of one task: about 8 MB
SMALL = 8  # tasks below which a second process is not worth its start
_TAG = re.compile(rb'"tag":"(.{32})', re.DOTALL)  # 680 MB/s; a class of hex digits takes 470


class Source(NamedTuple):
    """A block: of an extract (`width` 0), or a bundle of `width` entries that fills a file."""

    path: str  # costs a tenth of a Path to make and to hand to another process
    offset: int
    length: int  # -1: to the end
    width: int


class Found(msgspec.Struct, frozen=True):
    """A line about somebody who was looked for; members that it has not are empty."""

    tag: str
    seq: int
    at: int  # microseconds since 1970
    kind: str
    list: str
    n: int
    principal: str = ""
    site: str = ""
    field: str = ""  # which was matched or revealed
    code: int | str = ""  # of the result, or of the refusal


_read = msgspec.json.Decoder(Found).decode
_wanted: frozenset[bytes] = frozenset()


def in_extract(extract: Extract) -> Iterator[Source]:
    """The blocks of an extract."""
    return (Source(str(extract.path), offset, length, 0) for offset, length in extract.blocks())


def in_log(folder: Path) -> Iterator[Source]:
    """The bundles of a log folder, as far as its signed heads reach."""
    for month in months(folder):
        size = parse(read_note(folder / month / CHECKPOINT)).checkpoint.size
        for number in range(-(-size // TILE)):
            width = width_of(size, number)
            yield Source(f"{folder}/{month}/{tile_path('entries', number, width)}", 0, -1, width)


def trace(sources: Iterable[Source], tags: Iterable[str], jobs: int = 1) -> list[Found]:
    """Every line with one of these tags, in the order of the log."""
    wanted = frozenset(tag.encode() for tag in tags)
    blocks = iter(sources)
    tasks = iter(lambda: list(islice(blocks, AT_ONCE)), [])
    first = list(islice(tasks, SMALL))
    if jobs < 2 or len(first) < SMALL:
        _look_for(wanted)
        return list(chain.from_iterable(map(_search, chain(first, tasks))))
    with ProcessPoolExecutor(jobs, get_context("spawn"), _look_for, (wanted,)) as pool:
        return list(chain.from_iterable(pool.map(_search, chain(first, tasks))))


def _look_for(wanted: frozenset[bytes]) -> None:
    global _wanted  # noqa: PLW0603  # one set for every task of a process
    _wanted = wanted


def _search(sources: list[Source]) -> list[Found]:
    found: list[Found] = []
    for path, blocks in groupby(sources, attrgetter("path")):
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # a Path costs more than this
            for source in blocks:
                file.seek(source.offset)
                block = file.read(source.length)
                # As a set: its hashes are there before the large one is searched, 15% faster.
                if not _wanted.isdisjoint(set(_TAG.findall(block))):
                    found += _taken_apart(block, source.width)
    return found


def _taken_apart(block: bytes, width: int) -> Iterator[Found]:
    entries = unbundle(block, width) if width else [entry for _, entry in lines_of(block)]
    for entry in entries:
        tag = _TAG.search(entry, SALT_BYTES)
        if tag and tag[1] in _wanted:
            yield _read(entry[SALT_BYTES:])
