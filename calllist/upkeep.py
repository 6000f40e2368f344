"""What the worker does: look for what is due, and destroy it.

The database is the clock; a task only nudges. A sweep that finds nothing to do does
nothing, two sweeps at once do the work of one, and a lost message costs one interval.
Each step is a transaction of its own, and one that fails does not hold up the others.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist import db
from calllist.clock import Clock
from calllist.dialing.erasure import erase, rows_left
from calllist.dialing.resting import sweep_rested
from calllist.dialing.returning import give_back_all, sweep_leases
from calllist.errors import place
from calllist.intake.sweep import stale
from calllist.jobs import lost
from calllist.jobs.lists import mark_over
from calllist.jobs.states import UNFINISHED
from calllist.jobs.tables import CallList
from calllist.mirror.pulling import pull
from calllist.oversight import alarms
from calllist.people import accounts, signin, throttle
from calllist.settings import Settings
from crypto.client import KeeperClient
from crypto.errors.base import Refusal
from crypto.wire.base import Caller
from retention.custody import Custody
from retention.destruction import Destroyer
from retention.states import State
from retention.tables import Holding

T = TypeVar("T")

log = logging.getLogger("calllist.worker")


@dataclass(frozen=True)
class Upkeep:
    """The worker's powers, for the length of one task."""

    settings: Settings
    clock: Clock
    sessions: async_sessionmaker[AsyncSession]
    keeper: KeeperClient
    destroyer: Destroyer
    custody: Custody  # for results that the keeper closed and no web stored

    async def sweep(self) -> list[str]:
        """Heal, forget, end what is past its deadline. Returns the holdings due."""
        now = self.clock.now()
        await self._step("lost", lambda session: self._lost(session, now))
        await self._step(
            "alarms", lambda session: alarms.follow(session, self.keeper, self.custody, now)
        )
        await self._step("leases", lambda session: sweep_leases(session, self.custody, now))
        await self._step("rested", lambda session: sweep_rested(session, self.custody, now))
        await self._step("uploads", lambda session: self._uploads(session, now))
        await self._step("sessions", lambda session: _forget(session, now))
        await self._step("mirror", lambda session: pull(session, self.keeper, now))
        due = await self._step("due", lambda session: self.destroyer.due(session, now)) or []
        for list_id in await self._step("ended", lambda session: _ended(session, now)) or []:
            await self._over(list_id, now)
        return due

    async def destroy(self, holding_id: str) -> None:
        """Take one holding as far as it goes. Repeated, or for one that is done: nothing.

        What the keeper refuses is a state that may last (the clocks disagree, a legal hold): the
        screens show it from the holding's `failure`; the log says it when it begins.
        """
        try:
            before = await self._waits_for(holding_id)
            await self.destroyer.run(holding_id, self.clock.now())
        except Refusal as refused:
            if before != f"keeper:{refused.code}":
                log.warning("destroying %s waits: %s", holding_id, refused.code)
        except Exception as error:
            _log_failure(f"destroying {holding_id}", error)

    async def _waits_for(self, holding_id: str) -> str | None:
        """Why the last attempt went no further."""
        async with self.sessions() as session:
            query = select(Holding.failure).where(Holding.id == holding_id)
            return await session.scalar(query)

    async def _over(self, list_id: str, now: datetime) -> None:
        await self._step("over", lambda session: mark_over(session, list_id, now))

    async def _uploads(self, session: AsyncSession, now: datetime) -> list[str]:
        silence, offset = self.settings.upload_silence, self.settings.clock_offset
        return await stale(session, self.keeper, now, silence, offset=offset)

    async def _lost(self, session: AsyncSession, now: datetime) -> None:
        """Keys that went with the keeper's disk; what it had closed and no web stored is kept."""
        for list_id in await lost.notice(session, self.custody, now):
            await give_back_all(session, self.custody, list_id, now)

    async def _step(self, name: str, work: Callable[[AsyncSession], Awaitable[T]]) -> T | None:
        try:
            async with db.transaction(self.sessions) as session:
                return await work(session)
        except Exception as error:
            _log_failure(name, error)
            return None


@asynccontextmanager
async def upkeep(settings: Settings) -> AsyncIterator[Upkeep]:
    """The powers, bound to this event loop; nothing stays open afterwards."""
    engine = db.passing_engine(settings.database)
    sessions = db.sessions(engine)
    async with KeeperClient(settings.keeper_at(Caller.WORKER), pool=2) as keeper:
        clock, custody = Clock(settings.clock_offset), Custody(keeper)

        async def erase_returned(session: AsyncSession, list_id: str) -> int:
            """A result that the keeper closed and no web stored outlives the rows."""
            await give_back_all(session, custody, list_id, clock.now())
            return await erase(session, list_id)

        async def database_time(session: AsyncSession) -> datetime:
            return await db.time(session) + settings.clock_offset

        destroyer = Destroyer(sessions, keeper, erase_returned, rows_left, database_time)
        yield Upkeep(settings, clock, sessions, keeper, destroyer, custody)
    await engine.dispose()


async def _ended(session: AsyncSession, now: datetime) -> list[str]:
    """Lists still called whose holding is over, or past its deadline."""
    return list(
        await session.scalars(
            select(CallList.id)
            .join(Holding, Holding.id == CallList.id)
            .where(
                CallList.state.in_(UNFINISHED),
                Holding.state.not_in((State.OPEN, State.LOST)) | (Holding.deadline <= now),
            )
        )
    )


async def _forget(session: AsyncSession, now: datetime) -> None:
    await signin.sweep(session, now)
    await accounts.sweep(session, now)
    await throttle.sweep(session, now)


def _log_failure(what: str, error: Exception) -> None:
    log.error("%s: %s at %s", what, type(error).__name__, place(error))
