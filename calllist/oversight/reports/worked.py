"""The figures of a job in a period: counted where the results are, never person by person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.tables import Result
from calllist.entrustors.tables import Entrustor
from calllist.jobs.scope import job_of
from calllist.jobs.tables import Job
from calllist.oversight.called import (
    CALLED,
    FINISHED,
    IN_CONTACT,
    LOCAL,
    NOT_CALLED,
    Column,
    by_code,
    by_hour,
    by_turn,
)
from calllist.oversight.reports.folding import FEW, folded
from calllist.oversight.reports.periods import Period
from calllist.parties.tables import Site
from calllist.people.roles import Role
from calllist.people.tables import Person

COLLEAGUES = 3  # of a site that the entrustor is told of by name: fewer would be somebody's record
OTHERS = None  # in place of a name or a code: those that do not stand alone


@dataclass(frozen=True)
class Work:
    """Calls, and the time from first to last call of each operator and day (None: not told)."""

    calls: int = 0
    contacts: int = 0
    finished: int = 0
    worked: timedelta | None = timedelta(0)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def rate(self) -> float | None:
        """Contacts of calls; None of so few that it would be about one person."""
        return self.contacts / self.calls if self.calls >= FEW else None


@dataclass(frozen=True)
class Operator:
    """One operator's work."""

    name: str
    site: str
    work: Work


@dataclass(frozen=True)
class Report:
    """One job, one period."""

    job: Job
    entrustor: str
    period: Period
    total: Work
    sites: tuple[tuple[str | None, Work], ...]
    operators: tuple[Operator, ...]  # those whose names the reader may know
    days: tuple[tuple[date, Work], ...]  # of a month, those with a call
    hours: tuple[Column, ...]
    results: tuple[tuple[int | None, int], ...]  # by code
    turns: tuple[Column, ...]
    later: bool  # the last of them holds later ones too
    revised: int = 0  # results that were given another code after the call

    @property
    def every_hour(self) -> list[Column]:
        """From the first hour with a call to the last, those without one too."""
        found = {one.at: one for one in self.hours}
        between = range(min(found, default=0), max(found, default=-1) + 1)
        return [found.get(at, Column(at, 0, 0)) for at in between]

    @property
    def every_day(self) -> list[Column]:
        """Every day of a month; none of a day."""
        works = dict(self.days)
        last = (self.period.after.day - self.period.day).days if self.period.month else 0
        days = [self.period.day.replace(day=at + 1) for at in range(last)]
        found = [(day.day, works.get(day, Work())) for day in days]
        return [Column(at, work.calls, work.contacts) for at, work in found]


Share = tuple[str, date, Work]  # who, when


async def report(session: AsyncSession, person: Person, job_id: str, period: Period) -> Report:
    """Raises JobUnknown."""
    job = await job_of(session, person, job_id)
    which = (Result.job_id == job_id, Result.at >= period.begins, Result.at < period.ends)
    shares = await _shares(session, *which)
    names = await _names(session, {who for who, _, _ in shares})
    known = await _known(session, person, set(names))
    least = COLLEAGUES if person.role == Role.ENTRUSTOR else 1
    codes, turns = await by_code(session, *which), await by_turn(session, *which)
    return Report(
        job=job,
        entrustor=(await session.get_one(Entrustor, job.entrustor_id)).name,
        period=period,
        total=_told(_sum(work for _, _, work in shares), len(names), least),
        sites=_sites(shares, names, least=least),
        operators=_operators([one for one in shares if one[0] in known], names),
        days=_days(shares, least=least) if period.month else (),
        hours=tuple(await by_hour(session, *which)),
        results=_results({code: n for code, n in codes.items() if code not in NOT_CALLED}),
        turns=_turns(turns),
        revised=await session.scalar(select(func.count(Result.revised_at)).where(*which)) or 0,
        later=len(_turns(turns)) < len(turns),
    )


