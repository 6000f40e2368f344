"""Keys that should be gone, by the keeper's word alone; and certificates that do not come.

Our books say when a list is due, and whoever writes in the database may write there that it is
not, or that it has been destroyed. The keeper knows better what has expired, and what its
entrustor has ended. Of a list that may still wait (a grace, results that nobody has fetched) it
knows that it is frozen: then our books must know of it too, and wait no longer than it lives.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.oversight.lag import READABLE, Due
from crypto.wire.ledger import LedgerHead, Remains
from retention.states import State
from retention.tables import Holding

REMAINS = timedelta(seconds=45)  # as `watch.OVERDUE`: nobody is told of what is on its way
UNCERTIFIED = timedelta(minutes=15)  # 100,000 rows are erased and looked for in less
SLACK = timedelta(minutes=1)  # of a deadline, as the keeper and our books write it down
NAMED = 5  # lists that a notice names
_UNFINISHED = (State.SHREDDED, State.ERASED, State.VERIFIED)


@dataclass(frozen=True)
class Kept:
    """Lists that have ended, whose keys are there, and of which our books do not say so."""

    count: int = 0
    lists: Sequence[str] = ()  # the longest due first; not all, if there are very many
    oldest: timedelta = timedelta(0)


NOTHING = Kept()


async def keys(session: AsyncSession, head: LedgerHead | None, overdue: Iterable[Due]) -> Kept:
    """Those due for `REMAINS` by the keeper's clock. overdue: of which overseers hear anyway."""
    if head is None or head.believed is None or not head.remaining:
        return NOTHING
    known = {due.list_id for due in overdue}
    old = [left for left in head.remaining if head.believed - left.since >= REMAINS]
    books = await _books(session, [left.list for left in old])
    found = [
        left
        for left in old
        if left.list not in known and (left.due or not _follows(left, books.get(left.list)))
    ]
    if not found:
        return NOTHING
    untold = head.due - sum(left.due for left in head.remaining)
    oldest = head.believed - min(left.since for left in found)
    return Kept(len(found) + untold, [left.list for left in found], oldest)


def _follows(left: Remains, until: datetime | None) -> bool:
    """Whether our books mean to destroy it in time. until: when; None: they do not mean to."""
    return until is not None and until <= left.expires + SLACK


async def _books(session: AsyncSession, lists: Sequence[str]) -> dict[str, datetime]:
    """By when these lose their keys, of those that have them by our books."""
    until = func.coalesce(Holding.due_at, Holding.deadline)
    rows = await session.execute(
        select(Holding.id, until).where(Holding.id.in_(lists), Holding.state.in_(READABLE))
    )
    return {list_id: at for list_id, at in rows}  # noqa: C416 - rows


async def uncertified(session: AsyncSession, now: datetime) -> Sequence[Due]:
    """Shredded for `UNCERTIFIED`, and no certificate yet; the oldest first. A store that is not
    empty, or that nobody could read, has a notice of its own."""
    told = or_(Holding.failure.startswith("failed:"), Holding.failure.startswith("unknown:"))
    rows = await session.execute(
        select(Holding.id, Holding.entrustor_id, Holding.shredded_at, Holding.failure)
        .where(
            Holding.state.in_(_UNFINISHED),
            Holding.shredded_at <= now - UNCERTIFIED,
            or_(Holding.failure.is_(None), ~told),
        )
        .order_by(Holding.shredded_at, Holding.id)
    )
    return [Due(row.id, row.entrustor_id, row.shredded_at or now, row.failure) for row in rows]
