"""Who may end a list for good. Freezing is anybody's; shredding needs a reason that holds.

    completed   every record of the manifest is closed for ever, as the keeper itself sees
    manager     the grant of a living manager of a party that the contract approves
    entrustor   the grant of a person whom the roster names for this entrustor, or its signature
    deadline    expired, by a keeper's clock in no doubt, with which the database's agrees
    abandoned   an upload that broke, within the hour (`crypto.lists.keyroom`)

What a grant has ended is looked at again before the shred: a shift that was taken away, a person
no longer on the roster, a party withdrawn in the meantime ends nothing (`crypto.lists.endings`).

A held list is not shredded at all. And no more than `per_hour` lists of one entrustor within an
hour without a signature, nor `EVERYBODY` times as many of all: those beyond it wait, and go on,
the oldest first, as the hour frees room. So whoever tries to have everything shredded gets
`per_hour` lists an hour, an alert for each that waits, and holds up no other entrustor's (crypto
D34, D96).
"""

import sqlite3
from datetime import datetime, timedelta

from crypto.errors.base import Refusal
from crypto.errors.lists import ClocksDisagree, ListHeld, ListOver, NotAuthorised, TooManyShreds
from crypto.errors.people import RosterOver, UnknownPerson
from crypto.errors.statements import BadStatement
from crypto.host.clocks import Clocks
from crypto.lists.endings import ABANDONED, ENTRUSTOR, MANAGER, Endings
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.lists.progress import Records
from crypto.people.roster import Roster
from crypto.signed.approvals import CENTRE
from crypto.signed.mandates import Mandates
from crypto.standards.canonical import micros

SHREDS_AN_HOUR = 20  # of one entrustor: F3 has one that ends a list a month
EVERYBODY = 5  # times as many of all of them: 69 entrustors' month's end is over within the hour
HOUR = timedelta(hours=1)
ALERT_EVERY = timedelta(hours=24)  # one line per list and reason: a worker asks every minute
ALERTING = (NotAuthorised, ClocksDisagree, ListHeld, TooManyShreds)

SCHEMA = """
CREATE TABLE IF NOT EXISTS shred_waits (
    list TEXT PRIMARY KEY,       -- beyond the number per hour: it has its place in the queue
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shred_asked (
    list TEXT PRIMARY KEY,       -- one that waits
    at INTEGER NOT NULL          -- when it was asked for last: nobody waits for one that is not
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shred_alerts (
    list TEXT NOT NULL,
    code TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (list, code)
) STRICT, WITHOUT ROWID;
"""


