"""The worker's share: pull lines from the keeper, check that they lead to its signed head."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.mirror import tree
from calllist.mirror.tables import LedgerHead, LedgerLine, LedgerTile, LedgerWitness
from crypto.ledger.checkpoint import Checkpoint, log_name, parse, verify
from crypto.ledger.shards import SHARD, Line, month_of, read_line
from crypto.ledger.tiles import Frontier, folded
from crypto.ledger.tree import leaf_hash
from crypto.standards.canonical import moment
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Confront, Entries, Head
from crypto.wire.ledger import LedgerHead as Answer

SALT_BYTES = 16  # in front of every leaf
AT_ONCE = 1000  # lines of one answer
LINES = 50_000  # of one sweep: two minutes of 4,000 seats, a few seconds here
LOCK = 0x6C65_6467_6572  # "ledger": two sweeps do not pull at once

log = logging.getLogger("calllist.worker")


class MirrorDiffers(Exception):
    """The mirrored lines do not lead to the head that the keeper has signed."""


@dataclass
class Growing:
    """The month that is being mirrored."""

    month: str
    first: int
    edge: Frontier
    size: int

    @property
    def checkpoint(self) -> tuple[int, bytes]:
        return self.size, self.edge.root()


async def pull(session: AsyncSession, keeper: KeeperClient, now: datetime) -> int:
    """Mirror what has been added; how many lines. Raises MirrorDiffers; what the keeper refuses,
    first of all LedgerShorter."""
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
        return 0
    answer = await keeper.call(Head())
    if not answer.size:
        return 0
    name = log_name(answer.ledger_key)
    newest = await newest_head(session, name)
    if newest is not None:
        await keeper.call(Confront(newest.note))
    puller = _Puller(session, name, answer.ledger_key, now)
    await puller.resume()
    start = puller.seq
    while puller.seq < min(answer.size, start + LINES):
        count = min(AT_ONCE, answer.size - puller.seq)
        got = await keeper.call(Entries(puller.seq, count))
        if not got.entries:
            raise MirrorDiffers("the keeper has fewer lines than its head says")
        await puller.take(got.entries)
    await puller.reached(answer)
    await _witnessed(session, name, answer, now)
    return puller.seq - start


async def newest_head(session: AsyncSession, log_: str) -> LedgerHead | None:
    """The head with the most lines that the mirror of this log has led to."""
    return (
        await session.scalars(
            select(LedgerHead)
            .where(LedgerHead.log == log_)
            .order_by((LedgerHead.first + LedgerHead.size).desc())
            .limit(1)
        )
    ).first()


class _Puller:
    """Takes lines in their order; keeps tiles and heads as they become due."""

    def __init__(self, session: AsyncSession, name: str, key: bytes, now: datetime) -> None:
        self._session, self._log, self._key, self._now = session, name, key, now
        self.seq = 0
        self._growing: Growing | None = None

    async def resume(self) -> None:
        """Where the last pull ended."""
        last = await self._session.scalar(
            select(func.max(LedgerLine.seq)).where(LedgerLine.log == self._log)
        )
        if last is None:
            return
        self.seq = last + 1
        opening = await opening_line(self._session, self._log, last)
        month, first = month_of_line(opening), opening.seq
        edge = await tree.edge(self._session, self._log, month, first)
        self._growing = Growing(month, first, edge, self.seq - first)

    async def take(self, entries: tuple[bytes, ...]) -> None:
        """Raises MirrorDiffers."""
        rows, tiles = [], []
        for entry in entries:
            salt, leaf = entry[:SALT_BYTES], entry[SALT_BYTES:]
            line = read_line(leaf)
            if line.seq != self.seq:
                raise MirrorDiffers(f"line {self.seq} calls itself {line.seq}")
            if self._growing is None or line.kind == SHARD:
                await self._turn(line)
            tiles += self._grow(leaf_hash(entry))
            rows.append(self._row(line, salt, leaf))
            self.seq += 1
        await self._session.execute(insert(LedgerLine), rows)
        if tiles:
            await self._session.execute(insert(LedgerTile), tiles)

    async def reached(self, answer: Answer) -> None:
        """Keep the keeper's head if we are there. Raises MirrorDiffers."""
        if self.seq == answer.size:
            await self._keep(verify(answer.checkpoint, self._key), answer.checkpoint)

    async def _turn(self, line: Line) -> None:
        """The first line of a month says with which head the one before ended."""
        if self._growing is not None:
            note = line.previous or ""
            await self._keep(verify(note, self._key), note)
        self._growing = Growing(month_of_line(line), line.seq, Frontier(), 0)

    async def _keep(self, said: Checkpoint, note: str) -> None:
        ours = self._growing
        if ours is None or said.month != ours.month or (said.size, said.root) != ours.checkpoint:
            raise MirrorDiffers(f"{said.month} {said.size}")
        await self._session.execute(
            insert_or_not(LedgerHead)
            .values(
                log=self._log,
                month=said.month,
                size=said.size,
                first=ours.first,
                note=note,
                key=self._key,
                seen_at=self._now,
            )
            .on_conflict_do_nothing()
        )

    def _grow(self, hash_: bytes) -> list[dict[str, object]]:
        ours = self._growing
        assert ours is not None  # noqa: S101  # the first line has begun a month
        ours.size += 1
        return [
            {
                "log": self._log,
                "month": ours.month,
                "level": level,
                "number": number,
                "hashes": hashes,
                "root": folded(hashes),
            }
            for level, number, hashes in ours.edge.add(hash_)
        ]

    def _row(self, line: Line, salt: bytes, leaf: bytes) -> dict[str, object]:
        return {"log": self._log, "salt": salt, "leaf": leaf} | columns(line)


def columns(line: Line) -> dict[str, object]:
    """What the mirror repeats of a leaf, to search by."""
    return {
        "seq": line.seq,
        "at": moment(line.at),
        "kind": line.kind,
        "list_id": line.list,
        "principal": line.principal,
        "n": line.n,
    }


def month_of_line(line: Line) -> str:
    """The month that a first line opens: what it says, or for the very first, its time's."""
    return line.month or month_of(line.at)


async def opening_line(session: AsyncSession, log_: str, seq: int) -> Line:
    """The first line of the month in which line `seq` stands."""
    leaf = await session.scalar(
        select(LedgerLine.leaf)
        .where(LedgerLine.log == log_, LedgerLine.kind == SHARD, LedgerLine.seq <= seq)
        .order_by(LedgerLine.seq.desc())
        .limit(1)
    )
    if leaf is None:
        first = select(LedgerLine.leaf).where(LedgerLine.log == log_, LedgerLine.seq == 0)
        leaf = (await session.scalars(first)).one()
    return read_line(leaf)


async def _witnessed(session: AsyncSession, name: str, answer: Answer, now: datetime) -> None:
    """Keep what witnesses have cosigned since."""
    for text in answer.witnessed:
        note = parse(text)
        said = verify(text, answer.ledger_key)
        witness = next(one.name for one in note.signatures if one.name != said.origin)
        await session.execute(
            insert_or_not(LedgerWitness)
            .values(
                log=name,
                witness=witness,
                month=said.month,
                size=said.size,
                note=text,
                seen_at=now,
            )
            .on_conflict_do_nothing()
        )
