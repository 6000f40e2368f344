"""What the worker says it has done after the keys were destroyed: one ledger line for each step.

The keeper knows only its own shredding. That the rows were erased and every store was looked
into is the worker's word; here it gets its place in the log, in order, and no certificate
follows without it. A worker that begins a step again after a crash adds nothing; what came out
otherwise is another line, until as many rows were erased as the manifest has.
"""

import sqlite3
from datetime import datetime
from typing import NamedTuple

import msgspec

from crypto.bookkeeping.journal import Act, Journal, Verbs
from crypto.bookkeeping.quotas import ATTESTED_EACH, Quotas
from crypto.errors.lists import NotShredded
from crypto.keeper.claimed import results
from crypto.keeper.logbook import plain
from crypto.lists.lifecycle import Lists
from crypto.wire.base import Done
from crypto.wire.lists import Attest

SCHEMA = """
CREATE TABLE IF NOT EXISTS attested (
    list TEXT NOT NULL REFERENCES lists (list),
    step TEXT NOT NULL,          -- what the worker says it has done
    seq INTEGER NOT NULL,        -- the line that says so: said again, it is the answer
    PRIMARY KEY (list, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attested_facts (
    list TEXT NOT NULL REFERENCES lists (list),
    step TEXT NOT NULL,
    facts BLOB NOT NULL,         -- as said: what a certificate claims must agree with it
    PRIMARY KEY (list, step)
) STRICT, WITHOUT ROWID;
"""


class Attested(NamedTuple):
    """One step, as it was attested last."""

    seq: int
    facts: dict[str, str] | None  # None: attested to a keeper that did not keep them


class Attestations:
    """The steps of destructions, as the worker reports them."""

    def __init__(self, journal: Journal, lists: Lists, quotas: Quotas) -> None:
        self._journal, self._lists, self._quotas = journal, lists, quotas
        self.verbs: Verbs = {Attest: self.attest}

    def attest(self, request: Attest, now: datetime) -> Act:
        """Raises UnknownList, NotShredded, LineQuota; BadFrame: it could carry contents."""
        facts = self._lists.facts(request.list)
        said = plain(request.step, request.facts)
        before = attested(self._journal.db, request.list).get(request.step)
        if before is not None and not self._otherwise(request, before):
            return lambda: Done(before.seq)
        if facts.shredded_at is None:
            raise NotShredded(request.list)
        over = self._quotas.spend(
            f"attest {request.list}", ATTESTED_EACH, now, list_id=request.list
        )
        if over:
            return over
        seq = self._journal.append("attest", now, list_id=request.list, step=request.step, **said)
        db, key = self._journal.db, (request.list, request.step)
        db.execute("INSERT OR REPLACE INTO attested VALUES (?, ?, ?)", (*key, seq))
        told = msgspec.json.encode(request.facts)
        db.execute("INSERT OR REPLACE INTO attested_facts VALUES (?, ?, ?)", (*key, told))
        return lambda: Done(seq)

    def _otherwise(self, request: Attest, before: Attested) -> bool:
        """Whether it is to be attested anew; never of what is certified."""
        row = self._journal.db.execute(
            "SELECT 1 FROM certificates WHERE list = ?", (request.list,)
        ).fetchone()
        if row is not None:
            return False
        if before.facts is None:
            return True
        if request.step == "erased" and before.facts.get("rows") == str(
            self._lists.rows(request.list)
        ):
            return False
        return results(request.facts) != results(before.facts)


def attested(db: sqlite3.Connection, list_id: str) -> dict[str, Attested]:
    """The steps of a list's destruction that were attested."""
    rows = db.execute(
        "SELECT step, seq, facts FROM attested"
        " LEFT JOIN attested_facts USING (list, step) WHERE list = ?",
        (list_id,),
    ).fetchall()
    return {
        step: Attested(seq, facts and msgspec.json.decode(facts, type=dict[str, str]))
        for step, seq, facts in rows
    }
