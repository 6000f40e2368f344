"""Who has ended a list, as long as that can be taken back: until an epoch is begun for it.

    a manager's shift      ends it, unless the entrustor has signed otherwise since
    an officer's shift     ends it; so does an upload that broke, within the hour
    a shift taken away     has ended nothing: somebody else has to say it

Who signs out has said what they said; only a shift that others end takes its orders along
(crypto D46). What somebody ordered counts while the roster names them for it.
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from crypto.standards.canonical import micros

MANAGER, ENTRUSTOR = "manager", "entrustor"  # roles of the roster, and triggers
ABANDONED = "abandoned"  # the trigger of a list whose upload broke
NOBODY = ""  # a broken upload is no person's word

SCHEMA = """
CREATE TABLE IF NOT EXISTS endings (
    list TEXT NOT NULL,
    person TEXT NOT NULL,        -- on whose shift; empty: an upload that broke
    trigger TEXT NOT NULL,       -- "manager", "entrustor" or "abandoned"
    at INTEGER NOT NULL,         -- no extension issued earlier undoes it
    PRIMARY KEY (list, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS endings_person ON endings (person);
"""


class Ending(NamedTuple):
    """One person's word that a list is to end."""

    person: str
    trigger: str
    at: int  # microseconds since 1970


class Endings:
    """The table of endings. Written inside steps of the journal only."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def note(self, list_id: str, person: str, trigger: str, now: datetime) -> bool:
        """False if this person has said so before; the first time stays."""
        row = self._db.execute(
            "INSERT INTO endings VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET trigger = excluded.trigger, at = excluded.at WHERE trigger <> excluded.trigger"
            " RETURNING list",
            (list_id, person, trigger, micros(now)),
        ).fetchone()
        return row is not None

    def of(self, list_id: str) -> Iterator[Ending]:
        """What stands, an officer's word first."""
        rows = self._db.execute(
            "SELECT person, trigger, at FROM endings WHERE list = ?"
            " ORDER BY trigger = 'manager', at, person",
            (list_id,),
        ).fetchall()
        return (Ending(*row) for row in rows)

    def forget(self, list_id: str) -> None:
        """Its entrustor lets it live."""
        self._db.execute("DELETE FROM endings WHERE list = ?", (list_id,))

    def take_back(self, person: str) -> list[str]:
        """The lists that this person had ended and no epoch has been begun for: they are no
        longer ended by them."""
        rows = self._db.execute(
            "DELETE FROM endings WHERE person = ?"
            " AND list IN (SELECT list FROM lists WHERE epoch IS NULL) RETURNING list",
            (person,),
        ).fetchall()
        return sorted(list_id for (list_id,) in rows)
