"""What the worker does: look for what is due, and destroy it.

The database's clock says what is due, and the keeper's (`calllist.oversight.clocks`); never this
host's, which may be another. A task only nudges. A sweep that finds nothing to do does
nothing, two sweeps at once do the work of one, and a lost message costs one interval.
Each step is a transaction of its own, and one that fails, or waits too long for somebody else's
lock, does not hold up the others.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist import db, schema
from calllist.clock import Clock
from calllist.dialing import suppressing
from calllist.dialing.erasure import erase, take_marks
from calllist.dialing.resting import sweep_rested
from calllist.dialing.returning import give_back_all, sweep_leases
from calllist.entrustors import rehearsal
from calllist.errors import place
from calllist.intake.sweep import stale
from calllist.jobs import lost
from calllist.jobs.lists import mark_over
from calllist.jobs.states import UNFINISHED
from calllist.jobs.tables import CallList
from calllist.mirror.pulling import pull
from calllist.oversight import (
    alarms,
    checks,
    clocks,
    delivery,
    editions,
    mail,
    missing,
    returned,
    stores,
    sweeps,
    warnings,
)
from calllist.people import accounts, signin, throttle
from calllist.people.roles import Role
from calllist.settings import Settings
from calllist.web.letters import letter
from crypto.errors.base import Refusal
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.suppressions import Suppression, Suppressions
from retention.custody import Custody
from retention.destruction import Destroyer
from retention.errors import NotDue, NotStamped, NotVerified
from retention.pdf.checking import certificates
from retention.pdf.issuing import Authority, Issuer
from retention.states import State
from retention.tables import Holding

T = TypeVar("T")
LOCK_WAIT = timedelta(seconds=10)  # a request's locks last for less; the next sweep asks again
OUR_TABLES = frozenset({*schema.metadata.tables, "alembic_version"})

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
    issuer: Issuer  # of the PDFs of certificates
    failed: list[str] = field(default_factory=list)  # steps of this sweep

    async def sweep(self, waiting: Mapping[str, int] | None = None) -> list[str]:
        """Heal, forget, end what is past its deadline. Returns the holdings due.

        waiting: messages in each queue, for those who watch from outside.
        """
        self.failed.clear()
        now = await self._step("clocks", self._now)
        if now is None:
            return []
        await self._step("lost", lambda session: self._lost(session, now))
        await self._step(
            "alarms", lambda session: alarms.follow(session, self.keeper, self.custody, now)
        )
        await self._step("leases", lambda session: sweep_leases(session, self.custody, now))
        for said in await self._step("suppressions", self._suppressions) or []:
            await self._step("suppressions", partial(self._suppress, said, now))
        await self._step("rested", lambda session: sweep_rested(session, self.custody, now))
        for holding_id in await self._step("living", lambda session: _living(session, now)) or []:
            await self._step("restored", partial(self._caught_up, holding_id, now))
        await self._step("returned", lambda session: returned.follow(session, self.custody, now))
        await self._step("warnings", lambda session: warnings.warn(session, now))
        await self._step("holds", lambda session: warnings.say_held(session, now))
        await self._step("uploads", lambda session: self._uploads(session, now))
        await self._step("tested", lambda session: rehearsal.follow(session, self.keeper))
        await self._step("sessions", lambda session: _forget(session, now))
        await self._step("mirror", lambda session: pull(session, self.keeper, now))
        await self._step("budgets", lambda session: warnings.say_budgets(session, now))
        for change in await self._step("owed", partial(editions.owed, keeper=self.keeper)) or []:
            await self._step("editions", partial(editions.store, keeper=self.keeper, change=change))
        await self._step("missing", lambda session: missing.follow(session, now))
        await self._step("delivery", lambda session: delivery.follow(session, now))
        due = await self._step("due", lambda session: self.destroyer.due(session, now)) or []
        for list_id in await self._step("ended", lambda session: _ended(session, now)) or []:
            await self._over(list_id, now)
        await self._step("swept", lambda session: self._swept(session, waiting or {}))
        return due

    async def destroy(self, holding_id: str) -> None:
        """Take one holding as far as it goes. Repeated, or for one that is done: nothing.

        What the keeper refuses is a state that may last (the clocks disagree, a legal hold): the
        screens show it from the holding's `failure`; the log says it when it begins.
        """
        try:
            before = await self._waits_for(holding_id)
            async with db.transaction(self.sessions) as session:
                now = await self._now(session)
            await self.destroyer.run(holding_id, now)
        except Refusal as refused:
            if before != f"keeper:{refused.code}":
                log.warning("destroying %s waits: %s", holding_id, refused.code)
            await self._count(f"keeper:{refused.code}")
        except NotVerified as error:
            if before != error.failure:
                log.warning("destroying %s waits: %s", holding_id, error.failure)
            await self._count(error.failure)
        except NotDue:
            log.debug("not due: %s", holding_id)  # a nudge that came late, or by somebody else
        except Exception as error:
            _log_failure(f"destroying {holding_id}", error)
            await self._count("destroy")
        else:  # certified: the entrustor hears of it now, not with the next sweep
            await self._step("delivery", lambda session: delivery.follow(session, now))
        at = self.clock.now()
        await self._step("checks", lambda session: checks.follow(session, holding_id, at))

    async def letters(self) -> None:
        """Mail what overseers must be told; a server that fails is left alone until later."""
        server, centre, now = _server(self.settings), _mailboxes(self.settings), self.clock.now()
        if server is None:
            return
        words = partial(letter, origin=self.settings.origin)
        ids = await self._step("letters", lambda session: mail.owed(session, centre, now)) or []
        for mail_id in ids:
            send = partial(
                mail.send, server=server, words=words, mail_id=mail_id, centre=centre, now=now
            )
            if not await self._step("letters", send):
                await self._count("mail")
                return

    async def papers(self) -> list[str]:
        """Certificates that `paper` would do something about: a few at a time."""
        return await self._step("papers", self.issuer.owed) or []

    async def paper(self, certificate_id: str) -> None:
        """The PDF of one certificate, and its timestamp. It holds up no destruction."""
        try:
            await self.issuer.issue(certificate_id, self.clock.now())
        except NotStamped as error:
            log.warning("timestamp of %s waits: %s", certificate_id, error.reason)
        except Exception as error:
            _log_failure(f"paper {certificate_id}", error)
            await self._count("paper")

    async def _waits_for(self, holding_id: str) -> str | None:
        """Why the last attempt went no further."""
        async with self.sessions() as session:
            query = select(Holding.failure).where(Holding.id == holding_id)
            return await session.scalar(query)

    async def _now(self, session: AsyncSession) -> datetime:
        """By what deadlines go."""
        head = await clocks.head_of(self.keeper)
        told = await clocks.read(session, head, self.clock.now(), self.clock.offset)
        return told.latest

    async def _swept(self, session: AsyncSession, waiting: Mapping[str, int]) -> None:
        at = await db.time(session) + self.clock.offset
        await sweeps.ended(session, at, failed=self.failed, waiting=waiting)

    async def _count(self, code: str) -> None:
        await self._step("count", lambda session: sweeps.failed(session, code))

    async def _over(self, list_id: str, now: datetime) -> None:
        await self._step("over", lambda session: mark_over(session, list_id, now))

    async def _uploads(self, session: AsyncSession, now: datetime) -> list[str]:
        silence, offset = self.settings.upload_silence, self.settings.clock_offset
        return await stale(session, self.keeper, now, silence, offset=offset)

    async def _caught_up(self, holding_id: str, now: datetime, session: AsyncSession) -> None:
        await self.custody.catch_up(session, holding_id, now=now)

    async def _suppressions(self, _session: AsyncSession) -> Sequence[Suppression]:
        return (await self.keeper.call(Suppressions())).suppressions

    async def _suppress(self, said: Suppression, now: datetime, session: AsyncSession) -> None:
        await suppressing.follow(session, self.keeper, self.custody, said, now)

    async def _lost(self, session: AsyncSession, now: datetime) -> None:
        """Keys that went with the keeper's disk; what it had closed and no web stored is kept."""
        for list_id in await lost.notice(session, self.custody, now):
            await give_back_all(session, self.custody, list_id, now)

    async def _step(self, name: str, work: Callable[[AsyncSession], Awaitable[T]]) -> T | None:
        try:
            async with db.transaction(self.sessions) as session:
                return await work(session)
        except Exception as error:
            self.failed.append(name)
            _log_failure(name, error)
            return None


