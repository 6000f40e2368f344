"""The web's side of an upload: start the intake process, feed it, write down what it says.

The body streams through in small blocks and is kept nowhere. One list's row is committed as
`receiving` before the first byte, so that whatever dies is found by the sweep; it becomes
`open`, with its holding, in one transaction at the end.

    uploads = Uploads(sessions, custody, database_url=..., keeper=..., now=clock.now)
    received = await uploads.receive(person, job_id, request.stream())
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist.db import transaction
from calllist.intake import conversation, settlement
from calllist.intake.choices import Choices
from calllist.intake.frames import Completed, Control, Failed, LostFile
from calllist.intake.inflow import LONGEST_SECONDS, PATIENCE_SECONDS, in_time
from calllist.intake.previews import kept
from calllist.intake.problems import IntakeError, Problem, TooManyUploads
from calllist.intake.receipt import Receipt, of_facts
from calllist.intake.twice import known_files
from calllist.jobs import templates
from calllist.jobs.lists import corrected, fail_list, start_list
from calllist.jobs.lost import waiting
from calllist.jobs.states import ListState
from calllist.jobs.tables import CallList, Job
from calllist.people.tables import Person
from crypto.signed.terms import ContractTerms
from crypto.wire.client import Address
from retention.custody import Custody

# Each upload holds a connection to PostgreSQL for as long as its file takes.
AT_ONCE = 6
AT_ONCE_EACH = 2  # per person
HEARTBEAT_SECONDS = 1.0  # also how often the progress shown moves
# Nothing else of the web's environment reaches the process that sees clear text.
INHERITED = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Received:
    """A stored upload."""

    list_id: str
    number: int
    receipt: Receipt
    continues: str | None = None  # the list whose keys were lost and whose file this is
    lost: int = 0  # lists of the job that waited for their file


@dataclass(frozen=True)
class Uploads:
    """Receives files. Everything it needs is handed in by the wiring.

    database_url: of the role that may only insert. keeper: where it listens to intake.
    patience, longest: seconds, see `in_time`.
    """

    sessions: async_sessionmaker[AsyncSession]
    custody: Custody
    database_url: str = field(repr=False)
    keeper: Address
    now: Callable[[], datetime]
    synthetic: bool = False
    max_rows: int = 2_000_000
    patience: float = PATIENCE_SECONDS
    longest: float = LONGEST_SECONDS
    _running: Counter[str] = field(default_factory=Counter, init=False, repr=False)

    async def receive(
        self,
        person: Person,
        job_id: str,
        body: AsyncIterator[bytes],
        *,
        choices: Choices | None = None,
        expires: datetime | None = None,
        attempt: bytes | None = None,
        refusals: bool = False,
        corrects: str | None = None,
        again: bool = False,
    ) -> Received:
        """Receive one file into a new list of a job: all of it, or nothing.

        refusals: the body is two files, the entrustor's list of refusals first, and an empty
        block between them. corrects: the list of this job whose rejected rows come again.
        again: it may be the very file of another list of this job.

        Raises IntakeError, JobUnknown, JobOver, ContractSuperseded, ListDeadline, KeysMissing,
        TooManyUploads, DatabaseUnavailable. If reading `body` fails (the browser went away,
        or sends nothing, or takes too long), that is IntakeError DISCONNECTED.
        """
        with self._place(person.id):
            said = choices or Choices()
            return await self._receive(
                person,
                job_id,
                body,
                said,
                expires=expires,
                attempt=attempt,
                refusals=refusals,
                corrects=corrects,
                again=again or corrects is not None,
            )

    @contextmanager
    def _place(self, person_id: str) -> Iterator[None]:
        """One of the few places for uploads. Raises TooManyUploads: nobody waits for one."""
        running = self._running
        if running.total() >= AT_ONCE or running[person_id] >= AT_ONCE_EACH:
            raise TooManyUploads
        running[person_id] += 1
        try:
            yield
        finally:
            running[person_id] -= 1
            if not running[person_id]:
                del running[person_id]

    async def _receive(
        self,
        person: Person,
        job_id: str,
        body: AsyncIterator[bytes],
        choices: Choices,
        *,
        expires: datetime | None,
        attempt: bytes | None,
        refusals: bool,
        corrects: str | None,
        again: bool,
    ) -> Received:
        async with transaction(self.sessions) as session:
            if corrects is not None:
                await corrected(session, person, job_id, corrects)
            row, terms, deadline = await start_list(
                session, person, job_id, expires=expires, attempt=attempt, now=self.now()
            )
            job = await session.get_one(Job, row.job_id)
            lost = await waiting(session, self.custody, job)
            saved = await templates.of_entrustor(session, person, row.entrustor_id)
            known = () if again else await known_files(session, row.job_id)
        control = msgspec.structs.replace(
            self._control(row, terms, deadline, choices),
            templates=kept(saved),
            known=known,
            lost=tuple(LostFile(one.recognition, one.done, one.id) for one in lost),
            refusals=refusals,
            corrects=corrects,
        )
        compared = None if again else {row.id, *(one.list for one in known)}
        completed = await self._settled(control, body, terms, compared)
        return Received(
            row.id,
            row.number,
            of_facts(completed.receipt),
            continues=completed.continues,
            lost=len(lost),
        )

    async def _settled(
        self,
        control: Control,
        body: AsyncIterator[bytes],
        terms: ContractTerms,
        compared: Collection[str] | None,
    ) -> Completed:
        """Received and open. Raises IntakeError, and whatever came between."""
        try:
            completed = await self._converse(control, body)
        except IntakeError:
            raise
        except BaseException:  # also a cancelled request: the sweep need not wait for silence
            await asyncio.shield(self._unsettled(control.list))
            raise
        try:
            async with transaction(self.sessions) as session:
                await settlement.settle(
                    session,
                    self.custody,
                    control.list,
                    completed=completed,
                    terms=terms,
                    deadline=control.expires,
                    compared=compared,
                    now=self.now(),
                )
        except BaseException as error:  # rows and keys are there already
            known = error if isinstance(error, IntakeError) else IntakeError(Problem.INTERRUPTED)
            await asyncio.shield(self._unsettled(control.list, known))
            raise
        return completed

    def _control(
        self, row: CallList, terms: ContractTerms, deadline: datetime, choices: Choices
    ) -> Control:
        """What the intake process is told of one upload."""
        return Control(
            list=row.id,
            entrustor=terms.entrustor,
            contract=terms.contract,
            version=terms.version,
            job=row.job_id,
            expires=deadline,
            keeper=str(at.absolute()) if isinstance(at := self.keeper, Path) else at,
            by_hand=choices.by_hand,
            encoding=choices.encoding,
            sheet=choices.sheet,
            header_line=choices.header_line,
            area_code=choices.area_code,
            synthetic=self.synthetic,
            max_rows=self.max_rows,
        )

    async def _converse(self, control: Control, body: AsyncIterator[bytes]) -> Completed:
        """Let the process do it. Raises IntakeError after writing it to the list's row."""
        seen = conversation.Seen()
        beating = asyncio.create_task(self._beat(control.list, seen))
        try:
            outcome = await conversation.hold(
                [sys.executable, "-m", "calllist.intake", str(os.getpid())],
                environment=self._environment(),
                control=control,
                body=in_time(body, self.patience, self.longest),
                seen=seen,
            )
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
        if isinstance(outcome, Completed):
            return outcome
        raise await self._failed(control.list, outcome)

    async def _failed(self, list_id: str, outcome: Failed | None) -> IntakeError:
        if outcome is None:  # killed
            await self._unsettled(list_id)
            return IntakeError(Problem.INTERRUPTED)
        error = IntakeError(
            Problem(outcome.code), line=outcome.line, column=outcome.column, reason=outcome.reason
        )
        if not outcome.settled:  # between manifest and commit
            await self._unsettled(list_id, error)
        else:
            async with transaction(self.sessions) as session:
                await fail_list(session, list_id, error.facts(), self.now())
        return error

    async def _unsettled(self, list_id: str, error: IntakeError | None = None) -> None:
        """Rows or keys may exist: the sweep removes them; until then nobody may call."""
        failure = (error or IntakeError(Problem.INTERRUPTED)).facts()
        with suppress(Exception):  # the sweep finds the list by its silence as well
            async with transaction(self.sessions) as session:
                await session.execute(
                    update(CallList)
                    .where(CallList.id == list_id, CallList.state == ListState.RECEIVING)
                    .values(failure=failure)
                )

    async def _beat(self, list_id: str, seen: conversation.Seen) -> None:
        """Say regularly that the upload lives, and how far it is."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            with suppress(Exception):  # a beat missed is made good by the next one
                async with transaction(self.sessions) as session:
                    await session.execute(
                        update(CallList)
                        .where(CallList.id == list_id, CallList.state == ListState.RECEIVING)
                        .values(heard_at=self.now(), rows_seen=seen.rows, bytes_read=seen.taken)
                    )

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return kept | {"INTAKE_DATABASE_URL": self.database_url}
