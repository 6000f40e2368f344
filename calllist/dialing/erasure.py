"""Erasing what the platform stores of a list, and counting what is left.

Handed to the destroyer by the worker's wiring. The keys are gone before the first row is.
Counts stay: the list's row, its results (sealed to the entrustor) and its receipt, from
which the words of the file's header row are removed.
"""

from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.tables import Lease
from calllist.jobs.tables import CallList, Chunk, Finding, Record
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
    row = await session.get(CallList, list_id)
    if row is not None and row.receipt and _headers_in(row.receipt):
        row.receipt = row.receipt | {
            "columns": [c | {"header": ""} for c in row.receipt["columns"]]
        }
    if row is not None:
        row.recognition = None
    return await _count_deleted(session, Record.list_id == list_id)


async def rows_left(session: AsyncSession, list_id: str) -> list[Check]:
    """One check for each store that held something of the list."""
    checks = []
    for store, column in STORED.items():
        left = await session.scalar(select(func.count()).where(column == list_id))
        outcome = Outcome.FAILED if left else Outcome.PASS
        checks.append(Check(store, outcome, how="counted", found=left or 0))
    checks.append(await _headers_left(session, list_id))
    return checks + [Check(store, Outcome.OUTSIDE, how="not_reached") for store in BEYOND]


async def _headers_left(session: AsyncSession, list_id: str) -> Check:
    """Whether the receipt still says anything that stood in the file, or recognises it."""
    found = await session.execute(
        select(CallList.receipt, CallList.recognition).where(CallList.id == list_id)
    )
    receipt, recognition = found.one_or_none() or (None, None)
    left = (_headers_in(receipt) if receipt else 0) + (recognition is not None)
    return Check("receipt", Outcome.FAILED if left else Outcome.PASS, how="counted", found=left)


def _headers_in(receipt: dict[str, Any]) -> int:
    """How many columns of a stored receipt have a text."""
    return sum(1 for column in receipt["columns"] if column["header"])


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
