"""Read a copy of the ledger and verify all of it: one folder, one pinned key, no keeper.

    every entry -> leaf hashes -> tiles -> head = signed head, month by month; the months
    chained by their first lines; seq without a gap, n of every list from 1 without a gap

What is found wrong is a Finding, not an exception: whoever looks wants to see all of it.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import msgspec

from crypto.ledger import shards
from crypto.ledger.checkpoint import MONTH, NOTE_BYTES, BadCheckpoint, Checkpoint, parse, verify
from crypto.ledger.proofs import BadProof, check_consistency, consistency
from crypto.ledger.shards import Line, month_of, read_line
from crypto.ledger.tiles import (
    CHECKPOINT,
    TILE,
    BadTile,
    Frontier,
    folded,
    hash_at,
    tile_path,
    unbundle,
    width_of,
)
from crypto.ledger.tree import HASH_BYTES, leaf_hash

SALT_BYTES = 16  # in front of every leaf: `crypto.bookkeeping.journal`
PART = 64  # bundles that one process takes at a time
SMALL = 8  # parts below which a second process is not worth its start


@dataclass(frozen=True)
class Finding:
    """Something is not as it should be: a code of ours, where, and a number if there is one."""

    code: str
    where: str
    at: int | None = None

    def __str__(self) -> str:
        return f"{self.code} {self.where}" + ("" if self.at is None else f" {self.at}")


@dataclass
class Verified:
    """What a log folder holds, and whatever is wrong with it."""

    heads: list[Checkpoint] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    lines: int = 0
    lists: dict[str, int] = field(default_factory=dict)  # list -> its last n
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.findings


@dataclass
class Part:
    """What one process found in a run of bundles."""

    roots: list[bytes] = field(default_factory=list)  # of full bundles
    rest: bytes = b""  # leaf hashes of the last bundle, if it is not full
    first: Line | None = None
    runs: dict[str, tuple[int, int]] = field(default_factory=dict)  # list -> first n, last n
    findings: list[Finding] = field(default_factory=list)


def months(folder: Path) -> list[str]:
    """The shards that lie in a log folder, in order."""
    return sorted(one.name for one in folder.iterdir() if MONTH.fullmatch(one.name))


def verify_log(folder: Path, public_key: bytes, *, jobs: int = 1) -> Verified:
    """Verify every month of a log folder. Raises FileNotFoundError if there is none."""
    found = Verified()
    names = months(folder)
    if not names:
        raise FileNotFoundError(folder)
    with _Pool(jobs) as pool:
        previous = ""
        for name in names:
            previous = _verify_month(folder / name, name, previous, public_key, found, pool)
    return found


def _verify_month(
    folder: Path, month: str, previous: str, public_key: bytes, found: Verified, pool: "_Pool"
) -> str:
    """One month; the note of its head, which the next month must carry."""
    try:
        note = read_note(folder / CHECKPOINT)
        head = verify(note, public_key)
    except (BadCheckpoint, OSError, UnicodeDecodeError):
        found.findings.append(Finding("bad_checkpoint", month))
        return ""
    if head.month != month:
        found.findings.append(Finding("bad_checkpoint", month))
        return ""
    first = found.lines
    tiles = _Tiles(folder, month, found)
    for part in pool.parts(folder, month, head.size, first):
        found.findings += part.findings
        if part.first is not None and not tiles.begun:
            _check_chain(part.first, month, previous, found)
        _join_runs(part, month, found)
        tiles.add(part)
    if tiles.head() != (head.size, head.root):
        found.findings.append(Finding("other_head", month, head.size))
    found.heads.append(head)
    found.firsts.append(first)
    found.lines += head.size
    return note


def _check_chain(line: Line, month: str, previous: str, found: Verified) -> None:
    """The first line of every month but the very first carries the head before it."""
    if not found.heads:
        right = line.kind != shards.SHARD
    else:
        right = (line.kind, line.month, line.previous) == (shards.SHARD, month, previous)
    if not right:
        found.findings.append(Finding("broken_chain", month))
    if month_of(line.at) != month:
        found.findings.append(Finding("wrong_month", month, line.seq))


def _join_runs(part: Part, month: str, found: Verified) -> None:
    for name, (low, high) in part.runs.items():
        if low != found.lists.get(name, 0) + 1:
            found.findings.append(Finding("gap_in_list", f"{month} {name}", low))
        found.lists[name] = high


class _Tiles:
    """The tree above the bundles; compares every hash tile with what the entries give."""

    def __init__(self, folder: Path, month: str, found: Verified) -> None:
        self._folder, self._month, self._found = folder, month, found
        self._edge, self._bundles = Frontier([b""], [0]), 0

    @property
    def begun(self) -> bool:
        return bool(self._bundles or self._edge.rows[0])

    def add(self, part: Part) -> None:
        self._bundles += len(part.roots)
        for root in part.roots:
            for tile in self._edge.add(root, level=1):
                self._compare(*tile)
        self._edge.rows[0] = part.rest

    def head(self) -> tuple[int, bytes]:
        """Size and root; the partial tiles are compared first."""
        for level, number, tile in self._edge.partial():
            if level:  # those of level 0 have been, where they were read
                self._compare(level, number, tile)
        size = self._bundles * TILE + len(self._edge.rows[0]) // HASH_BYTES
        return size, self._edge.root()

    def _compare(self, level: int, number: int, tile: bytes) -> None:
        path = tile_path(level, number, len(tile) // HASH_BYTES)
        if not _holds(self._folder / path, tile):
            self._found.findings.append(Finding("bad_tile", f"{self._month}/{path}"))


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


# -- one part, perhaps in another process --------------------------------------------------


def read_part(folder: Path, month: str, size: int, first: int, start: int) -> Part:
    """Bundles start..start+PART-1 of a month whose first line has the number `first`."""
    part = Part()
    for number in range(start, min(start + PART, -(-size // TILE))):
        width = width_of(size, number)
        path = tile_path("entries", number, width)
        try:
            entries = unbundle((folder / path).read_bytes(), width)
            _read_entries(entries, first + number * TILE, part)
        except (OSError, BadTile, msgspec.DecodeError, UnicodeDecodeError):
            part.findings.append(Finding("bad_entries", f"{month}/{path}"))
            return part
        hashes = b"".join(map(leaf_hash, entries))
        path = tile_path(0, number, width)
        if not _holds(folder / path, hashes):
            part.findings.append(Finding("bad_tile", f"{month}/{path}"))
        if width == TILE:
            part.roots.append(folded(hashes))
        else:
            part.rest = hashes
    return part


def _read_entries(entries: list[bytes], seq: int, part: Part) -> None:
    """Raises msgspec.DecodeError."""
    runs = part.runs
    for entry in entries:
        line = read_line(entry[SALT_BYTES:])
        if line.seq != seq:
            part.findings.append(Finding("gap_in_log", "seq", seq))
            seq = line.seq
        seq += 1
        if part.first is None:
            part.first = line
        if line.list is not None:
            low, high = runs.get(line.list, (line.n or 0, (line.n or 0) - 1))
            if line.n != high + 1:
                part.findings.append(Finding("gap_in_list", line.list, line.seq))
            runs[line.list] = (low, line.n or 0)


class _Pool:
    """Parts in their order, read in this process or in several."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._processes: ProcessPoolExecutor | None = None

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *_: object) -> None:
        if self._processes:
            self._processes.shutdown(cancel_futures=True)

    def parts(self, folder: Path, month: str, size: int, first: int) -> Iterator[Part]:
        starts = range(0, -(-size // TILE), PART)
        if self._jobs < 2 or len(starts) < SMALL:
            return (read_part(folder, month, size, first, start) for start in starts)
        if self._processes is None:
            self._processes = ProcessPoolExecutor(self._jobs, get_context("spawn"))
        count = len(starts)
        columns = ([folder] * count, [month] * count, [size] * count, [first] * count, starts)
        return iter(self._processes.map(read_part, *columns))


# -- heads that somebody kept --------------------------------------------------------------


def read_note(path: Path) -> str:
    """Raises OSError, UnicodeDecodeError."""
    with path.open("rb") as file:
        return file.read(NOTE_BYTES + 1).decode()


def confront(folder: Path, kept: Iterable[Checkpoint]) -> list[Finding]:
    """Heads that a witness or a mirror has seen, against a folder that verifies."""
    findings = []
    for head in kept:
        try:
            _check_kept(folder / head.month, head)
        except (BadProof, BadTile, BadCheckpoint, OSError, UnicodeDecodeError, ValueError):
            findings.append(Finding("shorter_than_seen", head.month, head.size))
    return findings


def _check_kept(folder: Path, head: Checkpoint) -> None:
    now = _unverified(folder)
    at = hash_at(now.size, lambda *tile: (folder / tile_path(*tile)).read_bytes())
    proof = consistency(head.size, now.size, at)
    check_consistency(head.size, head.root, now.size, now.root, proof)


def _unverified(folder: Path) -> Checkpoint:
    """The head of a month whose signature has been verified before."""
    return parse(read_note(folder / CHECKPOINT)).checkpoint
