"""What is due and still readable, and since when: the one thing that may never grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from retention.states import State
from retention.tables import Holding

READABLE = (State.OPEN, State.FROZEN)  # its keys exist


@dataclass(frozen=True)
class Due:
    """A holding that should have lost its keys."""

    list_id: str
    entrustor_id: str
    since: datetime
    failure: str | None  # why the last attempt went no further


async def due(session: AsyncSession, now: datetime) -> Sequence[Due]:
    """The oldest first. None under a legal hold: that has its own notice, and its reason."""
    since = func.coalesce(Holding.due_at, Holding.deadline)
    rows = await session.execute(
        select(Holding.id, Holding.entrustor_id, since, Holding.failure)
        .where(Holding.state.in_(READABLE), since <= now, Holding.held_at.is_(None))
        .order_by(since, Holding.id)
    )
    return [Due(*row) for row in rows]


async def oldest_due(session: AsyncSession, now: datetime) -> timedelta:
    """Zero if every due holding has lost its keys. Grows while no worker runs."""
    found = await due(session, now)
    return now - found[0].since if found else timedelta(0)