class Authority:
    """Answers one question, and remembers whose grant has ordered what."""

    def __init__(
        self,
        db: sqlite3.Connection,
        *,
        mandates: Mandates,
        roster: Roster,
        lists: Lists,
        clocks: Clocks,
        per_hour: int = SHREDS_AN_HOUR,
    ) -> None:
        self._db, self._mandates = db, mandates
        self._roster, self._lists, self._clocks = roster, lists, clocks
        self._records, self._per_hour = Records(db), per_hour
        self._endings = Endings(db)

    def of_grant(self, facts: ListFacts, trigger: str, grant: str, now: datetime) -> str | None:
        """The person whose grant entitles them to this trigger; None if no grant is shown.

        Raises UnknownGrant, GrantOver, NotAuthorised: what is claimed and does not hold.
        """
        if not grant:
            return None
        who = self._roster.bearer(grant, now)
        if not self._entitled(facts, trigger, who.role, who.party):
            raise NotAuthorised(facts.list)
        return who.person

    def end(self, facts: ListFacts, trigger: str, person: str, now: datetime) -> bool:
        """Remember who has ended this list; False if they had said so before."""
        return self._endings.note(facts.list, person, trigger, now)

    def ended(self, facts: ListFacts, now: datetime) -> str:
        """By whose word this list may be shredded: "entrustor", "manager"; "" if nobody's is
        known. Whether it must wait for another reason is not asked."""
        if facts.entrustor in self._mandates.ordered(facts.list):
            return ENTRUSTOR
        for ending in self._endings.of(facts.list):
            if self._stands(facts, ending.trigger, ending.person, now):
                return ending.trigger
        return ""

    def take_back(self, person: str) -> list[str]:
        """This person's shift was taken away: the lists that it no longer ends."""
        return self._endings.take_back(person)

    def spare(self, facts: ListFacts, issued: datetime, now: datetime) -> None:
        """Its entrustor has signed that it lives on: what a manager has ended is ended no more,
        and nobody waits to shred it. Whoever had a record of it in hand takes it up again.

        Raises ListOver if an officer has ended it, or a broken upload; BadStatement if a manager
        has since the statement was issued.
        """
        for ending in self._endings.of(facts.list):
            if ending.trigger != MANAGER:
                raise ListOver(facts.list)
            if micros(issued) < ending.at:
                raise BadStatement("not issued after the list was ended")
        self._endings.forget(facts.list)
        self._waits_no_more(facts.list)
        self._records.let_go_of(facts.list, None, now)

    def to_shred(self, facts: ListFacts, database_time: datetime | None, now: datetime) -> str:
        """What this list may be shredded on. Notes that it waits if it must.

        Raises ListHeld, ClocksDisagree, NotAuthorised, TooManyShreds.
        """
        if self._mandates.held(facts.list):
            raise ListHeld(facts.list)
        ordered = self._mandates.ordered(facts.list)
        if facts.entrustor in ordered:
            return ENTRUSTOR
        authority = self._trigger(facts, database_time, now)
        if CENTRE not in ordered and self._too_many(facts, now):
            self._waits(facts.list, now)
            raise TooManyShreds(str(self._per_hour))
        self._waits_no_more(facts.list)
        return authority

    def alerts(self, facts: ListFacts, refusal: Refusal, now: datetime) -> bool:
        """Whether the ledger has not said this of the list lately; it is to say so now."""
        row = self._db.execute(
            "INSERT INTO shred_alerts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at"
            " WHERE at <= ? RETURNING list",
            (facts.list, refusal.code, micros(now), micros(now - ALERT_EVERY)),
        ).fetchone()
        return row is not None

    def _trigger(self, facts: ListFacts, database_time: datetime | None, now: datetime) -> str:
        for ending in self._endings.of(facts.list):
            trigger, person = ending.trigger, ending.person
            if trigger == ABANDONED or self._stands(facts, trigger, person, now):
                return trigger
        if self._records.closed(facts.list) >= self._lists.rows(facts.list):
            return "completed"
        if micros(now) < facts.expires:
            raise NotAuthorised(facts.list)
        if not self._clocks.settled() or not self._clocks.agree(database_time, now):
            raise ClocksDisagree(facts.list)
        return "deadline"

    def _stands(self, facts: ListFacts, trigger: str, person: str, now: datetime) -> bool:
        """Whether the roster still names this person for it."""
        try:
            party, _, role = self._roster.entry(person, now)
        except (UnknownPerson, RosterOver):
            return False
        return self._entitled(facts, trigger, role, party)

    def _entitled(self, facts: ListFacts, trigger: str, role: str, party: str) -> bool:
        return {
            MANAGER: role == MANAGER and self._lists.approves(facts, party),
            ENTRUSTOR: role == ENTRUSTOR and party == facts.entrustor,
        }.get(trigger, False)

    def _too_many(self, facts: ListFacts, now: datetime) -> bool:
        """Whether as many others as may have begun to end within the hour without a signature,
        of its entrustor or of all; those of its entrustor that wait for longer come first."""
        hour = micros(self._clocks.counted(now) - HOUR)
        begun = (
            "SELECT count(*) FROM lists WHERE intended_at > ? AND list <> ?"
            " AND list NOT IN (SELECT list FROM shred_orders)"
        )
        (of_all,) = self._db.execute(begun, (hour, facts.list)).fetchone()
        (of_one,) = self._db.execute(
            f"{begun} AND entrustor = ?", (hour, facts.list, facts.entrustor)
        ).fetchone()
        full = of_all >= EVERYBODY * self._per_hour
        return bool(full) or int(of_one) + self._before(facts, hour) >= self._per_hour

    def _before(self, facts: ListFacts, hour: int) -> int:
        """How many of the same entrustor wait for longer, and are still asked for."""
        (before,) = self._db.execute(
            "SELECT count(*) FROM shred_waits JOIN lists USING (list) JOIN shred_asked USING (list)"
            " WHERE lists.entrustor = ?1 AND list <> ?2 AND shred_asked.at > ?3"
            " AND list NOT IN (SELECT list FROM shred_orders)"
            " AND (since, list) < (coalesce((SELECT since FROM shred_waits WHERE list = ?2),"
            " 9223372036854775807), ?2)",
            (facts.entrustor, facts.list, hour),
        ).fetchone()
        return int(before)

    def _waits(self, list_id: str, now: datetime) -> None:
        """From the first time on it has its place; it keeps it for an hour after the last."""
        self._db.execute("INSERT OR IGNORE INTO shred_waits VALUES (?, ?)", (list_id, micros(now)))
        self._db.execute(
            "INSERT INTO shred_asked VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
            (list_id, micros(self._clocks.counted(now))),
        )

    def _waits_no_more(self, list_id: str) -> None:
        for table in ("shred_waits", "shred_asked"):
            self._db.execute(f"DELETE FROM {table} WHERE list = ?", (list_id,))  # noqa: S608
