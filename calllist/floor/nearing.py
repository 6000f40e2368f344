"""How near people are to what the keeper lets them see, as the mirrored ledger tells it.

The keeper notes 80 % of a budget once in its window, and everybody whom it refuses because a budget
is used up (crypto/disclosure/budgets.py). Counts and names of budgets: nobody of a list is here.
What was noted is shown while its window lasts, a budget for life or for weeks for a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.mirror.tables import LedgerLine

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINDOWS = {"people_per_hour": HOUR}  # every other: DAY
REFUSED = {  # the keeper's refusals, and the budget that each speaks of
    "budget_hour": "people_per_hour",
    "budget_day": "people_per_day",
    "budget_30_days": "people_per_30_days",
    "budget_entrustor": "people_per_entrustor_day",
    "budget_job": "people_per_job",
    "budget_list": "people_per_list",
}
_TOLD = text("kind IN ('budget_warning', 'refused')")  # by its own index


@dataclass(frozen=True)
class Near:
    """The most that is known of one person. people, cap: when it was noted; None once refused."""

    budget: str
    at: datetime
    used_up: bool
    people: int | None = None
    cap: int | None = None


class _Line(msgspec.Struct):
    budget: str = ""
    people: int | None = None
    cap: int | None = None
    code: str = ""


async def near(session: AsyncSession, now: datetime) -> Mapping[str, Near]:
    """By person: who is near a budget now, or has used one up; the latest, a refusal first."""
    rows = await session.execute(
        select(LedgerLine.principal, LedgerLine.kind, LedgerLine.at, LedgerLine.leaf)
        .where(_TOLD, LedgerLine.at > now - DAY)
        .order_by(LedgerLine.at)
    )
    found: dict[str, Near] = {}
    for principal, kind, at, leaf in rows:
        line = msgspec.json.decode(leaf, type=_Line)
        used_up = kind == "refused"
        budget = REFUSED.get(line.code, "") if used_up else line.budget
        if principal is None or not budget or at <= now - WINDOWS.get(budget, DAY):
            continue
        earlier = found.get(principal)
        if earlier is None or used_up or not earlier.used_up:
            found[principal] = Near(budget, at, used_up, line.people, line.cap)
    return found
