"""The entrustor takes people out (取下げ): they have paid, or been examined meanwhile.

    references ─► keeper: how each list files them ─► places in the list's rows
               ─► keeper: each is closed for ever with code 80 ─► row emptied, result kept

Nothing is opened for anybody. What a crash leaves between the keeper and our commit is healed by
giving the same file again, or when the record is leased next.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist.db import transaction
from calllist.dialing import taking_out
from calllist.dialing.closing import withdrawal_of
from calllist.dialing.taking_out import Place, Taken
from calllist.entrustors.codes import WITHDRAWN
from calllist.jobs.errors import JobOver
from calllist.jobs.scope import job_of
from calllist.jobs.states import CALLED, JobState
from calllist.jobs.tables import CallList, Chunk, Record
from calllist.people.tables import Person
from crypto.errors.lists import ListOver
from crypto.errors.records import RecordClosed
from crypto.records.forms import reference
from crypto.records.references import REFERENCE_BYTES, places
from crypto.wire.records import Closed, SealedRecord
from retention.custody import Custody
from retention.states import State
from retention.tables import Holding

ASKED_AT_ONCE = 1000  # references in one question to the keeper
CLOSED_AT_ONCE = 50  # records of one transaction: their rows are locked for some 50 ms
CHUNKS_AT_ONCE = 50  # of references in memory: 8 kB each
REFERENCE_CHARACTERS = 200  # as long as the keeper reads one
LINE_MOST = 2**31 - 1  # of a file


class Asked(NamedTuple):
    """One row of a withdrawal file. Its repr shows the line only."""

    line: int
    reference: str

    def __repr__(self) -> str:
        return f"Asked(line {self.line})"


@dataclass
class Outcome:
    """What became of a withdrawal file: counts, and lines of it, never a value."""

    given: int
    withdrawn: int = 0  # people
    already: int = 0  # people who were done before
    unmatched: list[int] = field(default_factory=list)  # lines of the withdrawal file


class Named(NamedTuple):
    """A reference in its one form, and the lines of the withdrawal file where it stands."""

    reference: str
    lines: Sequence[int]

    def __repr__(self) -> str:
        return f"Named(lines {self.lines})"


@dataclass(frozen=True)
class Withdrawals:
    """Takes people out. Everything it needs is handed in by the wiring."""

    sessions: async_sessionmaker[AsyncSession]
    custody: Custody
    now: Callable[[], datetime]

    async def take_out(
        self, person: Person, grant: str, job_id: str, asked: Sequence[Asked]
    ) -> Outcome:
        """Close everybody on the job's living lists who has one of these references.

        Of a list that came without reference numbers, the line number is the reference. Raises
        JobUnknown, JobOver, and the keeper's too_many_references, not_authorised, grant_over:
        who was closed before stays closed, and the same file again goes on from there.
        """
        async with transaction(self.sessions) as session:
            job = await job_of(session, person, job_id)
            if job.state != JobState.OPEN:
                raise JobOver(job_id)
            lists = await _living(session, job_id, self.now())
        lines: dict[str, list[int]] = defaultdict(list)
        for one in asked:
            lines[reference(one.reference)].append(one.line)
        lines.pop("", None)
        names = [Named(*one) for one in lines.items()]
        outcome, matched = Outcome(sum(map(len, lines.values()))), set[int]()
        for list_id, filed in lists:
            found = self._filed(grant, list_id, names) if filed else self._numbered(list_id, names)
            try:
                async for batch in found:
                    matched.update(line for name in batch.values() for line in name.lines)
                    await self._close(person, grant, list_id, batch, outcome)
            except ListOver:  # while we were asking
                continue
        outcome.unmatched = sorted({one for of in lines.values() for one in of} - matched)
        return outcome

    # -- finding ---------------------------------------------------------------------------

    async def _filed(
        self, grant: str, list_id: str, names: Sequence[Named]
    ) -> AsyncIterator[dict[Place, Named]]:
        """Who has one of these references, by the keeper's tokens and our rows."""
        wanted: dict[bytes, Named] = {}
        rest = (one for one in names if len(one.reference) <= REFERENCE_CHARACTERS)
        while some := list(islice(rest, ASKED_AT_ONCE)):
            asked = [one.reference for one in some]
            tokens = await self.custody.locate(grant, list_id, asked)
            pieces = range(0, len(tokens), REFERENCE_BYTES)
            each = [tokens[at : at + REFERENCE_BYTES] for at in pieces]
            wanted |= dict(zip(each, some, strict=True))
        found: dict[Place, Named] = {}
        async with self.sessions() as session:
            chunks = await session.stream(
                select(Chunk.chunk, Chunk.references)
                .where(Chunk.list_id == list_id, Chunk.references.is_not(None))
                .order_by(Chunk.chunk)
                .execution_options(yield_per=CHUNKS_AT_ONCE)
            )
            async for chunk, filed in chunks:
                found |= {(chunk, index): wanted[at] for index, at in places(filed or b"", wanted)}
        for batch in _batches(found):
            yield batch

    async def _numbered(
        self, list_id: str, names: Sequence[Named]
    ) -> AsyncIterator[dict[Place, Named]]:
        """Whose row was at one of these lines of a file without reference numbers."""
        wanted = {int(one.reference): one for one in names if _is_line(one.reference)}
        rest = iter(wanted)
        while some := list(islice(rest, ASKED_AT_ONCE)):
            async with self.sessions() as session:
                rows = await session.execute(
                    select(Record.chunk, Record.index, Record.line)
                    .where(Record.list_id == list_id, Record.line.in_(some))
                    .order_by(Record.chunk, Record.index)
                )
                found = {(chunk, index): wanted[line] for chunk, index, line in rows.all()}
            for batch in _batches(found):
                yield batch

    # -- closing ---------------------------------------------------------------------------

    async def _close(
        self,
        person: Person,
        grant: str,
        list_id: str,
        batch: Mapping[Place, Named],
        outcome: Outcome,
    ) -> None:
        """One transaction: what the keeper has closed is written down, whatever it says then."""
        async with transaction(self.sessions) as session:
            waiting = await taking_out.locked(session, list_id, list(batch))
            answers = await asyncio.gather(
                *(
                    self._withdrawn(grant, sealed, batch[sealed.chunk, sealed.index].reference)
                    for _, sealed in waiting
                ),
                return_exceptions=True,
            )
            closed = [
                Taken(
                    record,
                    withdrawal_of(list_id, record.chunk, record.index),
                    *(person.id, WITHDRAWN, answer),
                )
                for (record, _), answer in zip(waiting, answers, strict=True)
                if isinstance(answer, Closed)
            ]
            await taking_out.write_down(session, self.custody, list_id, closed, self.now())
        refused = [answer for answer in answers if isinstance(answer, BaseException)]
        finished = [refusal for refusal in refused if isinstance(refusal, RecordClosed)]
        outcome.withdrawn += len(closed)
        outcome.already += len(batch) - len(waiting) + len(finished)
        for refusal in refused:
            if not isinstance(refusal, RecordClosed):  # that one's result is on its way to us
                raise refusal

    async def _withdrawn(self, grant: str, record: SealedRecord, reference: str) -> Closed:
        attempt = withdrawal_of(record.list, record.chunk, record.index)
        return await self.custody.withdraw(grant, record, attempt, reference)


async def _living(session: AsyncSession, job_id: str, now: datetime) -> list[tuple[str, bool]]:
    """The job's lists that are called, and whether they came with reference numbers."""
    filed = exists().where(Chunk.list_id == CallList.id, Chunk.references.is_not(None))
    rows = await session.execute(
        select(CallList.id, filed)
        .join(Holding, Holding.id == CallList.id)
        .where(
            CallList.job_id == job_id,
            CallList.state.in_(CALLED),
            Holding.state == State.OPEN,
            Holding.deadline > now,
            Holding.held_at.is_(None),
        )
        .order_by(CallList.number)
    )
    return [(list_id, with_references) for list_id, with_references in rows]


def _is_line(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= LINE_MOST


def _batches(found: Mapping[Place, Named]) -> Iterator[dict[Place, Named]]:
    rest = iter(found.items())
    while some := dict(islice(rest, CLOSED_AT_ONCE)):
        yield some
