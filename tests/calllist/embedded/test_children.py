"""A child is started again when it dies, and leaves nothing behind when it is stopped."""

import os
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from calllist.embedded.children import Child, ChildDidNotStart

SLEEPER = "import time, pathlib, sys; pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
PARENT = (
    "import subprocess, sys, time, pathlib\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); time.sleep(600)"
)


def child_of(code: str, folder: Path) -> Child:
    mark = folder / "mark"
    return Child(
        "sleeper",
        [sys.executable, "-c", code, str(mark)],
        log=folder / "log",
        environment={},
        ready=lambda: mark.exists() and bool(mark.read_text() or code is SLEEPER),
    )


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Child]:
    child = child_of(SLEEPER, tmp_path)
    child.start()
    child.await_ready(10)
    yield child
    child.stop()


def test_a_killed_child_is_started_again(sleeper: Child) -> None:
    first = sleeper.pid
    assert first
    assert sleeper.tend(time.monotonic()) is None
    process = psutil.Process(first)
    process.kill()
    while sleeper.pid:
        time.sleep(0.01)
    assert sleeper.tend(time.monotonic()) == "sleeper ended (SIGKILL); starting it again"
    assert sleeper.pid not in (None, first)


def test_a_child_that_keeps_dying_is_started_later_and_later(tmp_path: Path) -> None:
    child = Child("fails", [sys.executable, "-c", "1/0"], log=tmp_path / "log", environment={})
    child.start()
    now, ends = 1000.0, []
    while len(ends) < 5:
        while child.pid:
            time.sleep(0.01)
        if child.tend(now):
            ends.append(now)
        now += 0.1
    child.stop()
    gaps = [round(after - before, 1) for before, after in pairwise(ends)]
    assert gaps == sorted(gaps)
    assert gaps[-1] >= 2.0


def test_stopping_takes_the_childs_own_children_along(tmp_path: Path) -> None:
    child = child_of(PARENT, tmp_path)
    child.start()
    child.await_ready(10)
    grandchild = psutil.Process(int((tmp_path / "mark").read_text()))
    child.stop()
    psutil.wait_procs([grandchild], timeout=5)
    assert not grandchild.is_running()


def test_a_child_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    code = "raise SystemExit('DATABASE_URL is missing')"
    child = Child(
        "web",
        [sys.executable, "-c", code],
        log=tmp_path / "log",
        environment={},
        ready=lambda: False,
    )
    child.start()
    with pytest.raises(ChildDidNotStart, match=r"web did not start: DATABASE_URL is missing"):
        child.await_ready(10)
    child.stop()


def test_a_child_gets_only_the_environment_that_is_meant_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_SECRET", "x")
    code = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(' '.join(os.environ))"
    code += "; import time; time.sleep(600)"
    child = child_of(code, tmp_path)
    child.start()
    child.await_ready(10)
    child.stop()
    names = (tmp_path / "mark").read_text().split()
    assert "SOME_SECRET" not in names
    assert os.environ.keys() >= set(names) - {"PYTHONUNBUFFERED", "LC_CTYPE"}
