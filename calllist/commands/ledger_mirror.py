"""`calllist ledger mirror` and `verify --mirror`: the copy in PostgreSQL, rebuilt or compared."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import Clock
from calllist.commands.console import NO, CommandFailed, console
from calllist.commands.hosts import in_transaction
from calllist.mirror.pulling import MirrorDiffers, columns, newest_head, pull
from calllist.mirror.tables import LedgerHead, LedgerLine, LedgerTile, LedgerWitness
from calllist.settings import Settings
from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.ledger.checkpoint import log_name, parse
from crypto.ledger.reading import SALT_BYTES, Finding, Verified, confront
from crypto.ledger.shards import read_line
from crypto.ledger.tiles import TILE, tile_path, unbundle, width_of
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient

TABLES = (LedgerWitness, LedgerHead, LedgerTile, LedgerLine)
AT_ONCE = 256  # tiles in memory
DIFFERENCES = 50  # found before the comparison ends


def mirror(
    context: typer.Context,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="消して作り直す / empty it first (owner's rights)")
    ] = False,
) -> None:
    """DB の写しを金庫の台帳から作る / Mirror the keeper's ledger in the database.

    業務系のホストで、DATABASE_URL と CALLLIST_KEEPER_RUN(または CALLLIST_KEEPER)を設定して
    実行します / On a host of the platform, with DATABASE_URL and CALLLIST_KEEPER_RUN (or
    CALLLIST_KEEPER) set.
    """
    count = in_transaction(lambda session, chosen: _pull(session, chosen, rebuild))
    console(context).say("mirrored", count=count)


async def _pull(session: AsyncSession, chosen: Settings, rebuild: bool) -> int:
    if rebuild:
        for table in TABLES:
            await session.execute(delete(table))
    now, count = Clock(chosen.clock_offset).now(), 0
    try:
        async with KeeperClient(chosen.keeper_at(Caller.WORKER), pool=1) as keeper:
            while pulled := await pull(session, keeper, now):
                count += pulled
    except KeeperUnavailable:
        raise CommandFailed("keeper_unavailable", socket=chosen.keeper_at(Caller.WORKER)) from None
    except Refusal as refused:
        raise CommandFailed("keeper_refused", NO, refusal=refused) from None
    except MirrorDiffers as differs:
        raise CommandFailed("mirror_differs", NO, why=differs) from None
    return count


def compared(folder: Path, found: Verified, public_key: bytes) -> list[Finding]:
    """Where the mirror says something else than a log folder that was verified.

    The mirror may be behind, and ahead only if the folder is an older copy: its newest head
    is held up to the folder too.
    """

    async def work(session: AsyncSession, _: Settings) -> list[Finding]:
        name = log_name(public_key)
        newest = await newest_head(session, name)
        if newest is None:
            return [Finding("mirror_empty", name)]
        return [
            *await _gaps(session, name),
            *await _lines(session, name, folder, found),
            *await _tiles(session, name, folder),
            *confront(folder, [parse(newest.note).checkpoint]),
        ]

    return in_transaction(work)


async def _gaps(session: AsyncSession, name: str) -> list[Finding]:
    """Lines 0 to the last one are all there."""
    query = select(func.count(), func.max(LedgerLine.seq)).where(LedgerLine.log == name)
    count, last = (await session.execute(query)).one()
    return [] if count == last + 1 else [Finding("mirror_gap", "seq", count)]


async def _tiles(session: AsyncSession, name: str, folder: Path) -> list[Finding]:
    wrong = []
    tiles = await session.stream_scalars(
        select(LedgerTile).where(LedgerTile.log == name).execution_options(yield_per=AT_ONCE)
    )
    async for tile in tiles:
        path = folder / tile.month / tile_path(tile.level, tile.number)
        if not path.exists() or path.read_bytes() != tile.hashes:
            wrong.append(Finding("mirror_other", f"{tile.month} tile/{tile.level}", tile.number))
        session.expunge(tile)
    return wrong[:DIFFERENCES]


async def _lines(session: AsyncSession, name: str, folder: Path, found: Verified) -> list[Finding]:
    differences: list[Finding] = []
    for head, first in zip(found.heads, found.firsts, strict=True):
        for number in range(-(-head.size // TILE)):
            width = width_of(head.size, number)
            data = (folder / head.month / tile_path("entries", number, width)).read_bytes()
            seq, entries = first + number * TILE, unbundle(data, width)
            differences += await _bundle(session, name, seq, entries)
            if len(differences) >= DIFFERENCES:
                return differences
    return differences


async def _bundle(
    session: AsyncSession, name: str, seq: int, entries: list[bytes]
) -> list[Finding]:
    rows = await session.execute(
        select(LedgerLine)
        .where(LedgerLine.log == name, LedgerLine.seq >= seq, LedgerLine.seq < seq + len(entries))
        .order_by(LedgerLine.seq)
    )
    expected = dict(enumerate(entries, start=seq))
    wrong = [
        Finding("mirror_other", "seq", row.seq)
        for row in rows.scalars()
        if not _same(row, expected[row.seq])
    ]
    session.expunge_all()
    return wrong


def _same(row: LedgerLine, entry: bytes) -> bool:
    stated = columns(read_line(entry[SALT_BYTES:]))
    return row.salt + row.leaf == entry and all(
        getattr(row, column) == value for column, value in stated.items()
    )
