"""Groups of people on a list (年代, 地区, 金額帯): in which order they are called, how far each is.

A group is a value of a segment column that the contract permits, kept as a code. Its label
goes with the list; code and counts stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from calllist.jobs.errors import SegmentUnknown
from calllist.jobs.scope import list_of
from calllist.jobs.states import RecordState
from calllist.jobs.tables import CallList, Record, Segment
from calllist.people.tables import Person
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event

FIRST, USUAL, LAST = 0, 1, 2  # turns
TURNS = (FIRST, USUAL, LAST)


@dataclass(frozen=True)
class Group:
    """One group and its people: in all, still to be called, never called yet."""

    column: int
    code: int
    label: str
    turn: int
    people: int
    left: int
    fresh: int


async def groups(session: AsyncSession, person: Person, list_id: str) -> list[Group]:
    """All groups of a list, by column, その他 last. Raises ListUnknown."""
    await list_of(session, person, list_id)
    found = await session.scalars(
        select(Segment)
        .where(Segment.list_id == list_id)
        .order_by(Segment.column, Segment.code == 0, Segment.code)
    )
    rows = list(found)
    left = {column: await _left(session, list_id, column) for column in {r.column for r in rows}}
    return [
        Group(
            one.column,
            one.code,
            one.label,
            one.turn,
            one.people,
            *left[one.column].get(one.code, (0, 0)),
        )
        for one in rows
    ]


async def order(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    list_id: str,
    turns: Mapping[tuple[int, int], int],
) -> None:
    """Say which groups are called first or last: (column, code) to a turn; others stay.

    Raises ListUnknown, SegmentUnknown.
    """
    await list_of(session, person, list_id)
    known = await session.execute(
        select(Segment.column, Segment.code).where(Segment.list_id == list_id)
    )
    if not turns.keys() <= {(column, code) for column, code in known} or not set(
        turns.values()
    ) <= set(TURNS):
        raise SegmentUnknown(list_id)
    for (column, code), turn in turns.items():
        await session.execute(
            update(Segment)
            .where(Segment.list_id == list_id, Segment.column == column, Segment.code == code)
            .values(turn=turn)
        )
    await keeper.call(Event("calling_order", {"list": list_id, "by": person.id}))


async def order_list(
    session: AsyncSession, keeper: KeeperClient, person: Person, list_id: str, turn: int
) -> None:
    """Say whether this list is called before or after the other lists of its job.

    Raises ListUnknown, SegmentUnknown.
    """
    call_list = await list_of(session, person, list_id)
    if turn not in TURNS:
        raise SegmentUnknown(list_id)
    call_list.turn = turn
    await session.flush()
    await keeper.call(Event("calling_order", {"list": list_id, "by": person.id}))


async def in_turn(session: AsyncSession, list_id: str) -> list[ColumnElement[bool]]:
    """Whom to look for, one condition after the other, before looking for anybody.

    Empty if every group has its usual turn. Each condition names one group, so that the index
    of that group answers it; nobody of a last group comes before the others.
    """
    rows = (await session.execute(_BY_TURN, {"list_id": list_id})).all()
    late = [(column, code) for column, code, turn in rows if turn == LAST]
    not_late = [code_of(column).is_distinct_from(code) for column, code in late]
    columns = {column for column, _ in late}
    return [
        and_(code_of(column) == code, *not_late)
        for column, code, turn in rows
        if turn == FIRST or (turn == USUAL and column in columns)
    ]


TURNED: ColumnElement[bool] = exists().where(Segment.list_id == CallList.id, Segment.turn != USUAL)
"""In a question about lists: whether `in_turn` says anything of one."""

_BY_TURN = (
    select(Segment.column, Segment.code, Segment.turn)
    .where(Segment.list_id == bindparam("list_id"))
    .order_by(Segment.turn, Segment.column, Segment.code == 0, Segment.code)
)


def code_of(column: int) -> InstrumentedAttribute[int | None]:
    """Where records carry the code of segment column 1 or 2."""
    return Record.segment1 if column == 1 else Record.segment2


async def _left(session: AsyncSession, list_id: str, column: int) -> dict[int, tuple[int, int]]:
    """Code to (still to be called, never called yet)."""
    code = code_of(column)
    fresh = (Record.state == RecordState.WAITING) & Record.due_at.is_(None)
    rows = await session.execute(
        select(code, func.count(), func.count().filter(fresh))
        .where(Record.list_id == list_id, Record.state != RecordState.DONE, code.is_not(None))
        .group_by(code)
    )
    return {code: (left, new) for code, left, new in rows if code is not None}
