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

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import numbers
from calllist.dialing.numbers import IN_HAND, LIST, PROMISED, SHARING, WAITING
from calllist.entrustors.codes import ATTEMPTS_USED_UP
from calllist.jobs import own_groups, segments
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


class Divided(NamedTuple):
    """Whether groups of people on a list are called first or last; whether an operator calls some
    of them only."""

    in_turn: bool
    limited: bool


async def pick(session: AsyncSession, job_id: str, caller: Caller) -> Picked | None:
    """Take the next record of a job out of the queue, or None if nobody is to be called."""
    lists = await _lists(session, job_id, caller.now, caller.person_id)
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


def _waiting(*which: ColumnElement[bool]) -> Question:
    """One waiting record of LIST that nobody else is taking, and nobody has its number in hand. A
    list's table has an index for every question put here, by these very conditions."""
    return (
        select(Record, SHARING)
        .where(Record.list_id == LIST, Record.state == WAITING, *which, ~IN_HAND)
        .limit(1)
        .with_for_update(skip_locked=True, of=Record)
    )


def _due(*which: ColumnElement[bool]) -> Question:
    """The longest due of one list."""
    due = _waiting(Record.due_at <= bindparam("now"), *which)
    return due.order_by(Record.due_at, Record.chunk, Record.index)


# Made once: to make a question takes the processor longer than to ask it.
_IS_PROMISED = select(
    exists().where(
        Record.list_id == LIST,
        Record.state == WAITING,
        Record.due_at <= bindparam("now"),
        _PROMISED,
    )
)
_MINE = _due(_PROMISED, Record.due_for == bindparam("person_id"))
_ANYBODYS = _due(
    _PROMISED, or_(Record.due_for.is_(None), Record.due_at <= bindparam("long_overdue"))
)
_NEVER_CALLED = _waiting(Record.due_at.is_(None)).order_by(Record.chunk, Record.index)
_AGAIN = _due(_REPEATED)


async def _next(
    session: AsyncSession,
    lists: Mapping[str, Divided],
    caller: Caller,
    passed: Sequence[bytes],
) -> tuple[Record, int] | None:
    """The first of the first question that finds anybody, locked."""
    said = {
        "now": caller.now,
        "person_id": caller.person_id,
        "long_overdue": caller.now - AWAY,
    }
    async for list_id, question in _questions(session, lists, caller):
        if passed:
            question = question.where(Record.token.not_in(passed))  # noqa: PLW2901
        row = (await session.execute(question, {"list_id": list_id, **said})).first()
        if row is not None:
            return row[0], row[1]
    return None


async def _questions(
    session: AsyncSession, lists: Mapping[str, Divided], caller: Caller
) -> AsyncIterator[tuple[str, Question]]:
    """Where to look and for whom, the first first. One is asked when those before it found
    nobody. Whoever was given some groups looks among those, but for its own promises."""
    at = {"now": caller.now}
    promised = [one for one in lists if await session.scalar(_IS_PROMISED, {"list_id": one, **at})]
    among = {
        list_id: await own_groups.among(session, list_id, caller.person_id)
        for list_id, divided in lists.items()
        if divided.limited
    }

    def limited(list_id: str, question: Question) -> tuple[str, Question]:
        return list_id, question.where(among[list_id]) if list_id in among else question

    for list_id in promised:
        yield list_id, _MINE
    for list_id in promised:
        yield limited(list_id, _ANYBODYS)
    if not caller.only_due:
        for list_id, divided in lists.items():
            for group in await segments.in_turn(session, list_id) if divided.in_turn else ():
                yield limited(list_id, _NEVER_CALLED.where(group))
            yield limited(list_id, _NEVER_CALLED)
    for list_id in lists:
        yield limited(list_id, _AGAIN)


async def callable_lists(session: AsyncSession, job_id: str, now: datetime) -> list[str]:
    """In the order in which they are called."""
    return list(await _lists(session, job_id, now, ""))


async def _lists(
    session: AsyncSession, job_id: str, now: datetime, person_id: str
) -> dict[str, Divided]:
    """As `callable_lists`, and how they are divided for this operator."""
    asked = {"job_id": job_id, "now": now, "person_id": person_id}
    rows = await session.execute(_CALLABLE, asked)
    return {list_id: Divided(in_turn, limited) for list_id, in_turn, limited in rows}


_CALLABLE = (
    select(CallList.id, segments.TURNED, own_groups.LIMITED)
    .join(Holding, Holding.id == CallList.id)
    .where(
        CallList.job_id == bindparam("job_id"),
        CallList.state.in_(CALLED),
        Holding.state == State.OPEN,
        Holding.deadline > bindparam("now"),
        Holding.held_at.is_(None),
    )
    .order_by(CallList.turn, CallList.number)
)
