"""Each mutant is tried by the tests that pass its lines; whether one of them notices.

    crypto and the tests are imported once; every test runs once, and leaves the lines it passed
      for each mutant: fork, put the changed function's code in place, run those tests

A fork costs milliseconds where a fresh pytest costs seconds. The code is put into the living
function object, so that whoever imported the function has the mutant; a constant is put into
every module that imported it.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import select
import shutil
import signal
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.graft import put
from tests.mutation.mutants import Mutant
from tests.mutation.watching import hearing, watching

PATIENCE = 20.0  # seconds beyond ten times what the tests need: then it hangs
ROOM = 4 << 30  # bytes of address space: a mutant that never stops growing is noticed by that
JOBS = 2
PR_SET_PDEATHSIG = 1  # prctl(2): no mutant outlives the run
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # a disk in memory: nothing here has to last
MEMORY = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
EXAMPLES = 12  # of Hypothesis for each test


class Verdict(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    HANGS = "hangs"  # noticed, by its time
    SURVIVED = "survived"
    UNSEEN = "unseen"  # no test passes its line: survived, too
    UNFIT = "unfit"  # cannot be put into the living module: no mutant


@dataclass(frozen=True)
class Trial:
    """One mutant and what became of it."""

    mutant: Mutant
    verdict: Verdict
    killer: str = ""


class Trials:
    """A pytest plugin that tries mutants instead of running the tests.

    `say` is told each trial as it ends.
    """

    def __init__(
        self,
        mutants: Sequence[Mutant],
        say: Callable[[Trial], None],
        *,
        jobs: int = JOBS,
        without_broken: bool = False,
    ) -> None:
        """without_broken: tests that fail without any mutant are left out; else nothing is
        tried."""
        self._mutants, self._say, self._jobs = mutants, say, jobs
        self._without_broken = without_broken
        self._passed: dict[tuple[str, int], list[pytest.Item]] = defaultdict(list)
        self._seconds: dict[str, float] = {}
        self._spawning: set[str] = set()  # tests whose keeper is a process: it has no mutant
        self.broken: list[str] = []  # tests that fail without any mutant
        self.done: list[Trial] = []

    def pytest_sessionstart(self) -> None:
        """The same few examples for every mutant: one that survives does so again."""
        from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415  # pytest rewrites it

        settings.register_profile(
            "mutation",
            derandomize=True,
            database=None,
            deadline=None,
            max_examples=EXAMPLES,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=[*HealthCheck],
        )
        settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for item in session.items:
            self._learn(item)
        if not self.broken or self._without_broken:
            gc.collect()
            gc.freeze()  # the children copy no page only because its counts changed
            self._try_all()
        return True

    # -- which test passes which line ------------------------------------------------------

    def _learn(self, item: pytest.Item) -> None:
        lines: set[tuple[str, int]] = set()
        began = time.monotonic()
        starts: list[str] = []
        with watching(lines), hearing("subprocess.Popen", starts):
            passed = _passes(item)
        if starts:
            self._spawning.add(item.nodeid)
        self._seconds[item.nodeid] = time.monotonic() - began
        if not passed:
            self.broken.append(item.nodeid)
            return
        for line in lines:
            self._passed[line].append(item)

    def _tests(self, mutant: Mutant) -> list[pytest.Item]:
        """Those that pass its lines, the quick ones first; for a constant all of its module."""
        path = str(Path(mutant.module).absolute())
        if mutant.function:
            lines = [(path, line) for line in mutant.lines]
        else:
            lines = [line for line in self._passed if line[0] == path]
        found = {item.nodeid: item for line in lines for item in self._passed.get(line, ())}
        inside = {name: item for name, item in found.items() if name not in self._spawning}
        chosen = inside or found
        return sorted(chosen.values(), key=lambda item: self._seconds[item.nodeid])

    # -- trying ----------------------------------------------------------------------------

    def _try_all(self) -> None:
        running: dict[int, Attempt] = {}  # by pidfd
        waiting = iter(self._mutants)
        while True:
            while len(running) < self._jobs and (mutant := next(waiting, None)) is not None:
                tests = self._tests(mutant)
                if tests:
                    attempt = Attempt.begin(mutant, tests, self._patience(tests))
                    running[attempt.handle] = attempt
                else:
                    self._tell(Trial(mutant, Verdict.UNSEEN))
            if not running:
                return
            soonest = min(attempt.deadline for attempt in running.values())
            ended, _, _ = select.select([*running], [], [], max(0.0, soonest - time.monotonic()))
            now = time.monotonic()
            for handle in ended or [h for h, a in running.items() if a.deadline <= now]:
                self._tell(running.pop(handle).end(hangs=not ended))

    def _patience(self, tests: Sequence[pytest.Item]) -> float:
        return PATIENCE + 10 * sum(self._seconds[item.nodeid] for item in tests)

    def _tell(self, trial: Trial) -> None:
        self.done.append(trial)
        self._say(trial)


@dataclass(frozen=True)
class Attempt:
    """A process in which one mutant lives."""

    mutant: Mutant
    pid: int
    handle: int
    deadline: float  # monotonic
    folder: Path  # of its tests
    tests: Sequence[pytest.Item]

    @classmethod
    def begin(cls, mutant: Mutant, tests: Sequence[pytest.Item], seconds: float) -> Attempt:
        folder = Path(tempfile.mkdtemp(prefix="clm-", dir=MEMORY))
        pid = os.fork()
        if pid == 0:
            os._exit(_live(mutant, tests, folder))
        deadline = time.monotonic() + seconds
        return cls(mutant, pid, os.pidfd_open(pid), deadline, folder, tests)

    def end(self, *, hangs: bool) -> Trial:
        if hangs:
            os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.handle)
        told = self.folder / KILLER
        killer = told.read_text() if told.exists() else ""
        shutil.rmtree(self.folder, ignore_errors=True)
        if hangs:
            return Trial(self.mutant, Verdict.HANGS)
        code = os.waitstatus_to_exitcode(status)
        return Trial(self.mutant, VERDICTS.get(code, Verdict.KILLED), killer)


KILLER = "killer"
VERDICTS = {0: Verdict.SURVIVED, 3: Verdict.UNFIT}  # any other exit code: killed


def _live(mutant: Mutant, tests: Sequence[pytest.Item], folder: Path) -> int:
    """In the child: 0 nobody noticed, 1 somebody did, 3 the mutant cannot live here."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        if not put(mutant):
            return 3
        tests[0].config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined]
        tempfile.tempdir = str(folder)
        for item in tests:
            if not _passes(item):
                (folder / KILLER).write_text(item.nodeid)
                return 1
    except BaseException:
        return 1
    return 0


def _passes(item: pytest.Item) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=None)
    return not any(report.failed for report in reports)
