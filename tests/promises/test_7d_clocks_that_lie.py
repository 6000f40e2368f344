"""Promise 7 when a clock lies: real PostgreSQL and a real keeper, each under libfaketime.

set back      what is past its deadline opens nowhere, whoever's clock was set back
set forward   frozen and told, but nothing is shredded before keeper and database agree
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from calllist import migrations
from calllist.embedded import postgres as embedded
from calllist.embedded.postgres import Postgres
from calllist.oversight.watch import Standing, Watch
from calllist.settings import Settings
from calllist.upkeep import upkeep
from crypto.errors.base import KeeperUnavailable
from crypto.wire.base import Caller
from crypto.wire.ledger import Head
from crypto.wire.lists import Inspect
from retention.states import State
from retention.tables import Holding
from tests.calllist.centre import ORIGIN, Centre
from tests.conftest import FAST

DAY = timedelta(days=1)
MINUTES = timedelta(minutes=8)  # further apart than the keeper tolerates

pytestmark = pytest.mark.asyncio


class Faked:
    """A clock that a test sets while its process runs; nobody can set the steady one."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / name
        self.set(timedelta(0))
        self.environment = {
            "LD_PRELOAD": _library(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # or Python's own lock spins instead of waiting
        }

    def set(self, ahead: timedelta) -> None:
        """So far ahead of the truth."""
        made = self._file.with_suffix(".new")
        made.write_text(f"{ahead.total_seconds():+.0f}\n")
        made.chmod(0o644)
        made.rename(self._file)


def _library() -> str:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    assert found, "libfaketime is missing: apt-get install libfaketime"
    return str(found[0])


@dataclass
class FakedCentre(Centre):
    """A centre whose keeper lives by a clock of the test's."""

    faked: Faked | None = None
    running: subprocess.Popen[bytes] | None = None

    async def start_keeper(self) -> None:
        assert self.folder.exists()
        self.faked = self.faked or Faked(self.folder, "keeper.time")
        options = ["--home", str(self.folder / "keeper"), "--run", str(self.folder / "run")]
        options += ["--demo", f"--clock-offset={self.clock.offset.total_seconds()}"]
        options += ["--origin", ORIGIN, "--keep", ",".join(self.faked.environment)]
        with (self.folder / "keeper.log").open("ab") as log:
            self.running = subprocess.Popen(  # noqa: ASYNC220 - it only starts
                ["setpriv", "--pdeathsig=KILL", sys.executable, "-m", "crypto", *options],
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], **self.faked.environment},
            )
        async with self.line(Caller.ADMIN) as line, asyncio.timeout(60):
            while True:
                with suppress(KeeperUnavailable):
                    await line.call(Head())
                    return
                assert self.running.poll() is None, (self.folder / "keeper.log").read_text()
                await asyncio.sleep(0.05)

    def _end_keeper(self, number: int) -> None:
        if self.running is not None:
            self.running.send_signal(number)
            self.running.wait(30)

    async def keys_of(self, list_id: str) -> str:
        """What the keeper says of a list's keys."""
        async with self.line(Caller.WORKER) as line:
            return (await line.call(Inspect(list_id))).state

    async def expired(self, list_id: str) -> None:
        """Wait until its deadline, by the keeper."""
        async with asyncio.timeout(60):
            while await self.keys_of(list_id) == "open":  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)

    async def swept(self, list_id: str) -> Holding:
        """A sweep by the real worker; what the books say then."""
        settings = Settings.model_validate(
            {
                "DATABASE_URL": self.database,
                "home": self.folder,
                "clock_offset": self.clock.offset,
            }
        )
        async with upkeep(settings) as power:
            for holding_id in await power.sweep():
                await power.destroy(holding_id)
        async with self.sessions() as session:
            return await session.get_one(Holding, list_id)

    async def standing(self) -> Standing:
        """What the web's watch sees."""
        watch = Watch(self.sessions, self.keeper, self.clock.now, self.clock.offset)
        return await watch.look()


@dataclass
class Town:
    """A centre, and the clock of its database."""

    centre: FakedCentre
    database: Faked


