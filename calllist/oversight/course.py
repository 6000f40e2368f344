"""How a job comes along against its deadline: who is left, and who would be at an even pace.

An even pace finishes the same number of people in every hour in which the contract lets people
be called; nights, and days without calling hours, ask for nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Date, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST
from calllist.dialing import calling_hours
from calllist.dialing.tables import Result
from calllist.oversight.called import LOCAL
from calllist.oversight.progress import Progress
from crypto.signed.terms import Conduct

DAY = timedelta(days=1)
BEYOND = timedelta(days=21)  # shown of what comes; a deadline further away is not drawn


@dataclass(frozen=True)
class Point:
    """At this moment so many people are left."""

    at: datetime
    left: float


@dataclass(frozen=True)
class Course:
    """`left`: as it was, oldest first, ending now. `even`: as it should be, to the deadline."""

    people: int
    deadline: datetime
    left: tuple[Point, ...]
    even: tuple[Point, ...]
    expected: int  # people left by now at an even pace

    @property
    def ahead(self) -> int:
        """People finished beyond an even pace; negative: behind it."""
        return self.expected - round(self.left[-1].left)

    @property
    def until(self) -> datetime:
        """Where a plot ends."""
        return min(self.deadline, max(self.left[-1].at, self.left[0].at) + BEYOND)


async def course(
    session: AsyncSession, rows: Sequence[Progress], conduct: Conduct, now: datetime
) -> Course | None:
    """Of the lists of one job; None if nobody is to be called before a deadline any more."""
    called = [row for row in rows if row.people and row.deadline and row.call_list.received_at]
    if not called:
        return None
    begins = min(row.call_list.received_at for row in called if row.call_list.received_at)
    deadline = max(row.deadline for row in called if row.deadline)
    if not begins <= now < deadline:
        return None
    people = sum(row.people for row in called)
    done = await _done(session, [row.call_list.id for row in called])
    even = tuple(_even(people, begins, deadline, conduct))
    return Course(people, deadline, tuple(_left(people, done, begins, now)), even, _by(even, now))


async def _done(session: AsyncSession, lists: Sequence[str]) -> Counter[date]:
    """People finished on each Japanese day."""
    day = cast(LOCAL, Date)
    rows = await session.execute(
        select(day, func.count()).where(Result.list_id.in_(lists), Result.final).group_by(day)
    )
    return Counter(dict(rows.all()))


def _left(people: int, done: Counter[date], begins: datetime, now: datetime) -> Iterator[Point]:
    yield Point(begins, people)
    for day in _days(begins, now):
        people -= done[day]
        yield Point(min(_end(day), now), people)


def _even(people: int, begins: datetime, deadline: datetime, conduct: Conduct) -> Iterator[Point]:
    """One point at the begin, and one where each day's calling hours begin and end."""
    spans = [
        (max(first, begins), min(last, deadline))
        for first, last in (_hours(conduct, day) for day in _days(begins, deadline))
        if max(first, begins) < min(last, deadline)
    ]
    whole = sum(((last - first) for first, last in spans), timedelta(0))
    yield Point(begins, people)
    gone = timedelta(0)
    for first, last in spans:
        yield Point(first, people * (1 - gone / whole))
        gone += last - first
        yield Point(last, people * (1 - gone / whole))


def _by(even: Sequence[Point], now: datetime) -> int:
    """Where the line is now."""
    before = max((one for one in even if one.at <= now), key=lambda one: (one.at, -one.left))
    after = next((one for one in even if one.at > now), before)
    span = after.at - before.at
    part = (now - before.at) / span if span else 0.0
    return round(before.left + (after.left - before.left) * part)


def _hours(conduct: Conduct, day: date) -> tuple[datetime, datetime]:
    first, last = calling_hours.hours(conduct, day)
    midnight = datetime.combine(day, time(), tzinfo=JST)
    return midnight + timedelta(hours=first), midnight + timedelta(hours=last)


def _days(first: datetime, last: datetime) -> Iterator[date]:
    day = first.astimezone(JST).date()
    while day <= last.astimezone(JST).date():
        yield day
        day += DAY


def _end(day: date) -> datetime:
    return datetime.combine(day + DAY, time(), tzinfo=JST)
