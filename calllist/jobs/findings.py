"""The findings of a receipt, page by page: nothing of it is lost between two pages."""

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs.scope import list_of
from calllist.jobs.tables import Finding
from calllist.people.tables import Person

AFTER = r"^[0-9]{1,18}(:[a-z_]{1,32}:[0-9]{1,5})?$"  # LINE, or LINE:CODE:COLUMN


async def findings_of(
    session: AsyncSession,
    person: Person,
    list_id: str,
    *,
    after: Sequence[int | str] = (0,),
    limit: int = 200,
    code: str | None = None,
) -> list[Finding]:
    """A page of the receipt's findings, by line, code and column. Raises ListUnknown.

    after: the last finding seen: its line, and code and column (a line may have several).
    code: findings of this code only.
    """
    await list_of(session, person, list_id)
    order = (Finding.line, Finding.code, Finding.column)
    beyond = tuple_(*order[: len(after)]) > tuple(after)
    return list(
        await session.scalars(
            select(Finding)
            .where(Finding.list_id == list_id, beyond, *([Finding.code == code] if code else []))
            .order_by(*order)
            .limit(limit)
        )
    )


def place(one: Finding) -> str:
    """Where a page ends, as the next one's `after`."""
    return f"{one.line}:{one.code}:{one.column}"


def beyond(after: str) -> tuple[int | str, ...]:
    """What `findings_of` takes, of LINE or LINE:CODE:COLUMN."""
    line, *rest = after.split(":")
    return (int(line), rest[0], int(rest[1])) if rest else (int(line),)
