"""What one person has lately done that is limited besides seeing people.

mismatch   a wrong answer in the identity check: guessing must not pay (crypto D26)
reveal     one field in full: a number for manual dialling, a reference to read out
wrong_code a code that an officer typed and no call gave

Kept per person, across records, lists, contracts, grants and restarts; sliding windows, by a time
beyond doubt (`crypto.host.clocks.Clocks.counted`).
"""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta

from crypto.errors.records import CodesUsed, RevealsUsed, TriesUsedToday
from crypto.signed.terms import ContractTerms
from crypto.standards.canonical import micros

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
MISMATCH, REVEAL, WRONG_CODE = "mismatch", "reveal", "wrong_code"
WRONG_CODES = 10  # within the hour, of one officer: misheard, not tried one after the other

SCHEMA = """
CREATE TABLE IF NOT EXISTS tallies (
    principal TEXT NOT NULL,
    what TEXT NOT NULL,          -- "mismatch", "reveal", "wrong_code"
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS tallies_at ON tallies (principal, what, at);
"""


class Tallies:
    """Counts of what was done, as long as it counts."""

    def __init__(self, db: sqlite3.Connection, counted: Callable[[datetime], datetime]) -> None:
        """counted: of a verb's moment, by what windows count."""
        self._db, self._counted = db, counted

    def check_mismatches(self, principal: str, terms: ContractTerms, now: datetime) -> None:
        """Raises TriesUsedToday if one more could be one too many."""
        most = terms.identity.tries_per_day
        if self._count(principal, MISMATCH, self._counted(now) - DAY) >= most:
            raise TriesUsedToday(str(most))

    def check_reveals(self, principal: str, terms: ContractTerms, now: datetime) -> None:
        """Raises RevealsUsed if this would be one too many."""
        if self._count(principal, REVEAL, self._counted(now) - HOUR) >= terms.reveals_per_hour:
            raise RevealsUsed(str(terms.reveals_per_hour))

    def check_codes(self, principal: str, now: datetime) -> None:
        """Raises CodesUsed if one more could be one too many."""
        if self._count(principal, WRONG_CODE, self._counted(now) - HOUR) >= WRONG_CODES:
            raise CodesUsed(str(WRONG_CODES))

    def note(self, principal: str, what: str, now: datetime) -> None:
        """One more; what no longer counts is dropped on the way."""
        at = self._counted(now)
        self._db.execute(
            "DELETE FROM tallies WHERE principal = ? AND at <= ?", (principal, micros(at - DAY))
        )
        self._db.execute("INSERT INTO tallies VALUES (?, ?, ?)", (principal, what, micros(at)))

    def _count(self, principal: str, what: str, since: datetime) -> int:
        (count,) = self._db.execute(
            "SELECT count(*) FROM tallies WHERE principal = ? AND what = ? AND at > ?",
            (principal, what, micros(since)),
        ).fetchone()
        return int(count)
