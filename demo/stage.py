"""Standing at a running platform: its clock, its keyboards, its counter for newcomers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from calllist import db
from calllist.embedded.processes import Plan, Platform
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from demo.onboarding import Member, Onboarding
from demo.seat import Seat


def machine_time() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)  # noqa: TID251 - the edge itself


def now_of(plan: Plan) -> Callable[[], datetime]:
    """The clock of a platform with this plan."""
    return lambda: machine_time() + plan.clock_offset


def seats(
    platform: Platform, overhear: Callable[[bytes], None] = lambda _: None
) -> Callable[[Member], Seat]:
    """Keyboards at this platform."""
    plan = platform.plan
    return lambda member: Seat(plan.origin, member, now_of(plan), overhear)


@asynccontextmanager
async def onboarding(platform: Platform, keys: Path) -> AsyncIterator[Onboarding]:
    """Taking on entrustors and people at this platform; their signing keys go to `keys`."""
    run = platform.run_folder
    engine = db.passing_engine(platform.database_url())
    async with (
        KeeperClient(run / Caller.ADMIN / "keeper.sock") as admin,
        KeeperClient(run / Caller.WEB / "keeper.sock") as web,
    ):
        yield Onboarding(
            db.sessions(engine), admin=admin, web=web, folder=keys, now=now_of(platform.plan)
        )
    await engine.dispose()
