"""Somebody calls back: looked for inside one job by number, letter or code, and leased if there.

The keeper says how the number or reference is filed in each living list of the job, or whose call
gave the code (and charges for the answer, hit or miss). Only rows that are still to be called, or
rest after the last call in vain (`resting`), are found: whoever is done with is not. Several people
of one household are leased one at a time. Calling hours do not bind: they called.

A hit and a miss are the same statements, in the same order: a miss takes and leases nobody's
record. Whoever was in hand and not dialled yet is put aside for a hit (`parking`).
"""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from sqlalchemy import ColumnElement, Table, insert, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import numbers, parking
from calllist.dialing.desk import Desk
from calllist.dialing.errors import InOtherHand, LeaseHeld, NumberUnreadable
from calllist.dialing.tables import Lease
from calllist.entrustors import rehearsal
from calllist.jobs.errors import JobOver
from calllist.jobs.scope import job_and_terms
from calllist.jobs.states import CALLED, JobState, RecordState
from calllist.jobs.tables import CallList, Chunk, Record
from crypto.records.forms import reference
from crypto.records.references import places
from crypto.records.sealing import TOKEN_BYTES
from crypto.signed.terms import ContractTerms
from crypto.wire.records import Found
from retention.states import State
from retention.tables import Holding

JAPAN = "+81"
_BETWEEN = re.compile(r"[\s()\u002D\u2010-\u2015\u2212\u30FC\uFF0D\uFF70]")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
_NATIONAL = re.compile(r"0[1-9][0-9]{8,9}")


_CODE = re.compile(r"[0-9]{6}")
REFERENCE_CHARACTERS = 200  # as long as the keeper reads one
TAKEABLE = (RecordState.WAITING, RecordState.RESTING)
CHUNKS_AT_ONCE = 50  # of references in memory: 8 kB each


class By(StrEnum):
    """What the caller can say of themselves."""

    NUMBER = "number"
    REFERENCE = "reference"  # of the letter
    CODE = "code"  # of an earlier call


@dataclass(frozen=True)
class Hits:
    """How many people of the job have this number, and the lease of the one that was taken."""

    count: int
    lease: Lease | None = None


async def find(
    desk: Desk, job_id: str, typed: str, *, by: By = By.NUMBER, nth: int | None = None
) -> Hits:
    """Look for what was typed, and lease its record.

    nth: which one of a household; without it, and if there are several, none is leased yet.
    Raises NumberUnreadable, JobUnknown, JobOver, HandoverUntested, LeaseHeld (its call has begun),
    InOtherHand, and the keeper's refusals (inbound_not_permitted, list_over, budgets, ...).
    """
    said = read(typed, by)
    job, terms = await job_and_terms(desk.session, desk.person, job_id)
    if job.state != JobState.OPEN:
        raise JobOver(job_id)
    await rehearsal.check(desk.session, terms)
    held = await _aside(desk)
    hits = await _sought(desk, job_id, said, by)
    some = by is By.NUMBER and len(hits) > 1 and nth is None
    chosen = NOWHERE if some or not hits else hits[(nth or 0) % len(hits)]
    own = await _own(desk, chosen, held)
    lease = own or await _taken(desk, job_id, terms, chosen, held)
    if lease is None and chosen != NOWHERE:
        raise InOtherHand
    return Hits(len(hits) if by is By.NUMBER else min(len(hits), 1), lease)


def read(typed: str, by: By) -> str:
    """What was typed, in its one form. Raises NumberUnreadable."""
    if by is By.NUMBER:
        return e164(typed)
    if by is By.REFERENCE:
        if not reference(typed) or len(typed) > REFERENCE_CHARACTERS:
            raise NumberUnreadable
        return typed
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed))
    if not _CODE.fullmatch(plain):
        raise NumberUnreadable
    return plain


def e164(typed: str) -> str:
    """What was typed as the number is filed. Raises NumberUnreadable."""
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed))
    if _NATIONAL.fullmatch(plain):
        return JAPAN + plain[1:]
    if plain.startswith(f"{JAPAN}0"):  # +81 (0)90...
        plain = JAPAN + plain[len(JAPAN) + 1 :]
    if not _NUMBER.fullmatch(plain):
        raise NumberUnreadable
    return plain


Place = tuple[str, int, int]
NOWHERE: Place = ("", -1, -1)  # no list has it: what a miss takes


async def _aside(desk: Desk) -> Lease | None:
    """The lease in hand, if nobody has been dialled, with the keeper's hand empty; the search may
    miss, then it is opened again as it was. Raises LeaseHeld."""
    held = await desk.locked()
    if held is None:
        return None
    if held.dialled_at is not None:
        raise LeaseHeld(held.id)
    await desk.custody.let_go(held.list_id, (held.chunk, held.index))
    return held


