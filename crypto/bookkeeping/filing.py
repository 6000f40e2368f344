"""One month of the ledger on its shelf: tiles written once, fsynced, never changed.

Filing is repeatable: what is there already must be what would be written, or the log has
parted in two and LogDiverged says so. Order decides what a crash leaves: full tiles, then
the partial ones of a head, then the head that speaks of them, then the old partials go.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from crypto.ledger.checkpoint import NOTE_BYTES
from crypto.ledger.proofs import HashAt
from crypto.ledger.tiles import (
    CHECKPOINT,
    TILE,
    BadTile,
    Frontier,
    bundle,
    folded,
    hash_at,
    hashes_at,
    tile_path,
    unbundle,
    width_of,
)
from crypto.ledger.tree import HASH_BYTES, leaf_hash

IN_FOLDER = 1000  # tiles of a level, C2SP tlog-tiles


class LogDiverged(Exception):
    """A file of the ledger holds something else than the journal says."""


class Shelf:
    """A month's folder as of one moment. `filed` leaves are on it: all of a month that is over,
    of the current one those in full bundles. Filing more gives a new Shelf: who reads in
    another thread meanwhile keeps the old one."""

    def __init__(self, folder: Path, filed: int, edge: Frontier) -> None:
        self.folder, self.filed, self._edge = folder, filed, edge

    @classmethod
    def at(cls, folder: Path, filed: int) -> "Shelf":
        """As the disk has it. Raises LogDiverged if a tile is missing that should be there."""
        shelf = cls(folder, filed, Frontier())
        try:
            shelf._edge = shelf._read_edge()
        except (OSError, ValueError) as error:
            raise LogDiverged(f"{folder}: {type(error).__name__}") from None
        return shelf

    # -- reading ---------------------------------------------------------------------------

    def tile(self, level: int, number: int, width: int) -> bytes:
        """The first `width` hashes of a tile. Raises LogDiverged."""
        if level < len(self._edge.rows) and number == self._edge.full[level]:
            return self._edge.rows[level][: width * HASH_BYTES]
        return self._read(tile_path(level, number))[: width * HASH_BYTES]

    def hashes(self) -> HashAt:
        """Of the leaves that are filed."""
        return hash_at(self.filed, self.tile)

    def entries(self, first: int, count: int) -> list[bytes]:
        """Entries first..first+count-1, as far as they are filed. Raises LogDiverged."""
        found: list[bytes] = []
        end = min(first + count, self.filed)
        for number in range(first // TILE, -(-end // TILE)):
            width = width_of(self.filed, number)
            found += unbundle(self._read(tile_path("entries", number, width)), width)
        skipped = first % TILE
        return found[skipped : skipped + max(0, end - first)]

    def checkpoint(self) -> str | None:
        """The published head, None if there is none yet."""
        try:
            return (self.folder / CHECKPOINT).read_bytes()[: NOTE_BYTES + 1].decode()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise LogDiverged(f"{self.folder}: checkpoint") from None

    def is_ahead_of(self, size: int) -> bool:
        """Whether a bundle is on the shelf that a log of `size` leaves does not fill."""
        return (self.folder / tile_path("entries", size // TILE)).exists()

    def _read(self, path: str) -> bytes:
        try:
            return (self.folder / path).read_bytes()
        except OSError as error:
            raise LogDiverged(f"{self.folder / path}: {error.strerror}") from None

    def _read_edge(self) -> Frontier:
        edge, level = Frontier(), 0
        while count := hashes_at(level, self.filed):
            number, width = divmod(count, TILE)
            edge.rows.append(self._row(level, number, width) if width else b"")
            edge.full.append(number)
            level += 1
        return edge

    def _row(self, level: int, number: int, width: int) -> bytes:
        if level == 0:
            data = (self.folder / tile_path("entries", number, width)).read_bytes()
            return b"".join(map(leaf_hash, unbundle(data, width)))
        first = number * TILE
        below = (tile_path(level - 1, at) for at in range(first, first + width))
        return b"".join(map(self._folded, below))

    def _folded(self, path: str) -> bytes:
        hashes = (self.folder / path).read_bytes()
        if len(hashes) != TILE * HASH_BYTES:
            raise BadTile(path)
        return folded(hashes)

    # -- writing ---------------------------------------------------------------------------

    def file(self, entries: Sequence[bytes]) -> "Shelf":
        """The shelf with more full bundles behind those that are there.

        Raises LogDiverged, OSError.
        """
        edge, filed = self._edge.copy(), self.filed
        touched: set[Path] = set()
        for at in range(0, len(entries), TILE):
            part = entries[at : at + TILE]
            self._write(tile_path("entries", filed // TILE), bundle(part), touched)
            for level, number, tile in edge.add(b"".join(map(leaf_hash, part))):
                self._write(tile_path(level, number), tile, touched)
            filed += TILE
        _sync_folders(touched)
        return Shelf(self.folder, filed, edge)

    def publish(self, rest: Sequence[bytes], note: str) -> None:
        """The partial tiles of `filed` leaves and the `rest` (fewer than 256), then the head.

        Afterwards the folder alone is a log that verifies. Raises LogDiverged, OSError.
        """
        touched: set[Path] = set()
        kept: set[Path] = set()
        around: set[Path] = set()
        for level, number, data in self._partials(rest):
            # The last head's partial tile lies in this one's folder, or in the one before it.
            before = max(0, number // IN_FOLDER * IN_FOLDER - 1)
            around.update(self._path(level, one).parent for one in (number, before))
            if data:
                width = len(rest) if level == "entries" else len(data) // HASH_BYTES
                path = tile_path(level, number, width)
                self._write(path, data, touched)
                kept.add(self.folder / path)
        _sync_folders(touched)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(self.folder / CHECKPOINT, note.encode())
        _sync_folders({self.folder, self.folder.parent})
        _drop_partials(around, kept)

    def _partials(self, rest: Sequence[bytes]) -> Iterator[tuple[int | str, int, bytes]]:
        """Of entries and of each level: the tile that is not full, and what is in it."""
        yield "entries", self.filed // TILE, bundle(rest)
        yield 0, self.filed // TILE, b"".join(map(leaf_hash, rest))
        for level in range(1, len(self._edge.rows)):
            yield level, self._edge.full[level], self._edge.rows[level]

    def _path(self, level: int | str, number: int) -> Path:
        return self.folder / tile_path(level, number)

    def closed(self, rest: Sequence[bytes]) -> "Shelf":
        """The shelf of a month that is over and published: the `rest` counts as filed too."""
        edge = self._edge.copy()
        for _ in edge.add(b"".join(map(leaf_hash, rest))):
            pass  # fewer than a tile
        return Shelf(self.folder, self.filed + len(rest), edge)

    def _write(self, path: str, data: bytes, touched: set[Path]) -> None:
        target = self.folder / path
        if target.exists():
            if target.read_bytes() != data:
                raise LogDiverged(f"{target} holds another log")
            return
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(target, data)
        touched.update(one for one in target.parents if one.is_relative_to(self.folder))


def _drop_partials(around: set[Path], kept: set[Path]) -> None:
    """Partial tiles of earlier heads: nothing speaks of them any more."""
    for folder in around:
        for partial in folder.glob("*.p"):
            for file in partial.iterdir():
                if file not in kept:
                    file.unlink()
            if not any(partial.iterdir()):
                partial.rmdir()


def _replace(path: Path, data: bytes) -> None:
    """The whole file or none: written beside, fsynced, renamed."""
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)


def _sync_folders(folders: set[Path]) -> None:
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
