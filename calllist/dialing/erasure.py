"""Erasing what the platform stores of a list, and counting what is left.

Handed to the destroyer by the worker's wiring. The keys are gone before the first row is.
Counts stay: the list's row, its results (sealed to the entrustor) and its receipt.
"""

from sqlalchemy import ColumnElement, CursorResult, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.tables import Lease
from calllist.jobs.tables import Chunk, Finding, Record
from retention.facts import Check
from retention.states import Outcome

CHUNKS_AT_ONCE = 10  # about 10,000 rows: a transaction of well under a second

STORED = {
    "records": Record.list_id,
    "chunks": Chunk.list_id,
    "leases": Lease.list_id,
    "findings": Finding.list_id,
}
BEYOND = ("wal", "backups")  # ciphertext may stay there; no key to it exists any more


async def erase(session: AsyncSession, list_id: str) -> int:
    """Delete one batch. Returns how many people's rows; 0 when nothing of the list is left."""
    while True:
        first = (
            select(Chunk.chunk)
            .where(Chunk.list_id == list_id)
            .order_by(Chunk.chunk)
            .limit(CHUNKS_AT_ONCE)
        )
        chunks = list(await session.scalars(first))
        if not chunks:
            break
        if erased := await _delete_chunks(session, list_id, chunks):
            return erased
    for table in (Lease, Finding):
        await session.execute(delete(table).where(table.list_id == list_id))
    return await _count_deleted(session, Record.list_id == list_id)


async def rows_left(session: AsyncSession, list_id: str) -> list[Check]:
    """One check for each store that held something of the list."""
    checks = []
    for store, column in STORED.items():
        left = await session.scalar(select(func.count()).where(column == list_id))
        outcome = Outcome.FAILED if left else Outcome.PASS
        checks.append(Check(store, outcome, how="counted", found=left or 0))
    return checks + [Check(store, Outcome.OUTSIDE, how="not_reached") for store in BEYOND]


async def _delete_chunks(session: AsyncSession, list_id: str, chunks: list[int]) -> int:
    erased = await _count_deleted(session, (Record.list_id == list_id) & (Record.chunk.in_(chunks)))
    await session.execute(delete(Chunk).where(Chunk.list_id == list_id, Chunk.chunk.in_(chunks)))
    return erased


async def _count_deleted(session: AsyncSession, which: ColumnElement[bool]) -> int:
    done = await session.execute(
        delete(Record).where(which).execution_options(synchronize_session=False)
    )
    assert isinstance(done, CursorResult)  # noqa: S101 - what a DELETE returns
    return done.rowcount
