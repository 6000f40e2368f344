"""What the keeper knows of a record: in whose hand it is, how far the identity check has come,
whether it is closed for ever. The operations plane states none of it.

    S1 dialling -> S2 answered -> S3 verified        another grant opens it: S1 again
    final result: closed, no way back
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from crypto.errors.records import HandFull, InOtherHand, NotInHand
from crypto.ids import SUPPRESSION, WITHDRAWAL
from crypto.records.fields import FieldKind, Stage
from crypto.standards.canonical import micros

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
    shown INTEGER NOT NULL,      -- somebody has seen it: counted on the certificate
    withdrawn INTEGER NOT NULL,  -- by the entrustor: never shown any more, closed with code 80
    findable INTEGER NOT NULL,   -- closed without contact: who calls back before is still found
    note BLOB NOT NULL,          -- of an earlier call, sealed to the list; gone with the record
    number INTEGER NOT NULL,     -- which of its numbers is rung, from 0
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
    sealed BLOB NOT NULL,        -- to the entrustor: the keeper itself does not open it again
    slip INTEGER NOT NULL,       -- whether a slip is in it: counted
    token BLOB NOT NULL,         -- how the number that is rung from now on is filed; mostly empty
    tag TEXT NOT NULL            -- of the person, as in its line: one that is revised has it, too
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closed_before (
    list TEXT NOT NULL,          -- it continues a list whose keys were lost with the disk
    chunk INTEGER NOT NULL,
    bits BLOB NOT NULL,          -- one a record, lowest of byte 0 first: never opens here
    PRIMARY KEY (list, chunk)
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


class RecordState(msgspec.Struct, frozen=True):
    """How far one record has come for one grant."""

    stage: Stage = Stage.DIALLING
    matched: frozenset[FieldKind] = frozenset()
    tries: int = 0
    closed: bool = False
    shown: bool = False
    withdrawn: bool = False
    findable: int = 0  # microseconds: until then a search opens it although it is closed
    note: bytes = b""  # of an earlier call, sealed to the list
    number: int = 0  # which of its numbers is rung

    @property
    def called_back(self) -> bool:
        """Closed without contact, and opened again by a search of this grant."""
        return self.closed and self.stage is not Stage.DIALLING


class Attempt(msgspec.Struct, frozen=True):
    """One closed call."""

    code: int
    final: bool
    at: int
    sealed: bytes
    slip: bool = False  # whether a slip is in it
    token: bytes = b""  # how the record's next number is filed, if the one rung was no number
    tag: str = ""  # of the person, as the ledger has it


class Given(NamedTuple):
    """A closed call: of which record, and whose."""

    record: RecordId
    principal: str
    outcome: Attempt


class Records:
    """Hands, stages, tries, closed records and attempts."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def state(self, record: RecordId, grant: bytes) -> RecordState:
        """As `grant` finds it: what another grant, or an ended call, reached does not count."""
        row = self._db.execute(
            "SELECT grant, stage, matched, tries, findable, note, number, closed, shown, withdrawn"
            " FROM records"
            " WHERE list = ? AND chunk = ? AND idx = ?",
            record,
        ).fetchone()
        if row is None:  # nobody has opened it here
            return RecordState(closed=self._closed_before(record))
        holder, stage, matched, tries, findable, note, number, *said = row
        closed, shown, withdrawn = map(bool, said)
        if holder != grant or stage == Stage.CLOSED:
            return RecordState(
                tries=tries,
                closed=closed,
                shown=shown,
                withdrawn=withdrawn,
                findable=findable,
                note=note,
                number=number,
            )
        kinds = frozenset(FieldKind(kind) for kind in matched.split())
        return RecordState(
            Stage(stage), kinds, tries, closed, shown, withdrawn, findable, note, number
        )

    def keep(self, record: RecordId, grant: bytes, state: RecordState) -> None:
        """A note lives no longer than its record."""
        self._db.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *record,
                grant,
                state.stage,
                " ".join(sorted(state.matched)),
                state.tries,
                state.closed,
                state.shown,
                state.withdrawn,
                state.findable,
                b"" if state.closed or state.withdrawn else state.note,
                state.number,
            ),
        )

    def withdraw(self, record: RecordId) -> None:
        """The entrustor takes this record out: from now on it answers `withdrawn`."""
        state = self.state(record, b"")
        self.keep(record, b"", replace(state, withdrawn=True))

    def close_before(self, list_id: str, chunks: Sequence[bytes]) -> int:
        """Close records before any of them opens, a bit each; how many that are."""
        self._db.executemany(
            "INSERT INTO closed_before VALUES (?, ?, ?)",
            ((list_id, chunk, bits) for chunk, bits in enumerate(chunks) if any(bits)),
        )
        return sum(int.from_bytes(bits, "little").bit_count() for bits in chunks)

    def _closed_before(self, record: RecordId) -> bool:
        row = self._db.execute(
            "SELECT bits FROM closed_before WHERE list = ? AND chunk = ?", record[:2]
        ).fetchone()
        return row is not None and bool(int.from_bytes(row[0], "little") >> record.idx & 1)

    # -- hands -----------------------------------------------------------------------------

    def check_takeable(self, record: RecordId, grant: bytes, now: datetime) -> None:
        """Raises HandFull, InOtherHand."""
        which = "(grant = ? OR (list = ? AND chunk = ? AND idx = ?))"
        for holder, *held in self._in_hands(which, (grant, *record), now):
            if holder != grant:
                raise InOtherHand
            if RecordId(*held) != record:
                raise HandFull

    def check_empty(self, grant: bytes, now: datetime) -> None:
        """Raises HandFull."""
        if self._in_hands("grant = ?", (grant,), now):
            raise HandFull

    def _in_hands(self, which: str, of: tuple[object, ...], now: datetime) -> list[tuple[Any, ...]]:
        """What is left in hand of a list that is over blocks nobody."""
        rows = (
            "SELECT grant, list, chunk, idx FROM hands JOIN lists USING (list)"
            " WHERE until > ? AND frozen_at IS NULL AND expires > ?"
            " AND NOT EXISTS (SELECT 1 FROM holds WHERE holds.list = hands.list AND held)"
        )
        at = micros(now)
        return self._db.execute(f"{rows} AND {which}", (at, at, *of)).fetchall()

    def take(self, record: RecordId, grant: bytes, until: datetime) -> None:
        """Into this hand; an expired hold on it, or of this hand, ends."""
        self._db.execute(  # replaces by either key: this hand's, this record's
            "INSERT OR REPLACE INTO hands VALUES (?, ?, ?, ?, ?)", (grant, *record, micros(until))
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

    def give(
        self, record: RecordId, grant: bytes, state: RecordState, now: datetime, seconds: int
    ) -> None:
        """Out of the hand it is in, into this empty one, as far as it has come."""
        self.take(record, grant, now + timedelta(seconds=seconds))
        self.keep(record, grant, state)

    def check_given(self, record: RecordId, grant: bytes) -> None:
        """In this hand, or left there by a hold that has run out. Raises NotInHand."""
        row = self._db.execute(
            "SELECT 1 FROM hands WHERE grant = ? AND list = ? AND chunk = ? AND idx = ?",
            (grant, *record),
        ).fetchone()
        if row is None:
            raise NotInHand

    def let_go(self, grant: bytes) -> None:
        self._db.execute("DELETE FROM hands WHERE grant = ?", (grant,))

    def let_go_of(self, list_id: str, record: tuple[int, int] | None, now: datetime) -> list[str]:
        """Of one record (chunk, index), or of the whole list: who had one in hand."""
        which, place = ("", ()) if record is None else (" AND chunk = ? AND idx = ?", record)
        rows = self._db.execute(
            f"DELETE FROM hands WHERE list = ? AND until > ?{which}"  # noqa: S608  # ours
            " RETURNING (SELECT person FROM grants WHERE hash = hands.grant)",
            (list_id, micros(now), *place),
        ).fetchall()
        return [person for (person,) in rows]

    def rests_with(self, record: RecordId, grant: bytes, now: datetime) -> bool:
        """Whether this grant closed it last, nobody has touched it since, and its hand is empty."""
        row = self._db.execute(
            "SELECT 1 FROM records WHERE list = ? AND chunk = ? AND idx = ?"
            " AND grant = ? AND stage = ?"
            " AND NOT EXISTS (SELECT 1 FROM hands WHERE hands.grant = ? AND until > ?)",
            (*record, grant, Stage.CLOSED, grant, micros(now)),
        ).fetchone()
        return row is not None

    # -- attempts --------------------------------------------------------------------------

    def attempt(self, attempt: str, record: RecordId, principal: str) -> Attempt | None:
        """The earlier close under this id. Raises NotInHand if it was another's, or is the id of
        a result that no call comes to: nobody is in its way."""
        if attempt.startswith((WITHDRAWAL, SUPPRESSION)):
            raise NotInHand
        row = self._db.execute(
            "SELECT principal, list, chunk, idx FROM attempts WHERE attempt = ?", (attempt,)
        ).fetchone()
        if row is None:
            return None
        who, *place = row
        if (who, RecordId(*place)) != (principal, record):
            raise NotInHand
        return self.recall(attempt)

    def recall(self, attempt: str, record: RecordId | None = None) -> Attempt | None:
        """The earlier close under this id, whoever's it was; of `record` only, if one is named."""
        row = self._db.execute(
            "SELECT code, final, at, sealed, slip, token, tag, list, chunk, idx FROM attempts"
            " WHERE attempt = ?",
            (attempt,),
        ).fetchone()
        if row is None:
            return None
        code, final, at, sealed, slip, token, tag, *of = row
        if record is not None and record != RecordId(*of):
            raise NotInHand
        return Attempt(code, bool(final), at, sealed, bool(slip), token, tag)

    def given(self, attempt: str) -> Given | None:
        """The close under this id, with whose it was and of which record."""
        row = self._db.execute(
            "SELECT list, chunk, idx, principal FROM attempts WHERE attempt = ?", (attempt,)
        ).fetchone()
        outcome = self.recall(attempt)
        if row is None or outcome is None:
            return None
        *place, principal = row
        return Given(RecordId(*place), principal, outcome)

    def keep_attempt(
        self, attempt: str, record: RecordId, principal: str, outcome: Attempt
    ) -> None:
        """Or in place of the earlier one: it was provisional, or is revised."""
        self._db.execute(
            "INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (attempt, principal, *record, *msgspec.structs.astuple(outcome)),
        )

    # -- notes -----------------------------------------------------------------------------

    def forget_notes(self, list_id: str) -> None:
        """With the list's keys nothing of them opens; now they are gone too."""
        self._db.execute("UPDATE records SET note = x'' WHERE list = ? AND note <> x''", (list_id,))

    def notes(self, list_id: str) -> int:
        """How many records of the list have one."""
        (count,) = self._db.execute(
            "SELECT count(*) FROM records WHERE list = ? AND note <> x''", (list_id,)
        ).fetchone()
        return int(count)

    # -- counts ----------------------------------------------------------------------------

    def count_opener(self, list_id: str, principal: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO openers VALUES (?, ?)", (list_id, principal))

    def closed(self, list_id: str) -> int:
        """How many records of the list are closed for ever."""
        (closed,) = self._db.execute(
            "SELECT count(*) FROM records WHERE list = ? AND closed", (list_id,)
        ).fetchone()
        before = self._db.execute(
            "SELECT bits FROM closed_before WHERE list = ?", (list_id,)
        ).fetchall()
        return int(closed) + sum(int.from_bytes(bits, "little").bit_count() for (bits,) in before)

    def people(self, list_id: str) -> int:
        """How many records of the list have ever been shown to anybody."""
        (count,) = self._db.execute(
            "SELECT count(*) FROM records WHERE list = ? AND shown", (list_id,)
        ).fetchone()
        return int(count)

    def operators(self, list_id: str) -> int:
        """How many people have opened one."""
        (count,) = self._db.execute(
            "SELECT count(*) FROM openers WHERE list = ?", (list_id,)
        ).fetchone()
        return int(count)
