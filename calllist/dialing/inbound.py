"""Somebody calls back: their number is looked for inside one job, and leased if it is there.

The keeper says how the number is filed in each living list of the job (and charges for the
answer, hit or miss). Only rows that are still to be called, or rest after the last call in vain
(`resting`), have a token to be found by: whoever is done with is not found. Several people of
one household are leased one at a time. Calling hours do not bind: they called.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import numbers
from calllist.dialing.desk import Desk
from calllist.dialing.errors import InOtherHand, NumberUnreadable
from calllist.dialing.tables import Lease
from calllist.entrustors import rehearsal
from calllist.jobs.errors import JobOver
from calllist.jobs.scope import job_and_terms
from calllist.jobs.states import CALLED, JobState, RecordState
from calllist.jobs.tables import CallList, Record
from crypto.wire.records import Found
from retention.states import State
from retention.tables import Holding

JAPAN = "+81"
_BETWEEN = re.compile(r"[\s()\u002D\u2010-\u2015\u2212\u30FC\uFF0D\uFF70]")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
_NATIONAL = re.compile(r"0[1-9][0-9]{8,9}")


@dataclass(frozen=True)
class Hits:
    """How many people of the job have this number, and the lease of the one that was taken."""

    count: int
    lease: Lease | None = None


async def find(desk: Desk, job_id: str, typed: str, *, nth: int | None = None) -> Hits:
    """Look for the number that was typed, and lease its record.

    nth: which one of a household; without it, and if there are several, none is leased yet.
    Raises NumberUnreadable, JobUnknown, JobOver, HandoverUntested, LeaseHeld, InOtherHand,
    and the keeper's refusals (inbound_not_permitted, list_over, budgets, ...).
    """
    number = e164(typed)
    job, terms = await job_and_terms(desk.session, desk.person, job_id)
    if job.state != JobState.OPEN:
        raise JobOver(job_id)
    await rehearsal.check(desk.session, terms)
    await desk.alone()
    found = await desk.custody.find(desk.grant, job_id, number)
    hits = await _rows(desk.session, job_id, found, desk.now)
    if not hits or (nth is None and len(hits) > 1):
        return Hits(len(hits))
    record = await _taken(desk.session, hits[(nth or 0) % len(hits)])
    others = await numbers.others(desk.session, record)
    lease = await desk.leased(job_id, terms, record, rang=False, others=others)
    return Hits(len(hits), lease)


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


async def _rows(session: AsyncSession, job_id: str, found: Found, now: datetime) -> list[Place]:
    """The records filed under these tokens that are to be called or rest, in the lists' order."""
    filed = [(each.list, each.token) for each in found.filed]
    rows = await session.execute(
        select(Record.list_id, Record.chunk, Record.index)
        .join(CallList, CallList.id == Record.list_id)
        .join(Holding, Holding.id == Record.list_id)
        .where(
            tuple_(Record.list_id, Record.token).in_(filed),
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


async def _taken(session: AsyncSession, place: Place) -> Record:
    """The row, out of the queue. Raises InOtherHand, also of somebody else with this number."""
    list_id, chunk, index = place
    row = select(Record).where(
        Record.list_id == list_id,
        Record.chunk == chunk,
        Record.index == index,
        Record.state.in_((RecordState.WAITING, RecordState.RESTING)),
    )
    token = await session.scalar(row.with_only_columns(Record.token))
    if token is None or not await numbers.free(session, list_id, token):
        raise InOtherHand
    record = await session.scalar(row.with_for_update(skip_locked=True))
    if record is None:
        raise InOtherHand
    record.state = RecordState.LEASED
    return record
