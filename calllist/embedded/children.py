"""One child process: started with a parent-death signal, watched, started again, stopped.

Each child leads a session of its own: Ctrl-C reaches only us, and stopping it takes its own
children (an upload's intake process) along. Use from the main thread only: the parent-death
signal follows the thread that started the child.
"""

import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 15.0  # then by force: everything we run heals
TICK = 0.05  # seconds between two looks at a child
BACKOFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0)  # before the first, second, ... start in a row
STEADY_SECONDS = 20.0  # a child that lived so long has not failed in a row
# Nothing else of our environment reaches a child: secrets go to whom they are meant for.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LANGUAGE", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


class ChildDidNotStart(Exception):
    """A process ended instead of becoming ready; the text has its last words."""


class Child:
    """A process that should run until `stop`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        """`ready`: asked repeatedly after a start, until it serves."""
        self.name = name
        self._command = ["setpriv", "--pdeathsig=TERM", *command]
        self._log = log
        self._environment = environment
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None
        self._handle = -1  # pidfd: readable once the process has ended
        self._failures = 0
        self._started = 0.0
        self._due = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and not self._ends_within(0) else None

    def start(self) -> None:
        """Start without waiting."""
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**inherited, "PYTHONUNBUFFERED": "1", **self._environment},
                start_new_session=True,
            )
        self._handle = os.pidfd_open(self._process.pid)

    def await_ready(self, seconds: float) -> None:
        """Wait until it serves. Raises ChildDidNotStart."""
        for _ in range(int(seconds / TICK)):
            if self._ready():
                return
            if self._ends_within(TICK):
                break
        raise ChildDidNotStart(f"{self.name} did not start: {self._last_words()}")

    def tend(self, now: float) -> str | None:
        """Start again if it ended; later and later if it keeps ending.

        `now` is a monotonic time. Returns a sentence when there is something to tell.
        """
        if self.pid is not None:
            if self._failures and now - self._started > STEADY_SECONDS:
                self._failures = 0
            return None
        told = None
        if self._process is not None:
            told = f"{self.name} ended ({self._bury()}); starting it again"
            self._due = now + BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
            self._failures += 1
        if now >= self._due:
            self._started = now
            self.start()
        return told

    def stop(self) -> None:
        """TERM, then by force, with everything it started."""
        if self._process is None:
            return
        self._process.terminate()
        if not self._ends_within(STOP_SECONDS):
            self._process.kill()
        self._bury()

    def kill(self) -> None:
        """At once and by force, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._bury()

    def _ends_within(self, seconds: float) -> bool:
        return bool(select.select([self._handle], [], [], seconds)[0])

    def _bury(self) -> str:
        """Kill what it left behind, then reap it, and say how it ended.

        In this order: until it is reaped, its id can be nobody else's process group.
        """
        assert self._process  # noqa: S101 - only called for a started child
        self._ends_within(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        code = self._process.wait()
        os.close(self._handle)
        self._process = None
        return f"exit code {code}" if code >= 0 else signal.Signals(-code).name

    def _last_words(self) -> str:
        with contextlib.suppress(OSError, IndexError):
            return self._log.read_text(errors="replace").strip().splitlines()[-1]
        return f"see {self._log}"
