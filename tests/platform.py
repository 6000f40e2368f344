"""The whole platform as it is shipped, on a home of its own: tended, killed, watched.

    postgres, keeper, web, worker, beat     real processes under the real supervisor

    with whole() as platform:
        async with platform.centre() as centre:
            job = await centre.job()
            received = await centre.upload(job, file)
            platform.kill("keeper")                       # as `kill -9`; the supervisor heals
            await platform.serves()

Its clock is the tests' (`tests.keepers.now`), a sweep comes every other second. `untended` stops
the supervisor, so that what is killed stays away; `python -m tests.platform` is the
supervisor's process. Nothing waits for a time: `until` waits for a condition.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import msgspec
import psutil

from calllist import db
from calllist.embedded.children import Child
from calllist.embedded.postgres import DATABASE, OWNER, SUPERUSER
from calllist.embedded.processes import Plan, Platform, watch
from calllist.entrustors.onboarding import EntrustorKind
from calllist.entrustors.purposes import Purpose
from calllist.people import tokens
from calllist.people.roles import Role
from calllist.web.access import GRANT, SESSION
from crypto.signed.terms import ContractTerms
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from demo.onboarding import Member, Onboarding
from demo.seat import Seat
from retention.residue import Store
from tests.keepers import OFFSET, now

SWEEP = timedelta(seconds=2)
SILENCE = timedelta(seconds=3)  # an upload unheard of for so long is dead
START_SECONDS = 90.0
PATIENCE = 45.0  # seconds for a condition on a busy machine
TICK = 0.05
MARKS = {  # what tells the processes apart, in their command lines
    "postgres": "bin/postgres -D",
    "keeper": "-m crypto --home",
    "web": "-m uvicorn",
    "worker": "--quiet worker",
    "beat": "--quiet beat",
    "intake": "-m calllist.intake",
}

T = TypeVar("T")


async def until(condition: Callable[[], Awaitable[T]], what: str, seconds: float = PATIENCE) -> T:
    """Ask again and again until the answer is true; that answer. What is away is no answer."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                with contextlib.suppress(OSError, asyncpg.PostgresError, httpx.TransportError):
                    if answer := await condition():
                        return answer
                await asyncio.sleep(TICK)
    except TimeoutError:
        raise AssertionError(f"not within {seconds:.0f} s: {what}") from None


