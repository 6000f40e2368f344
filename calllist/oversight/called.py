"""What was called, in counts: the same figures in every report.

Everything is computed from results, which stay when the people are gone. A call is a result of
a call that was made: who was taken out (80, 81) and interruptions (90) are none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.tables import Result
from calllist.entrustors.codes import ATTEMPTS_USED_UP, TAKEN_OUT

INTERRUPTED, MISDIALLED = 90, 43
NOT_CALLED = frozenset({*TAKEN_OUT, INTERRUPTED, MISDIALLED})
CONTACTED = frozenset({10, 11, 12, 13, 14, 15, 23, 50, 60})  # the person answered
UNANSWERED = frozenset({30, 31, 32, 33, ATTEMPTS_USED_UP})

CALLED = Result.code.not_in(NOT_CALLED)
IN_CONTACT = Result.code.in_(CONTACTED)
FINISHED = and_(Result.final, Result.code.not_in(TAKEN_OUT))
LOCAL = func.timezone(literal_column("'Asia/Tokyo'"), Result.at)  # written out: it is grouped by


@dataclass(frozen=True)
class Figures:
    """Some calls."""

    by_code: Mapping[int, int]
    finished: int
    first: datetime | None
    last: datetime | None

    @property
    def calls(self) -> int:
        return sum(n for code, n in self.by_code.items() if code not in NOT_CALLED)

    @property
    def contacts(self) -> int:
        return sum(n for code, n in self.by_code.items() if code in CONTACTED)

    @property
    def contact_percent(self) -> float:
        """Of the calls; one decimal."""
        return round(100 * self.contacts / self.calls, 1) if self.calls else 0.0


@dataclass(frozen=True)
class Column:
    """Calls with one thing in common: the hour, or which call to the person it was."""

    at: int
    calls: int
    contacts: int


async def by_code(session: AsyncSession, *which: ColumnElement[bool]) -> dict[int, int]:
    """Results by code, those of no call too."""
    query = select(Result.code, func.count()).where(*which).group_by(Result.code)
    return dict((await session.execute(query)).all())


async def by_hour(session: AsyncSession, *which: ColumnElement[bool]) -> list[Column]:
    """Calls by hour of the Japanese day, earliest first; hours without a call are left out."""
    hour = func.extract("hour", LOCAL)
    return await _columns(session, _grouped(hour, *which))


async def by_turn(session: AsyncSession, *which: ColumnElement[bool]) -> list[Column]:
    """Calls by which call to the same person it was: 1, 2, 3 ..."""
    return await _columns(session, _grouped(Result.nth, *which))


def _grouped(key: Any, *which: ColumnElement[bool]) -> Select[Any]:
    counts = (func.count(), func.count().filter(IN_CONTACT))
    return select(key, *counts).where(CALLED, *which).group_by(key).order_by(key)


async def _columns(session: AsyncSession, query: Select[Any]) -> list[Column]:
    return [
        Column(int(at), calls, contacts) for at, calls, contacts in await session.execute(query)
    ]
