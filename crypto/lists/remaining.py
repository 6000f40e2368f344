"""Lists that have ended or expired and whose keys are still here, by the keeper's own word.

Whoever asks need not believe what the operations plane has written down of them (crypto D97).
What a legal hold keeps is left out: that has its reason, and its notice.
"""

import sqlite3
from datetime import datetime

from crypto.standards.canonical import micros, moment
from crypto.wire.ledger import Remains

MOST = 200  # told one by one; how many there are is told in any case

# An officer's word, a signed order of a frozen list, a broken upload: at once. A manager's has a
# grace, and may wait for results: when that is due, stands in the books. Expiry ends every wait.
_REMAINING = """
    WITH ended AS (
        SELECT list, min(at) AS at FROM (
            SELECT list, at FROM endings WHERE trigger <> 'manager'
            UNION ALL SELECT list, max(issued, frozen_at) FROM shred_orders JOIN lists USING (list)
                WHERE approver = entrustor AND frozen_at IS NOT NULL
            UNION ALL SELECT list, expires FROM lists
                WHERE shredded_at IS NULL AND lost_at IS NULL AND expires <= :now
        ) GROUP BY list
    )
    SELECT list, expires, coalesce(ended.at, frozen_at), ended.at IS NOT NULL AS due
    FROM lists LEFT JOIN ended USING (list)
    WHERE shredded_at IS NULL AND lost_at IS NULL
        AND (ended.at IS NOT NULL OR frozen_at IS NOT NULL)
        AND list NOT IN (SELECT list FROM holds WHERE held)
    ORDER BY due DESC, 3, list
"""


def remaining(db: sqlite3.Connection, now: datetime) -> tuple[int, tuple[Remains, ...]]:
    """How many are due, and each that has ended: those that are due first, the oldest first."""
    rows = db.execute(_REMAINING, {"now": micros(now)}).fetchall()
    told = (
        Remains(list_id, moment(since), moment(expires), bool(due))
        for list_id, expires, since, due in rows[:MOST]
    )
    return sum(due for *_, due in rows), tuple(told)
