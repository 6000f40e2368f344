"""The newcomer's commands: each has its line of help, and says what it lacks."""

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = {
    *("help", "run", "demo", "test", "lint", "fix", "screens", "clean"),
    *("bench", "bench-keeper", "bench-intake", "bench-desk", "bench-destroy", "bench-calls"),
    *("mutate", "thief", "fuzz", "soak"),
}


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # The suite itself may run under make: a newcomer's make knows nothing of that one.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As a fresh clone is: no virtual environment."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_help_has_one_line_for_every_command(clone: Path) -> None:
    lines = make(clone).stdout.splitlines()
    assert {re.match(r"  make ([\w-]+) +\S", line)[1] for line in lines} == COMMANDS  # type: ignore[index]


def test_a_demo_without_a_file_asks_which(clone: Path) -> None:
    done = make(clone, "demo")
    assert done.returncode
    assert "Which file?" in done.stderr


def test_without_python_it_says_what_to_install(clone: Path) -> None:
    done = make(clone, "lint", "PYTHON=no-such-python")
    assert done.returncode
    assert "apt-get install python3 python3-venv" in done.stderr


def test_an_old_python_is_refused_with_a_sentence(clone: Path) -> None:
    old = clone / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make(clone, "lint", f"PYTHON={old}")
    assert done.returncode
    assert "Python 3.11 or newer" in done.stderr


def test_clean_forgets_and_leaves_the_rest(clone: Path) -> None:
    (clone / ".calllist" / "postgres").mkdir(parents=True)
    assert make(clone, "clean").returncode == 0
    assert not (clone / ".calllist").exists()
    assert (clone / "Makefile").exists()


def test_clean_leaves_what_is_running(clone: Path) -> None:
    data = clone / ".calllist"
    data.mkdir()
    held = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(held, fcntl.LOCK_EX)  # as a running platform holds it
    done = make(clone, "clean")
    os.close(held)
    assert done.returncode
    assert "stop it first" in done.stderr
    assert data.exists()
