"""Which groups of a list (年代, 地区) an operator calls: all of them, or those it was given.

Within a segment column any of the given groups; of two columns both. Promised call-backs of the
operator's own, calls back and the people at a number that is being called are not limited.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs import segments
from calllist.jobs.errors import NotAnOperator, SegmentUnknown
from calllist.jobs.scope import list_of
from calllist.jobs.tables import Assignment, CallList, OwnGroup, Segment
from calllist.people.tables import Person
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event

Code = tuple[int, int]
"""A group: segment column and code."""


async def give(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    list_id: str,
    operator_id: str,
    groups: Collection[Code],
) -> None:
    """From the next person on this operator of the job calls these groups of the list; none: all.

    Raises ListUnknown, NotAnOperator, SegmentUnknown.
    """
    call_list = await list_of(session, person, list_id)
    if await session.get(Assignment, (call_list.job_id, operator_id)) is None:
        raise NotAnOperator(operator_id)
    known = await session.execute(
        select(Segment.column, Segment.code).where(Segment.list_id == list_id)
    )
    if not set(groups) <= {(column, code) for column, code in known}:
        raise SegmentUnknown(list_id)
    mine = OwnGroup.list_id == list_id, OwnGroup.person_id == operator_id
    await session.execute(delete(OwnGroup).where(*mine))
    if groups:
        whose = {"list_id": list_id, "person_id": operator_id}
        rows = [{**whose, "column": column, "code": code} for column, code in sorted(set(groups))]
        await session.execute(insert(OwnGroup), rows)
    refs = {"list": list_id, "operator": operator_id, "by": person.id}
    await keeper.call(Event("groups_given", refs))


async def of_list(session: AsyncSession, list_id: str) -> Mapping[str, set[Code]]:
    """Operator to its groups; whoever calls all groups is not in it."""
    found: dict[str, set[Code]] = defaultdict(set)
    rows = await session.execute(
        select(OwnGroup.person_id, OwnGroup.column, OwnGroup.code).where(
            OwnGroup.list_id == list_id
        )
    )
    for person_id, column, code in rows:
        found[person_id].add((column, code))
    return found


async def among(session: AsyncSession, list_id: str, person_id: str) -> ColumnElement[bool]:
    """In a question about records of this list: those that this limited operator calls."""
    rows = await session.execute(_MINE, {"list_id": list_id, "person_id": person_id})
    return _within((column, code) for column, code in rows)


LIMITED: ColumnElement[bool] = exists().where(
    OwnGroup.list_id == CallList.id, OwnGroup.person_id == bindparam("person_id")
)
"""In a question about lists: whether this operator calls some of one's groups only."""

_MINE = select(OwnGroup.column, OwnGroup.code).where(
    OwnGroup.list_id == bindparam("list_id"), OwnGroup.person_id == bindparam("person_id")
)


def _within(groups: Iterable[Code]) -> ColumnElement[bool]:
    by_column: dict[int, list[int]] = defaultdict(list)
    for column, code in groups:
        by_column[column].append(code)
    return and_(*(segments.code_of(column).in_(codes) for column, codes in by_column.items()))
