"""What an entrustor has not taken yet: certificates without 受領, results that wait.

certificate_issued    from the issue of a certificate on
certificate_replaced  the same for a later edition, told to everybody who oversees the list
certificate_waits     7 and 14 days after it, without an acknowledgement
certificate_revoked   for 14 days
results_wait          the oldest result has waited for 3 days

Of a certificate that was replaced or revoked no acknowledgement is expected any more. An
acknowledgement ends its notice itself, in the same transaction.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from calllist.dialing.tables import Result
from calllist.oversight import notices
from retention.tables import Certificate

REMINDED_AFTER = (7, 14)  # days
UNACKNOWLEDGED = ("certificate_issued", "certificate_replaced", "certificate_waits")
REVOKED_TOLD = timedelta(days=14)
RESULTS_WAIT = 3  # days


async def follow(session: AsyncSession, now: datetime) -> None:
    """Raise what is due; what was taken is over."""
    await _certificates(session, now)
    await _revoked(session, now)
    await _results(session, now)


async def _certificates(session: AsyncSession, now: datetime) -> None:
    standing: dict[str, set[str]] = {code: set() for code in UNACKNOWLEDGED}
    later = aliased(Certificate)
    waiting = await session.execute(
        select(
            Certificate.id,
            Certificate.entrustor_id,
            Certificate.holding_id,
            Certificate.issued_at,
            Certificate.replaces,
        )
        .where(
            Certificate.acknowledged_at.is_(None),
            Certificate.revoked_at.is_(None),
            ~exists().where(later.replaces == Certificate.id),
        )
        .with_for_update(read=True, of=Certificate)  # one that is acknowledged now is waited for
    )
    for certificate_id, entrustor_id, list_id, issued_at, replaces in waiting.all():
        begun = [days for days in REMINDED_AFTER if now - issued_at >= timedelta(days=days)]
        fresh = "certificate_replaced" if replaces else "certificate_issued"
        code = "certificate_waits" if begun else fresh
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


async def _revoked(session: AsyncSession, now: datetime) -> None:
    code = "certificate_revoked"
    found = await session.execute(
        select(Certificate.id, Certificate.entrustor_id, Certificate.holding_id).where(
            Certificate.revoked_at > now - REVOKED_TOLD
        )
    )
    standing = {
        await notices.tell(
            session,
            code,
            entrustor_id=entrustor_id,
            list_id=list_id,
            mark=certificate_id,
            facts={"certificate": certificate_id},
            now=now,
        )
        for certificate_id, entrustor_id, list_id in found.all()
    }
    await notices.only(session, code, standing, now=now)


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
