"""A real keeper process for tests: started, killed, started again, at one place.

Tests live on a Tuesday that began at 10:00 in Japan (`now`, `OFFSET`), and so does the
keeper: whatever the hour here, people may be called.
"""

import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from calllist.embedded.children import Child
from crypto.client import KeeperClient
from crypto.wire.base import Caller
from demo.clock import next_tuesday

START_SECONDS = 30.0


def _offset() -> timedelta:
    here = datetime.now(UTC)
    return next_tuesday(here) - here


OFFSET = _offset()


def now() -> datetime:
    """The time of the world in which tests live."""
    return datetime.now(UTC) + OFFSET


class KeeperProcess:
    """A keeper with its home and its sockets below `folder` (a short path: UNIX sockets)."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.home = folder / "keeper"
        self.run = folder / "run"
        self.log = folder / "keeper.log"
        command = [sys.executable, "-m", "crypto", "--home", str(self.home)]
        clock = ["--demo", f"--clock-offset={OFFSET.total_seconds()}"]
        self._child = Child(
            "keeper",
            [*command, "--run", str(self.run), *clock, *options],
            log=self.log,
            environment={},
            ready=self._answers,
        )

    def start(self) -> None:
        """Start and wait until every socket is there."""
        for caller in Caller:
            self.socket(caller).unlink(missing_ok=True)
        self._child.start()
        self._child.await_ready(START_SECONDS)

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        """As `kill -9`."""
        self._child.kill()

    @property
    def pid(self) -> int | None:
        return self._child.pid

    def socket(self, caller: Caller) -> Path:
        return self.run / caller / "keeper.sock"

    def client(self, caller: Caller, pool: int = 4) -> KeeperClient:
        """A client of this class; close it (`async with`) in the test that opens it."""
        return KeeperClient(self.socket(caller), pool=pool)

    def _answers(self) -> bool:
        for caller in Caller:
            with socket.socket(socket.AF_UNIX) as knock:
                try:
                    knock.connect(str(self.socket(caller)))
                except OSError:
                    return False
        return True
