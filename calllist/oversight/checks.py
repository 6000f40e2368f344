"""Stores that still hold something, or could not be read: overseers hear of it until it passes."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.oversight import notices
from retention.states import Outcome
from retention.tables import Holding

CODES = {Outcome.FAILED: "check_failed", Outcome.UNKNOWN: "check_unknown"}


async def follow(session: AsyncSession, holding_id: str, now: datetime) -> None:
    """Say what the last look into every store found, or that it is over."""
    holding = await session.get(Holding, holding_id, populate_existing=True)
    if holding is None:
        return
    looked = (holding.checks or {}).get("checks", [])
    for outcome, code in CODES.items():
        named = sorted(check["store"] for check in looked if check["outcome"] == outcome)
        if named:
            await notices.tell(
                session,
                code,
                entrustor_id=holding.entrustor_id,
                list_id=holding_id,
                facts={"stores": named},
                now=now,
            )
        else:
            await notices.over(session, code, list_id=holding_id, now=now)
