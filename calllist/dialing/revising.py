"""Another code for a result that stands, by who oversees the call (crypto D112).

    result ─► keeper: sealed anew with both codes, the line durable ─► written down here
                  └─ a record in play that this closes ─► emptied, as by any final result

Nobody is shown: a call is its time, its operator and four signs. A crash between the keeper and our
commit is healed by saying it again; a record that it left behind, when it is leased next.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, Row, Select, cast, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import taking_out
from calllist.dialing.errors import (
    CodeRefused,
    ResultChanged,
    ResultHandedOver,
    ResultUnknown,
)
from calllist.dialing.hand import at_the_desk
from calllist.dialing.tables import Result
from calllist.entrustors.codes import MOVED, REFUSED, CodeRule, Next
from calllist.jobs.scope import job_and_terms
from calllist.jobs.states import RecordState
from calllist.jobs.tables import CallList, Job, Record
from calllist.people.roles import Role
from calllist.people.tables import Person
from crypto.signed.terms import ContractTerms
from crypto.wire.client import KeeperClient
from crypto.wire.revisions import Place, Reason, Revise
from retention.custody import Custody
from retention.states import State
from retention.tables import Holding

PAGE = 50  # the newest: what is older is asked for by its day and operator
SIGNS = 4  # of a handle
WITH_MORE_TO_SAY = (Next.CALL_BACK, Next.AGAIN)  # a time nobody named; a call nobody made


@dataclass(frozen=True)
class Call:
    """One call. first: its own code, if it was revised. open: it still may be."""

    attempt: str
    at: datetime
    operator: str
    code: int
    first: int | None
    revised_at: datetime | None
    open: bool

    @property
    def handle(self) -> str:
        """As the operator was told it."""
        return sign(self.attempt)


@dataclass(frozen=True)
class Calls:
    """The newest calls of a job that this person oversees, under these terms."""

    job: Job
    terms: ContractTerms
    calls: tuple[Call, ...]
    operators: tuple[tuple[str, str], ...]  # id and name of whoever has called


async def calls(
    session: AsyncSession,
    person: Person,
    job_id: str,
    *,
    day: date | None = None,
    operator: str = "",
) -> Calls:
    """At most PAGE, the newest first; of a day in Japan, of one operator. Raises JobUnknown."""
    job, terms = await job_and_terms(session, person, job_id)
    query = _listed(person, job_id)
    if day is not None:
        query = query.where(cast(func.timezone("Asia/Tokyo", Result.at), Date) == day)
    if operator:
        query = query.where(Result.person_id == operator)
    rows = await session.execute(query.order_by(Result.at.desc(), Result.id).limit(PAGE))
    people = _overseen(person, job_id).with_only_columns(Person.id, Person.name).distinct()
    named = await session.execute(people.order_by(Person.name, Person.id))
    found = tuple((who, name) for who, name in named)
    return Calls(job, terms, tuple(map(_call, rows)), found)


async def call(
    session: AsyncSession, person: Person, job_id: str, attempt: str
) -> tuple[Job, Call, ContractTerms]:
    """One call, and the terms of its job. Raises JobUnknown, ResultUnknown."""
    job, terms = await job_and_terms(session, person, job_id)
    row = (await session.execute(_listed(person, job_id).where(Result.id == attempt))).first()
    if row is None:
        raise ResultUnknown(attempt)
    return job, _call(row), terms


def sign(attempt: str) -> str:
    """Four signs for one call, by which its operator names it to who oversees it; they say nothing
    of whom it was to."""
    return hashlib.sha256(attempt.encode()).hexdigest()[:SIGNS].upper()


def codes(terms: ContractTerms) -> tuple[CodeRule, ...]:
    """The codes that may be given later."""
    return tuple(
        rule
        for rule in at_the_desk(terms)
        if rule.next not in WITH_MORE_TO_SAY and rule.code != MOVED
    )


async def revise(
    session: AsyncSession,
    keeper: KeeperClient,
    custody: Custody,
    person: Person,
    grant: str,
    job_id: str,
    attempt: str,
    *,
    was: int,
    code: int,
    reason: Reason,
    now: datetime,
) -> None:
    """Another code. was: the one that whoever chose saw.

    Raises JobUnknown, ResultUnknown, ResultHandedOver, ResultChanged, CodeRefused, and what the
    keeper refuses with (still_changeable, not_revisable, in_other_hand, list_over, ...).
    """
    _, terms = await job_and_terms(session, person, job_id)
    result = await session.scalar(
        _overseen(person, job_id).where(Result.id == attempt).with_for_update(of=Result)
    )
    if result is None:
        raise ResultUnknown(attempt)
    if result.acknowledged_at is not None:
        raise ResultHandedOver(attempt)
    if result.code != was:
        raise ResultChanged(attempt)
    if code not in {rule.code for rule in codes(terms)}:
        raise CodeRefused(str(code))
    told = await keeper.call(Revise(grant, attempt, code, reason))
    if result.first_code is None:
        result.first_code = result.code
    result.code, result.final = told.code, told.final
    result.sealed, result.revised_at = told.sealed, told.at
    if told.closed is not None:
        await _empty(session, custody, result, told.closed, now)
    await session.flush()


async def _empty(
    session: AsyncSession, custody: Custody, result: Result, place: Place, now: datetime
) -> None:
    """Nobody calls that record any more. Leased by now, or done: whoever has it is told so by the
    keeper, which ends the lease and empties the row (`returning.conclude`)."""
    record = await session.scalar(
        select(Record)
        .where(
            Record.list_id == result.list_id,
            Record.chunk == place.chunk,
            Record.index == place.index,
            Record.state.not_in((RecordState.DONE, RecordState.LEASED)),
        )
        .with_for_update()
    )
    if record is not None:
        call_list = await session.get_one(CallList, result.list_id)
        await taking_out.empty(session, custody, call_list, [(record, result.code)], now)


def _overseen(person: Person, job_id: str) -> Select[Result]:
    """Calls of a job by people of this manager's party, or of this supervisor's site."""
    near = {
        Role.MANAGER: Person.party_id == person.party_id,
        Role.SUPERVISOR: (Person.party_id == person.party_id) & (Person.site_id == person.site_id),
    }.get(Role(person.role), false())
    return (
        select(Result)
        .join(Person, Person.id == Result.person_id)
        .where(Result.job_id == job_id, Result.nth > 0, near)
    )


def _listed(person: Person, job_id: str) -> Select[Result, str, str]:
    """With who called, and whether the list is still there."""
    query = _overseen(person, job_id).join(Holding, Holding.id == Result.list_id)
    return query.add_columns(Person.name, Holding.state)


def _call(row: Row[Result, str, str]) -> Call:
    result, operator, state = row
    stands = result.code in (REFUSED, MOVED) or result.acknowledged_at is not None
    return Call(
        *(result.id, result.at, operator, result.code, result.first_code, result.revised_at),
        open=state == State.OPEN and not stands,
    )
