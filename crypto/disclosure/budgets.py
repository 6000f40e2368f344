"""How many distinct people a principal may see: sliding windows, and for life.

    people_per_hour, _day, _30_days       of all contracts together, sliding
    people_per_entrustor_day              of one entrustor, sliding 24 hours
    people_per_job, people_per_list       for life

Call capacity sets the caps, the contract at hand says which hold, a signed statement may raise
them (`crypto.signed.mandates`); nothing outside the keeper can. A person counts once in a window,
however often their record is opened in it; a number searched for counts as a person until a
record opens on it: from then on it is the record that counts.

SQLite has every row; a *tally* per principal has the sorted times in memory, so that an open
costs a few bisections, not a count over a month of rows (100 kB for 13,200 people). A tally
whose charge did not become durable is forgotten and loaded again. Windows count by a time beyond
doubt (`Clocks.counted`): a clock that jumps renews none of them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from crypto.bookkeeping.journal import Journal
from crypto.errors.base import Refusal
from crypto.errors.records import (
    BudgetDay,
    BudgetEntrustor,
    BudgetHour,
    BudgetJob,
    BudgetList,
    BudgetMonth,
)
from crypto.lists.progress import RecordId
from crypto.signed.mandates import Mandates
from crypto.signed.terms import ContractTerms
from crypto.standards.canonical import micros

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
MONTH = timedelta(days=30)
WARN_TENTHS = 8  # of a cap: overseers hear of it while work still goes on

BY_CAP: dict[str, type[Refusal]] = {  # the first one that is used up is said
    "people_per_hour": BudgetHour,
    "people_per_day": BudgetDay,
    "people_per_30_days": BudgetMonth,
    "people_per_entrustor_day": BudgetEntrustor,
    "people_per_job": BudgetJob,
    "people_per_list": BudgetList,
}
REFUSALS: tuple[type[Refusal], ...] = tuple(BY_CAP.values())

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (
    principal TEXT NOT NULL,
    list TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    job TEXT NOT NULL,
    entrustor TEXT NOT NULL,
    at INTEGER NOT NULL,         -- last opened by this principal
    PRIMARY KEY (principal, list, chunk, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_at ON seen (principal, at);
CREATE TABLE IF NOT EXISTS seen_for_life (
    principal TEXT NOT NULL,
    job TEXT NOT NULL,
    people INTEGER NOT NULL,     -- of lists whose rows are gone from `seen`
    PRIMARY KEY (principal, job)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS warned (
    principal TEXT NOT NULL,
    budget TEXT NOT NULL,
    scope TEXT NOT NULL,         -- the job, list or entrustor it is about, or nothing
    at INTEGER NOT NULL,
    PRIMARY KEY (principal, budget, scope)
) STRICT, WITHOUT ROWID;
"""


@dataclass
class Tally:
    """What one principal has seen: times in microseconds, sorted, one per person."""

    times: array[int] = field(default_factory=lambda: array("q"))
    entrustors: dict[str, array[int]] = field(default_factory=dict)
    jobs: Counter[str] = field(default_factory=Counter)
    lists: Counter[str] = field(default_factory=Counter)

    def move(self, before: Sequence[int], at: int, entrustor: str) -> None:
        """A person seen at the times `before` is seen at `at`."""
        for times in (self.times, self.entrustors.setdefault(entrustor, array("q"))):
            for last in before:
                place = bisect_right(times, last) - 1
                if place >= 0 and times[place] == last:
                    del times[place]
            insort(times, at)

    def drop_until(self, cut: int) -> None:
        """Forget times that no window reaches."""
        for times in (self.times, *self.entrustors.values()):
            del times[: bisect_right(times, cut)]


class Use(msgspec.Struct, frozen=True):
    """One budget as a principal stands to it. `scope`: what it is about, if not everything."""

    name: str
    scope: str
    used: int  # people besides the one at hand
    cap: int
    window: timedelta | None  # None: for life


class Room(msgspec.Struct, frozen=True):
    """What is left for one principal, and for whom it was asked: `Budgets.charge` takes it."""

    principal: str
    account: RecordId
    entrustor: str
    job: str
    counted: dict[RecordId, int]  # as what this person is counted, and when last seen as it
    uses: list[Use]

    @property
    def people_left(self) -> int:
        """How many more people after this one."""
        return min(use.cap - use.used for use in self.uses) - 1