async def _sought(desk: Desk, job_id: str, said: str, by: By) -> list[Place]:
    """The live records that the keeper's answer leads to, in the lists' order."""
    session, custody = desk.session, desk.custody
    here: ColumnElement[bool]
    if by is By.NUMBER:
        found = await custody.find(desk.grant, job_id, said)
        filed = [(each.list, each.token) for each in found.filed]
        here = tuple_(Record.list_id, Record.token).in_(filed)
    elif by is By.REFERENCE:
        found = await custody.find_reference(desk.grant, job_id, said)
        here = _at(await _filed(session, found))
    else:
        place = (await custody.find_call(desk.grant, job_id, said)).place
        here = _at([(place.list, place.chunk, place.index)] if place else [])
    return await _live(session, job_id, here, desk.now)


async def _filed(session: AsyncSession, found: Found) -> list[Place]:
    """Where a reference stands: every chunk is read to its end, found or not."""
    at: list[Place] = []
    for each in found.filed:
        chunks = await session.stream(
            select(Chunk.chunk, Chunk.references)
            .where(Chunk.list_id == each.list)
            .order_by(Chunk.chunk)
            .execution_options(yield_per=CHUNKS_AT_ONCE)
        )
        async for chunk, filed in chunks:
            at += [(each.list, chunk, index) for index, _ in places(filed or b"", [each.token])]
    return at


def _at(there: Sequence[Place]) -> ColumnElement[bool]:
    return tuple_(Record.list_id, Record.chunk, Record.index).in_([*there] or [NOWHERE])


async def _live(
    session: AsyncSession, job_id: str, here: ColumnElement[bool], now: datetime
) -> list[Place]:
    """The records there that are to be called or rest, in the lists' order."""
    rows = await session.execute(
        select(Record.list_id, Record.chunk, Record.index)
        .join(CallList, CallList.id == Record.list_id)
        .join(Holding, Holding.id == Record.list_id)
        .where(
            here,
            Record.state.in_((RecordState.WAITING, RecordState.LEASED, RecordState.RESTING)),
            (Record.state != RecordState.RESTING) | (Record.due_at > now),
            CallList.job_id == job_id,
            CallList.state.in_(CALLED),
            Holding.state == State.OPEN,
            Holding.deadline > now,
        )
        .order_by(CallList.number, Record.chunk, Record.index)
    )
    return [(list_id, chunk, index) for list_id, chunk, index in rows]


async def _own(desk: Desk, place: Place, held: Lease | None) -> Lease | None:
    """The lease of this record, if the operator has it in hand or aside: then it is in hand, and
    the call is theirs."""
    session, (list_id, chunk, index) = desk.session, place
    own = await session.scalar(
        select(Lease).where(
            Lease.person_id == desk.person.id,
            Lease.list_id == list_id,
            Lease.chunk == chunk,
            Lease.index == index,
        )
    )
    if own is None:
        return None
    if held is not None and held.id != own.id:
        await parking.park(session, held.id, held.expires_at, desk.now)
    own.dialled_at, own.parked_at, own.rang = desk.now, None, False
    await session.flush()
    return own


async def _taken(
    desk: Desk, job_id: str, terms: ContractTerms, place: Place, held: Lease | None
) -> Lease | None:
    """The lease of this record, out of the queue, in place of the one in hand; None if it, or its
    number, was nobody's to take. Each statement is written so that it does nothing for nobody."""
    session, list_id = desk.session, place[0]
    token = await session.scalar(
        select(Record.token).where(_at([place]), Record.state.in_(TAKEABLE))
    )
    number = token or secrets.token_bytes(TOKEN_BYTES)  # a miss waits for no other miss
    free = await numbers.free(session, list_id, number)
    changed = await session.execute(
        update(Record)
        .where(_at([place]), Record.state.in_(TAKEABLE), literal(free))
        .values(state=RecordState.LEASED)
        .returning(Record.chunk)
        .execution_options(synchronize_session=False)
    )
    took = changed.first() is not None
    if held is not None:
        await parking.park(session, held.id if took else "", desk.until(terms), desk.now)
    others = await numbers.waiting(session, (list_id, number))
    lease = desk.fresh(job_id, terms, place, rang=False, others=others)
    lease.dialled_at = desk.now  # they are on the telephone
    columns = cast("Table", Lease.__table__).columns
    values = [literal(getattr(lease, column.key), column.type) for column in columns]
    await session.execute(
        insert(Lease).from_select(
            [column.key for column in columns], select(*values).where(literal(took))
        )
    )
    return await session.get(Lease, lease.id)
