"""How many distinct people a principal may see: per hour and per 24 hours, sliding.

Call capacity sets the caps (contract terms); nothing outside the keeper can raise them. A
person counts once in a window, however often their record is opened in it.
"""

import sqlite3
from datetime import datetime, timedelta

from crypto.canonical import micros
from crypto.errors import BudgetDay, BudgetHour
from crypto.records import RecordId
from crypto.terms import ContractTerms

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (
    principal TEXT NOT NULL,
    list TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    at INTEGER NOT NULL,         -- last opened by this principal
    PRIMARY KEY (principal, list, chunk, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_at ON seen (principal, at);
"""


class Budgets:
    """Who was seen by whom, as long as it counts."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def check(self, principal: str, record: RecordId, terms: ContractTerms, now: datetime) -> int:
        """How many more people the principal may see after this one.

        Raises BudgetHour, BudgetDay if this record would be one person too many.
        """
        hour, day = self._used_besides(record, principal, now)
        if hour >= terms.people_per_hour:
            raise BudgetHour(str(terms.people_per_hour))
        if day >= terms.people_per_day:
            raise BudgetDay(str(terms.people_per_day))
        return min(terms.people_per_hour - hour, terms.people_per_day - day) - 1

    def charge(self, principal: str, record: RecordId, now: datetime) -> None:
        self._db.execute(
            "INSERT INTO seen VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
            (principal, *record, micros(now)),
        )

    def forget(self, principal: str, now: datetime) -> None:
        """Drop what no longer counts."""
        self._db.execute(
            "DELETE FROM seen WHERE principal = ? AND at <= ?", (principal, micros(now - DAY))
        )

    def _used_besides(self, record: RecordId, principal: str, now: datetime) -> tuple[int, int]:
        """Distinct people within the last hour and 24 hours, not counting `record`."""
        day, hour = self._db.execute(
            "SELECT count(*), count(*) FILTER (WHERE at > ?) FROM seen"
            " WHERE principal = ? AND at > ? AND NOT (list = ? AND chunk = ? AND idx = ?)",
            (micros(now - HOUR), principal, micros(now - DAY), *record),
        ).fetchone()
        return hour, day
