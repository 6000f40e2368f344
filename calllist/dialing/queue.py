"""Who is called next, and giving back what was not finished.

    1  call-backs that this operator has promised, once they are due
    2  other call-backs that are due: anybody's, and those whose operator is away
    3  records never called, in the order of the file, or of the groups that the manager has
       put first or last
    4  calls to be repeated that are due, the longest due first

A promise comes before everything. Who was never called comes before who was called in vain: a
day is long enough for both, and nobody is called for the last time before others were called
once. Within each, lists that the manager has put first come first, then by number.

Two operators never get the same record, nor two people with one number: the row is taken under a
lock that others skip, the number under another (`numbers`), and leaves the queue in the same
transaction.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, case, func, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import numbers
from calllist.dialing.numbers import PROMISED, WAITING
from calllist.entrustors.codes import ATTEMPTS_USED_UP
from calllist.jobs import segments
from calllist.jobs.states import CALLED, RecordState
from calllist.jobs.tables import CallList, Record
from retention.states import State
from retention.tables import Holding

AWAY = timedelta(minutes=15)  # a promised call-back is anybody's when it is so long overdue

_PROMISED = Record.last_code == PROMISED
_REPEATED = Record.last_code.is_distinct_from(PROMISED)


@dataclass(frozen=True)
class Caller:
    """For whom somebody is looked for. only_due: nobody who was never called."""

    person_id: str
    now: datetime
    only_due: bool = False


@dataclass(frozen=True)
class Picked:
    """A record that has left the queue, and how many more people have its number."""

    record: Record
    others: int


async def pick(session: AsyncSession, job_id: str, caller: Caller) -> Picked | None:
    """Take the next record of a job out of the queue, or None if nobody is to be called."""
    lists = await callable_lists(session, job_id, caller.now)
    passed: list[bytes] = []  # numbers that somebody takes at this moment
    while True:
        found = await _next(session, lists, caller, passed)
        if found is None:
            return None
        record, sharing = found
        token = record.token or b""
        if sharing <= 1 or await numbers.free(session, record.list_id, token):
            record.state = RecordState.LEASED
            return Picked(record, max(0, sharing - 1))
        passed.append(token)


async def next_due(session: AsyncSession, job_id: str, now: datetime) -> datetime | None:
    """When the next retry or call-back of a job comes up, if any waits."""
    earliest: list[datetime] = []
    for list_id in await callable_lists(session, job_id, now):
        for kind in (_PROMISED, _REPEATED):
            due = await session.scalar(
                select(func.min(Record.due_at)).where(
                    Record.list_id == list_id, Record.state == WAITING, kind, Record.due_at > now
                )
            )
            if due is not None:
                earliest.append(due)
    return min(earliest, default=None)


async def put_back(session: AsyncSession, places: Sequence[tuple[str, int, int]]) -> None:
    """Leased records wait, or rest, again, as they did before they were taken."""
    if places:
        await session.execute(
            update(Record)
            .where(
                tuple_(Record.list_id, Record.chunk, Record.index).in_(places),
                Record.state == RecordState.LEASED,
            )
            .values(
                state=case(
                    (Record.last_code == ATTEMPTS_USED_UP, RecordState.RESTING),
                    else_=RecordState.WAITING,
                )
            )
            .execution_options(synchronize_session=False)
        )


Question = Select[Record, int]  # and how many rows have its number


async def _next(
    session: AsyncSession, lists: Sequence[str], caller: Caller, passed: Sequence[bytes]
) -> tuple[Record, int] | None:
    """The first of the first question that finds anybody, locked."""
    async for question in _questions(session, lists, caller):
        if passed:
            question = question.where(Record.token.not_in(passed))  # noqa: PLW2901
        row = (await session.execute(question)).first()
        if row is not None:
            return row[0], row[1]
    return None


async def _questions(
    session: AsyncSession, lists: Sequence[str], caller: Caller
) -> AsyncIterator[Question]:
    """Whom to look for, the first first. One is asked when those before it found nobody."""
    mine = Record.due_for == caller.person_id
    anybodys = or_(Record.due_for.is_(None), Record.due_at <= caller.now - AWAY)
    for whose in (mine, anybodys):
        for list_id in lists:
            yield _due(list_id, caller.now).where(_PROMISED, whose)
    if not caller.only_due:
        for list_id in lists:
            for group in [*await segments.in_turn(session, list_id), true()]:
                never = _waiting(list_id).where(Record.due_at.is_(None), group)
                yield never.order_by(Record.chunk, Record.index)
    for list_id in lists:
        yield _due(list_id, caller.now).where(_REPEATED)


def _due(list_id: str, now: datetime) -> Question:
    """The longest due of one list."""
    due = _waiting(list_id).where(Record.due_at <= now)
    return due.order_by(Record.due_at, Record.chunk, Record.index)


def _waiting(list_id: str) -> Question:
    """One waiting record that nobody else is taking, and nobody has its number in hand. A list's
    table has an index for every question put here, by these very conditions."""
    return (
        select(Record, numbers.sharing(list_id))
        .where(Record.list_id == list_id, Record.state == WAITING, ~numbers.in_hand(list_id))
        .limit(1)
        .with_for_update(skip_locked=True, of=Record)
    )


async def callable_lists(session: AsyncSession, job_id: str, now: datetime) -> list[str]:
    """In the order in which they are called."""
    return list(
        await session.scalars(
            select(CallList.id)
            .join(Holding, Holding.id == CallList.id)
            .where(
                CallList.job_id == job_id,
                CallList.state.in_(CALLED),
                Holding.state == State.OPEN,
                Holding.deadline > now,
                Holding.held_at.is_(None),
            )
            .order_by(CallList.turn, CallList.number)
        )
    )
