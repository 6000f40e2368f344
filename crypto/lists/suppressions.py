"""Somebody has moved or died: further records of that person, of the same entrustor, are closed.

    note:     a call ends with 60 ─► how the person is filed in each living list, if there at all
    tell:     the worker learns where to look: tokens of numbers, a household's or nobody's
    suppress: one record ─► opened; the same person ─► closed for ever with code 81, out of any hand

One person is whoever has a number of that person, and the reference or the name as well: one
number alone is a household. What is noted are keyed hashes under the other list's own keys, for a
day; another entrustor's lists are never asked. Nothing of it goes back to the desk: the answer to a
close is the same whether the entrustor has further records of the person or not (crypto D106).
"""

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from crypto.bookkeeping.journal import Act, Journal, Verbs
from crypto.errors.records import AnotherPerson, DoesNotOpen, RecordClosed
from crypto.lists import taking_out
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.lists.progress import RecordId, Records
from crypto.lists.provisional import Provisional
from crypto.records import forms
from crypto.records.fields import FieldKind
from crypto.records.sealing import token
from crypto.standards.canonical import injective, micros, moment
from crypto.wire.records import Closed
from crypto.wire.suppressions import Suppress, Suppression, Suppressions, Told

MOVED = 60  # 転居・死亡等の申出
SUPPRESSED = 81  # 対象外(転居・死亡等): how such a record is closed, and nothing else is
KEPT = timedelta(days=1)  # a worker that was away for longer stops nobody
MARK_BYTES = 16
NOBODY = b""  # in place of a grant: no hand has it

SCHEMA = """
CREATE TABLE IF NOT EXISTS suppressions (
    list TEXT NOT NULL,          -- where to look
    because TEXT NOT NULL,       -- the attempt that was closed with 60
    token BLOB NOT NULL,         -- how one number of the person is filed there
    mark BLOB NOT NULL,          -- that number with a reference or name, under the list's trace key
    principal TEXT NOT NULL,     -- whose call it was
    at INTEGER NOT NULL,
    PRIMARY KEY (list, because, mark)
) STRICT, WITHOUT ROWID;
"""

Fields = Mapping[FieldKind, str]


class Suppressing:
    """What a moved or deceased person's other records come to."""

    def __init__(self, journal: Journal, lists: Lists) -> None:
        self._journal, self._db, self._lists = journal, journal.db, lists
        self._records = Records(journal.db)
        self._provisional = Provisional(journal.db, self._records)
        self.verbs: Verbs = {Suppressions: self.tell, Suppress: self.suppress}

    def note(
        self, said: ListFacts, fields: Fields, attempt: str, principal: str, now: datetime
    ) -> None:
        """Inside the close of this attempt, by code 60. The same work whoever is found later."""
        for facts in self._lists.of_entrustor(said.entrustor, now):
            try:
                key = self._lists.index_key(facts, now)
                trace_key = self._lists.opened(facts, now).trace_key
            except DoesNotOpen:  # nobody of that list is called, and no result is lost for it
                continue
            self._db.executemany(
                "INSERT OR IGNORE INTO suppressions VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (
                        *(facts.list, attempt, token(key, facts.list, phone)),
                        *(_mark(trace_key, facts.list, phone, *named), principal, micros(now)),
                    )
                    for phone in _numbers(fields)
                    for named in _named(fields)
                ),
            )

    def forget(self, attempt: str) -> None:
        """This attempt is closed otherwise now."""
        self._db.execute("DELETE FROM suppressions WHERE because = ?", (attempt,))

    def tell(self, _request: Suppressions, now: datetime) -> Act:
        """What is older than a day is forgotten. Asked every minute, it settles results, too."""
        self._provisional.settle(now)
        self._db.execute("DELETE FROM suppressions WHERE at <= ?", (micros(now - KEPT),))
        rows = self._db.execute(
            "SELECT DISTINCT list, because, token FROM suppressions ORDER BY at, list, because"
        ).fetchall()
        found: dict[tuple[str, str], list[bytes]] = {}
        for list_id, because, filed in rows:
            if self._lists.state(self._lists.facts(list_id), now) == "open":
                found.setdefault((list_id, because), []).append(filed)
        told = tuple(Suppression(*place, tuple(tokens)) for place, tokens in found.items())
        return lambda: Told(told)

    def suppress(self, request: Suppress, now: datetime) -> Act:
        """Raises UnknownList, ListOver, RecordClosed, AnotherPerson, DoesNotOpen."""
        facts = self._lists.facts(request.record.list)
        record = RecordId(request.record.list, request.record.chunk, request.record.index)
        earlier = self._records.recall(request.attempt, record)
        if earlier is not None:
            return lambda: Closed(earlier.final, earlier.sealed, moment(earlier.at))
        state = self._records.state(record, NOBODY)
        if state.closed and micros(now) >= state.findable:
            raise RecordClosed
        trace_key = self._lists.opened(facts, now).trace_key
        leaving = taking_out.sealed(
            self._lists, facts, request.record, request.attempt, SUPPRESSED, now
        )
        principal = self._said_of(facts, trace_key, leaving.fields, request.because, now)
        self._provisional.end(request.because)
        taking_out.close(
            *(self._records, record, request.attempt, leaving.outcome),
            principal=principal,
            grant=NOBODY,
            now=now,
        )
        self._journal.append(
            "suppress",
            now,
            list_id=facts.list,
            principal=principal,
            tag=leaving.tag,
            attempt=request.attempt,
            because=request.because,
            code=SUPPRESSED,
        )
        return lambda: Closed(True, leaving.outcome.sealed, now)

    def _said_of(
        self, facts: ListFacts, trace_key: bytes, fields: Fields, because: str, now: datetime
    ) -> str:
        """By whose call this very person has moved or died. Raises AnotherPerson."""
        noted = dict(
            self._db.execute(
                "SELECT mark, principal FROM suppressions"
                " WHERE list = ? AND because = ? AND at > ?",
                (facts.list, because, micros(now - KEPT)),
            ).fetchall()
        )
        for phone in _numbers(fields):
            for named in _named(fields, asked=True):
                principal = noted.get(_mark(trace_key, facts.list, phone, *named))
                if principal is not None:
                    return str(principal)
        raise AnotherPerson


def _numbers(fields: Fields) -> list[str]:
    """Each number of the person once."""
    further = fields.get(FieldKind.PHONE_ALT, "").split()
    return [one for one in dict.fromkeys([fields.get(FieldKind.PHONE, ""), *further]) if one]


def _named(fields: Fields, *, asked: bool = False) -> Iterator[tuple[str, str]]:
    """What besides a number makes one person, in comparable forms: the reference, or the name.

    A reading counts only where one of the two sides has nothing else: father and son may be read
    alike and written otherwise. asked: of the record that is compared with what was noted.
    """
    reference = forms.reference(fields.get(FieldKind.REFERENCE, ""))
    name = forms.name(fields.get(FieldKind.NAME, ""))
    kana = forms.kana(fields.get(FieldKind.NAME_KANA, ""))
    if reference:
        yield "reference", reference
    if name:
        yield "name", name
    if kana and (asked or not name):
        yield "reading", kana
    if kana and asked != bool(name):
        yield "reading beside a name", kana


def _mark(trace_key: bytes, list_id: str, phone: str, what: str, form: str) -> bytes:
    message = injective("calllist/suppression/1", list_id, phone, what, form)
    return hmac.digest(trace_key, message, "sha256")[:MARK_BYTES]
