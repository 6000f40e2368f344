"""Erasing what the platform stores of a list, and counting what is left.

Handed to the destroyer by the worker's wiring. The keys are gone before the first row is.
Counts stay: the list's row, its results (sealed to the entrustor), its groups and its
receipt, from which the words of the file are removed: header words, labels of groups, and
the hash of the header row.
"""

from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.tables import Lease
from calllist.jobs.tables import CallList, Chunk, Finding, Record, Segment
from retention import marks
from retention.facts import Check
from retention.states import Outcome

STORED = {
    "records": Record.list_id,
    "chunks": Chunk.list_id,
    "leases": Lease.list_id,
    "findings": Finding.list_id,
}
MARKS_OF_EACH = 32  # rows that give a mark, and chunks

# Also one that no longer belongs to `records`: a table of people is a store of people.
_TABLE = text("select count(*) from pg_class where relname = 'records_' || :list")


async def erase(session: AsyncSession, list_id: str) -> int:
    """Delete what is left. Returns how many people's rows; 0 when nothing of the list is left.

    The people's rows go with the list's own table, whatever their number.
    """
    for table in (Lease, Chunk, Finding):
        await session.execute(delete(table).where(table.list_id == list_id))
    row = await session.get(CallList, list_id)
    if row is not None and row.receipt and _headers_in(row.receipt):
        row.receipt = row.receipt | {
            "columns": [c | {"header": ""} for c in row.receipt["columns"]],
            "header_key": "",
        }
    if row is not None:
        row.recognition = None
    await session.execute(update(Segment).where(Segment.list_id == list_id).values(label=""))
    await session.flush()
    # Last: from here to the commit nobody else reads `records`.
    return await session.scalar(select(func.drop_list(list_id))) or 0


async def take_marks(session: AsyncSession, list_id: str) -> bytes:
    """Pieces of the list's ciphertext, tokens and sealed keys, as `retention.marks` keeps them.

    From the two ends of the file: a copy of any part of it is likely to have one.
    """
    rows: list[bytes] = []
    for order in (Record.chunk, Record.chunk.desc()):
        found = await session.execute(
            select(Record.sealed, Record.token)
            .where(Record.list_id == list_id, Record.sealed.is_not(None))
            .order_by(order)
            .limit(MARKS_OF_EACH // 4)
        )
        rows += [piece for row in found for piece in row if piece]
    keys = await session.scalars(
        select(Chunk.sealed_key)
        .where(Chunk.list_id == list_id)
        .order_by(Chunk.chunk)
        .limit(MARKS_OF_EACH)
    )
    return marks.join([*rows, *keys])


async def rows_left(session: AsyncSession, list_id: str) -> list[Check]:
    """One check for each store that held something of the list."""
    checks = []
    for store, column in STORED.items():
        left = await session.scalar(select(func.count()).where(column == list_id)) or 0
        if store == "records":
            left = max(left, await session.scalar(_TABLE, {"list": list_id}) or 0)
        outcome = Outcome.FAILED if left else Outcome.PASS
        checks.append(Check(store, outcome, how="counted", found=left))
    return [*checks, await _headers_left(session, list_id)]


async def _headers_left(session: AsyncSession, list_id: str) -> Check:
    """Whether the receipt still says anything that stood in the file, or recognises it."""
    found = await session.execute(
        select(CallList.receipt, CallList.recognition).where(CallList.id == list_id)
    )
    receipt, recognition = found.one_or_none() or (None, None)
    labels = await session.scalar(
        select(func.count()).where(Segment.list_id == list_id, Segment.label != "")
    )
    left = (_headers_in(receipt) if receipt else 0) + (recognition is not None) + (labels or 0)
    return Check("receipt", Outcome.FAILED if left else Outcome.PASS, how="counted", found=left)


def _headers_in(receipt: dict[str, Any]) -> int:
    """How many texts of the file a stored receipt has: header words, the header row's hash."""
    words = sum(1 for column in receipt["columns"] if column["header"])
    return words + bool(receipt.get("header_key"))
