"""Rows that correct an earlier list of the same job: do they repeat people that it already has?

The upload has the corrected rows, the keeper the key under which the earlier list filed its
numbers. So many rows are filed under it as that list rejected, in all: a few corrections, never
another list's people.
"""

from datetime import datetime

from crypto.bookkeeping.journal import Act, Journal
from crypto.errors.statements import ForeignJob
from crypto.errors.uploads import TooManyCorrections
from crypto.lists.lifecycle import Lists
from crypto.records.references import ReferenceTokens
from crypto.records.sealing import token
from crypto.wire.uploads import Tokenise, Tokenised

SCHEMA = """
CREATE TABLE IF NOT EXISTS corrections (
    list TEXT PRIMARY KEY,
    rejected INTEGER NOT NULL,   -- rows of its file that became no record
    filed INTEGER NOT NULL       -- rows that were filed under its key since
) STRICT, WITHOUT ROWID;
"""


class Corrections:
    """How many rows of each list may still be corrected."""

    def __init__(self, journal: Journal, lists: Lists) -> None:
        self._journal, self._db, self._lists = journal, journal.db, lists

    def note(self, list_id: str, rejected: int) -> None:
        """Inside the manifest of a list."""
        self._db.execute("INSERT INTO corrections VALUES (?, ?, 0)", (list_id, rejected))

    def tokenise(self, request: Tokenise, job: str, now: datetime) -> Act:
        """Raises UnknownList, ForeignJob, ListOver, TooManyCorrections."""
        facts = self._lists.facts(request.corrects)
        if facts.job != job:
            raise ForeignJob(job)
        key = self._lists.index_key(facts, now)
        rejected, filed = self._db.execute(
            "SELECT rejected, filed FROM corrections WHERE list = ?", (facts.list,)
        ).fetchone()
        if filed + len(request.rows) > rejected:
            raise TooManyCorrections(str(rejected - filed))
        self._db.execute(
            "UPDATE corrections SET filed = filed + ? WHERE list = ?",
            (len(request.rows), facts.list),
        )
        self._journal.append(
            "tokenise", now, list_id=facts.list, rows=len(request.rows), by=request.list
        )

        def act() -> Tokenised:
            references = ReferenceTokens(key, facts.list)
            return Tokenised(
                tuple(token(key, facts.list, row.phone) for row in request.rows),
                references.column(row.reference for row in request.rows),
            )

        return act
