"""Offers of a record in hand to one supervisor: made, standing for two minutes, taken once.

made -> taken (by the one it is for, at the same site)      -> gone with that hand
    `-> retracted, over, or replaced by a later offer of the record
"""

import secrets
import sqlite3
from datetime import datetime, timedelta

import msgspec

from crypto.errors.records import NotOffered
from crypto.lists.progress import RecordId
from crypto.people.roster import Bearer
from crypto.standards.canonical import micros

STANDS = timedelta(seconds=120)  # a callee does not wait longer
OFFER_BYTES = 16

SCHEMA = """
CREATE TABLE IF NOT EXISTS offers (
    offer TEXT PRIMARY KEY,
    list TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    attempt TEXT NOT NULL,       -- the call
    giver TEXT NOT NULL,
    grant BLOB NOT NULL,         -- hash of the giver's: in whose hand the record has to be
    site TEXT NOT NULL,          -- where it is handed over
    receiver TEXT NOT NULL,
    until INTEGER NOT NULL,
    taken BLOB NOT NULL,         -- hash of the grant that took it; empty: it stands
    UNIQUE (list, chunk, idx)
) STRICT, WITHOUT ROWID;
"""


class Standing(msgspec.Struct, frozen=True):
    """An offer as its receiver finds it."""

    attempt: str
    giver: str
    grant: bytes
    taken: bool  # by this very grant


class Offers:
    """The offers, in the tables of `SCHEMA`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def make(
        self, who: Bearer, record: RecordId, attempt: str, receiver: str, now: datetime
    ) -> tuple[str, datetime]:
        """A new offer of this record, in place of an earlier one: its id, and until when."""
        self._db.execute(
            "DELETE FROM offers WHERE until <= ?"
            " AND NOT EXISTS (SELECT 1 FROM hands WHERE hands.grant = taken)",
            (micros(now),),
        )
        offer, until = f"off_{secrets.token_hex(OFFER_BYTES)}", now + STANDS
        self._db.execute(
            "INSERT OR REPLACE INTO offers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'')",
            (offer, *record, attempt, who.person, who.grant, who.site, receiver, micros(until)),
        )
        return offer, until

    def standing(self, offer: str, record: RecordId, who: Bearer, now: datetime) -> Standing:
        """What is offered to this bearer here, or was and is taken. Raises NotOffered: unknown, of
        another record, for somebody else, at another site, over - they are not told apart."""
        row = self._db.execute(
            "SELECT attempt, giver, grant, taken FROM offers WHERE offer = ?"
            " AND list = ? AND chunk = ? AND idx = ? AND receiver = ? AND site = ?"
            " AND (taken = ? OR (taken = x'' AND until > ?))",
            (offer, *record, who.person, who.site, who.grant, micros(now)),
        ).fetchone()
        if row is None:
            raise NotOffered
        attempt, giver, grant, taken = row
        return Standing(attempt, giver, grant, bool(taken))

    def take(self, offer: str, grant: bytes) -> None:
        self._db.execute("UPDATE offers SET taken = ? WHERE offer = ?", (grant, offer))

    def retract(self, offer: str) -> tuple[str, str] | None:
        """Of one that stood untaken: its list, and who made it."""
        row = self._db.execute(
            "DELETE FROM offers WHERE offer = ? AND taken = x'' RETURNING list, giver", (offer,)
        ).fetchone()
        return None if row is None else (row[0], row[1])
