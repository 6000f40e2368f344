"""How many ledger lines an hour may be had for nothing: disk and log are everybody's.

    a person at the desk     25 verbs for each person of the hour's budget, 1,000 at least; a
                             result is one if it takes the place of another
    what they are refused    1,000 lines; refused it stays
    one person's factor      60 registrations
    results revised          60 of one supervisor or manager
    lists minted             1,000;   certificates 500, of one list 10
    operations events        20,000 of a caller class, 5,000 of a person, 300 of one at a desk,
                             1,000 of the officers of one entrustor; what ends or acknowledges: a
                             room of each person's own (`crypto.keeper.logbook`)

Beyond it a verb is refused and one line of the hour says so. What ends something is never
counted: freeze, revoke, shred, abandon, close, a signed statement (crypto D47).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from crypto.bookkeeping.journal import Act, Journal, refusing
from crypto.errors.base import Refusal
from crypto.errors.keeper import LineQuota
from crypto.standards.canonical import micros

DESK_EACH = 25  # opened, reloaded, matched, revealed, closed: a call has some ten
DESK_LEAST = 1_000  # an hour, whatever the budget
REFUSED = 1_000  # lines that say no, of one person
FACTORS = 60  # registrations of one person: they begin anew a few times, not every minute
REVISED = 60  # of one person: each is looked into; a final code closes somebody
MINTED = 1_000  # F3: 69 entrustors, a list each a month; an upload that breaks begins anew
CERTIFIED = 500  # more than a signed order names (200) twice
ATTESTED_EACH = 10  # of one list: two steps, and looks into the stores that came out otherwise
HOUR = timedelta(hours=1) // timedelta(microseconds=1)

SCHEMA = """
CREATE TABLE IF NOT EXISTS quotas (
    scope TEXT PRIMARY KEY,    -- who, or what, is counted
    hour INTEGER NOT NULL,     -- hours since 1970: the window that is counted
    count INTEGER NOT NULL     -- within it, and the first that was one too many
) STRICT, WITHOUT ROWID;
"""


class Quotas:
    """Counts by the hour. `counted`: of a verb's moment, by what hours count (`Clocks`)."""

    def __init__(self, journal: Journal, counted: Callable[[datetime], datetime]) -> None:
        self._journal, self._db, self._counted = journal, journal.db, counted

    def spend(
        self,
        scope: str,
        limit: int,
        now: datetime,
        *,
        raised: Callable[[], int] | None = None,
        refusal: Refusal | None = None,
        kind: str = "line_quota",
        **facts: str,
    ) -> Act | None:
        """Inside a step: one more of `scope`; None, or what refuses it.

        raised: what the limit may be instead; asked only when it matters, this is on every
        open's way. kind, facts: of the line that says so, once an hour.
        """
        count = self._count(scope, now)
        if count > limit and raised:
            limit = max(limit, raised())
        if count <= limit:
            return None
        if count == limit + 1:
            self._journal.append(kind, now, limit=limit, **facts)
        else:  # what was refused does not count on, should the limit be raised
            self._db.execute("UPDATE quotas SET count = ? WHERE scope = ?", (limit + 1, scope))
        return refusing(refusal or LineQuota(str(limit)))

    def _count(self, scope: str, now: datetime) -> int:
        """This one's number within the hour."""
        (count,) = self._db.execute(
            "INSERT INTO quotas VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET"
            " count = CASE WHEN hour = excluded.hour THEN count + 1 ELSE 1 END,"
            " hour = excluded.hour RETURNING count",
            (scope, micros(self._counted(now)) // HOUR),
        ).fetchone()
        return int(count)
