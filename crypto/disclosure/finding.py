"""Somebody calls back: one number, letter or code is searched for inside one job, and costs like
one person.

    grant -> policy -> budget -> expiry -> ledger (durable) -> how it is filed

The keeper answers how the number would be filed in each living list of the job; whether it is
there only the operations plane's rows say (of a code the keeper knows: the same steps, either
way). So a miss costs what a hit costs: every number, reference or code asked for is one person
of the budget, and asked again it is the same person. The first record found by it opens at S2
and takes its place in the budget: for the rest of the hour this grant's search is that person,
and any later search of the number is one more.
"""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta

from crypto.bookkeeping.journal import Act, Journal, refusing
from crypto.disclosure.budgets import Room
from crypto.disclosure.canaries import Watch
from crypto.disclosure.codes import Call
from crypto.disclosure.elsewhere import filed
from crypto.errors.lists import ListOver
from crypto.errors.records import InboundNotPermitted
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.lists.progress import RecordId
from crypto.people.roster import Bearer
from crypto.records.forms import reference
from crypto.records.references import ReferenceTokens
from crypto.records.sealing import person_tag
from crypto.signed.terms import ContractTerms
from crypto.standards.canonical import micros
from crypto.wire.calls import FindCall, FindReference, FoundCall, Place
from crypto.wire.records import Filed, Find, Found

HOUR = timedelta(hours=1)  # a search is good for so long
SEARCH = -1  # in place of a chunk: a number asked for, in the accounts of people seen

SCHEMA = """
CREATE TABLE IF NOT EXISTS finds (
    grant BLOB NOT NULL,         -- hash of the grant that asked
    list TEXT NOT NULL,
    tag TEXT NOT NULL,           -- of the number, under the list's trace key
    at INTEGER NOT NULL,
    account TEXT NOT NULL,       -- as what it was charged: list and number of the search
    number INTEGER NOT NULL,
    chunk INTEGER,               -- the one record that took the charge over, once there is one
    idx INTEGER,
    PRIMARY KEY (grant, list, tag)
) STRICT, WITHOUT ROWID;
"""


class Searches:
    """Which numbers a grant has asked for within the hour."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def any(self, grant: bytes, list_id: str, now: datetime) -> bool:
        """Whether there is one at all in this list: most grants never search."""
        return bool(
            self._db.execute(
                "SELECT 1 FROM finds WHERE grant = ? AND list = ? AND at > ? LIMIT 1",
                (grant, list_id, micros(now - HOUR)),
            ).fetchone()
        )

    def behind(
        self, grant: bytes, record: RecordId, tag: str, now: datetime
    ) -> tuple[bool, RecordId | None]:
        """Whether this grant has asked for the number of this record, and the account of the
        search if no record (of the household) has opened on it yet."""
        row = self._db.execute(
            "SELECT account, number, chunk FROM finds"
            " WHERE grant = ? AND list = ? AND tag = ? AND at > ?",
            (grant, record.list, tag, micros(now - HOUR)),
        ).fetchone()
        if row is None:
            return False, None
        account, number, ridden = row
        return True, RecordId(account, SEARCH, number) if ridden is None else None

    def ridden(self, grant: bytes, account: RecordId, now: datetime) -> RecordId | None:
        """The record that took over what this search was charged."""
        row = self._db.execute(
            "SELECT list, chunk, idx FROM finds"
            " WHERE grant = ? AND account = ? AND number = ? AND chunk >= 0 AND at > ?",
            (grant, account.list, account.idx, micros(now - HOUR)),
        ).fetchone()
        return None if row is None else RecordId(*row)

    def ride(self, grant: bytes, account: RecordId, record: RecordId) -> None:
        """This record has taken the search's charge over: nothing else opens on it."""
        self._db.execute(
            "UPDATE finds SET chunk = CASE list WHEN ? THEN ? ELSE -1 END,"
            " idx = CASE list WHEN ? THEN ? ELSE -1 END"
            " WHERE grant = ? AND account = ? AND number = ?",
            (
                *(record.list, record.chunk, record.list, record.idx),
                *(grant, account.list, account.idx),
            ),
        )

    def note(self, grant: bytes, tags: dict[str, str], account: RecordId, now: datetime) -> None:
        """tags: list -> tag of the number."""
        self._db.execute("DELETE FROM finds WHERE at <= ?", (micros(now - HOUR),))
        self._db.executemany(
            "INSERT INTO finds VALUES (?, ?, ?, ?, ?, ?, NULL, NULL) ON CONFLICT DO NOTHING",
            (
                (grant, list_id, tag, micros(now), account.list, account.idx)
                for list_id, tag in tags.items()
            ),
        )


