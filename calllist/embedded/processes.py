"""The whole platform as processes of this machine: started in order, healed, stopped in order.

    PostgreSQL (unless DATABASE_URL names one) -> migrations -> keeper -> web, worker, beat

Each process gets the secrets that it needs and no others: the keeper none, the intake its own
database role. A process that dies is started again. One platform per home folder (a lock),
Ctrl-C or TERM stops everything; nothing outlives us.
"""

import fcntl
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from calllist import migrations
from calllist.embedded import ports
from calllist.embedded.children import Child
from calllist.embedded.postgres import Postgres
from calllist.settings import SOCKET_PATH_BYTES
from crypto.wire.base import Caller

START_SECONDS = 60.0  # for a process to serve, on a slow and busy machine
LOOK_SECONDS = 0.5  # between two looks at the processes; a death is noticed at once


class CannotStart(Exception):
    """Something outside is in the way; the sentence says what, and what to do."""


@dataclass(frozen=True)
class Plan:
    """What to run, where. `web` names a uvicorn application factory."""

    home: Path
    port: int = 8000
    web: str = "calllist.app:make"
    database_url: str | None = None  # of the owner; None: our own PostgreSQL
    clock_offset: timedelta = timedelta(0)  # not zero: a demonstration
    sweep: timedelta = timedelta(seconds=30)
    upload_silence: timedelta = timedelta(minutes=2)  # an upload unheard of for so long is dead
    synthetic_numbers: bool = False

    @property
    def temporary(self) -> Path:
        """Where our processes would write temporary files; searched when a list was destroyed."""
        return self.home / "tmp"

    @property
    def origin(self) -> str:
        """As browsers see it. By name: no security key signs for an address in figures."""
        return f"http://localhost:{self.port}"


