"""An extract: the lines about one entrustor's lists, proven to be in the log, as one file.

calllist-entries/1
{"entrustor", "log", "lists": {id: its keys, sealed to the entrustor}, "months": [...]}
then, for every month: blocks of lines (length in 4 bytes; in it, for each line, its place in
the month in 8 bytes, its length in 2, salt and leaf), and the hashes of one proof for all

What it proves: these lines are in the log under the signed heads. That no line of a list is
left out shows in `n`, which has no gap, and at the end in the line that says that the list's
keys are gone. Before that line is there, later lines may exist.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec

from crypto.ledger.checkpoint import BadCheckpoint, Checkpoint, verify
from crypto.ledger.proofs import BadProof, check_several
from crypto.ledger.shards import Line, read_line
from crypto.ledger.tree import HASH_BYTES, leaf_hash

MAGIC = b"calllist-entries/1\n"
SALT_BYTES = 16
BLOCK_LINES = 256
HEADER_BYTES = 64 * 1024 * 1024  # read up to here: about 1.5 KB for each list
LENGTH_BYTES, PLACE_BYTES = 4, 8


class BadExtract(ValueError):
    """Not an extract, or cut off, or not what the log's key has signed."""


class MonthPart(msgspec.Struct, frozen=True):
    """What follows of one month."""

    month: str
    first: int  # number of the month's first line
    note: str  # the signed head that the proof leads to
    count: int  # lines
    hashes: int  # of the proof


class Header(msgspec.Struct, frozen=True):
    """The second line of the file."""

    entrustor: str
    log: str
    lists: dict[str, bytes]  # id -> result and trace key, sealed to the entrustor; may be empty
    months: tuple[MonthPart, ...]


def head_bytes(header: Header) -> bytes:
    """How the file begins."""
    return MAGIC + msgspec.json.encode(header) + b"\n"


def block_bytes(lines: Iterable[tuple[int, bytes]]) -> bytes:
    """Up to 256 lines: place in the month, salt and leaf."""
    body = b"".join(
        place.to_bytes(PLACE_BYTES, "big") + len(entry).to_bytes(2, "big") + entry
        for place, entry in lines
    )
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


@dataclass
class Covered:
    """Of one list: lines 1..n are there, and whether its keys are gone since the last of them."""

    n: int = 0
    gap: bool = False
    over: bool = False


@dataclass
class Coverage:
    """What an extract was proven to hold."""

    entrustor: str = ""
    heads: list[Checkpoint] = field(default_factory=list)
    lists: dict[str, Covered] = field(default_factory=dict)
    lines: int = 0


class Extract:
    """An extract on the disk. Raises BadExtract wherever it is not what it should be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise BadExtract("form")
            line = file.readline(HEADER_BYTES)
            self._begins = len(MAGIC) + len(line)
        try:
            self.header = msgspec.json.decode(line, type=Header)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BadExtract("form") from None

    def blocks(self) -> Iterator[tuple[int, int]]:
        """Where every block lies: offset and length, through all months."""
        with self.path.open("rb") as file:
            file.seek(self._begins)
            for part in self.header.months:
                for _ in range(-(-part.count // BLOCK_LINES)):
                    length = int.from_bytes(_exactly(file, LENGTH_BYTES), "big")
                    yield file.tell(), length
                    file.seek(length, 1)
                file.seek(part.hashes * HASH_BYTES, 1)

    def verify(self, public_key: bytes) -> Coverage:
        """Check every line against the signed heads, and the lists for gaps."""
        coverage = Coverage(self.header.entrustor)
        with self.path.open("rb") as file:
            file.seek(self._begins)
            for part in self.header.months:
                self._verify_month(file, part, public_key, coverage)
            if file.read(1):
                raise BadExtract("more than it says")
        return coverage

    def _verify_month(
        self, file: BinaryIO, part: MonthPart, public_key: bytes, coverage: Coverage
    ) -> None:
        places, hashes = array("Q"), []
        for _ in range(-(-part.count // BLOCK_LINES)):
            length = int.from_bytes(_exactly(file, LENGTH_BYTES), "big")
            for place, entry in lines_of(_exactly(file, length)):
                places.append(place)
                hashes.append(leaf_hash(entry))
                _cover(_line(entry), part.first + place, self.header, coverage)
        proof = (_exactly(file, HASH_BYTES) for _ in range(part.hashes))
        try:
            head = verify(part.note, public_key)
            if head.month != part.month or len(places) != part.count:
                raise BadExtract(part.month)
            check_several(places, hashes, head.size, proof, head.root)
        except (BadCheckpoint, BadProof):
            raise BadExtract(part.month) from None
        coverage.heads.append(head)
        coverage.lines += part.count


def lines_of(block: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of a block: place in the month, salt and leaf. Raises BadExtract."""
    at = 0
    while at < len(block):
        start = at + PLACE_BYTES + 2
        end = start + int.from_bytes(block[start - 2 : start], "big")
        if end > len(block):
            raise BadExtract("cut off")
        yield int.from_bytes(block[at : at + PLACE_BYTES], "big"), block[start:end]
        at = end


def _line(entry: bytes) -> Line:
    try:
        return read_line(entry[SALT_BYTES:])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadExtract("line") from None


def _cover(line: Line, seq: int, header: Header, coverage: Coverage) -> None:
    if line.seq != seq or line.list not in header.lists:
        raise BadExtract(f"line {seq}")
    covered = coverage.lists.setdefault(line.list, Covered())
    covered.gap = covered.gap or line.n != covered.n + 1
    covered.n = line.n or 0
    covered.over = covered.over or line.kind in ("shred", "keys_lost")


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise BadExtract("cut off")
    return data
