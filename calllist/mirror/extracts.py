"""The entrustor's own lines, streamed from the mirror as one file (`crypto.ledger.extract`)."""

from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs.tables import CallList
from calllist.mirror.tables import LedgerHead, LedgerLine
from calllist.mirror.tree import Tiles
from crypto.ledger.extract import BLOCK_LINES, Header, MonthPart, block_bytes, head_bytes
from crypto.ledger.proofs import HashAt, parts_without, subtree
from retention.tables import Holding

HASHES = 1000  # of a proof at once

S = TypeVar("S", bound=Select[*tuple[Any, ...]])
_LINES = select(LedgerLine.seq, LedgerLine.salt, LedgerLine.leaf)


async def extract(session: AsyncSession, entrustor_id: str, log: str) -> AsyncIterator[bytes]:
    """The file of one log, piece by piece; the memory it takes is 8 bytes for each line.

    A log of which the mirror has no head gives a file without lines.
    """
    lists = await _lists(session, entrustor_id)
    parts = [(head, await _places(session, head, lists)) for head in await _heads(session, log)]
    yield head_bytes(Header(entrustor_id, log, lists, tuple(_part(*one) for one in parts)))
    for head, places in parts:
        async for piece in _lines(session, head, lists):
            yield piece
        async for piece in _proof(session, head, places):
            yield piece


async def _lists(session: AsyncSession, entrustor_id: str) -> dict[str, bytes]:
    """The entrustor's lists, with the keys that were sealed to it."""
    rows = await session.execute(
        select(Holding.id, CallList.for_entrustor)
        .join(CallList, CallList.id == Holding.id)
        .where(Holding.entrustor_id == entrustor_id)
    )
    return {list_id: bytes(keys or b"") for list_id, keys in rows}


async def _heads(session: AsyncSession, log: str) -> list[LedgerHead]:
    """The last head of every month."""
    rows = await session.scalars(
        select(LedgerHead)
        .where(LedgerHead.log == log)
        .ext(distinct_on(LedgerHead.month))
        .order_by(LedgerHead.month, LedgerHead.size.desc())
    )
    return list(rows)


async def _places(
    session: AsyncSession, head: LedgerHead, lists: dict[str, bytes]
) -> Sequence[int]:
    places = array("Q")
    async for seq in await session.stream_scalars(_of(select(LedgerLine.seq), head, lists)):
        places.append(seq - head.first)
    return places


async def _lines(
    session: AsyncSession, head: LedgerHead, lists: dict[str, bytes]
) -> AsyncIterator[bytes]:
    rows = await session.stream(_of(_LINES, head, lists))
    async for some in rows.partitions(BLOCK_LINES):
        yield block_bytes((seq - head.first, salt + leaf) for seq, salt, leaf in some)


async def _proof(
    session: AsyncSession, head: LedgerHead, places: Sequence[int]
) -> AsyncIterator[bytes]:
    tiles, parts = Tiles(session, head), parts_without(places, head.size)
    while some := list(islice(parts, HASHES)):
        yield b"".join(await tiles.prove(_roots_of(some)))


def _roots_of(parts: list[tuple[int, int]]) -> Callable[[HashAt], list[bytes]]:
    return lambda at: [subtree(first, end, at) for first, end in parts]


def _part(head: LedgerHead, places: Sequence[int]) -> MonthPart:
    hashes = sum(1 for _ in parts_without(places, head.size))
    return MonthPart(head.month, head.first, head.note, len(places), hashes)


def _of(query: S, head: LedgerHead, lists: dict[str, bytes]) -> S:
    return (
        query.where(
            LedgerLine.log == head.log,
            LedgerLine.list_id.in_(lists),
            LedgerLine.seq >= head.first,
            LedgerLine.seq < head.first + head.size,
        )
        .order_by(LedgerLine.seq)
        .execution_options(yield_per=BLOCK_LINES)
    )
