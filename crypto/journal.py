"""The keeper's durable memory: the ledger and the state it speaks of, in one transaction.

One SQLite file. A verb runs as a *step*: it checks, changes state, appends its ledger line and
returns an *act*, what is to happen once all that is durable. Steps that arrive together share
one commit (group commit); if it fails, every one of them is refused and nothing happened.

    step (savepoint) ... step (savepoint) -> one COMMIT, fsynced -> act ... act

So nothing leaves the keeper before the line that says so is on the disk.
"""

import asyncio
import contextlib
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from crypto.canonical import micros
from crypto.errors import LedgerUnavailable
from crypto.ledger.tree import HASH_BYTES, CompactRange

BATCH = 64  # steps per commit at most: bounds how long the others wait
SALT_BYTES = 16  # 128 bits: a leaf hash does not let anybody guess the leaf
LEAF_VERSION = 1

SCHEMA = """
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY,   -- index of the leaf, from 0
    salt BLOB NOT NULL,        -- stands in front of the leaf when it is hashed
    leaf BLOB NOT NULL         -- canonical JSON
) STRICT;
CREATE TABLE IF NOT EXISTS head (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    size INTEGER NOT NULL,     -- leaves so far
    peaks BLOB NOT NULL        -- hashes of the perfect subtrees, largest first
) STRICT;
CREATE TABLE IF NOT EXISTS list_lines (
    list TEXT PRIMARY KEY,
    n INTEGER NOT NULL         -- lines about this list so far: gapless, from 1
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO head VALUES (1, 0, x'');
"""

Act = Callable[[], Any]
Step = Callable[[], Act]
Verbs = dict[type[Any], Callable[[Any, datetime], Act]]
"""What a room of the keeper does at each of its verbs: a step, given the moment."""

_leaf = msgspec.json.Encoder(order="sorted")


class JournalDamaged(Exception):
    """The file contradicts itself: the keeper does not start on it."""


class Journal:
    """The open journal. `db` is for the state that the keeper's modules keep beside the ledger;
    they touch it inside steps only."""

    def __init__(self, path: Path, schemas: Sequence[str]) -> None:
        """Raises JournalDamaged."""
        # No timeout: nobody else writes here, and to wait for one would stop every verb.
        self.db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = FULL")
            self.db.execute("PRAGMA foreign_keys = ON")
            for schema in (SCHEMA, *schemas):
                self.db.executescript(schema)
        except sqlite3.DatabaseError as error:
            self.db.close()
            raise JournalDamaged(f"journal: {error}") from None
        self._head = self._read_head()
        self._tree = self._head.copy()
        self._waiting: asyncio.Queue[tuple[Step, asyncio.Future[Any]]] = asyncio.Queue()
        self._disk = ThreadPoolExecutor(1, "journal")
        self._worker: asyncio.Task[None] | None = None

    @property
    def head(self) -> CompactRange:
        """The durable head of the ledger."""
        return self._head

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._work())

    async def close(self) -> None:
        if self._worker:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker
        self._disk.shutdown()
        self.db.close()

    async def run(self, step: Step) -> Any:
        """Run a step, wait until it is durable, act, and return what the act returns.

        Raises LedgerUnavailable if it could not be made durable; what the step or the act
        raises otherwise. A step that raises has changed nothing.
        """
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((step, future))
        return await future

    def append(
        self, kind: str, at: datetime, *, list_id: str | None = None, **facts: str | int
    ) -> int:
        """One ledger line, inside a step; its index. `facts` are ids, codes and counts."""
        leaf: dict[str, str | int] = {
            "v": LEAF_VERSION,
            "seq": self._tree.size,
            "at": micros(at),
            "kind": kind,
            **facts,
        }
        if list_id is not None:
            leaf |= {"list": list_id, "n": self._next_line(list_id)}
        salt, body = secrets.token_bytes(SALT_BYTES), _leaf.encode(leaf)
        seq = self._tree.append(salt + body)
        self.db.execute("INSERT INTO ledger VALUES (?, ?, ?)", (seq, salt, body))
        return seq

    def _next_line(self, list_id: str) -> int:
        row = self.db.execute(
            "INSERT INTO list_lines VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n",
            (list_id,),
        ).fetchone()
        return int(row[0])

    # -- group commit ----------------------------------------------------------------------

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                acts = self._prepare(batch)
                await loop.run_in_executor(self._disk, self.db.commit)
            except sqlite3.Error:
                self._undo()
                for _, future in batch:
                    _settle(future, refusing(LedgerUnavailable()))
                continue
            self._head = self._tree.copy()
            for future, act in acts:
                _settle(future, act)

    def _prepare(
        self, batch: Sequence[tuple[Step, asyncio.Future[Any]]]
    ) -> list[tuple[asyncio.Future[Any], Act]]:
        """Run every step in its savepoint. A step that raises undoes itself and no other."""
        self.db.execute("BEGIN")
        acts: list[tuple[asyncio.Future[Any], Act]] = []
        for step, future in batch:
            before = self._tree.copy()
            self.db.execute("SAVEPOINT step")
            try:
                acts.append((future, step()))
            except sqlite3.Error:
                raise
            except Exception as error:
                self.db.execute("ROLLBACK TO step")
                self._tree = before
                acts.append((future, refusing(error)))
            self.db.execute("RELEASE step")
        if self._tree.size != self._head.size:
            self.db.execute(
                "UPDATE head SET size = ?, peaks = ?",
                (self._tree.size, b"".join(self._tree.peaks)),
            )
        return acts

    def _undo(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self.db.rollback()
        self._tree = self._head.copy()

    def _read_head(self) -> CompactRange:
        size, peaks = self.db.execute("SELECT size, peaks FROM head").fetchone()
        (lines,) = self.db.execute("SELECT coalesce(max(seq) + 1, 0) FROM ledger").fetchone()
        hashes = tuple(peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES))
        if lines != size or size.bit_count() != len(hashes):
            raise JournalDamaged(f"head says {size} lines, the ledger has {lines}")
        return CompactRange(size, hashes)


def _settle(future: asyncio.Future[Any], act: Act) -> None:
    if future.done():  # the caller has gone; what is durable stays
        return
    try:
        future.set_result(act())
    except Exception as error:
        future.set_exception(error)


def refusing(error: Exception) -> Act:
    """An act that raises: for a refusal that is remembered, the step commits and then refuses."""

    def act() -> NoReturn:
        raise error

    return act
