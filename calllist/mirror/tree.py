"""The mirrored tree: hashes from stored tiles, and from lines where no tile is full yet."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.mirror.errors import NotInTheLedger
from calllist.mirror.tables import LedgerHead, LedgerLine, LedgerTile
from crypto.ledger.proofs import HashAt
from crypto.ledger.tiles import HEIGHT, TILE, Frontier, hash_at, hashes_at
from crypto.ledger.tree import HASH_BYTES, leaf_hash

T = TypeVar("T")
KEPT = 4096  # tiles in memory at once, 8 KB each


async def edge(session: AsyncSession, log: str, month: str, first: int) -> Frontier:
    """The tiles of a month that are not full, as of all its mirrored lines."""
    full = [await _full(session, log, month, 0)]
    lines = await session.execute(
        select(LedgerLine.salt, LedgerLine.leaf)
        .where(LedgerLine.log == log, LedgerLine.seq >= first + full[0] * TILE)
        .order_by(LedgerLine.seq)
        .limit(TILE)
    )
    rows = [b"".join(leaf_hash(salt + leaf) for salt, leaf in lines)]
    while full[-1]:
        level, number = len(full), full[-1] // TILE
        roots = await session.scalars(_roots(log, month, level - 1, number))
        rows.append(b"".join(roots))
        full.append(number)
    return Frontier(rows, full)


async def tile(
    session: AsyncSession, head: LedgerHead, level: int, number: int, width: int
) -> bytes:
    """The first `width` hashes of a tile, as of a head. Raises NotInTheLedger."""
    there = hashes_at(level, head.size) - number * TILE
    if not 0 < width <= min(TILE, there):
        raise NotInTheLedger
    stored = await session.get(LedgerTile, (head.log, head.month, level, number))
    if stored is not None:
        return bytes(stored.hashes[: width * HASH_BYTES])
    if level:
        data = b"".join(await session.scalars(_roots(head.log, head.month, level - 1, number)))
    else:
        lines = await session.execute(
            select(LedgerLine.salt, LedgerLine.leaf)
            .where(LedgerLine.log == head.log, LedgerLine.seq >= head.first + number * TILE)
            .order_by(LedgerLine.seq)
            .limit(width)
        )
        data = b"".join(leaf_hash(salt + leaf) for salt, leaf in lines)
    return data[: width * HASH_BYTES]


class Tiles:
    """The tiles of one head, fetched once, for proofs that know only afterwards what they need.

    A proof is made twice: first to learn which tiles it touches, then, when those have been
    fetched, for its hashes.
    """

    def __init__(self, session: AsyncSession, head: LedgerHead) -> None:
        self._session, self._head = session, head
        self._kept: dict[tuple[int, int, int], bytes] = {}

    async def prove(self, proof: Callable[[HashAt], T]) -> T:
        """What `proof` makes of the hashes of the head's leaves."""
        touched: set[tuple[int, int, int]] = set()

        def note(level: int, index: int) -> bytes:
            row = level // HEIGHT
            number = (index << level % HEIGHT) // TILE
            width = min(TILE, hashes_at(row, self._head.size) - number * TILE)
            touched.add((row, number, width))
            return b""

        proof(note)
        for one in sorted(touched - self._kept.keys()):
            self._kept[one] = await tile(self._session, self._head, *one)
        made = proof(hash_at(self._head.size, lambda *one: self._kept[one]))
        if len(self._kept) > KEPT:
            self._kept.clear()
        return made


async def _full(session: AsyncSession, log: str, month: str, level: int) -> int:
    last = await session.scalar(
        select(func.max(LedgerTile.number)).where(
            LedgerTile.log == log, LedgerTile.month == month, LedgerTile.level == level
        )
    )
    return 0 if last is None else last + 1


def _roots(log: str, month: str, level: int, number: int) -> Select[bytes]:
    """The roots of the tiles below one tile, in order."""
    return (
        select(LedgerTile.root)
        .where(
            LedgerTile.log == log,
            LedgerTile.month == month,
            LedgerTile.level == level,
            LedgerTile.number >= number * TILE,
            LedgerTile.number < (number + 1) * TILE,
        )
        .order_by(LedgerTile.number)
    )