class Budgets:
    """Who was seen by whom, as long as it counts."""

    def __init__(
        self, journal: Journal, mandates: Mandates, counted: Callable[[datetime], datetime]
    ) -> None:
        """counted: of a verb's moment, by what windows count (`crypto.host.clocks`)."""
        self._journal, self._db, self._mandates = journal, journal.db, mandates
        self._counted_at = counted
        self._tallies: dict[str, Tally] = {}
        self._jobs: dict[str, str] = {}  # of lists: a list never changes its job

    def check(
        self,
        principal: str,
        role: str,
        account: RecordId,
        terms: ContractTerms,
        now: datetime,
        search: RecordId | None = None,
    ) -> Room:
        """What the principal may still see, this person included.

        `account`: a record, or a search charged like one. `search`: the one that this record
        opens on; it is spent by the charge. Raises one of `REFUSALS` if it would be one person
        too many.
        """
        caps = self.caps(terms, principal, role, now)
        room = self._room(principal, account, search, caps, terms, now)
        for use in room.uses:
            if use.used >= use.cap:
                raise BY_CAP[use.name](str(use.cap))
        return room

    def caps(
        self, terms: ContractTerms, principal: str, role: str, now: datetime
    ) -> dict[str, int]:
        """What is in force for this person, by name."""
        return self._mandates.caps(terms, principal, role, now)

    def charge(self, room: Room, now: datetime) -> None:
        """Count the person of a `check` in the same step; say so in the ledger when a budget is
        nearly used up."""
        counted = self._counted_at(now)
        principal, account, at = room.principal, room.account, micros(counted)
        for use in room.uses:
            if (use.used + 1) * 10 >= use.cap * WARN_TENTHS:
                self._warn(principal, use, now)
        self._db.executemany(
            "DELETE FROM seen WHERE principal = ? AND list = ? AND chunk = ? AND idx = ?",
            ((principal, *spent) for spent in room.counted if spent != account),
        )
        self._db.execute(
            "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET at = excluded.at",
            (principal, *account, room.job, room.entrustor, at),
        )
        tally = self._tally(principal, counted)
        self._journal.if_undone(lambda: self._tallies.pop(principal, None))
        tally.move(list(room.counted.values()), at, room.entrustor)
        tally.drop_until(micros(counted - MONTH))
        tally.jobs[room.job] += 1 - len(room.counted)
        tally.lists[account.list] += 1
        tally.lists.subtract(known.list for known in room.counted)

    def forget(self, principal: str, now: datetime) -> None:
        """Fold rows that no window reaches, of lists that never open again, into their job."""
        folded = (
            "FROM seen WHERE principal = ? AND at <= ? AND list IN"
            " (SELECT list FROM lists WHERE shredded_at IS NOT NULL)"
        )
        which = (principal, micros(self._counted_at(now) - MONTH))
        self._db.execute(
            "INSERT INTO seen_for_life SELECT principal, job, count(*) "  # ours
            f"{folded} GROUP BY job"
            " ON CONFLICT DO UPDATE SET people = people + excluded.people",
            which,
        )
        self._db.execute(f"DELETE {folded}", which)  # ours

    # -- how much is used ------------------------------------------------------------------

    def _room(
        self,
        principal: str,
        account: RecordId,
        search: RecordId | None,
        caps: dict[str, int],
        terms: ContractTerms,
        now: datetime,
    ) -> Room:
        at = self._counted_at(now)
        tally, counted = self._tally(principal, at), self._counted(principal, account, search)
        job, entrustor = self._job(account.list), terms.entrustor
        of_it = tally.entrustors.get(entrustor, array("q"))
        hour, day, month = (micros(at - window) for window in (HOUR, DAY, MONTH))

        def since(cut: int, times: array[int]) -> int:
            besides = sum(last > cut for last in counted.values())
            return len(times) - bisect_right(times, cut) - besides

        of_list = sum(known.list == account.list for known in counted)
        uses = {
            "people_per_hour": ("", since(hour, tally.times), HOUR),
            "people_per_day": ("", since(day, tally.times), DAY),
            "people_per_30_days": ("", since(month, tally.times), MONTH),
            "people_per_entrustor_day": (entrustor, since(day, of_it), DAY),
            "people_per_job": (job, tally.jobs[job] - len(counted), None),
            "people_per_list": (account.list, tally.lists[account.list] - of_list, None),
        }
        stands = [Use(name, scope, n, caps[name], w) for name, (scope, n, w) in uses.items()]
        return Room(principal, account, entrustor, job, counted, stands)

    def _tally(self, principal: str, now: datetime) -> Tally:
        tally = self._tallies.get(principal)
        if tally is None:
            tally = self._tallies[principal] = self._loaded(principal, now)
        return tally

    def _loaded(self, principal: str, now: datetime) -> Tally:
        tally = Tally()
        for at, entrustor in self._db.execute(
            "SELECT at, entrustor FROM seen WHERE principal = ? AND at > ? ORDER BY at",
            (principal, micros(now - MONTH)),
        ):
            tally.times.append(at)
            tally.entrustors.setdefault(entrustor, array("q")).append(at)
        for job, list_id, people in self._db.execute(
            "SELECT job, list, count(*) FROM seen WHERE principal = ? GROUP BY job, list",
            (principal,),
        ):
            tally.jobs[job] += people
            tally.lists[list_id] += people
        for job, people in self._db.execute(
            "SELECT job, people FROM seen_for_life WHERE principal = ?", (principal,)
        ):
            tally.jobs[job] += people
        return tally

    def _counted(self, principal: str, *accounts: RecordId | None) -> dict[RecordId, int]:
        """When each of these was last seen, if it is counted at all."""
        counted: dict[RecordId, int] = {}
        for account in filter(None, accounts):
            row = self._db.execute(
                "SELECT at FROM seen WHERE principal = ? AND list = ? AND chunk = ? AND idx = ?",
                (principal, *account),
            ).fetchone()
            if row is not None:
                counted[account] = int(row[0])
        return counted

    def _job(self, list_id: str) -> str:
        if list_id not in self._jobs:
            (job,) = self._db.execute("SELECT job FROM lists WHERE list = ?", (list_id,)).fetchone()
            self._jobs[list_id] = job
        return self._jobs[list_id]

    def _warn(self, principal: str, use: Use, now: datetime) -> None:
        """Once per window; for life, once."""
        at = self._counted_at(now)
        since = micros(at - use.window) if use.window else -1
        row = self._db.execute(
            "INSERT INTO warned VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at"
            " WHERE at <= ? RETURNING at",
            (principal, use.name, use.scope, micros(at), since),
        ).fetchone()
        if row is not None:
            self._journal.append(
                "budget_warning",
                now,
                principal=principal,
                budget=use.name,
                people=use.used + 1,
                cap=use.cap,
            )
