"""Uploads that survive a broken line: named by a token of the client's own making.

While this process lives, a later request goes on at the byte where the last one broke, for as
long as the line may be silent (`inflow`). What had been stored when its answer was lost is not
stored again: the token's hash stands in the list's row (`attempt`). After a restart of the web
there is nothing to go on with, and the same token begins anew.

A token is worth nothing without the session it was first used in.

    received = await resuming.put(attempt, 0, request.stream(), receive)
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist.db import transaction
from calllist.errors import CalllistError
from calllist.intake.inflow import PATIENCE_SECONDS, Inflow, OffsetDiffers
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.receipt import of_facts
from calllist.intake.upload import Received
from calllist.jobs.states import ListState
from calllist.jobs.tables import CallList
from crypto.standards.canonical import injective

TAKEN_FOR_DEAD = timedelta(seconds=5)  # an upload beats every second

# Receives a body, and notes the attempt with the list: `Uploads.receive`, with its options.
Receive = Callable[[AsyncIterator[bytes], bytes], Awaitable[Received]]


class UploadElsewhere(CalllistError):
    """Another process of the web has this upload, or had it a moment ago. Ask again."""

    code = "upload_elsewhere"


class UploadUnknown(CalllistError):
    """Nothing was begun with this token in this session, or nothing that can be ended."""

    code = "upload_unknown"


@dataclass(frozen=True)
class Standing:
    """How far an upload is. `offset` None: its bytes are not in this process's hands."""

    state: str  # receiving, stored, failed
    offset: int | None
    list_id: str
    rows: int
    read: int  # bytes of the file that those rows are
    failure: dict[str, Any] | None


@dataclass(frozen=True)
class _Underway:
    inflow: Inflow
    task: asyncio.Task[Received]


@dataclass(frozen=True)
class Resuming:
    """The uploads of this process that may be resumed."""

    sessions: async_sessionmaker[AsyncSession]
    now: Callable[[], datetime]
    patience: float = PATIENCE_SECONDS
    _running: dict[bytes, _Underway] = field(default_factory=dict, init=False, repr=False)

    async def put(
        self, attempt: bytes, offset: int, stream: AsyncIterator[bytes], receive: Receive
    ) -> Received:
        """Begin an upload, go on with it, or hear again what became of it.

        stream: the bytes from `offset` on. Raises what `receive` raises, OffsetDiffers (go on
        there), LineBroken, UploadElsewhere.
        """
        underway = self._running.get(attempt)
        if underway is None:
            if offset:
                raise OffsetDiffers(0)
            underway = self._begin(attempt, receive)
        await underway.inflow.feed(offset, stream)
        return await asyncio.shield(underway.task)

    async def standing(self, session: AsyncSession, attempt: bytes) -> Standing:
        """How far it is. Raises UploadUnknown."""
        row = await session.scalar(select(CallList).where(CallList.attempt == attempt))
        if row is None:
            raise UploadUnknown
        state, underway = _state(row), self._running.get(attempt)
        offset = underway.inflow.offset if underway and state == "receiving" else None
        return Standing(state, offset, row.id, row.rows_seen, row.bytes_read, row.failure)

    async def cancel(self, attempt: bytes) -> None:
        """End an upload; of what was not whole nothing is stored. Raises UploadUnknown."""
        underway = self._running.get(attempt)
        if underway is None:
            raise UploadUnknown
        underway.inflow.cut()
        with suppress(CalllistError):
            await asyncio.shield(underway.task)

    async def close(self) -> None:
        """The process ends, and with it what it was receiving."""
        tasks = [underway.task for underway in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, attempt: bytes, receive: Receive) -> _Underway:
        inflow = Inflow(self.patience)
        task = asyncio.create_task(self._received(attempt, inflow, receive))
        underway = self._running[attempt] = _Underway(inflow, task)

        def done(ended: asyncio.Task[Received]) -> None:
            del self._running[attempt]
            inflow.over()
            if not ended.cancelled():
                ended.exception()  # heard by whoever asks next, if nobody waits now

        task.add_done_callback(done)
        return underway

    async def _received(self, attempt: bytes, inflow: Inflow, receive: Receive) -> Received:
        async with transaction(self.sessions) as session:
            row = await session.scalar(
                select(CallList).where(CallList.attempt == attempt).with_for_update()
            )
            if row is not None and (stored := _outcome(row, self.now())) is not None:
                return stored
        try:
            return await receive(aiter(inflow), attempt)
        except IntegrityError:  # at the same moment, in another process
            raise UploadElsewhere from None


def attempt_of(session_token: str, job_id: str, token: str) -> bytes:
    """What the database keeps of a token: bound to its session and job."""
    return hashlib.sha256(injective("calllist/attempt/1", session_token, job_id, token)).digest()


def _state(row: CallList) -> str:
    if row.state == ListState.FAILED or (row.state == ListState.RECEIVING and row.failure):
        return "failed"
    return "receiving" if row.state == ListState.RECEIVING else "stored"


def _outcome(row: CallList, now: datetime) -> Received | None:
    """What became of an earlier beginning; None if this one may begin. Takes the locked row.

    One that died with its process is given up here: what it left is the sweep's, and should it
    live after all, it cannot settle any more. Raises UploadElsewhere.
    """
    state = _state(row)
    if state == "stored":
        return Received(row.id, row.number, of_facts(row.receipt))
    if state == "receiving":
        if now - row.heard_at < TAKEN_FOR_DEAD:
            raise UploadElsewhere
        row.failure = IntakeError(Problem.INTERRUPTED).facts()
    if row.state != ListState.FAILED:  # a failed one gives its number to this one: `start_list`
        row.attempt = None
    return None
