"""People whom nobody is to call any more: their rows, what the keeper says of them, written down.

From the keeper's word on the record is refused to whoever has it in hand; the lease stays until
the operator has been told (`hand.in_hand`). Who is taken out, and why, stands where it is asked
for (`withdrawals`, `suppressing`).
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import numbers, resting
from calllist.dialing.closing import result
from calllist.dialing.tables import Lease
from calllist.entrustors.codes import CODES, Next
from calllist.entrustors.contracts import decode
from calllist.entrustors.tables import ContractVersion
from calllist.jobs import exposure
from calllist.jobs.lists import end_if_complete
from calllist.jobs.states import RecordState
from calllist.jobs.tables import CallList, Chunk, Job, Record
from crypto.errors.records import UnknownAttempt
from crypto.signed.terms import ContractTerms
from crypto.wire.records import Closed, SealedRecord
from retention.custody import Custody

Place = tuple[int, int]  # chunk and index


class Taken(NamedTuple):
    """A record that the keeper has closed without a call: under which id, and on whose word."""

    record: Record
    attempt: str
    person_id: str
    code: int
    closed: Closed


async def locked(
    session: AsyncSession, list_id: str, at: Sequence[Place]
) -> list[tuple[Record, SealedRecord]]:
    """The rows at these places that are not done, locked, as the keeper takes them."""
    records = await session.scalars(
        select(Record)
        .where(
            Record.list_id == list_id,
            tuple_(Record.chunk, Record.index).in_(at),
            Record.state != RecordState.DONE,
        )
        .order_by(Record.chunk, Record.index)
        .with_for_update()
    )
    keys = await session.execute(
        select(Chunk.chunk, Chunk.sealed_key).where(
            Chunk.list_id == list_id, Chunk.chunk.in_({chunk for chunk, _ in at})
        )
    )
    of_chunk = dict(iter(keys))
    return [
        (one, SealedRecord(list_id, one.chunk, one.index, of_chunk[one.chunk], one.sealed))
        for one in records.all()
        if one.sealed is not None
    ]


async def write_down(
    session: AsyncSession, custody: Custody, list_id: str, taken: Sequence[Taken], now: datetime
) -> None:
    """The sealed results, the emptied rows, and the end of the list if nobody is left."""
    if not taken:
        return
    call_list = await session.get_one(CallList, list_id)
    for record, attempt, person_id, code, closed in taken:
        if record.state == RecordState.LEASED:
            await _keep_call(session, custody, call_list, record, now)
        session.add(result(call_list, attempt, person_id, code, closed))
    await empty(session, custody, call_list, [(one.record, one.code) for one in taken], now)


async def empty(
    session: AsyncSession,
    custody: Custody,
    call_list: CallList,
    records: Sequence[tuple[Record, int]],
    now: datetime,
) -> None:
    """These locked rows are done, each with its code; the list ends if nobody is left."""
    rested = 0
    for record, code in records:
        rested += resting.given_up(record)
        record.sealed = record.token = record.due_at = None
        record.state, record.last_code = RecordState.DONE, code
    await session.flush()
    await session.refresh(call_list, with_for_update=True)  # records before lists, as the desk
    call_list.remaining -= len(records) - rested
    call_list.resting -= rested
    exposure.emptied(call_list, len(records), now)
    await end_if_complete(session, custody, call_list, now)
    await session.flush()


async def _keep_call(
    session: AsyncSession, custody: Custody, call_list: CallList, record: Record, now: datetime
) -> None:
    """The result of the call in hand, if the keeper closed one and it was not written down: it was
    provisional, or a commit was lost. It counts for the number.

    We hold the record's lock, so no request of the desk is on its way between the two.
    """
    lease = await session.scalar(
        select(Lease).where(
            Lease.list_id == record.list_id,
            Lease.chunk == record.chunk,
            Lease.index == record.index,
        )
    )
    if lease is None:
        return
    with suppress(UnknownAttempt):
        call = await custody.recall(lease.id)
        nth, person_id = record.attempts + 1, lease.person_id
        session.add(result(call_list, lease.id, person_id, call.code, call, nth=nth))
        if CODES[call.code].next is not Next.AGAIN:
            terms = await _terms(session, call_list.job_id)
            await numbers.rung(session, record, lease, terms.conduct, now)


async def _terms(session: AsyncSession, job_id: str) -> ContractTerms:
    """Under which a job stands."""
    version = await session.scalars(
        select(ContractVersion)
        .join(
            Job,
            (ContractVersion.contract_id == Job.contract_id)
            & (ContractVersion.version == Job.version),
        )
        .where(Job.id == job_id)
    )
    return decode(version.one())
