"""The systemd units: understood, tight, and not so tight that the keeper cannot work."""

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio

from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head
from crypto.wire.lists import Inspect
from crypto.wire.records import Close, Open
from tests.docker import sandbox
from tests.promises.test_6b_killed_200_times import awake, furnish

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "docker" / "systemd").glob("*.service"))
KEEPER = ROOT / "docker" / "systemd" / "calllist-keeper.service"
LISTEN = ROOT / "docker" / "systemd" / "calllist-keeper.service.d" / "listen.conf.example"
# `systemd-analyze security`, in tenths: 0 is a service that can do nothing, 100 one that can
# do everything; 9.6 is usual.
EXPOSURE = {"calllist-keeper": 5, "calllist-keeper-listening": 15}
OTHERS = 20


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for socket paths."""
    with tempfile.TemporaryDirectory(prefix="sd") as path:
        yield Path(path)


@pytest.fixture(params=[*(unit.stem for unit in UNITS), "calllist-keeper-listening"])
def unit(request: pytest.FixtureRequest, folder: Path) -> Path:
    """A unit with a program that exists here; the listening keeper is one with its drop-in."""
    name = str(request.param)
    text = (KEEPER.with_name(f"{name.removesuffix('-listening')}.service")).read_text()
    if name.endswith("-listening"):
        text = text.replace("[Install]", f"{LISTEN.read_text()}\n[Install]")
    path = folder / f"{name}.service"
    path.write_text(re.sub(r"/opt/\w+/bin/python", sys.executable, text))
    return path


def systemd(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


def test_systemd_understands_every_line(unit: Path) -> None:
    done = systemd("verify", str(unit))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_what_a_unit_leaves_open_is_little(unit: Path) -> None:
    most = EXPOSURE.get(unit.stem, OTHERS)
    done = systemd("security", "--offline=true", f"--threshold={most}", str(unit))
    assert done.returncode == 0, done.stdout


def test_the_keeper_has_no_network_unless_it_listens() -> None:
    assert "PrivateNetwork=yes\nRestrictAddressFamilies=AF_UNIX\n" in KEEPER.read_text()
    assert "IPAddressDeny=any" in KEEPER.read_text()
    assert "IPAddressDeny=" not in LISTEN.read_text()  # only what it allows by name
    for other in set(UNITS) - {KEEPER}:
        assert "/var/lib/calllist-keeper" not in other.read_text()


@pytest_asyncio.fixture
async def confined(folder: Path) -> AsyncIterator[Path]:
    """A keeper under the filters of its unit; the folder of its sockets."""
    where = ["--home", str(folder / "h"), "--run", str(folder / "r")]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        sandbox.__file__,
        str(KEEPER),
        *(sys.executable, "-m", "crypto", *where),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    yield folder / "r"
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await process.wait()


@pytest.mark.asyncio
async def test_under_its_filters_the_keeper_does_everything(confined: Path) -> None:
    """cffi and OpenSSL with no page both writable and executable; SQLite without chown."""
    await awake(confined)
    scene = await furnish(confined, Random(1))
    grant = scene.operators[0].grant
    async with (
        KeeperClient(confined / Caller.WEB / "keeper.sock") as web,
        KeeperClient(confined / Caller.WORKER / "keeper.sock") as worker,
    ):
        holds = (await web.call(Head())).holds
        assert {"no_core", "not_dumpable", "no_new_privs", "filtered"} <= set(holds)
        await web.call(Open(grant, scene.records[0]))
        await web.call(Close(grant, scene.records[0], "att_1", 10))
        assert (await worker.call(Inspect("lst_1"))).state == "open"


def test_the_filter_forbids_something() -> None:
    calls = sandbox.allowed(KEEPER)
    assert {"read", "fsync", "mlockall", "rename", "accept4"} <= calls
    assert not {"ptrace", "chown", "setuid", "mount", "bpf", "keyctl", "process_vm_readv"} & calls
    tried = "import os; os.chown('/dev/null', 0, 0)"
    done = subprocess.run(
        [sys.executable, sandbox.__file__, str(KEEPER), sys.executable, "-c", tried],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "PermissionError" in done.stderr