class Keyboard(Seat):
    """A person over real HTTP, signed in by the enrolment: no code is waited for."""

    async def __aenter__(self) -> Keyboard:
        await self.sign_in()
        return self

    async def sign_in(self) -> None:
        self._cookies = {SESSION: self._member.token, GRANT: self._member.grant}
        self._csrf = tokens.csrf(self._member.token)

    @property
    def headers(self) -> dict[str, str]:
        """What the person's browser sends with each request."""
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {"Cookie": cookies, "X-CSRF-Token": self._csrf}

    @property
    def origin(self) -> str:
        """Where the platform is."""
        return str(self._http.base_url).rstrip("/")

    async def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Any request to any path, answered with whatever comes."""
        headers = {**self.headers, **how.pop("headers", {})}
        return await self._http.request(method, path, headers=headers, **how)


@dataclass(frozen=True)
class Cast:
    """An entrustor of its own with a contract, and the people who work for it."""

    contract: str
    entrustor: str
    members: list[Member]  # manager, operators (two, unless more were wanted), officer


@dataclass
class Centre:
    """A cast at its keyboards."""

    cast: Cast
    keys: Path  # <keys>/<entrustor>.key opens what is sealed to the entrustor
    manager: Keyboard
    operators: list[Keyboard]
    officer: Keyboard

    async def job(self) -> str:
        """A job with every operator on it. Its id."""
        code = f"JOB-{secrets.token_hex(3)}"
        made = await self.manager.post("/jobs", {"contract": self.cast.contract, "code": code})
        for operator in self.cast.members[1:-1]:
            await self.manager.put(f"/jobs/{made['id']}/operators/{operator.person}")
        return str(made["id"])

    async def upload(self, job: str, content: bytes | AsyncIterator[bytes]) -> dict[str, Any]:
        """One list, its intake closed. The answer: `list`, `receipt`."""
        received: dict[str, Any] = await self.manager.upload(job, content)
        await self.manager.post(f"/lists/{received['list']}/close-intake")
        return received

    async def take(self, operator: Keyboard, job: str) -> dict[str, Any]:
        """The next person, masked; `lease` names the lease."""
        lease = (await operator.post(f"/jobs/{job}/leases"))["lease"]
        shown: dict[str, Any] = await operator.get(f"/leases/{lease}")
        return shown

    async def record(self, operator: Keyboard, lease: str, code: int = 10) -> dict[str, Any]:
        """How the call ended."""
        told: dict[str, Any] = await operator.post(f"/leases/{lease}/result", {"code": code})
        return told


class WholePlatform:
    """Every process of a platform, in a home of a short path: UNIX sockets."""

    def __init__(self, *, web: str = "calllist.app:make") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clp-"))
        self.home = self.folder / "home"
        self.keys = self.folder / "keys"  # of people outside: no store of the platform
        self.port = _free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._ready = self.folder / "ready"
        command = [
            *(sys.executable, "-m", "tests.platform", str(self.folder), str(self.port), web),
            str(OFFSET.total_seconds()),  # computed once: the clock here is the clock there
        ]
        self._supervisor = Child(
            "supervisor",
            command,
            log=self.home / "log" / "supervisor.log",
            environment={},
            ready=self._is_up,
        )

    def start(self) -> None:
        """Start everything and wait until it serves."""
        self._ready.unlink(missing_ok=True)
        self._supervisor.start()
        self._supervisor.await_ready(START_SECONDS)

    def _is_up(self) -> bool:
        """The worker makes the broker's folder when it starts."""
        return self._ready.exists() and (self.home / "broker" / "control").is_dir()

    @property
    def running(self) -> bool:
        """Whether there is a supervisor; the processes that it tends may be away."""
        return self._supervisor.pid is not None

    def stop(self) -> None:
        """As Ctrl-C would; `start` finds everything again."""
        self._supervisor.stop()

    def forget(self) -> None:
        """Remove every trace."""
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- processes -------------------------------------------------------------------------

    def process(self, part: str) -> psutil.Process | None:
        """The process of a part (`MARKS`), if it runs."""
        with contextlib.suppress(psutil.NoSuchProcess):
            if self._supervisor.pid is None:
                raise AssertionError("the supervisor is gone")
            running = psutil.Process(self._supervisor.pid).children(recursive=part == "intake")
            for process in running:
                if _is(process, part):
                    return process
        return None

    def kill(self, part: str) -> int:
        """As `kill -9`, and wait until it is dead. The id that it had."""
        process = self.process(part)
        assert process is not None, f"{part} does not run"
        process.kill()
        with contextlib.suppress(psutil.TimeoutExpired, psutil.NoSuchProcess):
            while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                process.wait(TICK)
        return process.pid

    @contextlib.contextmanager
    def stopped(self, part: str) -> Iterator[None]:
        """The process stands still (SIGSTOP): what is sent to it waits. It may be killed."""
        process = self.process(part)
        assert process is not None, f"{part} does not run"
        process.suspend()
        try:
            yield
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    @contextlib.contextmanager
    def untended(self) -> Iterator[None]:
        """Nobody starts again what dies, until the end of this block."""
        assert self._supervisor.pid is not None
        os.kill(self._supervisor.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._supervisor.pid, signal.SIGCONT)

    async def again(self, part: str, died: int) -> None:
        """Wait until another process has taken the place of the one that died."""

        async def replaced() -> bool:
            process = self.process(part)
            return process is not None and process.pid != died

        await until(replaced, f"{part} was started again")

    async def serves(self) -> None:
        """Wait until the database takes connections, and the web reaches it and the keeper.

        The web's word alone does not do: a backend whose postmaster was killed may answer it
        once more, and the first postmaster after the kill ends if it finds such a backend.
        """
        await until(lambda: self.sql("select 1"), "the database takes connections")
        async with httpx.AsyncClient(base_url=self.origin) as client:

            async def healthy() -> bool:
                return (await client.get("/api/v1/health")).status_code == 200

            await until(healthy, "the platform serves")

    def last_words(self, lines: int = 40) -> str:
        """The end of each process's log, for a failure's report."""
        logs = sorted((self.home / "log").glob("*.log"))
        ends = ((log.name, log.read_text(errors="replace").splitlines()[-lines:]) for log in logs)
        return "\n".join("\n".join([f"-- {name}", *end]) for name, end in ends)

    # -- stores ----------------------------------------------------------------------------

    def url(self, role: str = OWNER) -> str:
        """The database's address for asyncpg."""
        home = self.home / "postgres"
        password = (home / "passwords" / role).read_text()
        return f"postgresql://{role}:{password}@127.0.0.1:{(home / 'port').read_text()}/{DATABASE}"

    async def sql(self, statement: str, *values: Any) -> list[Any]:
        """Rows, as the superuser sees them."""
        connection = await asyncpg.connect(self.url(SUPERUSER), timeout=5)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    @contextlib.asynccontextmanager
    async def locked(self, statement: str, *values: Any) -> AsyncIterator[None]:
        """Hold the locks that a statement takes: who needs them stands still there."""
        connection = await asyncpg.connect(self.url(SUPERUSER), timeout=5)
        try:
            await connection.execute("begin")
            await connection.fetch(statement, *values)
            yield
        finally:
            connection.terminate()

    async def blocked(self, doing: str = "") -> None:
        """Wait until somebody waits for a lock that `locked` holds.

        doing: how its statement begins, where others may come to the same lock.
        """
        waiting = (
            "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
            " and starts_with(lower(query), $1)"
        )
        await until(lambda: self.sql(waiting, doing), "somebody stands before the lock")

    def keeper(self, caller: Caller) -> KeeperClient:
        """A client of this caller class."""
        return KeeperClient(self.home / "run" / caller / "keeper.sock", pool=2)

    def stores(self) -> list[Store]:
        """Every place where the platform writes, each once."""
        data = self.home / "postgres" / "data"
        apart = [Store("wal", data / "pg_wal")]
        apart += [Store("database", entry) for entry in sorted(data.iterdir())]
        others = [entry for entry in sorted(self.home.iterdir()) if entry.name != "postgres"]
        return [
            *(store for store in apart if store.name == "wal" or store.path.name != "pg_wal"),
            *(Store(entry.name, entry) for entry in others),
        ]

    # -- people ----------------------------------------------------------------------------

    async def cast(
        self,
        change: Callable[[ContractTerms], ContractTerms] = lambda terms: terms,
        *,
        operators: int = 2,
    ) -> Cast:
        """A new entrustor and a new centre, taken on through the real verbs."""
        engine = db.passing_engine(self.url().replace("postgresql:", "postgresql+asyncpg:"))
        async with self.keeper(Caller.ADMIN) as admin, self.keeper(Caller.WEB) as web:
            onboarding = Onboarding(
                db.sessions(engine), admin=admin, web=web, folder=self.keys, now=now
            )
            taken = await _take_on(onboarding, change, operators)
        await engine.dispose()
        return taken

    @contextlib.asynccontextmanager
    async def centre(self, cast: Cast | None = None) -> AsyncIterator[Centre]:
        """A centre at work; without a cast a new one."""
        cast = cast or await self.cast()
        async with contextlib.AsyncExitStack() as stack:
            manager, *operators, officer = [
                await stack.enter_async_context(Keyboard(self.origin, member, now))
                for member in cast.members
            ]
            yield Centre(cast, self.keys, manager, operators, officer)


