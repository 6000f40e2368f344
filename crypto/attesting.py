"""What the worker says it has done after the keys were destroyed: one ledger line for each step.

The keeper knows only its own shredding. That the rows were erased and every store was looked
into is the worker's word; here it gets its place in the log, in order and once, so that a worker
that begins a step again after a crash adds nothing.
"""

from datetime import datetime

from crypto.errors.lists import NotShredded
from crypto.journal import Act, Journal, Verbs
from crypto.lists import Lists
from crypto.logbook import plain
from crypto.wire.base import Done
from crypto.wire.lists import Attest

SCHEMA = """
CREATE TABLE IF NOT EXISTS attested (
    list TEXT NOT NULL REFERENCES lists (list),
    step TEXT NOT NULL,          -- what the worker says it has done
    seq INTEGER NOT NULL,        -- the line that says so: said again, it is the answer
    PRIMARY KEY (list, step)
) STRICT, WITHOUT ROWID;
"""


class Attestations:
    """The steps of destructions, as the worker reports them."""

    def __init__(self, journal: Journal, lists: Lists) -> None:
        self._journal, self._lists = journal, lists
        self.verbs: Verbs = {Attest: self.attest}

    def attest(self, request: Attest, now: datetime) -> Act:
        """Raises UnknownList, NotShredded, BadFrame if the facts could carry contents."""
        facts = self._lists.facts(request.list)
        row = self._journal.db.execute(
            "SELECT seq FROM attested WHERE list = ? AND step = ?", (request.list, request.step)
        ).fetchone()
        if row is not None:
            return lambda: Done(row[0])
        if facts.shredded_at is None:
            raise NotShredded(request.list)
        said = plain(request.step, request.facts)
        seq = self._journal.append("attest", now, list_id=request.list, step=request.step, **said)
        self._journal.db.execute(
            "INSERT INTO attested VALUES (?, ?, ?)", (request.list, request.step, seq)
        )
        return lambda: Done(seq)
