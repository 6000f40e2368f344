"""Certificates, later editions and revocations that the ledger says were signed and our tables do
not have: a restored database.

The worker makes the same certificate again where the holding is still there (`Custody.catch_up`)
and asks for what has become of it (`calllist.oversight.editions`);
what stays missing is told, for only the ledger and the entrustor's own copy still show it.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.mirror.tables import LedgerLine
from calllist.oversight import editions, notices
from retention.tables import Certificate

ON_ITS_WAY = timedelta(minutes=10)  # signed, and not yet written down


async def follow(session: AsyncSession, now: datetime) -> None:
    """One notice for each list whose certificate is gone."""
    gone = await session.scalars(
        select(LedgerLine.list_id)
        .where(
            LedgerLine.kind == "certify",
            LedgerLine.at <= now - ON_ITS_WAY,
            ~exists().where(Certificate.holding_id == LedgerLine.list_id),
        )
        .distinct()
    )
    late = {change.list_id for change in await editions.absent(session, now - ON_ITS_WAY)}
    standing = {
        await notices.tell(session, "certificate_missing", list_id=list_id, now=now)
        for list_id in {*gone.all(), *late}
    }
    await notices.only(session, "certificate_missing", standing, now=now)
