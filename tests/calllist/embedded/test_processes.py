"""The embedded platform: heals whatever is killed, stops whole, says what is in the way."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from calllist.embedded import ports
from calllist.embedded.processes import CannotStart, Plan, Platform
from calllist.settings import SOCKET_PATH_BYTES

PARTS = ("keeper", "web", "worker", "beat", "postgres")
SERVE = (
    "import sys; from pathlib import Path\n"
    "from calllist.embedded.processes import Plan, Platform, watch\n"
    "platform = Platform(Plan(home=Path(sys.argv[1]), port=int(sys.argv[2])))\n"
    "platform.start(); print('up', flush=True)\n"
    "watch(platform, lambda told: print(told, flush=True))\n"
)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Below a folder closed to others, as a home directory is."""
    closed = tmp_path_factory.mktemp("home")
    closed.chmod(0o700)
    running = Platform(
        Plan(home=closed / "data", port=ports.any_free(), sweep=timedelta(seconds=1))
    )
    running.start()
    yield running
    running.stop()


def is_healthy(embedded: Platform) -> bool:
    """Whether the web answers, and says that it reaches database and keeper."""
    try:
        answer = httpx.get(f"{embedded.plan.origin}/api/v1/health", timeout=5)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def tend_until_healthy(embedded: Platform, seconds: float = 60) -> list[str]:
    told: list[str] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told += embedded.tend()
        if len(embedded.pids()) == len(PARTS) and is_healthy(embedded):
            return told
        time.sleep(0.05)
    raise AssertionError(f"not healthy again; {told}")


async def sweeps(embedded: Platform, count: int) -> None:
    """Wait for so many more sweeps: each looks once for strangers to forget."""
    looked = (
        "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0)"
        " FROM pg_stat_user_tables WHERE relname = 'strangers'"
    )
    connection = await asyncpg.connect(embedded.database_url().replace("+asyncpg", ""))
    try:
        before = await connection.fetchval(looked)
        async with asyncio.timeout(60):
            while await connection.fetchval(looked) < before + count:
                await connection.execute("SELECT pg_sleep(0.05)")
    finally:
        await connection.close()


def test_every_part_runs_and_answers(embedded: Platform) -> None:
    assert set(embedded.pids()) == set(PARTS)
    assert is_healthy(embedded)


def test_sweeps_run_without_an_error_under_the_roles_that_the_parts_have(
    embedded: Platform,
) -> None:
    asyncio.run(sweeps(embedded, 2))  # when the second one looks here, the first has ended
    for part in PARTS:
        log = (embedded.plan.home / "log" / f"{part}.log").read_text()
        assert "ERROR" not in log, part


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_is_started_again_and_everything_answers(
    embedded: Platform, part: str
) -> None:
    before = psutil.Process(embedded.pids()[part])
    before.kill()
    while part in embedded.pids():
        time.sleep(0.01)
    told = tend_until_healthy(embedded)
    assert any(sentence.startswith(part) for sentence in told)
    assert embedded.pids()[part] != before.pid


def test_every_part_gets_its_own_role_and_the_keeper_no_address(embedded: Platform) -> None:
    roles = {}
    for part in ("keeper", "web", "worker", "beat"):
        environment = psutil.Process(embedded.pids()[part]).environ()
        roles[part] = environment.get("DATABASE_URL", "://nobody:").split("://")[1].split(":")[0]
    assert roles == {
        "keeper": "nobody",
        "web": "calllist_web",
        "worker": "calllist_worker",
        "beat": "calllist_worker",
    }


def test_one_home_has_one_platform(embedded: Platform) -> None:
    second = Platform(Plan(home=embedded.plan.home, port=ports.any_free()))
    with pytest.raises(CannotStart, match="already running"):
        second.start()
    assert is_healthy(embedded)


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        embedded = Platform(Plan(home=tmp_path / "home", port=port))
        with pytest.raises(CannotStart, match=f"Port {port} .* is taken.*PORT={port + 1}"):
            embedded.start()
    assert not (tmp_path / "home" / "postgres").exists()


def test_a_home_too_deep_for_sockets_gets_a_short_place_for_them(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 30)
    embedded = Platform(Plan(home=deep, port=ports.any_free()))
    run = embedded.run_folder
    assert len(bytes(run / "worker" / "keeper.sock")) <= SOCKET_PATH_BYTES
    assert run.stat().st_mode & 0o077 == 0
    embedded.stop()
    assert not run.exists()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_no_process_is_left(tmp_path: Path, ending: signal.Signals) -> None:
    home = tmp_path / "home"
    with (tmp_path / "out").open("w") as out:
        parent = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(home), str(ports.any_free())],
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    while "up" not in (tmp_path / "out").read_text():
        assert parent.poll() is None, (tmp_path / "out").read_text()
        time.sleep(0.05)
    family = psutil.Process(parent.pid).children(recursive=True)
    assert len(family) >= len(PARTS)
    parent.send_signal(ending)
    parent.wait(60)
    _, left = psutil.wait_procs(family, timeout=20)
    assert not left
    if ending != signal.SIGKILL:
        assert parent.returncode == 0