@asynccontextmanager
async def upkeep(settings: Settings) -> AsyncIterator[Upkeep]:
    """The powers, bound to this event loop; nothing stays open afterwards."""
    engine = db.passing_engine(settings.database, lock_wait=LOCK_WAIT)
    sessions = db.sessions(engine)
    async with KeeperClient(settings.keeper_at(Caller.WORKER), pool=2) as keeper:
        clock, custody = Clock(settings.clock_offset), Custody(keeper)

        async def erase_returned(session: AsyncSession, list_id: str) -> int:
            """A result that the keeper closed and no web stored outlives the rows."""
            await give_back_all(session, custody, list_id, clock.now())
            return await erase(session, list_id)

        async def database_time(session: AsyncSession) -> datetime:
            return await db.time(session) + settings.clock_offset

        inspect = stores.inspector(settings, OUR_TABLES)
        destroyer = Destroyer(sessions, keeper, erase_returned, inspect, database_time, take_marks)
        issuer = Issuer(sessions, keeper, settings.check_page, partial(_authority, settings))
        yield Upkeep(settings, clock, sessions, keeper, destroyer, custody, issuer)
    await engine.dispose()


def _authority(settings: Settings) -> Authority | None:
    """Who timestamps. Asked for with each PDF: a wrong file here stops nothing else."""
    if settings.tsa_url is None or settings.tsa_roots is None:
        return None
    return Authority(settings.tsa_url, certificates(settings.tsa_roots.read_bytes()))


def _server(settings: Settings) -> mail.Server | None:
    if not settings.mail_host:
        return None
    return mail.Server(
        settings.mail_host,
        settings.mail_port,
        settings.mail_tls,
        settings.mail_from,
        user=settings.mail_user,
        secret=settings.mail_password.get_secret_value(),
        authority=str(settings.mail_ca) if settings.mail_ca else None,
    )


def _mailboxes(settings: Settings) -> dict[Role, str]:
    return {Role.AUDITOR: settings.mail_auditor, Role.MANAGER: settings.mail_centre}


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


async def _living(session: AsyncSession, now: datetime) -> list[str]:
    """Holdings that are not due by our books."""
    waits = and_(Holding.state == State.FROZEN, or_(Holding.due_at.is_(None), Holding.due_at > now))
    found = await session.scalars(
        select(Holding.id).where(or_(Holding.state == State.OPEN, waits)).order_by(Holding.id)
    )
    return list(found)


async def _forget(session: AsyncSession, now: datetime) -> None:
    await signin.sweep(session, now)
    await accounts.sweep(session, now)
    await throttle.sweep(session, now)


def _log_failure(what: str, error: Exception) -> None:
    log.error("%s: %s at %s", what, type(error).__name__, place(error))
