"""The board: every seat of every open job, read once a second for all who watch.

The queries run only while somebody watches, at most once in `FRESH` and process, however many
watch: a watcher takes the picture that is there. Who may see which part of it is decided per
watcher (`of_jobs`, `of_site`), never in the picture.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist import db
from calllist.dialing.tables import Lease
from calllist.floor import nearing
from calllist.floor.nearing import Near
from calllist.floor.seats import Reason
from calllist.floor.tables import Seat
from calllist.jobs.states import CALLED, JobState
from calllist.jobs.tables import Assignment, CallList, Job
from calllist.parties.tables import Site
from calllist.people.roles import Role
from calllist.people.tables import Person, SignIn

FRESH = timedelta(seconds=1)
LASTS = timedelta(seconds=10)  # then a watcher's browser asks anew, and its sign-in is checked
STUCK = timedelta(minutes=15)  # one person in hand for so long


class SeatState(StrEnum):
    """What is to be seen of a seat, the most urgent first."""

    STUCK = "stuck"
    CALLING = "calling"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    WAITING = "waiting"


@dataclass(frozen=True)
class Place:
    """One operator who is signed in, or a supervisor who has taken somebody over.

    jobs: assigned to. job: of whom is in hand."""

    person: str
    name: str
    operator: bool
    site: str  # its name
    site_id: str | None
    state: SeatState
    job: str | None
    reason: str | None
    since: datetime | None
    late: bool  # wrap-up takes longer than the job says
    jobs: frozenset[str]
    offered_to: str | None  # the supervisor who is asked to take over whom is in hand
    offered_until: datetime | None
    near: Near | None  # to a budget of the keeper's


@dataclass(frozen=True)
class Work:
    """One open job. left: people without a final result."""

    id: str
    code: str
    paused: bool
    left: int


@dataclass(frozen=True)
class Picture:
    """The floor at one moment."""

    at: datetime
    places: tuple[Place, ...]
    works: tuple[Work, ...]

    def of_jobs(self, ids: Collection[str]) -> "Picture":
        """What somebody who may know of these jobs sees."""
        known = frozenset(ids)
        return Picture(
            self.at,
            tuple(one for one in self.places if one.jobs & known and one.job in {None, *known}),
            tuple(work for work in self.works if work.id in known),
        )

    def of_site(self, site_id: str | None) -> "Picture":
        """The seats of one site: all that its supervisor sees. Of no site: none."""
        places = (one for one in self.places if site_id is not None and one.site_id == site_id)
        return replace(self, places=tuple(places))

    def states(self, job: str | None = None) -> Counter[SeatState]:
        """Seats by state; of one job: who is in a call of it, and who of its people is in none."""
        return Counter(
            one.state
            for one in self.places
            if job is None or one.job == job or (one.job is None and job in one.jobs)
        )

    def sites(self) -> dict[str, Counter[SeatState]]:
        """Seats by state, for each site by name."""
        names = sorted({one.site for one in self.places})
        return {
            name: Counter(one.state for one in self.places if one.site == name) for name in names
        }


class Board:
    """The newest picture, shared by all watchers of a process."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        now: Callable[[], datetime],
        lasts: timedelta = LASTS,
    ) -> None:
        self._sessions = sessions
        self._now = now
        self.lasts = lasts
        self.drawn = 0
        self._picture: Picture | None = None
        self._turn = asyncio.Lock()

    async def picture(self) -> Picture:
        """Not older than FRESH. Raises DatabaseUnavailable."""
        async with self._turn:
            now = self._now()
            if self._picture is None or now - self._picture.at >= FRESH:
                async with db.transaction(self._sessions) as session:
                    self._picture = await draw(session, now)
                self.drawn += 1
            return self._picture


async def draw(session: AsyncSession, now: datetime) -> Picture:
    """The floor now: everybody signed in, or with a person in hand; stuck first, then longest."""
    budgets = await nearing.near(session, now)
    places = [_place(row, budgets, now) for row in await session.execute(_seats(now))]
    order = list(SeatState)
    places.sort(key=lambda one: (order.index(one.state), one.since or now, one.name, one.person))
    works = await session.execute(
        select(Job.id, Job.code, Job.paused_at, func.coalesce(func.sum(CallList.remaining), 0))
        .join(CallList, (CallList.job_id == Job.id) & CallList.state.in_(CALLED), isouter=True)
        .where(Job.state == JobState.OPEN)
        .group_by(Job.id)
        .order_by(Job.code)
    )
    made = tuple(Work(id_, code, at is not None, int(left)) for id_, code, at, left in works)
    return Picture(now, tuple(places), made)


_IN_HAND = and_(Lease.person_id == Person.id, Lease.parked_at.is_(None), Lease.given_at.is_(None))


def _seats(now: datetime) -> Select[*tuple[Any, ...]]:
    """One row per operator: person, name, site, lease, seat, jobs."""
    here = exists().where(
        SignIn.person_id == Person.id,
        or_(SignIn.complete.is_(True), Seat.reason == Reason.AWAY),  # a locked screen
        SignIn.command.is_(False),
        SignIn.expires_at > now,
    )
    return (
        select(
            Person.id.label("person"),
            Person.name.label("name"),
            Person.role.label("role"),
            Site.name.label("site"),
            Site.id.label("site_id"),
            Lease.job_id.label("job"),
            Lease.taken_at,
            Lease.expires_at,
            Seat.reason,
            Seat.since,
            Seat.until,
            Lease.offered_to,
            Lease.offered_until,
            func.array_agg(Assignment.job_id).label("jobs"),
        )
        .join(Site, Site.id == Person.site_id, isouter=True)
        .join(Lease, _IN_HAND, isouter=True)
        .join(Seat, Seat.person_id == Person.id, isouter=True)
        .join(Assignment, Assignment.person_id == Person.id, isouter=True)
        .where(
            or_(Person.role == Role.OPERATOR, Lease.id.is_not(None)),
            Person.stopped_at.is_(None),
            or_(here, Lease.id.is_not(None)),
        )
        .group_by(Person.id, Site.id, Lease.id, Seat.person_id)
    )


def _place(row: Row[*tuple[Any, ...]], budgets: Mapping[str, Near], now: datetime) -> Place:
    if row.job is not None:
        over = now - row.taken_at >= STUCK or row.expires_at <= now
        state, since = (SeatState.STUCK if over else SeatState.CALLING), row.taken_at
    elif row.reason is not None:
        state = SeatState.WRAP_UP if row.reason == Reason.WRAP_UP else SeatState.PAUSED
        since = row.since
    else:
        state, since = SeatState.WAITING, None
    asks = row.offered_until is not None and now < row.offered_until
    return Place(
        person=row.person,
        name=row.name,
        operator=row.role == Role.OPERATOR,
        site=row.site or "",
        site_id=row.site_id,
        state=state,
        job=row.job,
        reason=row.reason if state == SeatState.PAUSED else None,
        since=since,
        late=state == SeatState.WRAP_UP and row.until is not None and now > row.until,
        jobs=frozenset(one for one in (*row.jobs, row.job) if one is not None),
        offered_to=row.offered_to if asks else None,
        offered_until=row.offered_until if asks else None,
        near=budgets.get(row.person),
    )