class Platform:
    """Every process of one platform. Use it from the main thread only."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.postgres: Postgres | None = None
        self._children: list[Child] = []
        self._lock = -1
        self._short_run: tempfile.TemporaryDirectory[str] | None = None

    @property
    def run_folder(self) -> Path:
        """The keeper's sockets: in the home, or in a shorter place if that is too deep."""
        longest = self.plan.home / "run" / Caller.WORKER / "keeper.sock"
        if len(bytes(longest)) <= SOCKET_PATH_BYTES:
            return self.plan.home / "run"
        if self._short_run is None:
            self._short_run = tempfile.TemporaryDirectory(prefix="calllist-", dir="/tmp")
        return Path(self._short_run.name)

    def database_url(self, role: str = "calllist") -> str:
        """The database's address for this role."""
        if self.plan.database_url is not None:
            return self.plan.database_url.replace("postgresql://", "postgresql+asyncpg://", 1)
        assert self.postgres  # noqa: S101 - started first
        return self.postgres.url(role=role)

    def pids(self) -> dict[str, int]:
        """The process of each part that is running."""
        found = {child.name: child.pid for child in self._children}
        if self.postgres is not None:
            found["postgres"] = self.postgres.pid
        return {name: pid for name, pid in found.items() if pid is not None}

    def start(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Start everything and wait until it serves. On any failure all of it is stopped.

        Raises CannotStart, PostgresDidNotStart, ChildDidNotStart.
        """
        self._take_home()
        if not ports.is_free(self.plan.port):
            self.stop()
            raise CannotStart(
                f"Port {self.plan.port} on this machine is taken."
                f" Choose another one: PORT={self.plan.port + 1}"
            )
        try:
            self._start_database(say)
            for child in self._plan_children():
                say(child.name)
                self._children.append(child)
                child.start()
                child.await_ready(START_SECONDS)
        except BaseException:
            self.stop()
            raise

    @contextmanager
    def keeper_alone(self) -> Iterator[None]:
        """The keeper serves meanwhile, and nothing else: nobody can sign in, nothing is swept.

        Raises CannotStart, ChildDidNotStart.
        """
        self._take_home()
        try:
            keeper = self._keeper()
            self._children.append(keeper)
            keeper.start()
            keeper.await_ready(START_SECONDS)
            yield
        finally:
            self.stop()

    def tend(self) -> list[str]:
        """Start again what has died. Returns a sentence for each."""
        told = []
        if self.postgres is not None and not self.postgres.running:
            told.append("postgres ended; starting it again")
            self.postgres.start()
        for child in self._children:
            if sentence := child.tend(time.monotonic()):
                told.append(sentence)
        return told

    def stop(self) -> None:
        """Stop everything, those who depend on others first."""
        while self._children:
            self._children.pop().stop()
        if self.postgres is not None:
            self.postgres.stop()
        if self._short_run is not None:
            self._short_run.cleanup()
            self._short_run = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    # -- the parts -------------------------------------------------------------------------

    def _take_home(self) -> None:
        home = self.plan.home
        for folder in (home, home / "log", self.plan.temporary):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = -1
            raise CannotStart(f"A platform is already running in {home}.") from None

    def _start_database(self, say: Callable[[str], None]) -> None:
        if self.plan.database_url is None:
            say("postgres")
            home = self.plan.home
            self.postgres = Postgres(home / "postgres", log=home / "log" / "postgres.log")
            self.postgres.start()
        say("migrations")
        migrations.upgrade(self.database_url())

    def _plan_children(self) -> list[Child]:
        python = [sys.executable, "-m"]
        web = [*python, "uvicorn", "--factory", self.plan.web, "--host", "127.0.0.1"]
        web += ["--port", str(self.plan.port), "--no-access-log", "--log-level", "warning"]
        celery = [*python, "celery", "--app", "calllist.worker", "--quiet"]
        worker = [*celery, "worker", "--pool", "solo", "--hostname", "calllist@here"]
        worker += ["--loglevel", "WARNING"]
        beat = [*celery, "beat", "--loglevel", "WARNING"]
        beat += ["--schedule", str(self.plan.home / "beat")]
        for_web = {**self._settings("calllist_web")}
        for_web["INTAKE_DATABASE_URL"] = self.database_url("calllist_intake")
        for_worker = self._settings("calllist_worker")
        for_worker["CALLLIST_STORES"] = json.dumps({"temp": str(self.plan.temporary)})
        return [
            self._keeper(),
            self._child(
                "web",
                web,
                for_web,
                lambda: _answers(socket.AF_INET, ("127.0.0.1", self.plan.port)),
            ),
            self._child("worker", worker, for_worker),
            self._child("beat", beat, for_worker),
        ]

    def _keeper(self) -> Child:
        home, run = self.plan.home, self.run_folder
        command = [sys.executable, "-m", "crypto", "--home", str(home / "keeper")]
        command += ["--run", str(run), "--origin", self.plan.origin]
        if self.plan.clock_offset:
            seconds = str(self.plan.clock_offset.total_seconds())
            command += ["--demo", f"--clock-offset={seconds}"]
        knock = str(run / Caller.WORKER / "keeper.sock")
        return self._child("keeper", command, {}, lambda: _answers(socket.AF_UNIX, knock))

    def _child(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str],
        ready: Callable[[], bool] = lambda: True,
    ) -> Child:
        log = self.plan.home / "log" / f"{name}.log"
        environment = {**environment, "TMPDIR": str(self.plan.temporary)}
        return Child(name, command, log=log, environment=environment, ready=ready)

    def _settings(self, role: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url(role),
            "CALLLIST_HOME": str(self.plan.home),
            "CALLLIST_KEEPER_RUN": str(self.run_folder),
            "CALLLIST_CLOCK_OFFSET": str(self.plan.clock_offset.total_seconds()),
            "CALLLIST_ORIGIN": self.plan.origin,
            "CALLLIST_SWEEP": str(self.plan.sweep.total_seconds()),
            "CALLLIST_UPLOAD_SILENCE": str(self.plan.upload_silence.total_seconds()),
            "CALLLIST_SYNTHETIC_NUMBERS": str(self.plan.synthetic_numbers).lower(),
        }


def watch(platform: Platform, say: Callable[[str], None]) -> None:
    """Tend a started platform until INT, TERM or HUP arrives, then stop it."""
    inbox, outbox = socket.socketpair()
    for end in (inbox, outbox):
        end.setblocking(False)
    signal.set_wakeup_fd(outbox.fileno(), warn_on_full_buffer=False)
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: asked.append(number))
    signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake us
    try:
        while not asked:
            for sentence in platform.tend():
                say(sentence)
            select.select([inbox], [], [], LOOK_SECONDS)
            with suppress(BlockingIOError):
                inbox.recv(4096)
    finally:
        signal.set_wakeup_fd(-1)
        platform.stop()
        inbox.close()
        outbox.close()


def _answers(family: int, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as knock, suppress(OSError):
        knock.settimeout(1)
        knock.connect(address)
        return True
    return False
