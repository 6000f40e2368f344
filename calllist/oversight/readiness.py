"""開始前の確認: what a job still lacks before its first call, each point by itself.

Nothing is forbidden here: keeper and desk refuse for themselves. This tells beforehand, and
where each point is mended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import calling_hours
from calllist.entrustors import contracts, rehearsal
from calllist.entrustors.rehearsal import HandoverUntested
from calllist.jobs.states import CALLED
from calllist.jobs.tables import Assignment, CallList, Job
from calllist.people.tables import Person
from calllist.scripts import saving
from crypto.signed.terms import ContractTerms
from retention.states import State
from retention.tables import Holding


class Point(StrEnum):
    """One thing that has to be there."""

    CONTRACT = "contract"  # the job's version of the contract is the latest, and has not expired
    RULE = "rule"  # the contract's fields satisfy its identity rule
    KEY = "key"  # the entrustor's key, to which results are sealed, is pinned
    HANDOVER = "handover"  # the entrustor has opened a test file, where its terms ask for it
    LIST = "list"  # a list is there to be called
    FIELDS = "fields"  # every list has the columns that the identity rule asks for
    HOURS = "hours"  # the contract lets people be called before the deadline
    SCRIPT = "script"  # what is said was written down for this job
    OPERATORS = "operators"  # somebody is assigned
    FACTORS = "factors"  # all of them have confirmed a second factor
    APPROVED = "approved"  # the contract approves party and place of all of them


@dataclass(frozen=True)
class Check:
    """place: where it is mended, on the manager's screens."""

    point: Point
    ready: bool
    place: str


@dataclass(frozen=True)
class _Standing:
    """What is looked at."""

    job: Job
    terms: ContractTerms
    latest: int
    lists: Sequence[CallList]
    deadline: datetime
    people: Sequence[Person]
    parties: Sequence[str]
    handed_over: bool
    pinned: bool
    scripted: bool
    now: datetime


async def checks(
    session: AsyncSession, job: Job, terms: ContractTerms, now: datetime
) -> tuple[Check, ...]:
    """Every point, in the order in which a job is set up."""
    it = await _standing(session, job, terms, now)
    return tuple(Check(point, ready(it), _place(point, it)) for point, ready in _READY.items())


async def _standing(
    session: AsyncSession, job: Job, terms: ContractTerms, now: datetime
) -> _Standing:
    lists = await session.execute(
        select(CallList, Holding.deadline)
        .join(Holding, Holding.id == CallList.id)
        .where(CallList.job_id == job.id, CallList.state.in_(CALLED), Holding.state == State.OPEN)
        .order_by(CallList.number)
    )
    found = list(lists)
    people = await session.scalars(
        select(Person)
        .join(Assignment, Assignment.person_id == Person.id)
        .where(Assignment.job_id == job.id, Person.stopped_at.is_(None))
    )
    return _Standing(
        job=job,
        terms=terms,
        latest=(await contracts.in_force(session, job.contract_id)).version,
        lists=[row for row, _ in found],
        deadline=min((at for _, at in found), default=terms.expires),
        people=people.all(),
        parties=await contracts.parties(session, terms),
        handed_over=await _handed_over(session, terms),
        pinned=await _pinned(session, job.entrustor_id),
        scripted=await saving.in_force(session, job.id) is not None,
        now=now,
    )


async def _handed_over(session: AsyncSession, terms: ContractTerms) -> bool:
    try:
        await rehearsal.check(session, terms)
    except HandoverUntested:
        return False
    return True


async def _pinned(session: AsyncSession, entrustor_id: str) -> bool:
    """The keeper has sealed something to this key: a test file, or the keys of a list."""
    if await rehearsal.begun(session, entrustor_id) is not None:
        return True
    sealed = select(CallList.id).where(
        CallList.entrustor_id == entrustor_id, CallList.for_entrustor.is_not(None)
    )
    return await session.scalar(sealed.limit(1)) is not None


def _rule(it: _Standing) -> bool:
    fields, rule = it.terms.fields, it.terms.identity
    return sum(kind in fields and fields[kind].match for kind in rule.of) >= rule.count


def _lacks(it: _Standing) -> CallList | None:
    """The first list without the columns that the identity rule asks for."""
    rule = it.terms.identity
    for row in it.lists:
        kinds = {column["kind"] for column in (row.receipt or {}).get("columns", ())}
        if sum(kind.value in kinds for kind in rule.of) < rule.count:
            return row
    return None


def _hours(it: _Standing) -> bool:
    opens = calling_hours.next_opening(it.terms.conduct, it.now)
    return opens < it.deadline and calling_hours.permitted(it.terms.conduct, opens)


def _approved(it: _Standing) -> bool:
    return all(
        one.party_id in it.parties and it.terms.permits_site(one.site_id or "") for one in it.people
    )


_READY: dict[Point, Callable[[_Standing], bool]] = {
    Point.CONTRACT: lambda it: it.job.version == it.latest and it.now < it.terms.expires,
    Point.RULE: _rule,
    Point.KEY: lambda it: it.pinned,
    Point.HANDOVER: lambda it: it.handed_over,
    Point.LIST: lambda it: any(row.remaining for row in it.lists),
    Point.FIELDS: lambda it: _lacks(it) is None,
    Point.HOURS: _hours,
    Point.SCRIPT: lambda it: it.scripted,
    Point.OPERATORS: lambda it: bool(it.people),
    Point.FACTORS: lambda it: all(one.enrolled_at is not None for one in it.people),
    Point.APPROVED: _approved,
}


def _place(point: Point, it: _Standing) -> str:
    """What somebody else signs or confirms is asked for with the ids on the job's page."""
    here = f"/jobs/{it.job.id}"
    match point:
        case Point.CONTRACT:
            return "/jobs"
        case Point.LIST:
            return f"{here}/upload"
        case Point.FIELDS:
            lacks = _lacks(it)
            return f"{here}/upload" if lacks is None else f"/lists/{lacks.id}"
        case Point.SCRIPT:
            return f"{here}/script"
        case Point.OPERATORS | Point.FACTORS | Point.APPROVED:
            return f"{here}#operators"
    return f"{here}#ids"