@contextlib.contextmanager
def whole(*, web: str = "calllist.app:make") -> Iterator[WholePlatform]:
    """A running platform that leaves nothing behind."""
    platform = WholePlatform(web=web)
    try:
        platform.start()
        yield platform
    finally:
        platform.stop()
        platform.forget()


async def _take_on(
    onboarding: Onboarding, change: Callable[[ContractTerms], ContractTerms], count: int
) -> Cast:
    def generous(terms: ContractTerms) -> ContractTerms:
        return change(msgspec.structs.replace(terms, people_per_hour=10_000, people_per_day=99_999))

    mark = secrets.token_hex(3)
    await onboarding.centre()
    entrustor = await onboarding.entrustor(f"架空市{mark}", EntrustorKind.PUBLIC)
    party = await onboarding.party(f"架空コール{mark}")
    site = await onboarding.site(party, "本社")
    contract = await onboarding.contract(
        entrustor,
        f"KAKU-{mark}",
        Purpose.HEALTH_CHECK,
        parties=(party,),
        expires=now() + timedelta(days=30),
        change=generous,
    )
    manager = await onboarding.member(
        f"manager-{mark}", "架空管理者", Role.MANAGER, party=party, site=site
    )
    operators = [
        await onboarding.member(
            f"operator{number}-{mark}", "架空架電員", Role.OPERATOR, party=party, site=site
        )
        for number in range(1, count + 1)
    ]
    officer = await onboarding.member(
        f"officer-{mark}", "架空担当", Role.ENTRUSTOR, entrustor=entrustor
    )
    return Cast(contract, entrustor, [manager, *operators, officer])


def _is(process: psutil.Process, part: str) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return MARKS[part] in " ".join(process.cmdline())
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _supervise(folder: Path, port: int, web: str, clock_offset: timedelta) -> None:
    """The supervisor, until TERM."""
    home = folder / "home"
    plan = Plan(
        home=home,
        port=port,
        web=web,
        clock_offset=clock_offset,
        sweep=SWEEP,
        upload_silence=SILENCE,
        synthetic_numbers=True,
    )
    platform = Platform(plan)
    platform.start()
    (folder / "ready").touch()
    watch(platform, print)


if __name__ == "__main__":
    os.umask(0o077)
    _supervise(
        Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], timedelta(seconds=float(sys.argv[4]))
    )
