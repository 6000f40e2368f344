"""Corrected rows come into the same job as a further list: whom does the earlier one have already?

The keeper files so many rows under the earlier list's key as that list rejected, in all; which
of them are there the database says (`migrations.routines`: the role of intake asks about tokens
and reads nothing else). A row that repeats somebody is a duplicate, with the line it repeats.
"""

from itertools import compress, zip_longest

import asyncpg
import msgspec

from calllist.intake.messages import Found, Rows
from calllist.intake.problems import Code
from calllist.intake.store import CONNECT_SECONDS, named
from crypto.records.references import REFERENCE_BYTES
from crypto.wire.client import Connection
from crypto.wire.uploads import CorrectedRow, Tokenise

BY_PERSON = "person"  # the contract's rule for duplicates
REPEATED = "select place, repeats from public.repeated($1, $2, $3, $4, $5)"


class Earlier:
    """The list that is corrected. `dropped`: rows of ours that it has already."""

    def __init__(
        self, keeper: Connection, database_url: str, *, list_id: str, corrects: str, by: str
    ) -> None:
        """keeper: the connection on which our list was minted. by: the rule for duplicates."""
        self.dropped = 0
        self._keeper = keeper
        self._url = database_url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._list, self._corrects, self._by = list_id, corrects, by

    async def without_repeated(self, rows: Rows) -> Rows:
        """The rows that are new. Raises IntakeError STORE_UNAVAILABLE, and the keeper's refusal
        too_many_corrections."""
        if not rows.lines:
            return rows
        asked = zip_longest(rows.numbers, rows.references, fillvalue="")
        filed = await self._keeper.call(
            Tokenise(self._list, self._corrects, tuple(CorrectedRow(*one) for one in asked))
        )
        pieces = range(0, len(filed.references), REFERENCE_BYTES)
        references = [filed.references[at : at + REFERENCE_BYTES] for at in pieces]
        repeated = await self._repeated(list(filed.phones), references)
        self.dropped += len(repeated)
        new = [at not in repeated for at in range(len(rows.lines))]
        found = [
            Found(rows.lines[at], Code.REPEATS_EARLIER.value, rows.phone, line)
            for at, line in sorted(repeated.items())
        ]
        return msgspec.structs.replace(
            rows,
            lines=list(compress(rows.lines, new)),
            records=list(compress(rows.records, new)),
            numbers=list(compress(rows.numbers, new)),
            references=list(compress(rows.references, new)),
            segments=[bytes(compress(codes, new)) for codes in rows.segments],
            found=[*rows.found, *found],
        )

    async def _repeated(self, phones: list[bytes], references: list[bytes]) -> dict[int, int]:
        """Index of a row to the line that it repeats. On a line of its own: ours is copying."""
        with named():
            connection = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
            try:
                rows = await connection.fetch(
                    REPEATED, self._list, self._corrects, phones, references, self._by == BY_PERSON
                )
            finally:
                connection.terminate()
        return {row["place"] - 1: row["repeats"] for row in rows}
