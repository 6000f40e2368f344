"""Promise 13, at the start: wrong settings or a missing secret stop it, and it says which.

One sentence, exit code 2, and never the value: a log is no place for a secret.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

import pytest

from tests.keepers import KeeperProcess
from tests.zygote import zygote

# What takes long to import and is not ours, or does nothing when it is imported.
SERVERS = (
    "fastapi",
    "uvicorn.main",
    "celery.bin.celery",
    "celery.app.base",
    "sqlalchemy.ext.asyncio",
)
KEEPERS = ("crypto.keeper.server",)
SECRET = secrets.token_hex(8)
WEB = ("uvicorn", "--factory", "calllist.app:make", "--port", "0")
CELERY = ("celery", "--quiet", "--app", "calllist.worker")
PROGRAMS = {
    "web": WEB,
    "worker": (*CELERY, "worker", "--pool", "solo"),
    "beat": (*CELERY, "beat"),
}
RIGHT = {"DATABASE_URL": f"postgresql://calllist_web:{SECRET}@127.0.0.1:1/calllist"}
WRONG = {
    "no database": ({}, "DATABASE_URL is missing"),
    "another database": ({"DATABASE_URL": f"mysql://x:{SECRET}@127.0.0.1/x"}, "DATABASE_URL"),
    "a sweep of words": ({**RIGHT, "CALLLIST_SWEEP": SECRET}, "CALLLIST_SWEEP"),
    "rows of words": ({**RIGHT, "CALLLIST_MAX_ROWS": SECRET}, "CALLLIST_MAX_ROWS"),
    "too long a path": (
        {**RIGHT, "CALLLIST_KEEPER_RUN": "/" + SECRET * 8},
        "CALLLIST_KEEPER_RUN",
    ),
}


def start(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """One of our programs, with this environment and nothing else of ours."""
    quiet = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    module, *arguments = words
    done = zygote(*(KEEPERS if module == "crypto" else SERVERS)).run(
        module, arguments, folder=Path("/"), environment={**quiet, **environment}
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def check(done: subprocess.CompletedProcess[str], says: str) -> None:
    told = (done.stdout + done.stderr).strip()
    assert done.returncode == 2, told
    assert says in told
    assert len(told.splitlines()) == 1, told
    assert SECRET not in told


@pytest.mark.parametrize("program", PROGRAMS)
def test_without_its_database_a_program_does_not_start(program: str) -> None:
    environment, says = WRONG["no database"]
    check(start(*PROGRAMS[program], environment=environment), says)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_setting_is_named_and_its_value_is_not_said(wrong: str) -> None:
    environment, says = WRONG[wrong]
    check(start(*PROGRAMS["web"], environment=environment), says)


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ("root", "root of epoch"),
        ("keystore", "keystore"),
        ("journal", "journal"),
        ("privacy", "chmod 700"),
        ("ledger.key", "ledger.key is damaged"),
        ("certificate.key", "certificate.key is damaged"),
        ("document.key", "document.key is damaged"),
    ],
)
def test_a_keeper_without_what_its_promises_rest_on_does_not_start(
    keeper: KeeperProcess, missing: str, says: str
) -> None:
    keeper.stop()
    match missing:
        case "root":
            for root in (keeper.home / "roots").iterdir():
                root.unlink()
        case "keystore":
            (keeper.home / "keystore").unlink()
        case "journal":
            for file in keeper.home.glob("journal.db*"):
                file.unlink()
            (keeper.home / "journal.db").write_bytes(b"no journal" * 100)
        case "privacy":
            keeper.home.chmod(0o755)
        case key:
            (keeper.home / "signing" / key).write_bytes(b"x")
    again = ("crypto", "--home", str(keeper.home), "--run", str(keeper.run))
    check(start(*again, environment={}), says)


def test_a_second_keeper_on_the_same_home_does_not_start(keeper: KeeperProcess) -> None:
    again = ("crypto", "--home", str(keeper.home), "--run", str(keeper.run))
    check(start(*again, environment={}), "another keeper")


def test_a_real_keeper_does_not_shift_its_clock(keeper: KeeperProcess) -> None:
    again = ("crypto", "--home", str(keeper.home), "--run", str(keeper.run))
    done = start(*again, "--clock-offset=60", environment={})
    assert done.returncode == 2
    assert done.stderr.strip().endswith("a real keeper does not shift its clock")