Look = Callable[[str, str, datetime], Call | None]  # entrustor, code -> whose call


def by_reference(text: str) -> str:
    """What a tag is made of when somebody is searched for by reference number."""
    return f"reference {reference(text)}"


class Finder:
    """What a search does once the grant is known. Policy and budget are the door's."""

    def __init__(
        self,
        journal: Journal,
        lists: Lists,
        watch: Watch,
        *,
        policy: Callable[[Bearer, ListFacts], ContractTerms],
        check: Callable[[Bearer, RecordId, ContractTerms, datetime], Room],
        charge: Callable[[Room, datetime], None],
    ) -> None:
        self._journal, self._lists, self._watch = journal, lists, watch
        self._policy, self._check, self._charge = policy, check, charge
        self._searches = Searches(journal.db)

    def find(self, who: Bearer, request: Find, now: datetime) -> Act:
        """Raises ListOver, InboundNotPermitted, and what policy and budget refuse with."""
        living = self._living(who, request.job, now)
        touched = [facts for facts in living if self._watch.knows(facts, [request.phone])]
        if touched:
            self._watch.raise_alarm(touched, "find", now, principal=who.person, site=who.site)
            return refusing(ListOver(request.job))
        self._ask(who, living, self._tags(living, request.phone, now), now)
        return lambda: Found(
            tuple(filed(self._lists, facts, request.phone, now) for facts in living)
        )

    def find_reference(self, who: Bearer, request: FindReference, now: datetime) -> Act:
        """By the reference number of a letter. Raises what `find` raises."""
        living = self._living(who, request.job, now)
        said = by_reference(request.reference)
        self._ask(who, living, self._tags(living, said, now), now, by="reference")

        def act() -> Found:
            return Found(
                tuple(
                    Filed(
                        facts.list,
                        ReferenceTokens(self._lists.index_key(facts, now), facts.list).of(
                            request.reference
                        ),
                    )
                    for facts in living
                )
            )

        return act

    def find_call(self, who: Bearer, request: FindCall, look: Look, now: datetime) -> Act:
        """By the code of an earlier call of this job. Raises what `find` raises."""
        living = self._living(who, request.job, now)
        tags = self._tags(living, f"code {request.code}", now)
        call = look(living[0].entrustor, request.code, now)
        place = call.record if call and call.record.list in tags else None
        if call and place:
            tags[place.list] = call.tag
        self._ask(who, living, tags, now, by="code")
        return lambda: FoundCall(Place(*place) if place else None)

    def _ask(
        self, who: Bearer, living: list[ListFacts], tags: dict[str, str], now: datetime, **by: str
    ) -> None:
        """Pay for one person, and say so in every list."""
        self._pay(who, living[0], tags, now)
        for name, tag in tags.items():
            self._journal.append(
                "find", now, list_id=name, principal=who.person, site=who.site, tag=tag, **by
            )

    def _tags(self, living: list[ListFacts], text: str, now: datetime) -> dict[str, str]:
        """List to what the ledger calls this there."""
        return {
            facts.list: person_tag(self._lists.opened(facts, now).trace_key, facts.list, text)
            for facts in living
        }

    def _living(self, who: Bearer, job: str, now: datetime) -> list[ListFacts]:
        """The job's lists that open, one at least, all of them under terms that permit this."""
        living = [
            facts for facts in self._lists.of_job(job) if self._lists.state(facts, now) == "open"
        ]
        for facts in living:
            if not self._policy(who, facts).inbound:
                raise InboundNotPermitted(job)
        if not living:
            raise ListOver(job)
        return living

    def _pay(self, who: Bearer, first: ListFacts, tags: dict[str, str], now: datetime) -> None:
        """One person; this number again is the same person, and so is who opened on it."""
        number = int.from_bytes(bytes.fromhex(tags[first.list])[:7], "big")
        account, terms = RecordId(first.list, SEARCH, number), self._lists.terms(first)
        person = self._searches.ridden(who.grant, account, now) or account
        self._charge(self._check(who, person, terms, now), now)
        self._searches.note(who.grant, tags, account, now)
