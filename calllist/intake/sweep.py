"""Heals uploads that ended without a word: no rows, no key, and the list says why.

Repeating it does nothing more. A list whose upload still holds its database transaction is
left alone, however long it has been silent. So is one that we hold (`holdings`): its upload
came to its end, whatever `lists.state` says; only a destruction ends it.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import db
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.store import upload_lock
from calllist.jobs.states import ListState
from calllist.jobs.tables import CallList, Chunk, Finding
from crypto.errors.base import Refusal
from crypto.errors.lists import UnknownList
from crypto.wire.client import KeeperClient
from crypto.wire.lists import Abandon
from retention.tables import Holding

SILENCE = timedelta(minutes=2)  # an upload beats every second

log = logging.getLogger(__name__)


async def stale(
    session: AsyncSession,
    keeper: KeeperClient,
    now: datetime,
    silence: timedelta = SILENCE,
    *,
    offset: timedelta = timedelta(0),
) -> list[str]:
    """Remove what dead uploads left: keys first, then rows. The ids of the lists healed.

    The keys go before the commit: should it fail, the next sweep finds the list again and
    the keeper no keys. A list that the keeper refuses to abandon keeps its rows.
    offset: of the demonstration's clock, to be added to the database's.
    """
    rows = await session.scalars(
        select(CallList)
        .where(
            CallList.state == ListState.RECEIVING,
            or_(CallList.heard_at < now - silence, CallList.failure.is_not(None)),
            ~exists().where(Holding.id == CallList.id),
        )
        .order_by(CallList.id)
        .with_for_update(skip_locked=True, key_share=True)  # findings refer to the row
        .execution_options(populate_existing=True)
    )
    broken = []
    for row in rows.all():
        lock = select(func.pg_try_advisory_xact_lock(upload_lock(row.id)))
        if not await session.scalar(lock):
            continue
        try:
            with suppress(UnknownList):
                await keeper.call(Abandon(row.id, await db.time(session) + offset))
        except Refusal as refusal:  # until it expires, or may go; the others go on
            log.warning("broken upload %s stays with the keeper: %s", row.id, refusal.code)
            continue
        broken.append(row)
    for row in broken:  # when all keys are gone: dropping a table makes others wait for the commit
        await session.execute(select(func.drop_list(row.id)))
        for table in (Chunk, Finding):
            await session.execute(delete(table).where(table.list_id == row.id))
        row.failure = row.failure or IntakeError(Problem.INTERRUPTED).facts()
        row.state = ListState.FAILED
        row.rows_seen = row.bytes_read = 0
    await session.flush()
    return [row.id for row in broken]
