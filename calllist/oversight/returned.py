"""返還後消去: lists that wait frozen until their entrustor has every result of theirs."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.tables import Lease, Result
from retention.custody import Custody
from retention.states import State
from retention.tables import Holding


async def follow(session: AsyncSession, custody: Custody, now: datetime) -> None:
    """Those whose results are all acknowledged are due; a call still in hand is waited for."""
    waiting = Result.acknowledged_at.is_(None) & (Result.list_id == Holding.id)
    ready = await session.scalars(
        select(Holding.id).where(
            Holding.state == State.FROZEN,
            Holding.results_first,
            ~exists().where(waiting),
            ~exists().where(Lease.list_id == Holding.id),
        )
    )
    for holding_id in ready.all():
        await custody.returned(session, holding_id, now=now)
