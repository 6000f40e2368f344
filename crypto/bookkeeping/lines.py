"""The growing end of the ledger: its lines, numbered, salted, month by month.

Lines are written inside a transaction of the journal's, which says when they are durable and
when they came to nothing. With the first line of a month the log of the month before ends,
signed, and the next one begins. What fills tiles moves to `crypto.bookkeeping.archive`.
"""

import secrets
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import msgspec

from crypto.ledger.shards import SHARD, LogHead, end_of, month_of
from crypto.ledger.tiles import ENTRY_BYTES
from crypto.ledger.tree import HASH_BYTES, CompactRange
from crypto.standards.canonical import micros

SALT_BYTES = 16  # 128 bits: a leaf hash does not let anybody guess the leaf
LEAF_VERSION = 1

SCHEMA = """
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY,   -- number of the line through all months, from 0
    salt BLOB NOT NULL,        -- stands in front of the leaf when it is hashed
    leaf BLOB NOT NULL         -- canonical JSON
) STRICT;
CREATE TABLE IF NOT EXISTS head (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    month TEXT NOT NULL,       -- the log that grows; empty before the first line
    first INTEGER NOT NULL,    -- number of its first line
    size INTEGER NOT NULL,     -- lines so far, through all months
    peaks BLOB NOT NULL        -- hashes of its perfect subtrees, largest first
) STRICT;
CREATE TABLE IF NOT EXISTS shards (
    month TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    size INTEGER,              -- its leaves, once the month is over
    note TEXT,                 -- its last signed head, once the month is over
    filed INTEGER NOT NULL DEFAULT 0  -- leaves that lie in tiles, and no longer here
) STRICT;
CREATE TABLE IF NOT EXISTS list_lines (
    list TEXT PRIMARY KEY,
    n INTEGER NOT NULL         -- lines about this list so far: gapless, from 1
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO head VALUES (1, '', 0, 0, x'');
"""

SignHead = Callable[[str, int, bytes], str]
"""(month, size, root) -> the signed note."""

BEGIN_A_LOG = (
    "DELETE FROM ledger",
    "DELETE FROM shards",
    "DELETE FROM list_lines",
    "UPDATE head SET month = '', first = 0, size = 0, peaks = x''",
)
"""An empty log beside the state of an old one (`crypto.keeper.recovery`)."""

_leaf = msgspec.json.Encoder(order="sorted")


class JournalDamaged(Exception):
    """The file contradicts itself: the keeper does not start on it."""


class Mark(NamedTuple):
    """How far the log was."""

    end: LogHead
    until: int  # microseconds: when its month is over


class Lines:
    """The end of one log, in the tables of `SCHEMA`."""

    def __init__(self, db: sqlite3.Connection, sign_head: SignHead) -> None:
        """Raises JournalDamaged."""
        self._db, self._sign_head = db, sign_head
        self.head = self._read_head()  # the durable one
        self._end, self._until = self.head.copy(), _until(self.head)

    def append(
        self, kind: str, at: datetime, *, list_id: str | None = None, **facts: str | int
    ) -> int:
        """One ledger line, inside a step; its number. `facts` are ids, codes and counts."""
        when = micros(at)
        if when >= self._until:
            self._turn(when)
        leaf: dict[str, str | int] = {
            "v": LEAF_VERSION,
            "seq": self._end.size,
            "at": when,
            "kind": kind,
            **facts,
        }
        if list_id is not None:
            leaf |= {"list": list_id, "n": self._next_line(list_id)}
        return self._put(_leaf.encode(leaf))

    def mark(self) -> Mark:
        """Where to go `back_to` if what is written next comes to nothing."""
        return Mark(self._end.copy(), self._until)

    def back_to(self, mark: Mark) -> None:
        """The database has forgotten what was written since."""
        self._end, self._until = mark

    def write_head(self) -> None:
        """Last in the transaction."""
        if self._end.size != self.head.size:
            self._db.execute(
                "UPDATE head SET month = ?, first = ?, size = ?, peaks = ?",
                (
                    self._end.month,
                    self._end.first,
                    self._end.size,
                    b"".join(self._end.tree.peaks),
                ),
            )

    def kept(self) -> None:
        """The transaction is durable."""
        self.head = self._end.copy()

    def undone(self) -> None:
        """The transaction came to nothing."""
        self.back_to(Mark(self.head.copy(), _until(self.head)))

    def _put(self, body: bytes) -> int:
        salt, seq = secrets.token_bytes(SALT_BYTES), self._end.size
        if len(body) > ENTRY_BYTES - SALT_BYTES:
            raise ValueError("a leaf holds ids and codes, it is not as long as that")
        self._end.tree.append(salt + body)
        self._db.execute("INSERT INTO ledger VALUES (?, ?, ?)", (seq, salt, body))
        return seq

    def _turn(self, when: int) -> None:
        """The month of the log is over: sign its head, begin the next one with that."""
        ended, month = self._end, month_of(when)
        self._end, self._until = ended.turned(month), end_of(month)
        self._db.execute(
            "INSERT INTO shards (month, first) VALUES (?, ?)", (month, self._end.first)
        )
        if not ended.size:
            return
        note = self._sign_head(ended.month, ended.tree.size, ended.root())
        self._db.execute(
            "UPDATE shards SET size = ?, note = ? WHERE month = ?",
            (ended.tree.size, note, ended.month),
        )
        leaf = {
            "v": LEAF_VERSION,
            "seq": self._end.size,
            "at": when,
            "kind": SHARD,
            "month": month,
            "previous": note,
        }
        self._put(_leaf.encode(leaf))

    def _next_line(self, list_id: str) -> int:
        row = self._db.execute(
            "INSERT INTO list_lines VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n",
            (list_id,),
        ).fetchone()
        return int(row[0])

    def _read_head(self) -> LogHead:
        month, first, size, peaks = self._db.execute(
            "SELECT month, first, size, peaks FROM head"
        ).fetchone()
        (filed,) = self._db.execute("SELECT coalesce(sum(filed), 0) FROM shards").fetchone()
        low, end, count = self._db.execute(
            "SELECT coalesce(min(seq), ?), coalesce(max(seq) + 1, ?), count(*) FROM ledger",
            (size, size),
        ).fetchone()
        if (low, end, count) != (filed, size, size - filed):
            raise JournalDamaged(f"head says {size} lines, the ledger has {filed} and {count}")
        hashes = tuple(peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES))
        try:
            return LogHead(month, first, CompactRange(size - first, hashes))
        except ValueError:
            raise JournalDamaged(f"head says {size} lines, and has other peaks") from None


def _until(head: LogHead) -> int:
    """Until when lines belong to the month of this head: the first line decides the first."""
    return end_of(head.month) if head.month else 0
