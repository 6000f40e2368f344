"""What is held, about how many people, until when: counts, never a person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.entrustors.tables import Entrustor
from calllist.jobs.exposure import Exposure, exposure
from calllist.jobs.scope import jobs_of
from calllist.jobs.tables import CallList, Job
from calllist.people.roles import Role
from calllist.people.tables import Person
from retention.errors import HoldingUnknown
from retention.states import State
from retention.tables import Holding


@dataclass(frozen=True)
class Held:
    """One list as the entrustor and the auditor see it."""

    list_id: str
    entrustor: str  # name
    job_id: str
    job_code: str
    number: int  # of the list within its job
    people: int  # at receipt
    remaining: int  # without a final result
    state: str  # retention.states.State
    trigger: str | None
    opened_at: datetime
    deadline: datetime
    due_at: datetime | None
    certified_at: datetime | None
    failure: str | None
    exposure: Exposure
    results_first: bool  # 返還後消去
    held_at: datetime | None  # legal hold

    @property
    def living(self) -> bool:
        """Whether anything of it still exists that we owe the destruction of."""
        return self.state not in (State.VERIFIED, State.CERTIFIED, State.LOST_ERASED)


async def held(session: AsyncSession, person: Person, now: datetime) -> list[Held]:
    """Holdings that this person oversees: an officer's own, an auditor's all.

    Living ones first, the nearest deadline first; then those that are gone, latest first.
    """
    if person.role == Role.ENTRUSTOR:
        return await _found(session, Holding.entrustor_id == person.entrustor_id, now)
    if person.role == Role.AUDITOR:
        return await _found(session, true(), now)
    return []


async def seen(session: AsyncSession, person: Person, now: datetime) -> list[Held]:
    """The same, and a manager's: those of the jobs that it sees. To look at; it oversees none."""
    if person.role != Role.MANAGER:
        return await held(session, person, now)
    jobs = [job.id for job in await jobs_of(session, person)]
    return await _found(session, Job.id.in_(jobs), now)


async def one(session: AsyncSession, person: Person, holding_id: str, now: datetime) -> Held:
    """One of the holdings that this person oversees. Raises HoldingUnknown for any other."""
    found = [row for row in await held(session, person, now) if row.list_id == holding_id]
    if not found:
        raise HoldingUnknown(holding_id)
    return found[0]


async def _found(session: AsyncSession, which: ColumnElement[bool], now: datetime) -> list[Held]:
    rows = await session.execute(
        select(Holding, Entrustor.name, Job.id, Job.code, CallList)
        .join(Entrustor, Entrustor.id == Holding.entrustor_id)
        .join(CallList, CallList.id == Holding.id)
        .join(Job, Job.id == CallList.job_id)
        .where(which)
        .order_by(Holding.certified_at.desc().nulls_first(), Holding.deadline, Holding.id)
    )
    return [_held(*row, now) for row in rows]


def left(holding: Holding, remaining: int) -> int:
    """People without a final result whose keys still exist: to be called, or frozen."""
    living = holding.state in (State.OPEN, State.FROZEN, State.LOST)
    return remaining if living else 0


def _held(
    holding: Holding, name: str, job_id: str, code: str, call_list: CallList, now: datetime
) -> Held:
    return Held(
        list_id=holding.id,
        entrustor=name,
        job_id=job_id,
        job_code=code,
        number=call_list.number,
        people=holding.people,
        remaining=left(holding, call_list.remaining),
        state=holding.state,
        trigger=holding.trigger,
        opened_at=holding.opened_at,
        deadline=holding.deadline,
        due_at=holding.due_at,
        certified_at=holding.certified_at,
        failure=holding.failure,
        exposure=exposure(call_list, holding, now),
        results_first=holding.results_first,
        held_at=holding.held_at,
    )
