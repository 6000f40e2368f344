"""The clocks that deadlines go by: the database's and the keeper's. No other one counts.

    set back     what either clock has seen expire is due: the worker goes by `latest`
    set forward  the database's: due and frozen, but the keeper shreds nothing before its own time.
                 The keeper's: it doubts itself (`crypto.host.clocks`) and opens nothing that it
                 takes for expired; `latest` waits for what it believes

While the two are apart, expiry alone shreds nothing, and those who can set a clock right are told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from calllist import db
from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head, LedgerHead

TOLD = timedelta(minutes=1)  # crypto.host.clocks.APART, beyond which expiry shreds nothing, is five


@dataclass(frozen=True)
class Clocks:
    """What each said at about the same moment; None: it could not be asked."""

    here: datetime  # the host of whoever asks
    database: datetime | None = None
    keeper: datetime | None = None
    believed: datetime | None = None  # the keeper's latest moment beyond doubt
    doubted: bool = False  # the keeper's has jumped

    @property
    def latest(self) -> datetime:
        """By what a deadline has come: whichever says so first."""
        known = [at for at in (self.database, self.believed) if at is not None]
        return max(known, default=self.here)

    @property
    def apart(self) -> timedelta:
        """How far database and keeper are from each other; zero while one cannot be asked."""
        if self.database is None or self.keeper is None:
            return timedelta(0)
        return abs(self.database - self.keeper)

    @property
    def disagree(self) -> bool:
        """Whether somebody must set one of them right."""
        return self.doubted or self.apart > TOLD


async def read(
    session: AsyncSession, head: LedgerHead | None, here: datetime, offset: timedelta
) -> Clocks:
    """Ask the database; the keeper has answered. `offset`: the demonstration's (as `here` has)."""
    database = await db.time(session) + offset
    if head is None:
        return Clocks(here, database)
    return Clocks(here, database, head.clock, head.believed, head.doubted)


async def head_of(keeper: KeeperClient) -> LedgerHead | None:
    """The keeper's answer, which carries its time; None while it is away or refuses."""
    try:
        return await keeper.call(Head())
    except (KeeperUnavailable, Refusal):
        return None