async def _shares(session: AsyncSession, *which: ColumnElement[bool]) -> list[Share]:
    """What each operator did on each day."""
    day = cast(LOCAL, Date)
    rows = await session.execute(
        select(
            Result.person_id,
            day,
            func.count().filter(CALLED),
            func.count().filter(IN_CONTACT),
            func.count().filter(FINISHED),
            func.min(Result.at).filter(CALLED),
            func.max(Result.at).filter(CALLED),
        )
        .where(*which)
        .group_by(Result.person_id, day)
        .having(func.count().filter(CALLED) > 0)
        .order_by(day, Result.person_id)
    )
    return [
        (who, at, Work(calls, contacts, finished, last - first, first, last))
        for who, at, calls, contacts, finished, first, last in rows
    ]


async def _names(session: AsyncSession, ids: set[str]) -> Mapping[str, tuple[str, str]]:
    """Name and site of those who called."""
    rows = await session.execute(
        select(Person.id, Person.name, func.coalesce(Site.name, ""))
        .outerjoin(Site, Site.id == Person.site_id)
        .where(Person.id.in_(ids))
    )
    return {who: (name, site) for who, name, site in rows}


async def _known(session: AsyncSession, person: Person, callers: set[str]) -> set[str]:
    """Whose names this person may know: an entrustor nobody's, a supervisor its own site's."""
    if person.role == Role.ENTRUSTOR:
        return set()
    if person.role != Role.SUPERVISOR:
        return callers
    at_the_site = select(Person.id).where(Person.site_id == person.site_id)
    return callers & set(await session.scalars(at_the_site))


def _sum(parts: Iterable[Work]) -> Work:
    found = list(parts)
    return Work(
        calls=sum(one.calls for one in found),
        contacts=sum(one.contacts for one in found),
        finished=sum(one.finished for one in found),
        worked=sum((one.worked for one in found if one.worked), timedelta(0)),
        first=min((one.first for one in found if one.first), default=None),
        last=max((one.last for one in found if one.last), default=None),
    )


def _sites(
    shares: list[Share], names: Mapping[str, tuple[str, str]], *, least: int
) -> tuple[tuple[str | None, Work], ...]:
    """By site; those with fewer than `least` operators together, or none if that is all."""
    works: dict[str, list[Work]] = defaultdict(list)
    people: dict[str, set[str]] = defaultdict(set)
    for who, _, work in shares:
        site = names[who][1]
        works[site].append(work)
        people[site].add(who)
    alone, together = folded([(site, len(people[site])) for site in sorted(works)], least)
    found: list[tuple[str | None, Work]] = [(site, _sum(works[site])) for site in alone]
    if together and found:
        found.append((OTHERS, _sum(one for site in together for one in works[site])))
    return tuple(found)


def _operators(shares: list[Share], names: Mapping[str, tuple[str, str]]) -> tuple[Operator, ...]:
    works: dict[str, list[Work]] = defaultdict(list)
    for who, _, work in shares:
        works[who].append(work)
    found = [Operator(*names[who], _sum(parts)) for who, parts in works.items()]
    return tuple(sorted(found, key=lambda one: (one.site, one.name)))


def _days(shares: list[Share], *, least: int) -> tuple[tuple[date, Work], ...]:
    works: dict[date, list[Work]] = defaultdict(list)
    for _, day, work in shares:
        works[day].append(work)
    return tuple(
        (day, _told(_sum(parts), len(parts), least)) for day, parts in sorted(works.items())
    )


def _told(work: Work, operators: int, least: int) -> Work:
    """The times of fewer operators than `least` are theirs alone: not told."""
    return work if operators >= least else replace(work, worked=None, first=None, last=None)


def _results(codes: Mapping[int, int]) -> tuple[tuple[int | None, int], ...]:
    """The most frequent first; those of few calls together, at the end."""
    cells = sorted(codes.items(), key=lambda cell: (-cell[1], cell[0]))
    alone, together = folded(cells, FEW)
    found: list[tuple[int | None, int]] = [(code, codes[code]) for code in alone]
    if together:
        found.append((OTHERS, sum(codes[code] for code in together)))
    return tuple(found)


def _turns(columns: list[Column]) -> tuple[Column, ...]:
    """Late turns of few calls join the one before."""
    found = list(columns)
    while len(found) > 1 and found[-1].calls < FEW:
        last = found.pop()
        before = found.pop()
        both = before.calls + last.calls, before.contacts + last.contacts
        found.append(Column(before.at, *both))
    return tuple(found)
