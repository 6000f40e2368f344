"""The look that needs no worker: what is overdue, whether anybody sweeps, what the clocks say.

Every web process takes it each `EVERY`; two at once raise the notices of one. Whoever reads
`/api/v1/health` or `/metrics` gets what this very moment looks like.

    overdue          due for `OVERDUE` and still readable. A sweep comes at least each 30 seconds
                     (`Settings.sweep`), so nobody is told of a destruction that is on its way
    keys_remain      due by the keeper's word and kept from our books (`calllist.oversight.kept`)
    uncertified      shredded for `kept.UNCERTIFIED`, and no certificate yet
    worker_silent    no sweep has ended for `SILENT`
    clocks_disagree  `calllist.oversight.clocks`
    mail_failing     notices that a mailbox does not get (`calllist.oversight.mail`)

Not promised: anything while every web process is dead. Whoever runs the platform asks its health
from outside (`calllist health`).
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from calllist import db
from calllist.errors import place
from calllist.oversight import clocks, kept, lag, mail, notices, sweeps
from calllist.oversight.clocks import Clocks
from calllist.oversight.kept import Kept
from calllist.oversight.lag import Due
from calllist.oversight.mail import Failing
from calllist.oversight.sweeps import Sweep
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import LedgerHead

EVERY = timedelta(seconds=10)
OVERDUE = timedelta(seconds=45)  # and a look: told within a minute
SILENT = timedelta(seconds=90)  # three sweeps that did not come

log = logging.getLogger("calllist.watch")


@dataclass(frozen=True)
class Standing:
    """How things stand."""

    clocks: Clocks
    due: Sequence[Due]
    sweep: Sweep | None
    since: datetime  # whoever looks has not looked before this: silence counts from here
    mails: Sequence[Failing] = ()
    kept: Kept = kept.NOTHING
    uncertified: Sequence[Due] = ()

    @property
    def now(self) -> datetime:
        """By what deadlines go."""
        return self.clocks.latest

    @property
    def oldest_due(self) -> timedelta:
        """Zero if every due holding has lost its keys."""
        return self.now - self.due[0].since if self.due else timedelta(0)

    @property
    def overdue(self) -> list[Due]:
        """Due for so long that it is not on its way."""
        return [due for due in self.due if self.now - due.since >= OVERDUE]

    @property
    def silence(self) -> timedelta | None:
        """Since the last sweep ended; None: there has been none."""
        at = self.clocks.database or self.clocks.here
        return None if self.sweep is None else max(at - self.sweep.ended_at, timedelta(0))

    @property
    def silent(self) -> bool:
        """Whether the worker is gone."""
        at = self.clocks.database or self.clocks.here
        last = self.since if self.sweep is None else max(self.since, self.sweep.ended_at)
        return at - last >= SILENT

    @property
    def alarms(self) -> list[str]:
        """Codes of what somebody must act on."""
        found = {
            "overdue": bool(self.overdue),
            "keys_remain": bool(self.kept.count),
            "uncertified": bool(self.uncertified),
            "worker_silent": self.silent,
            "clocks_disagree": self.clocks.disagree,
            "mail_failing": bool(self.mails),
        }
        return [code for code, stands in found.items() if stands]


async def look(
    session: AsyncSession, told: Clocks, since: datetime, head: LedgerHead | None
) -> Standing:
    """`told`: the clocks, asked in this moment. `head`: what the keeper said then, if it did."""
    due = await lag.due(session, told.latest)
    return Standing(
        told,
        due,
        await sweeps.latest(session),
        since,
        await mail.failing(session),
        await kept.keys(session, head, due),
        await kept.uncertified(session, told.latest),
    )


async def tell(session: AsyncSession, standing: Standing) -> None:
    """Raise the notices that stand; end those whose reason has gone."""
    now = standing.now
    await _tell_of_each(session, "overdue", standing.overdue, now)
    await _tell_of_each(session, "uncertified", standing.uncertified, now)
    seconds = int(standing.clocks.apart.total_seconds())
    facts: dict[str, dict[str, Any]] = {
        "clocks_disagree": {"seconds": seconds, "doubted": standing.clocks.doubted},
        "mail_failing": {"boxes": [_box(one) for one in standing.mails]},
        "keys_remain": {
            "count": standing.kept.count,
            "since": (now - standing.kept.oldest).isoformat(),
            "lists": list(standing.kept.lists[: kept.NAMED]),
        },
    }
    for code in ("worker_silent", "clocks_disagree", "mail_failing", "keys_remain"):
        if code in standing.alarms:
            await notices.tell(session, code, facts=facts.get(code), now=now)
        else:
            await notices.over(session, code, now=now)


async def _tell_of_each(
    session: AsyncSession, code: str, found: Sequence[Due], now: datetime
) -> None:
    """One notice for each list; those of others are over."""
    standing = {
        await notices.tell(
            session,
            code,
            list_id=due.list_id,
            entrustor_id=due.entrustor_id,
            facts={"since": due.since.isoformat(), "failure": due.failure or ""},
            now=now,
        )
        for due in found
    }
    await notices.only(session, code, standing, now=now)


def _box(one: Failing) -> dict[str, Any]:
    """As a notice keeps it."""
    times = {"since": one.since.isoformat(), "next": one.next_at.isoformat()}
    who = {"recipient": one.recipient, "entrustor": one.entrustor or ""}
    return {**who, "failure": one.failure, "mails": one.mails, **times}


class Watch:
    """Looks again and again, for as long as its process lives."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        keeper: KeeperClient,
        here: Callable[[], datetime],
        offset: timedelta = timedelta(0),
        every: timedelta = EVERY,
    ) -> None:
        """`offset`: the demonstration's, which `here` has already."""
        self._sessions, self._keeper, self._here, self._offset = sessions, keeper, here, offset
        self._every = every
        self._task: asyncio.Task[None] | None = None
        self._trouble = ""
        self.since = here()

    def start(self) -> None:
        """Begin; the first look is in `every`."""
        self._task = asyncio.create_task(self._looking())

    async def close(self) -> None:
        """No further look."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> Standing:
        """How things stand now. Raises DatabaseUnavailable."""
        head = await clocks.head_of(self._keeper)
        async with db.transaction(self._sessions) as session:
            return await self._standing(session, head)

    async def look_and_tell(self) -> None:
        """One look, its notices in the same transaction. Raises DatabaseUnavailable."""
        head = await clocks.head_of(self._keeper)
        async with db.transaction(self._sessions) as session:
            await tell(session, await self._standing(session, head))

    async def _standing(self, session: AsyncSession, head: LedgerHead | None) -> Standing:
        told = await clocks.read(session, head, self._here(), self._offset)
        return await look(session, told, self.since, head)

    async def _looking(self) -> None:
        while True:
            await asyncio.sleep(self._every.total_seconds())
            try:
                await self.look_and_tell()
                self._trouble = ""
            except Exception as error:
                self._log(error)

    def _log(self, error: Exception) -> None:
        """Once for each trouble: a database that is away is away for every look."""
        said = f"{type(error).__name__} at {place(error)}"
        if said != self._trouble:
            log.error("%s", said)
        self._trouble = said
