"""The ledger's shelf: lines leave the journal for tiles, heads are published, proofs are made.

    journal (durable, the end of the log) -> full tiles, fsynced -> rows deleted
                                          -> partial tiles -> signed checkpoint

Nothing of this stands in the way of a verb: it runs beside them, is repeatable, and a crash
anywhere is healed by running again. At the start the shelf and the journal must be one log,
and no head that anybody has kept may be ahead of it: a journal that was rolled back is refused.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crypto.bookkeeping.filing import LogDiverged, Shelf
from crypto.bookkeeping.journal import Act, Journal
from crypto.bookkeeping.lines import JournalDamaged, SignHead
from crypto.errors.keeper import LedgerShorter
from crypto.ledger.checkpoint import BadCheckpoint, Checkpoint, verify
from crypto.ledger.proofs import HashAt, consistency, inclusion, root
from crypto.ledger.reading import months, read_note
from crypto.ledger.tiles import TILE, BadTile
from crypto.ledger.tree import leaf_hash, node_hash

PUBLISH_SECONDS = 10.0  # how far the published head lags at most, and the journal grows
AT_ONCE = 16 * TILE  # lines filed before their rows are deleted

SCHEMA = """
CREATE TABLE IF NOT EXISTS refused_heads (
    note TEXT PRIMARY KEY  -- a head of ours that is ahead of this ledger: nothing works any more
) STRICT;
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shard:
    """One month: the number of its first line, its leaves so far, its last head if it is over."""

    month: str
    first: int
    size: int
    note: str | None
    filed: int


@dataclass(frozen=True)
class Inclusion:
    """Where a line stands, and the hashes from there to the head of `size` leaves."""

    shard: Shard
    index: int
    hashes: list[bytes]


