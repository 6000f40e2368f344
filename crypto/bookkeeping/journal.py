"""The keeper's durable memory: the ledger and the state it speaks of, in one transaction.

One SQLite file. A verb runs as a *step*: it checks, changes state, appends its ledger line and
returns an *act*, what is to happen once all that is durable. Steps that arrive together share
one commit (group commit); if it fails, every one of them is refused and nothing happened.

    step (savepoint) ... step (savepoint) -> one COMMIT, fsynced -> act ... act

So nothing leaves the keeper before the line that says so is on the disk. The file keeps the
ledger's end only (`crypto.bookkeeping.lines`).
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from crypto.bookkeeping.lines import SCHEMA, JournalDamaged, Lines, SignHead
from crypto.errors.keeper import LedgerUnavailable
from crypto.host.reserve import Reserve
from crypto.ledger.shards import LogHead

log = logging.getLogger(__name__)

BATCH = 64  # steps per commit at most: bounds how long the others wait

Act = Callable[[], Any]
Step = Callable[[], Act]
Verbs = dict[type[Any], Callable[[Any, datetime], Act]]
"""What a room of the keeper does at each of its verbs: a step, given the moment."""

# Primary result codes (sqlite.org/rescode.html) of a disk without room: SQLITE_FULL, and
# SQLITE_IOERR where the write-ahead log's index could not grow.
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


class _Waiting(NamedTuple):
    """A step in the queue. `ending`: it stops somebody or something, and may use the reserve."""

    step: Step
    future: asyncio.Future[Any]
    ending: bool


class Journal:
    """The open journal. `db` is for the state that the keeper's modules keep beside the ledger;
    they touch it inside steps only."""

    def __init__(
        self,
        path: Path,
        schemas: Sequence[str],
        sign_head: SignHead,
        reserve: Reserve | None = None,
    ) -> None:
        """Raises JournalDamaged."""
        self.path, self._reserve = path, reserve
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
        self._lines = Lines(self.db, sign_head)
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._undoing: list[Callable[[], Any]] = []  # of the steps since the last commit
        self._disk = ThreadPoolExecutor(1, "journal")
        self._worker: asyncio.Task[None] | None = None

    @property
    def head(self) -> LogHead:
        """The durable head of the ledger."""
        return self._lines.head

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._work())

    async def close(self) -> None:
        if self._worker:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker
        self._disk.shutdown()
        self.db.close()

    async def run(self, step: Step, *, ending: bool = False) -> Any:
        """Run a step, wait until it is durable, act, and return what the act returns.

        ending: it stops somebody or something; on a full disk the reserve is for it, and until
        that is back for nothing else. Such a step may be run twice.

        Raises LedgerUnavailable if it could not be made durable; what the step or the act
        raises otherwise. A step that raises has changed nothing.
        """
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Waiting(step, future, ending))
        return await future

    def append(
        self, kind: str, at: datetime, *, list_id: str | None = None, **facts: str | int
    ) -> int:
        """One ledger line, inside a step; its number. `facts` are ids, codes and counts."""
        return self._lines.append(kind, at, list_id=list_id, **facts)

    def if_undone(self, forget: Callable[[], Any]) -> None:
        """Inside a step: call this if the step, or its commit, comes to nothing."""
        self._undoing.append(forget)

    # -- group commit ----------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            await asyncio.sleep(0)  # one turn: whoever is being read just now joins this commit
            while len(batch) < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                starved = self._reserve is not None and not self._reserve.keep()
                acts = await self._commit(batch, starved)
            except sqlite3.Error as error:
                acts = await self._commit_without_room(self._only_ending(batch), error)
            except Exception as error:  # nobody waits for ever, and the next ones go on
                log.error("a commit came to nothing: %s", type(error).__name__)  # noqa: TRY400
                self._undo()
                acts = [(one.future, refusing(LedgerUnavailable())) for one in batch]
            for future, act in acts:
                _settle(future, act)

    async def _commit(
        self, batch: Sequence[_Waiting], starved: bool
    ) -> list[tuple[asyncio.Future[Any], Act]]:
        """All of them durable. Raises sqlite3.Error: none of them.

        starved: the reserve is let go of; what would write into its room is refused.
        """
        try:
            acts = self._prepare(batch, starved)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._disk, self.db.commit)
        except sqlite3.Error:
            self._undo()
            raise
        self._lines.kept()
        self._undoing.clear()
        return acts

    async def _commit_without_room(
        self, ending: Sequence[_Waiting], error: sqlite3.Error
    ) -> list[tuple[asyncio.Future[Any], Act]]:
        """Once more in the room of the reserve, if room is what was missing; else refusals."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if ending and code in _NO_ROOM and self._reserve is not None and self._reserve.release():
            with contextlib.suppress(sqlite3.Error):
                return await self._commit(ending, starved=True)
        return [(one.future, refusing(LedgerUnavailable())) for one in ending]

    @staticmethod
    def _only_ending(batch: Sequence[_Waiting]) -> list[_Waiting]:
        """Those that end something; the others are refused."""
        for one in batch:
            if not one.ending:
                _settle(one.future, refusing(LedgerUnavailable()))
        return [one for one in batch if one.ending]

    def _prepare(
        self, batch: Sequence[_Waiting], starved: bool
    ) -> list[tuple[asyncio.Future[Any], Act]]:
        """Run every step in its savepoint. A step that raises undoes itself and no other."""
        self.db.execute("BEGIN")
        acts: list[tuple[asyncio.Future[Any], Act]] = []
        for one in batch:
            before = self._lines.mark()
            kept = len(self._undoing)
            self.db.execute("SAVEPOINT step")
            try:
                acts.append((one.future, self._take(one, starved)))
            except Exception as error:
                if _is_the_disks(error):
                    raise
                self.db.execute("ROLLBACK TO step")
                self._lines.back_to(before)
                self._forget_since(kept)
                acts.append((one.future, refusing(error)))
            self.db.execute("RELEASE step")
        self._lines.write_head()
        return acts

    def _take(self, one: _Waiting, starved: bool) -> Act:
        """Raises LedgerUnavailable if the step writes where room is for endings only."""
        written = self.db.total_changes
        act = one.step()
        if starved and not one.ending and self.db.total_changes != written:
            raise LedgerUnavailable
        return act

    def _undo(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self.db.rollback()
        self._lines.undone()
        self._forget_since(0)

    def _forget_since(self, kept: int) -> None:
        """What was remembered besides the database, by steps that came to nothing."""
        while len(self._undoing) > kept:
            self._undoing.pop()()


def _is_the_disks(error: Exception) -> bool:
    """Whether it concerns every step of the commit; a constraint is one step's own mistake."""
    return isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError)


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
