"""What the keeper knows of a record: in whose hand it is, how far the identity check has come,
whether it is closed for ever. The operations plane states none of it.

    S1 dialling -> S2 answered -> S3 verified        another grant opens it: S1 again
    final result: closed, no way back
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from crypto.canonical import micros
from crypto.errors import HandFull, InOtherHand, NotInHand
from crypto.fields import FieldKind, Stage

SCHEMA = """
CREATE TABLE IF NOT EXISTS hands (
    grant BLOB PRIMARY KEY,      -- hash of the grant: one record in hand each
    list TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    until INTEGER NOT NULL,
    UNIQUE (list, chunk, idx)    -- no record in two hands
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    list TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    grant BLOB NOT NULL,         -- whose stage it is
    stage TEXT NOT NULL,
    matched TEXT NOT NULL,       -- field kinds, separated by spaces
    tries INTEGER NOT NULL,      -- mismatches so far, for life
    closed INTEGER NOT NULL,     -- a final result: never opens again
    PRIMARY KEY (list, chunk, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempts (
    attempt TEXT PRIMARY KEY,    -- a repeated close adds nothing
    principal TEXT NOT NULL,
    list TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    code INTEGER NOT NULL,
    final INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sealed BLOB NOT NULL         -- to the entrustor: the keeper itself does not open it again
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS openers (
    list TEXT NOT NULL,
    principal TEXT NOT NULL,     -- counted on the certificate: how many operators
    PRIMARY KEY (list, principal)
) STRICT, WITHOUT ROWID;
"""


class RecordId(NamedTuple):
    """Which record of which list."""

    list: str
    chunk: int
    idx: int


@dataclass(frozen=True)
class RecordState:
    """How far one record has come for one grant."""

    stage: Stage = Stage.DIALLING
    matched: frozenset[FieldKind] = frozenset()
    tries: int = 0
    closed: bool = False


@dataclass(frozen=True)
class Attempt:
    """One closed call."""

    code: int
    final: bool
    at: int
    sealed: bytes


class Records:
    """Hands, stages, tries, closed records and attempts."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def state(self, record: RecordId, grant: bytes) -> RecordState:
        """As `grant` finds it: what another grant, or an ended call, reached does not count."""
        row = self._db.execute(
            "SELECT grant, stage, matched, tries, closed FROM records"
            " WHERE list = ? AND chunk = ? AND idx = ?",
            record,
        ).fetchone()
        if row is None:
            return RecordState()
        holder, stage, matched, tries, closed = row
        if holder != grant or stage == Stage.CLOSED:
            return RecordState(tries=tries, closed=bool(closed))
        kinds = frozenset(FieldKind(kind) for kind in matched.split())
        return RecordState(Stage(stage), kinds, tries, bool(closed))

    def keep(self, record: RecordId, grant: bytes, state: RecordState) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *record,
                grant,
                state.stage,
                " ".join(sorted(state.matched)),
                state.tries,
                state.closed,
            ),
        )

    # -- hands -----------------------------------------------------------------------------

    def check_takeable(self, record: RecordId, grant: bytes, now: datetime) -> None:
        """Raises HandFull, InOtherHand."""
        rows = self._db.execute(  # what is left in hand of a list that is over blocks nobody
            "SELECT grant, list, chunk, idx FROM hands JOIN lists USING (list) WHERE until > ?"
            " AND (grant = ? OR (list = ? AND chunk = ? AND idx = ?))"
            " AND frozen_at IS NULL AND expires > ?",
            (micros(now), grant, *record, micros(now)),
        ).fetchall()
        for holder, *held in rows:
            if holder != grant:
                raise InOtherHand
            if RecordId(*held) != record:
                raise HandFull

    def take(self, record: RecordId, grant: bytes, until: datetime) -> None:
        """Into this hand; an expired hold on it, or of this hand, ends."""
        self._db.execute(
            "DELETE FROM hands WHERE grant = ? OR (list = ? AND chunk = ? AND idx = ?)",
            (grant, *record),
        )
        self._db.execute(
            "INSERT INTO hands VALUES (?, ?, ?, ?, ?)", (grant, *record, micros(until))
        )

    def check_held(self, record: RecordId, grant: bytes, now: datetime) -> None:
        """Raises NotInHand."""
        row = self._db.execute(
            "SELECT 1 FROM hands WHERE grant = ? AND list = ? AND chunk = ? AND idx = ?"
            " AND until > ?",
            (grant, *record, micros(now)),
        ).fetchone()
        if row is None:
            raise NotInHand

    def let_go(self, grant: bytes) -> None:
        self._db.execute("DELETE FROM hands WHERE grant = ?", (grant,))

    # -- attempts --------------------------------------------------------------------------

    def attempt(self, attempt: str, record: RecordId, principal: str) -> Attempt | None:
        """The earlier close under this id. Raises NotInHand if it was another's."""
        row = self._db.execute(
            "SELECT principal, list, chunk, idx FROM attempts WHERE attempt = ?", (attempt,)
        ).fetchone()
        if row is None:
            return None
        who, *place = row
        if (who, RecordId(*place)) != (principal, record):
            raise NotInHand
        return self.recall(attempt)

    def recall(self, attempt: str) -> Attempt | None:
        """The earlier close under this id, whoever's it was."""
        row = self._db.execute(
            "SELECT code, final, at, sealed FROM attempts WHERE attempt = ?", (attempt,)
        ).fetchone()
        if row is None:
            return None
        code, final, at, sealed = row
        return Attempt(code, bool(final), at, sealed)

    def keep_attempt(
        self, attempt: str, record: RecordId, principal: str, outcome: Attempt
    ) -> None:
        self._db.execute(
            "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (attempt, principal, *record, outcome.code, outcome.final, outcome.at, outcome.sealed),
        )

    # -- counts ----------------------------------------------------------------------------

    def count_opener(self, list_id: str, principal: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO openers VALUES (?, ?)", (list_id, principal))

    def people(self, list_id: str) -> int:
        """How many records of the list have ever been opened."""
        (count,) = self._db.execute(
            "SELECT count(*) FROM records WHERE list = ?", (list_id,)
        ).fetchone()
        return int(count)

    def operators(self, list_id: str) -> int:
        """How many people have opened one."""
        (count,) = self._db.execute(
            "SELECT count(*) FROM openers WHERE list = ?", (list_id,)
        ).fetchone()
        return int(count)
