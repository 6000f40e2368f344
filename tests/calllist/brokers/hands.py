"""Workers of a centre on a given broker, and its queues in the test's own hands."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from celery import Celery
from kombu import Connection
from sqlalchemy import select

from calllist import broker
from calllist.embedded.postgres import SUPERUSER, Postgres
from calllist.mirror.pulling import pull
from calllist.mirror.tables import LedgerLine
from calllist.oversight import sweeps
from calllist.settings import SECRETS, Settings
from crypto.wire.base import Caller
from retention.states import State
from retention.tables import Certificate, Holding
from tests.calllist.centre import Centre, quiet_environment
from tests.zygote import Process, zygote

PATIENCE = 90.0  # seconds: two cores, and many at work
TICK = 0.02  # seconds between two looks
MODULES = (
    "celery.bin.celery",
    "celery.bin.worker",
    "celery.apps.worker",
    "calllist.upkeep",
    "kombu.transport.pyamqp",
    "kombu.transport.redis",
)


@dataclass
class Hands:
    """A centre, a broker's address, and who works there."""

    centre: Centre
    postgres: Postgres
    url: str | None
    ca: Path | None = None
    started: list[Process] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """What workers and beats have said."""
        return self.centre.folder / "celery.log"

    def environment(self) -> dict[str, str]:
        """Addresses with passwords come from a folder of files."""
        folder = self.centre.folder / "secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        name = self.centre.database.rsplit("/", 1)[1]
        url = self.postgres.url(role="calllist_worker", database=name)
        (folder / "DATABASE_URL").write_text(url.replace("+asyncpg", "") + "\n")
        given = {
            SECRETS: str(folder),
            "CALLLIST_HOME": str(self.centre.folder),
            "CALLLIST_CLOCK_OFFSET": str(self.centre.clock.offset.total_seconds()),
            "CALLLIST_SWEEP": "1",
        }
        if self.url is not None:
            (folder / "CALLLIST_BROKER_URL").write_text(self.url + "\n")
        if self.ca is not None:
            given["CALLLIST_BROKER_CA"] = str(self.ca)
        return quiet_environment() | given

    def start(self, *command: str) -> Process:
        """`celery --app calllist.worker ...` as shipped."""
        arguments = ["--quiet", "--app", "calllist.worker", *command, "--loglevel", "WARNING"]
        with self.log.open("ab") as log:
            process = zygote(*MODULES).start(
                "celery", arguments, output=log, environment=self.environment()
            )
        self.started.append(process)
        return process

    def worker(self) -> Process:
        return self.start("worker", "--pool", "solo", "--hostname", f"w{len(self.started)}@here")

    def beat(self) -> Process:
        return self.start("beat", "--schedule", str(self.centre.folder / "beat"))

    def stop(self) -> None:
        """By force, everybody."""
        for process in self.started:
            process.signal(9)
            process.wait(PATIENCE)
        self.started.clear()

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    # -- the queues ------------------------------------------------------------------------

    def app(self) -> Celery:
        """A publisher with the shipped options."""
        settings = Settings.model_validate(
            {
                "DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
                "home": self.centre.folder,
                "broker_url": self.url,
                "broker_ca": self.ca,
            }
        )
        app = Celery("hands", set_as_current=False)
        app.conf.update(broker.options(settings))
        return app

    @contextmanager
    def line(self) -> Iterator[Connection]:
        """A connection, its queues declared as shipped."""
        app = self.app()
        with app.connection_for_write() as line:
            # once more at most, and at once: a channel would try for long, `connect` sleeps
            line.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            for queue in app.conf.task_queues:
                queue(line.default_channel).declare()
            yield line

    def nudge(self, *holdings: Any, sweeps: int = 0, expires: float = 600.0) -> None:
        """Publish one `destroy` for each, in this order, and so many sweeps."""
        with self.line(), self.app() as app:
            for holding in holdings:
                app.send_task(
                    "calllist.destroy", (holding,), queue=broker.DESTRUCTIONS, expires=expires
                )
            for _ in range(sweeps):
                app.send_task("calllist.sweep", queue=broker.SWEEPS, expires=expires)

    def purge(self) -> int:
        """Lose every message."""
        with self.line() as line:
            queues = [queue(line.default_channel) for queue in self.app().conf.task_queues]
            return sum(queue.purge() for queue in queues)

    def waiting(self) -> dict[str, int]:
        """Messages in each queue, in no worker's hand."""
        with self.line() as line:
            return {
                queue.name: queue(line.default_channel).queue_declare().message_count
                for queue in self.app().conf.task_queues
            }

    # -- what holds them up ----------------------------------------------------------------

    @asynccontextmanager
    async def uncertified(self) -> AsyncIterator[None]:
        """Meanwhile no certificate is written: whoever wants to waits, with the task in hand."""
        name = self.centre.database.rsplit("/", 1)[1]
        url = self.postgres.url(role=SUPERUSER, database=name).replace("+asyncpg", "")
        owner = await asyncpg.connect(url)
        try:
            await owner.execute("begin; lock table certificates in share mode")
            yield
        finally:
            await owner.close()

    # -- what came of it -------------------------------------------------------------------

    async def until(self, list_id: str, *states: State) -> None:
        """Wait until a holding has come so far."""

        async def there() -> bool:
            async with self.centre.sessions() as session:
                return (await session.get_one(Holding, list_id)).state in states

        await until(there, lambda: f"{list_id} is not {states}: {self.said()[-3000:]}")

    async def swept(self, times: int = 1) -> None:
        """Wait until so many more sweeps have ended."""
        for _ in range(times):
            before = await self._sweep()

            async def again(before: sweeps.Sweep | None = before) -> bool:
                latest = await self._sweep()
                return latest is not None and latest != before

            await until(again, lambda: f"nobody sweeps: {self.said()[-3000:]}")

    async def _sweep(self) -> sweeps.Sweep | None:
        async with self.centre.sessions() as session:
            return await sweeps.latest(session)

    async def certificates(self) -> Counter[str]:
        """By list."""
        async with self.centre.sessions() as session:
            return Counter(await session.scalars(select(Certificate.holding_id)))

    async def ledger(self, list_id: str) -> Counter[str]:
        """How often the ledger says what of a list."""
        async with (
            self.centre.line(Caller.WORKER) as keeper,
            self.centre.sessions.begin() as session,
        ):
            await pull(session, keeper, self.centre.now())
            return Counter(
                await session.scalars(select(LedgerLine.kind).where(LedgerLine.list_id == list_id))
            )


async def until(condition: Callable[[], Any], otherwise: Callable[[], str]) -> None:
    """Ask until it is true."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not await condition():  # noqa: ASYNC110 - other processes
                await asyncio.sleep(TICK)
            return
    raise AssertionError(otherwise())


def arguments_of(processes: Sequence[Process]) -> str:
    """What anybody on the host can read of them."""
    found = []
    for process in processes:
        with contextlib.suppress(OSError):
            found.append(Path(f"/proc/{process.pid}/cmdline").read_bytes().decode())
    return " ".join(found) + " ".join(os.environ)
