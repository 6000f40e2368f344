"""Our own PostgreSQL: killed, it heals; orphaned, it leaves; its log keeps quiet."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.embedded.postgres import SUPERUSER, Postgres, PostgresDidNotStart
from tests.conftest import execute, run


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    """A server of this test's own, below a folder closed to everyone else."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = Postgres(closed / "postgres", log=closed / "postgres.log")
    server.start()
    yield server
    server.stop()


async def fetch(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


@pytest.mark.asyncio
async def test_every_test_gets_a_migrated_database_of_its_own(session: AsyncSession) -> None:
    assert (await session.execute(text("select count(*) from lists"))).scalar() == 0


def test_a_killed_server_heals_on_the_same_port_with_its_data(server: Postgres) -> None:
    run(execute(server.url(), "create table kept (n int)", "insert into kept values (1)"))
    address = server.url()
    assert server.pid
    process = psutil.Process(server.pid)
    process.kill()
    while server.running:
        time.sleep(0.01)
    server.start()
    assert server.url() == address
    assert run(fetch(server.url(), "select n from kept")) == [(1,)]


def test_a_server_that_is_killed_while_it_is_made_ready_is_started_once_more(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop()
    real, killed = asyncpg.connect, []

    async def dying(url: str) -> Any:
        connection = await real(url)
        if not killed:
            killed.append(server.pid)
            dead = psutil.Process(server.pid)
            dead.kill()
            await asyncio.to_thread(dead.wait)  # before the next statement comes
        return connection

    monkeypatch.setattr(asyncpg, "connect", dying)
    server.start()
    assert server.running
    assert killed != [server.pid]
    assert run(fetch(server.url(), "select 1")) == [(1,)]


def test_a_stale_lock_that_names_a_foreign_process_is_cleared(server: Postgres) -> None:
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    server.start()
    assert server.running


def test_two_servers_never_share_one_data_folder(server: Postgres, tmp_path: Path) -> None:
    home = server.data.parent
    with pytest.raises(PostgresDidNotStart, match="already uses"):
        Postgres(home, log=tmp_path / "second.log", patience=0.2).start()
    assert server.running


def test_the_server_leaves_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from calllist.embedded.postgres import Postgres\n"
        "home = Path(sys.argv[1])\n"
        "server = Postgres(home, log=home / 'log'); server.start()\n"
        "print(server.pid, flush=True); sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "home")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert parent.stdin
    assert parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running()


def test_the_log_names_errors_but_no_content(server: Postgres) -> None:
    run(execute(server.url(), "create table secret (word text unique)"))
    with pytest.raises(asyncpg.UniqueViolationError):
        run(execute(server.url(), "insert into secret values ('himitsu'), ('himitsu')"))
    log = (server.data.parent.parent / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "himitsu" not in log


def test_roles_are_not_superusers(server: Postgres) -> None:
    url = server.url(role=SUPERUSER, database="postgres")
    powerful = run(fetch(url, "select rolname from pg_roles where rolsuper"))
    assert powerful == [(SUPERUSER,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_as_root_the_server_is_nobody(server: Postgres) -> None:
    assert server.pid
    assert psutil.Process(server.pid).username() == "nobody"
