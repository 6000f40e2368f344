"""Copies from the screen, per operator and day: how many the pages of a job told of, never what.

The desk's page counts them in the ledger (`calllist.dialing.copying`); here the mirrored ledger is
read. A page whose script is off tells of none: no copy is no proof that there was none.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST
from calllist.dialing.copying import COPIED
from calllist.jobs.scope import job_of
from calllist.mirror.tables import LedgerLine
from calllist.oversight.reports.periods import Period
from calllist.people.roles import Role
from calllist.people.tables import Person

READERS = frozenset({Role.MANAGER, Role.AUDITOR})


@dataclass(frozen=True)
class Copies:
    """One operator's day."""

    day: date
    name: str
    count: int


class _Line(msgspec.Struct):
    code: str = ""
    ref_by: str = ""
    ref_job: str = ""


async def copies(
    session: AsyncSession, person: Person, job_id: str, period: Period
) -> list[Copies]:
    """By day, the most first; for managers and auditors, nothing for others. Raises JobUnknown."""
    await job_of(session, person, job_id)
    if person.role not in READERS:
        return []
    rows = await session.execute(
        select(LedgerLine.at, LedgerLine.leaf).where(
            text("kind = 'event'"),  # by its own index
            LedgerLine.at >= period.begins,
            LedgerLine.at < period.ends,
        )
    )
    found: Counter[tuple[date, str]] = Counter()
    for at, leaf in rows:
        line = msgspec.json.decode(leaf, type=_Line)
        if line.code == COPIED and line.ref_job == job_id:
            found[at.astimezone(JST).date(), line.ref_by] += 1
    ids = {who for _, who in found}
    named = await session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    names = {row.id: row.name for row in named}
    ordered = sorted(found.items(), key=lambda one: (one[0][0], -one[1], one[0][1]))
    return [Copies(day, names.get(who, who), count) for (day, who), count in ordered]
