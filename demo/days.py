"""Days on which nobody worked: the keeper lives through them one by one.

The demonstration's clock jumps: from last week to today, from one run to the next Tuesday. A
keeper that nobody saw for more than 24 hours doubts its clock, and lets nothing expire by it
for a day (`crypto.host.clocks.SILENCE`). That is right, and stays: so the keeper is started alone
for a moment in every day between, as one that is never switched off would have seen it pass.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from calllist.embedded.processes import Plan, Platform
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head

HOP = timedelta(hours=23)  # below what the keeper takes for silence


def last_seen(home: Path, offset: timedelta) -> datetime | None:
    """When the keeper of an earlier run, whose clock had this offset, wrote for the last time."""
    written = [file.stat().st_mtime for file in (home / "keeper").glob("journal.db*")]
    return datetime.fromtimestamp(max(written), UTC) + offset if written else None


def live_through(plan: Plan, since: datetime, until: datetime) -> None:
    """From `since`, when the keeper was there last, to `until`, when the platform starts.

    Raises CannotStart, ChildDidNotStart.
    """
    for moment in between(since, until):
        platform = Platform(replace(plan, clock_offset=plan.clock_offset - (until - moment)))
        with platform.keeper_alone():
            asyncio.run(_look(platform.run_folder / Caller.WORKER / "keeper.sock"))


def between(since: datetime, until: datetime) -> Iterator[datetime]:
    """The moments to be there at, so that no gap is longer than a hop."""
    moment = since + HOP
    while moment < until:
        yield moment
        moment += HOP


async def _look(socket: Path) -> None:
    """Any verb will do: the keeper notes the time of each."""
    async with KeeperClient(socket, pool=1) as keeper:
        await keeper.call(Head())
