"""A result is provisional for a minute: whoever gave it may give another one in its place.

    close ─► sealed, as ever; what the record was before is remembered
        ├─ amended, by the same grant, which has nobody else in hand ─► sealed anew, same attempt
        └─ a minute later, or the grant has closed another call, or anybody opens, or takes out ─►
           it stands

There is one result per attempt at any moment. A refusal is one like any other for that minute, and
nothing takes it back afterwards (crypto D107).
"""

import sqlite3
from datetime import datetime, timedelta

from msgspec.structs import replace

from crypto.errors.records import ResultFinal, StillChangeable
from crypto.lists.progress import RecordId, Records, RecordState
from crypto.standards.canonical import micros

PROVISIONAL = timedelta(seconds=60)

SCHEMA = """
CREATE TABLE IF NOT EXISTS provisional (
    attempt TEXT PRIMARY KEY,
    grant BLOB NOT NULL UNIQUE,  -- hash of whose it is: with its next result this one stands
    list TEXT NOT NULL,
    until INTEGER NOT NULL,
    closed INTEGER NOT NULL,     -- the record before its result, as in `records`
    findable INTEGER NOT NULL,
    note BLOB NOT NULL,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


class Provisional:
    """What records were before results that may still be changed."""

    def __init__(self, db: sqlite3.Connection, records: Records) -> None:
        self._db, self._records = db, records

    def note(
        self, attempt: str, record: RecordId, grant: bytes, before: RecordState, now: datetime
    ) -> None:
        """Inside a close. Of one that is amended: the minute of the first one goes on. What the
        grant gave before stands."""
        self.settle(now)
        self._db.execute(
            "DELETE FROM provisional WHERE grant = ? AND attempt <> ?", (grant, attempt)
        )
        self._db.execute(
            "INSERT INTO provisional VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                *(attempt, grant, record.list, micros(now + PROVISIONAL)),
                *(before.closed, before.findable, before.note, before.number),
            ),
        )

    def before(self, attempt: str, record: RecordId, grant: bytes, now: datetime) -> RecordState:
        """The record as it was when this attempt was closed, with the note that it has since.

        Raises ResultFinal: the minute is over, or the grant has gone on, or the record has.
        """
        row = self._db.execute(
            "SELECT closed, findable, note, number FROM provisional"
            " WHERE attempt = ? AND grant = ? AND until > ?",
            (attempt, grant, micros(now)),
        ).fetchone()
        if row is None or not self._records.rests_with(record, grant, now):
            raise ResultFinal
        closed, findable, note, number = row
        state = self._records.state(record, grant)
        return replace(
            state, closed=bool(closed), findable=findable, note=state.note or note, number=number
        )

    def check_over(self, attempt: str, now: datetime) -> None:
        """Whoever gave it does not change it any more. Raises StillChangeable."""
        row = self._db.execute(
            "SELECT 1 FROM provisional WHERE attempt = ? AND until > ?", (attempt, micros(now))
        ).fetchone()
        if row is not None:
            raise StillChangeable

    def settle(self, now: datetime) -> None:
        """Those whose minute is over stand: what was before them is forgotten, notes as well."""
        self._db.execute("DELETE FROM provisional WHERE until <= ?", (micros(now),))

    def end(self, attempt: str) -> None:
        """Something has followed from this result."""
        self._db.execute("DELETE FROM provisional WHERE attempt = ?", (attempt,))

    def forget(self, list_id: str) -> None:
        """With the list's keys nothing is closed or amended any more."""
        self._db.execute("DELETE FROM provisional WHERE list = ?", (list_id,))
