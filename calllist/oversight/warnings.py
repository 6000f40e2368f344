"""What overseers hear of without anything having gone wrong.

deadline_near   14, 7, 3 and 1 days before a list's deadline, with the people not yet reached
budgets_near    a party's operators near the end of a budget, or beyond it: how many; the floor
                says who
held            a legal hold, for as long as it lasts: it is never silent
"""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.floor import nearing
from calllist.floor.nearing import Near
from calllist.jobs.tables import CallList
from calllist.oversight import notices
from calllist.parties.tables import Party
from calllist.people.tables import Person
from retention.states import State
from retention.tables import Holding

DAYS = (14, 7, 3, 1)  # before a deadline


async def warn(session: AsyncSession, now: datetime) -> None:
    """Of each list the warning of the latest of `DAYS` that has begun; earlier ones are over.

    A new deadline begins anew; how many are left is said as it is now.
    """
    soon = await session.execute(
        select(Holding, CallList.remaining)
        .join(CallList, CallList.id == Holding.id)
        .where(
            Holding.state == State.OPEN,
            Holding.deadline > now,
            Holding.deadline <= now + timedelta(days=max(DAYS)),
        )
    )
    standing = set()
    for holding, left in soon.all():
        days = min(day for day in DAYS if holding.deadline - now <= timedelta(days=day))
        mark = f"{holding.deadline.isoformat()} {days}"
        facts = {"days": days, "left": left, "deadline": holding.deadline.isoformat()}
        standing.add(
            await notices.tell(
                session,
                "deadline_near",
                entrustor_id=holding.entrustor_id,
                list_id=holding.id,
                mark=mark,
                facts=facts,
                now=now,
            )
        )
    await notices.only(session, "deadline_near", standing, now=now)


async def say_held(session: AsyncSession, now: datetime) -> None:
    """Every legal hold that stands."""
    standing = {
        await notices.tell(
            session,
            "held",
            entrustor_id=holding.entrustor_id,
            list_id=holding.id,
            facts={"since": holding.held_at.isoformat() if holding.held_at else ""},
            now=now,
        )
        for holding in await session.scalars(select(Holding).where(Holding.held_at.is_not(None)))
    }
    await notices.only(session, "held", standing, now=now)


async def say_budgets(session: AsyncSession, now: datetime) -> None:
    """How many operators of each party are near the end of a budget. No names: a notice travels
    by mail."""
    found = await nearing.near(session, now)
    rows = await session.execute(
        select(Person.id, Party.id)
        .join(Party, Party.id == Person.party_id)
        .where(Person.id.in_(found))
    )
    parties: dict[str, list[Near]] = defaultdict(list)
    for person_id, party_id in rows:
        parties[party_id].append(found[person_id])
    standing = set()
    for party_id, of_it in parties.items():
        used_up = sum(one.used_up for one in of_it)
        facts = {"near": len(of_it) - used_up, "used_up": used_up}
        standing.add(
            await notices.tell(
                session, "budgets_near", party_id=party_id, mark=party_id, facts=facts, now=now
            )
        )
    await notices.only(session, "budgets_near", standing, now=now)
