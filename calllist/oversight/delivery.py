"""What an entrustor has not taken yet: certificates without 受領, results that wait.

certificate_issued   from the issue of a certificate on
certificate_waits    7 and 14 days after it, without an acknowledgement
results_wait         the oldest result has waited for 3 days
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.tables import Result
from calllist.oversight import notices
from retention.tables import Certificate

REMINDED_AFTER = (7, 14)  # days
RESULTS_WAIT = 3  # days


async def follow(session: AsyncSession, now: datetime) -> None:
    """Raise what is due; what was taken is over."""
    await _certificates(session, now)
    await _results(session, now)


async def _certificates(session: AsyncSession, now: datetime) -> None:
    standing: dict[str, set[str]] = {"certificate_issued": set(), "certificate_waits": set()}
    waiting = await session.execute(
        select(
            Certificate.id, Certificate.entrustor_id, Certificate.holding_id, Certificate.issued_at
        ).where(Certificate.acknowledged_at.is_(None))
    )
    for certificate_id, entrustor_id, list_id, issued_at in waiting.all():
        begun = [days for days in REMINDED_AFTER if now - issued_at >= timedelta(days=days)]
        code = "certificate_waits" if begun else "certificate_issued"
        standing[code].add(
            await notices.tell(
                session,
                code,
                entrustor_id=entrustor_id,
                list_id=list_id,
                mark=f"{certificate_id} {max(begun, default=0)}",
                facts={"certificate": certificate_id, "days": max(begun, default=0)},
                now=now,
            )
        )
    for code, ids in standing.items():
        await notices.only(session, code, ids, now=now)


async def _results(session: AsyncSession, now: datetime) -> None:
    standing = set()
    waiting = await session.execute(
        select(Result.entrustor_id, func.count(), func.min(Result.at))
        .where(Result.acknowledged_at.is_(None))
        .group_by(Result.entrustor_id)
        .having(func.min(Result.at) <= now - timedelta(days=RESULTS_WAIT))
    )
    for entrustor_id, count, oldest in waiting.all():
        standing.add(
            await notices.tell(
                session,
                "results_wait",
                entrustor_id=entrustor_id,
                mark=entrustor_id,
                facts={"results": count, "days": (now - oldest).days},
                now=now,
            )
        )
    await notices.only(session, "results_wait", standing, now=now)