class Archive:
    """The folder `<home>/ledger`. Except for `keep`, its methods are for steps and acts."""

    def __init__(
        self, journal: Journal, folder: Path, public_key: bytes, sign_head: SignHead
    ) -> None:
        self._journal, self._folder = journal, folder
        self._public_key, self._sign_head = public_key, sign_head
        self._shelves: dict[str, Shelf] = {}
        self._published: tuple[str, int] | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self.refused = False  # a head is known that is ahead of this ledger

    # -- what is in it ---------------------------------------------------------------------

    def shards(self) -> list[Shard]:
        """Every month, as far as it is durable; the last one grows."""
        head = self._journal.head
        rows = self._journal.db.execute(
            "SELECT month, first, size, note, filed FROM shards WHERE first <= ? ORDER BY first",
            (head.first,),
        ).fetchall()
        return [
            Shard(month, first, head.tree.size, None, filed)
            if month == head.month
            else Shard(month, first, size, note, filed)
            for month, first, size, note, filed in rows
        ]

    def shard(self, month: str) -> Shard | None:
        return next((one for one in self.shards() if one.month == month), None)

    def entries(self, first: int, count: int) -> list[bytes]:
        """Salt and leaf of the lines first.., as far as they are durable and of one month."""
        shards = [one for one in self.shards() if one.first <= first < one.first + one.size]
        if not shards:
            return []
        [shard] = shards
        local = first - shard.first
        count = min(count, shard.size - local)
        filed = self._shelf(shard).entries(local, count)
        return filed + self._tail(shard, local + len(filed), local + count)

    def inclusion(self, seq: int) -> Inclusion | None:
        """The proof of one line in the head of its month; None if there is no such line."""
        for shard in self.shards():
            index = seq - shard.first
            if 0 <= index < shard.size:
                return Inclusion(shard, index, inclusion(index, shard.size, self._hashes(shard)))
        return None

    def consistency(self, shard: Shard, old: int, new: int) -> list[bytes]:
        """Raises ValueError unless old <= new <= the month's size."""
        if new > shard.size:
            raise ValueError("not as long yet")
        return consistency(old, new, self._hashes(shard))

    def note(self, shard: Shard) -> str:
        """The signed head of a month."""
        if shard.note is not None:
            return shard.note
        head = self._journal.head
        return self._sign_head(head.month, head.tree.size, head.root())

    def _shelf(self, shard: Shard) -> Shelf:
        if shard.month not in self._shelves:
            self._shelves[shard.month] = Shelf.at(self._folder / shard.month, shard.filed)
        return self._shelves[shard.month]

    def _tail(self, shard: Shard, start: int, end: int) -> list[bytes]:
        rows = self._journal.db.execute(
            "SELECT salt, leaf FROM ledger WHERE seq >= ? AND seq < ? ORDER BY seq",
            (shard.first + start, shard.first + end),
        )
        return [salt + leaf for salt, leaf in rows]

    def _hashes(self, shard: Shard) -> HashAt:
        """From tiles as far as lines are filed, from the journal's rows above."""
        shelf = self._shelf(shard)
        filed, tiles = shelf.filed, shelf.hashes()
        tail = [leaf_hash(entry) for entry in self._tail(shard, filed, shard.size)]

        def at(level: int, index: int) -> bytes:
            if (index + 1) << level <= filed:
                return tiles(level, index)
            if level == 0:
                return tail[index - filed]
            return node_hash(at(level - 1, 2 * index), at(level - 1, 2 * index + 1))

        return at

    # -- heads that others have kept -------------------------------------------------------

    def is_behind(self, note: str) -> bool:
        """Whether this head of ours is longer than this ledger: costs a signature, no hashes.
        Raises BadCheckpoint."""
        said = verify(note, self._public_key)
        shard = self.shard(said.month)
        return shard is None or said.size > shard.size

    def confront(self, note: str) -> Checkpoint:
        """A head signed by our key, seen by somebody. Raises BadCheckpoint if it is none;
        LedgerShorter if this ledger does not begin with what it says: then that is the end."""
        said = verify(note, self._public_key)
        shard = self.shard(said.month)
        if shard is None or said.size > shard.size:
            self.refused = True
            have = shard.size if shard else 0
            raise LedgerShorter(f"{said.month}: seen with {said.size} lines, here are {have}")
        if root(said.size, self._hashes(shard)) != said.root:
            self.refused = True
            raise LedgerShorter(f"{said.month}: seen with other {said.size} lines")
        return said

    def remember(self, note: str) -> None:
        """Inside a step: refuse after a restart, too."""
        self._journal.db.execute("INSERT OR IGNORE INTO refused_heads VALUES (?)", (note,))

    def check(self, kept: Iterable[str]) -> None:
        """At the start: one log, and none that is shorter than somebody has seen.

        Raises JournalDamaged, LogDiverged, LedgerShorter; BadCheckpoint if one of `kept` is
        no head of ours.
        """
        shards = self.shards()
        known = {shard.month for shard in shards}
        on_shelf = set(months(self._folder)) if self._folder.is_dir() else set()
        if on_shelf - known:
            raise LedgerShorter(f"{max(on_shelf - known)}: on the shelf, not in the journal")
        for shard in shards:
            self._check_shard(shard)
        refused = [note for (note,) in self._journal.db.execute("SELECT * FROM refused_heads")]
        for note in (*refused, *kept):
            self.confront(note)

    def _check_shard(self, shard: Shard) -> None:
        shelf = self._shelf(shard)
        if shard.note is None:
            right = self._journal.head.root()
        else:
            right = verify(shard.note, self._public_key).root
        try:
            same = root(shard.size, self._hashes(shard)) == right
        except (BadTile, IndexError):
            same = False
        if not same:
            raise JournalDamaged(f"{shard.month}: journal and tiles are not one log")
        if shelf.is_ahead_of(shard.size):
            raise LedgerShorter(f"{shard.month}: the shelf holds more lines than the journal")
        published = shelf.checkpoint()
        if published is not None:
            self.confront(published)

    # -- filing and publishing -------------------------------------------------------------

    async def start(self) -> None:
        """Publish now, every few seconds, and once more at the end."""
        self._task = asyncio.create_task(self._keep_on())

    async def close(self) -> None:
        """Never cancelled: a thread that writes would go on."""
        self._stop.set()
        if self._task:
            await self._task

    async def _keep_on(self) -> None:
        while not self._stop.is_set():
            await self._try_to_keep()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PUBLISH_SECONDS):
                    await self._stop.wait()
        await self._try_to_keep()

    async def _try_to_keep(self) -> None:
        try:
            await self.keep()
        except Exception as error:
            log.error("publishing the ledger: %s", type(error).__name__)  # noqa: TRY400

    async def keep(self) -> None:
        """File what fills tiles, publish the head of every month that has grown.

        Raises LedgerUnavailable, LogDiverged, OSError, sqlite3.Error: nothing is lost, the
        next time does it all.
        """
        for shard, shelf, note in await self._journal.run(lambda: self._due):
            await self._keep(shard, shelf, note)

    def _due(self) -> list[tuple[Shard, Shelf, str]]:
        """Months that have grown, oldest first; each with the signed head of that size."""
        return [
            (shard, self._shelf(shard), self.note(shard))
            for shard in self.shards()
            if (shard.filed < shard.size if shard.note else self._published != _size(shard))
        ]

    async def _keep(self, shard: Shard, shelf: Shelf, note: str) -> None:
        while shard.size - shelf.filed >= TILE:
            end = min(shelf.filed + AT_ONCE, shard.size // TILE * TILE)
            shelf = await asyncio.to_thread(self._file, shelf, shard, end)
            await self._forget(shard, shelf)
        rest = await asyncio.to_thread(self._publish, shelf, shard, note)
        self._published = _size(shard)
        if shard.note is not None:
            await self._forget(shard, shelf.closed(rest))

    def _file(self, shelf: Shelf, shard: Shard, end: int) -> Shelf:
        """In a thread, with a connection of its own."""
        return shelf.file(self._read(shard, shelf.filed, end))

    def _publish(self, shelf: Shelf, shard: Shard, note: str) -> list[bytes]:
        rest = self._read(shard, shelf.filed, shard.size)
        shelf.publish(rest, note)
        return rest

    def _read(self, shard: Shard, start: int, end: int) -> list[bytes]:
        uri = f"{self._journal.path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
            rows = db.execute(
                "SELECT salt, leaf FROM ledger WHERE seq >= ? AND seq < ? ORDER BY seq",
                (shard.first + start, shard.first + end),
            ).fetchall()
        if len(rows) != end - start:
            raise LogDiverged(f"{shard.month}: lines {start} to {end} are not in the journal")
        return [salt + leaf for salt, leaf in rows]

    async def _forget(self, shard: Shard, shelf: Shelf) -> None:
        """The tiles are on the disk: their rows may go, and readers look there from now on."""

        def step() -> Act:
            db = self._journal.db
            db.execute("DELETE FROM ledger WHERE seq < ?", (shard.first + shelf.filed,))
            db.execute("UPDATE shards SET filed = ? WHERE month = ?", (shelf.filed, shard.month))
            return lambda: self._shelves.update({shard.month: shelf})

        await self._journal.run(step)


def _size(shard: Shard) -> tuple[str, int]:
    return shard.month, shard.size


def kept_heads(folder: Path) -> list[str]:
    """Every note in a folder: heads that mirror and witnesses have handed back.

    Raises BadCheckpoint for a file that is none, OSError.
    """
    try:
        return [read_note(one) for one in sorted(folder.iterdir()) if one.is_file()]
    except UnicodeDecodeError:
        raise BadCheckpoint(str(folder)) from None
