"""One number: for how long the oldest holding that is due has still been readable."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from retention.states import State
from retention.tables import Holding


async def oldest_due(session: AsyncSession, now: datetime) -> timedelta:
    """Zero if every due holding has lost its keys. Grows while no worker runs."""
    due = func.coalesce(Holding.due_at, Holding.deadline)
    since = await session.scalar(
        select(func.min(due)).where(Holding.state.in_([State.OPEN, State.FROZEN]), due <= now)
    )
    return now - since if since is not None else timedelta(0)
