"""What everybody is shown of the ledger: heads, hash tiles, proofs. Nothing of any person."""

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.mirror.errors import NotInTheLedger
from calllist.mirror.tables import LedgerHead, LedgerLine, LedgerWitness
from calllist.mirror.tree import Tiles, tile
from crypto.ledger.proofs import consistency, inclusion
from crypto.ledger.tiles import BadTile, tile_of

T = TypeVar("T")


@dataclass(frozen=True)
class Opening:
    """The first line of a month, and that it is: salt and leaf, the hashes, the head."""

    entry: bytes
    hashes: list[bytes]
    note: str


async def newest(session: AsyncSession, log: str = "") -> LedgerHead:
    """The head that a log has come to; without a name, of the newest log: a keeper that began
    anew has another one. Raises NotInTheLedger."""
    query = select(LedgerHead).order_by(
        LedgerHead.seen_at.desc(), (LedgerHead.first + LedgerHead.size).desc()
    )
    if log:
        query = query.where(LedgerHead.log == log)
    return _there((await session.scalars(query.limit(1))).first())


async def logs(session: AsyncSession) -> list[LedgerHead]:
    """Every log that was mirrored, by its last head; the newest first."""
    heads = await session.scalars(
        select(LedgerHead)
        .ext(distinct_on(LedgerHead.log))
        .order_by(LedgerHead.log, (LedgerHead.first + LedgerHead.size).desc())
    )
    return sorted(heads, key=lambda head: head.seen_at, reverse=True)


async def of_month(session: AsyncSession, month: str, size: int | None = None) -> LedgerHead:
    """A month's head: of this size, or the last one. Raises NotInTheLedger."""
    log = (await newest(session)).log
    query = select(LedgerHead).where(LedgerHead.log == log, LedgerHead.month == month)
    if size is not None:
        query = query.where(LedgerHead.size == size)
    return _there((await session.scalars(query.order_by(LedgerHead.size.desc()).limit(1))).first())


async def hash_tile(session: AsyncSession, month: str, path: str) -> bytes:
    """A hash tile by its C2SP path; entries are none. Raises NotInTheLedger."""
    try:
        level, number, width = tile_of(path)
    except BadTile:
        raise NotInTheLedger from None
    if level == "entries":
        raise NotInTheLedger
    return await tile(session, await of_month(session, month), int(level), number, width)


async def growth(session: AsyncSession, month: str, old: int, new: int) -> list[bytes]:
    """That the month's head of `new` leaves begins with its first `old`. Raises NotInTheLedger."""
    head = await of_month(session, month, new)
    if not 0 <= old <= head.size:
        raise NotInTheLedger
    return await Tiles(session, head).prove(lambda at: consistency(old, new, at))


async def opening(session: AsyncSession, month: str) -> Opening:
    """The line that chains a month to the one before. Raises NotInTheLedger, also for the very
    first month, which begins with some other line."""
    head = await of_month(session, month)
    line = _there(await session.get(LedgerLine, (head.log, head.first)))
    if line.kind != "shard":
        raise NotInTheLedger
    hashes = await Tiles(session, head).prove(lambda at: inclusion(0, head.size, at))
    return Opening(line.salt + line.leaf, hashes, head.note)


async def witnessed(session: AsyncSession) -> list[str]:
    """The latest head of each witness, with its cosignature."""
    head = await newest(session)
    rows = await session.scalars(
        select(LedgerWitness)
        .where(LedgerWitness.log == head.log)
        .ext(distinct_on(LedgerWitness.witness))
        .order_by(LedgerWitness.witness, LedgerWitness.month.desc(), LedgerWitness.size.desc())
    )
    return [row.note for row in rows]


def _there(found: T | None) -> T:
    if found is None:
        raise NotInTheLedger
    return found
