"""A real keeper process for tests: started, killed, started again, at one place.

Tests live on a Tuesday that began at 10:00 in Japan (`now`, `OFFSET`), and so does the
keeper: whatever the hour here, people may be called.
"""

import signal
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from demo.clock import next_tuesday
from tests.zygote import Process, zygote

START_SECONDS = 30.0
ORIGIN = "http://localhost:8000"  # what browsers see: security keys sign for it
STOP_SECONDS = 15.0
TICK = 0.01  # between two looks whether it answers


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
        clock = [f"--origin={ORIGIN}", "--demo", f"--clock-offset={OFFSET.total_seconds()}"]
        self._arguments = ["--home", str(self.home), "--run", str(self.run), *clock, *options]
        self._process: Process | None = None

    def start(self) -> None:
        """Start and wait until every socket is there."""
        for caller in Caller:
            self.socket(caller).unlink(missing_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = zygote("crypto.keeper.server").start(
                "crypto", self._arguments, output=log
            )
        for _ in range(int(START_SECONDS / TICK)):
            if self._answers():
                return
            if self._process.ends_within(TICK):
                break
        raise AssertionError(f"the keeper did not start: {self.log.read_text()}")

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As `kill -9`."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.signal(number)
            self._process.wait(STOP_SECONDS)

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        process = self._process
        return None if process is None or process.ends_within(0) else process.pid

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
