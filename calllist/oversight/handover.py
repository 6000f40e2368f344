"""Handing results over: sealed to the entrustor, fetched as a file, acknowledged.

The file holds what only the entrustor's key opens (`calllist results open FILE`). It is cut
into batches in a fixed order; acknowledging names the batch by its digest, so that nothing
is ever confirmed which was not in the fetched file, or has been revised since. What is
acknowledged is emptied here: counts stay.
"""

import base64
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.tables import Result
from calllist.jobs.tables import CallList
from calllist.oversight.errors import HandoverChanged, NothingToHandOver
from calllist.people.tables import Person
from crypto.errors.base import KeeperUnavailable
from crypto.standards.canonical import micros
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event
from retention.states import State
from retention.tables import Holding

FORMAT = "calllist-results/1"
BATCH = 20_000  # results of one file: about 6 MB; below 32,767 bind parameters of PostgreSQL


@dataclass(frozen=True)
class Waiting:
    """What waits to be fetched: counts."""

    results: int
    oldest: datetime | None
    slips: int  # of them with a hand-over slip


@dataclass(frozen=True)
class HandoverFile:
    """A file and the name under which it is acknowledged."""

    content: bytes
    batch: str  # hex SHA-256 over the attempts, and when revised: also stands in the file
    count: int
    more: bool  # further results wait for the next file


async def waiting(session: AsyncSession, person: Person) -> Waiting:
    """What waits for this officer's entrustor."""
    row = (
        await session.execute(
            select(func.count(), func.min(Result.at), func.count().filter(Result.slip)).where(
                Result.entrustor_id == person.entrustor_id, Result.acknowledged_at.is_(None)
            )
        )
    ).one()
    return Waiting(*row)


async def results_file(session: AsyncSession, keeper: KeeperClient, person: Person) -> HandoverFile:
    """The next batch of sealed results. Asked again: the same, until acknowledged.

    Raises NothingToHandOver.
    """
    results = await _next(session, person, BATCH + 1)
    if not results:
        raise NothingToHandOver
    more, results = len(results) > BATCH, results[:BATCH]
    batch = _digest(results)
    content = msgspec.json.encode(
        {
            "format": FORMAT,
            "entrustor": person.entrustor_id,
            "batch": batch,
            "count": len(results),
            "lists": await _lists(session, {result.list_id for result in results}, more=more),
            "results": [
                {"list": r.list_id, "attempt": r.id, "sealed": base64.b64encode(r.sealed).decode()}
                for r in results
            ],
        }
    )
    refs = {"entrustor": person.entrustor_id or "", "batch": batch, "by": person.id}
    with suppress(KeeperUnavailable):  # a burnt keeper must not keep results from their owner
        await keeper.call(Event("results_fetched", refs))
    return HandoverFile(content, batch, len(results), more)


async def acknowledge(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    *,
    batch: str,
    count: int,
    now: datetime,
) -> int:
    """Confirm that the file of this batch arrived; its results are emptied here.

    Returns how many. Raises HandoverChanged if the batch is not what waits now.
    """
    results = await _next(session, person, count)
    if not results or _digest(results) != batch:
        raise HandoverChanged
    await session.execute(
        update(Result)
        .where(Result.id.in_([result.id for result in results]))
        .values(acknowledged_at=now, sealed=b"")
        .execution_options(synchronize_session=False)
    )
    refs = {"entrustor": person.entrustor_id or "", "batch": batch, "by": person.id}
    await keeper.call(Event("results_acknowledged", refs))
    return len(results)


async def _next(session: AsyncSession, person: Person, limit: int) -> list[Result]:
    if person.entrustor_id is None:
        return []
    return list(
        await session.scalars(
            select(Result)
            .where(Result.entrustor_id == person.entrustor_id, Result.acknowledged_at.is_(None))
            .order_by(Result.at, Result.id)
            .limit(max(1, min(limit, BATCH + 1)))
        )
    )


async def _lists(
    session: AsyncSession, lists: set[str], *, more: bool
) -> dict[str, dict[str, Any]]:
    """Each list's keys; and whether it has ended and this file holds the last of its results."""
    rows = await session.execute(
        select(CallList.id, CallList.for_entrustor, Holding.state)
        .join(Holding, Holding.id == CallList.id)
        .where(CallList.id.in_(lists))
    )
    return {
        list_id: {
            "keys": base64.b64encode(sealed or b"").decode(),
            "final": state != State.OPEN and not more,
        }
        for list_id, sealed, state in rows
    }


def _digest(results: Sequence[Result]) -> str:
    """A result that was revised since is another one: what was fetched before is not confirmed."""
    names = [f"{one.id} {micros(one.revised_at)}" if one.revised_at else one.id for one in results]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
