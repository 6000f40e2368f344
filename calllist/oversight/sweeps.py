"""The latest sweep, as the worker leaves it and everybody else reads it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.oversight.tables import LATEST
from calllist.oversight.tables import Sweep as Row


@dataclass(frozen=True)
class Sweep:
    """When it ended, and what is counted since the first one ever."""

    ended_at: datetime
    failures: Mapping[str, int] = field(default_factory=dict)  # step or code -> how often
    waiting: Mapping[str, int] = field(default_factory=dict)  # queue -> messages, at its begin


async def latest(session: AsyncSession) -> Sweep | None:
    """None before the first."""
    row = await session.get(Row, LATEST)
    if row is None:
        return None
    return Sweep(row.ended_at, row.facts.get("failures", {}), row.facts.get("waiting", {}))


async def failed(session: AsyncSession, code: str) -> None:
    """Count a failure between two sweeps; the first sweep's are not counted yet."""
    row = await session.scalar(select(Row).where(Row.id == LATEST).with_for_update())
    if row is not None:
        failures = Counter(row.facts.get("failures", {}))
        failures[code] += 1
        row.facts = row.facts | {"failures": dict(failures)}


async def ended(
    session: AsyncSession, at: datetime, *, failed: Iterable[str], waiting: Mapping[str, int]
) -> None:
    """A sweep has ended; `failed` are its steps that did. One after another, if two end at once."""
    row = await session.scalar(select(Row).where(Row.id == LATEST).with_for_update())
    if row is None:
        row = Row(id=LATEST, ended_at=at, facts={})
        session.add(row)
    failures = Counter(row.facts.get("failures", {}))
    failures.update(failed)
    row.ended_at = at
    row.facts = {"failures": dict(failures), "waiting": dict(waiting)}
