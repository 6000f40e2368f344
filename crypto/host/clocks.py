"""The keeper's clock, and how far it is to be believed.

The wall clock says when a list expires, so whoever moves it forward could have every list
shredded. It is therefore compared with a clock that nobody can set (CLOCK_BOOTTIME, which also
counts while the machine sleeps), and at the start with the time of the last verb. A clock that has
jumped is *doubted*: what has expired stays frozen, as always, but expiry alone shreds nothing
until the clock has run evenly for `SETTLING`. A restart while in doubt begins that time anew.

Budgets and limits count by `counted`: meanwhile that is the last moment beyond doubt and what the
steady clock has added to it, so a jump renews no hour and no day (crypto D46).
"""

import sqlite3
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from crypto.standards.canonical import micros, moment

TOLERANCE = timedelta(minutes=1)  # steps of a healthy NTP client are below a second
SLEW = 500e-6  # seconds a second: ntp_adjtime(2), the most that a clock is slewed by
APART = timedelta(minutes=5)  # between the keeper's and the database's clock, at most
SILENCE = timedelta(hours=24)  # a longer one is time that nobody has witnessed
SETTLING = timedelta(hours=24)  # time for people to see the alert and to act
NOTED = timedelta(minutes=1)  # how often the time is written down

SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seen_at INTEGER,             -- of a verb lately
    counted_at INTEGER,          -- the same moment, as budgets count it
    doubt TEXT                   -- "jump", "behind" or "silence", while it is in doubt
) STRICT;
INSERT OR IGNORE INTO clock VALUES (1, NULL, NULL, NULL);
"""


def steady() -> float:
    """Seconds since the machine was started; nobody can set them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clocks:
    """The wall clock under observation: every verb's moment comes from `now`."""

    def __init__(
        self,
        db: sqlite3.Connection,
        wall: Callable[[], datetime],
        steady: Callable[[], float],
    ) -> None:
        self._db, self._wall, self._steady = db, wall, steady
        self.unsaid: str | None = None  # why the clock is doubted, until the ledger says so
        self._doubted_until = 0.0
        self._highest = wall()
        self._anchor(self._highest)
        self._even, self._even_since = self._highest, self._seen_at
        seen_at, counted_at, doubt = db.execute(
            "SELECT seen_at, counted_at, doubt FROM clock"
        ).fetchone()
        self._noted = seen_at or 0
        if seen_at is not None:
            self._begin_after(moment(seen_at), moment(counted_at), doubted=doubt is not None)

    def now(self) -> datetime:
        """The wall clock; a jump of it begins a doubt."""
        now = self._wall()
        gone = self._steady() - self._seen_at
        due = self._seen + timedelta(seconds=gone)
        if abs(now - due) > TOLERANCE + timedelta(seconds=gone * SLEW):
            even = self.counted(due)
            self._anchor(now)
            self._doubt("jump", even)
        if self._steady() >= self._doubted_until:
            self._highest = max(self._highest, now)
        return now

    def highest(self) -> datetime:
        """The latest moment that was not in doubt: what has expired by then does not come back
        when somebody sets the clock back."""
        return self._highest

    def counted(self, now: datetime) -> datetime:
        """By what budgets and limits count: `now`, unless it is in doubt."""
        if self._steady() >= self._doubted_until:
            return now
        return self._even + timedelta(seconds=self._steady() - self._even_since)

    @property
    def doubted(self) -> bool:
        """Whether it has jumped lately: expiry alone shreds nothing."""
        return self._steady() < self._doubted_until or self.unsaid is not None

    def settled(self) -> bool:
        """Whether expiry by this clock is believed. Inside a step: a doubt that is over ends."""
        if self.doubted:
            return False
        self._db.execute("UPDATE clock SET doubt = NULL")
        return True

    def agree(self, database_time: datetime | None, now: datetime) -> bool:
        """Whether the database's clock says the same."""
        return database_time is not None and abs(database_time - now) <= APART

    def note(self, now: datetime) -> None:
        """Inside a step: write the time down, now and then."""
        if abs(micros(now) - self._noted) >= NOTED // timedelta(microseconds=1):
            self._noted = micros(now)
            counted = micros(self.counted(now))
            self._db.execute("UPDATE clock SET seen_at = ?, counted_at = ?", (self._noted, counted))

    def note_doubt(self, cause: str) -> None:
        """Inside the step whose ledger line says so: a restart does not end the doubt."""
        self._db.execute("UPDATE clock SET doubt = ?", (cause,))

    def _anchor(self, now: datetime) -> None:
        self._seen, self._seen_at = now, self._steady()

    def _doubt(self, cause: str, even: datetime) -> None:
        self.unsaid = cause
        self._doubt_from(even)

    def _doubt_from(self, even: datetime) -> None:
        self._even, self._even_since = even, self._steady()
        self._doubted_until = self._steady() + SETTLING.total_seconds()

    def _begin_after(self, last: datetime, counted: datetime, *, doubted: bool) -> None:
        """A start: the time that nobody has witnessed counts up to `SILENCE`."""
        even = counted + min(max(self._seen - last, timedelta(0)), SILENCE)
        if self._seen < last - TOLERANCE:
            self._doubt("behind", even)
        elif self._seen > last + SILENCE:
            self._doubt("silence", even)
        if doubted:  # since before the restart
            self._doubt_from(even)
        else:
            self._highest = max(self._highest, last)
