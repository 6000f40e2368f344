"""The small world of `tests.crypto.world`, with its keeper in a process of its own.

    world = Distant(run)              # the folder of the sockets
    await world.settle()
    [record, *_] = await world.upload("lst_1", people)

The process is started with `CLOCK`: it lives on the same Tuesday, and time passes.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from crypto.wire.base import Caller, Reply, Request
from crypto.wire.client import KeeperClient
from tests.crypto.world import START, World

R = TypeVar("R", bound=Reply)

OFFSET = START - datetime.now(UTC)
CLOCK = ("--demo", f"--clock-offset={OFFSET.total_seconds()}")


class Distant(World):
    """Says every verb through a socket; uploads need the one connection of intake."""

    def __init__(self, run: Path) -> None:
        super().__init__(run)
        self._clients = {
            caller: KeeperClient(
                run / caller / "keeper.sock", pool=1 if caller is Caller.INTAKE else 8
            )
            for caller in Caller
        }

    @property  # type: ignore[override]
    def now(self) -> datetime:
        """What the keeper's clock shows."""
        return datetime.now(UTC) + OFFSET

    @now.setter
    def now(self, _: datetime) -> None:
        """Nobody sets it."""

    def wait(self, **time: float) -> None:
        raise NotImplementedError(f"nobody waits for {timedelta(**time)} here")

    async def say(self, request: Request[R], caller: Caller | None = None) -> R:
        """One verb, by a caller that may say it unless `caller` is given."""
        by = caller or min(type(request).callers, key=list(Caller).index)
        return await self._clients[by].call(request)

    async def hang_up(self) -> None:
        """Leave every connection."""
        for client in self._clients.values():
            await client.close()