@pytest.fixture
def faked_postgres(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Postgres, Faked]]:
    """A server of its own, started under libfaketime."""
    folder = Path(tempfile.mkdtemp(prefix="clf-"))
    folder.chmod(0o711)
    faked = Faked(folder, "postgres.time")
    server = Postgres(folder / "pg", log=folder / "postgres.log", settings=FAST)
    server.start()
    migrations.upgrade(server.url())
    server.stop()
    wrapper = folder / "postgres"  # as root: the library comes after setpriv, not before
    given = " ".join(f"{name}={value}" for name, value in faked.environment.items())
    wrapper.write_text(f'#!/bin/sh\nexec env {given} {embedded.binary("postgres")} "$@"\n')
    wrapper.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr(embedded, "binary", lambda _: wrapper)
        server.start()
    yield server, faked
    server.stop()
    shutil.rmtree(folder)


@pytest_asyncio.fixture
async def town(faked_postgres: tuple[Postgres, Faked]) -> AsyncIterator[Town]:
    server, faked = faked_postgres
    folder = Path(tempfile.mkdtemp(prefix="cl"))
    engine = create_async_engine(server.url())
    made = await FakedCentre.open(
        async_sessionmaker(engine, expire_on_commit=False), server.url(), folder
    )
    assert isinstance(made, FakedCentre)
    yield Town(made, faked)
    await made.close()
    await engine.dispose()
    shutil.rmtree(folder)


async def test_the_databases_clock_set_back_opens_nothing_and_set_forward_shreds_nothing(
    town: Town,
) -> None:
    centre, job = town.centre, await town.centre.job()
    soon = (await centre.upload(job, expires=centre.now(timedelta(seconds=4)))).list_id
    later = (await centre.upload(job, expires=centre.now(timedelta(minutes=5)))).list_id

    town.database.set(-DAY)
    await centre.expired(soon)  # nothing opens, though the database takes it for yesterday
    assert (await centre.swept(soon)).state == State.FROZEN
    assert (await centre.swept(soon)).failure == "keeper:clocks_disagree"
    standing = await centre.standing()
    assert (standing.clocks.apart >= DAY - MINUTES, standing.alarms) == (True, ["clocks_disagree"])

    town.database.set(timedelta(0))
    held = await centre.swept(soon)
    assert (held.state, held.failure) == (State.CERTIFIED, None)
    assert (await centre.standing()).alarms == []

    town.database.set(MINUTES)
    held = await centre.swept(later)
    assert (held.state, held.failure) == (State.FROZEN, "keeper:not_authorised")
    assert await centre.keys_of(later) == "frozen"
    standing = await centre.standing()
    assert standing.clocks.apart > MINUTES - timedelta(minutes=1)
    assert "clocks_disagree" in standing.alarms

    assert centre.faked  # the keeper's agrees, for it is really so late
    centre._end_keeper(signal.SIGTERM)
    centre.faked.set(MINUTES)
    await centre.start_keeper()
    assert (await centre.swept(later)).state == State.CERTIFIED


async def test_the_keepers_clock_set_back_opens_nothing_and_set_forward_shreds_nothing(
    town: Town,
) -> None:
    centre, job = town.centre, await town.centre.job()
    operator = await centre.operator("suzuki", job)
    assert centre.faked
    soon = (await centre.upload(job, expires=centre.now(timedelta(seconds=6)))).list_id
    later = (await centre.upload(job, expires=centre.now(timedelta(hours=5)))).list_id

    centre.faked.set(DAY)  # it jumps: what it takes for expired does not open, and lives
    assert await centre.keys_of(later) == "frozen"
    held = await centre.swept(later)
    assert (held.state, held.failure) == (State.OPEN, None)
    standing = await centre.standing()
    assert (standing.clocks.doubted, "clocks_disagree" in standing.alarms) == (True, True)

    centre.faked.set(-DAY)
    await asyncio.wait_for(_due(centre, soon), 60)
    assert await centre.keys_of(soon) == "frozen"
    assert (await centre.swept(soon)).state == State.FROZEN
    assert (await centre.swept(soon)).failure in ("keeper:clocks_disagree", "keeper:not_authorised")

    centre.faked.set(timedelta(0))  # put right: work goes on, expiry waits for a day without jumps
    assert await centre.keys_of(later) == "open"
    assert (await centre.swept(soon)).failure == "keeper:clocks_disagree"
    assert (await centre.standing()).clocks.doubted
    lease = await centre.take(operator, job)
    assert (await centre.show(operator, lease))[1]


async def _due(centre: FakedCentre, list_id: str) -> None:
    """Until the worker has frozen it, by the database's clock."""
    while (await centre.swept(list_id)).state == State.OPEN:  # noqa: ASYNC110 - other processes
        await asyncio.sleep(0.2)
