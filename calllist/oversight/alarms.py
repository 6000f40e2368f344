"""Canary alarms: somebody asked for a person whom no desk was ever shown.

The keeper froze the list when it happened. Here the platform's books follow (the holding is
frozen until its deadline or its entrustor's order), and those concerned are told which list
it was and when; which record, nobody here knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs.scope import jobs_of
from calllist.jobs.tables import CallList
from calllist.people.tables import Person
from crypto.errors.base import KeeperUnavailable
from crypto.wire.client import KeeperClient
from crypto.wire.lists import Alarm, Alarms, Inspect
from retention.custody import Custody
from retention.states import State
from retention.tables import Holding

AT_ONCE = 1_000  # lists in one question
SHOWN_FOR = timedelta(days=90)  # on the screens; the ledger keeps it for ever


@dataclass(frozen=True)
class Alert:
    """One alarm, as overseers see it."""

    list_id: str
    job_code: str
    number: int
    at: datetime


async def alerts(
    session: AsyncSession, keeper: KeeperClient, person: Person, now: datetime
) -> list[Alert]:
    """Alarms of the lists that this person oversees, the latest first.

    None while the keeper is away: a screen of counts is worth showing without them.
    """
    jobs = {job.id: job for job in await jobs_of(session, person)}
    rows = await session.scalars(select(CallList).where(CallList.job_id.in_(jobs)))
    lists = {row.id: row for row in rows}
    try:
        found = await _told(keeper, list(lists))
    except KeeperUnavailable:
        return []
    shown = [
        Alert(alarm.list, jobs[row.job_id].code, row.number, alarm.at)
        for alarm in found
        for row in [lists[alarm.list]]
        if alarm.at > now - SHOWN_FOR
    ]
    return sorted(shown, key=lambda alert: alert.at, reverse=True)


async def follow(
    session: AsyncSession, keeper: KeeperClient, custody: Custody, now: datetime
) -> list[str]:
    """The worker's part: freeze in the books what the keeper has frozen. Returns the lists.

    A list whose entrustor has it opened again (a signed extension) stays open.
    """
    living = list(await session.scalars(select(Holding.id).where(Holding.state == State.OPEN)))
    found = []
    for alarm in await _told(keeper, living):
        if (await keeper.call(Inspect(alarm.list))).state == "frozen":
            await custody.halt(session, alarm.list, now=now)
            found.append(alarm.list)
    return found


async def _told(keeper: KeeperClient, lists: Sequence[str]) -> list[Alarm]:
    found: list[Alarm] = []
    for first in range(0, len(lists), AT_ONCE):
        told = await keeper.call(Alarms(tuple(lists[first : first + AT_ONCE])))
        found += told.alarms
    return found
