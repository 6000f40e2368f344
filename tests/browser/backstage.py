"""Behind the curtain of the browser tests: the whole platform, its world, and what befalls it.

Everything here runs in one thread of its own. The browser's driver occupies the thread of
the tests, and the processes of a platform end with the thread that started them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
from msgspec.structs import replace

from calllist import db
from calllist.embedded.postgres import binary
from calllist.embedded.processes import Plan, Platform
from calllist.entrustors.purposes import Purpose
from calllist.people import accounts, statements
from calllist.people.roles import OF_PARTY, Role
from crypto.signed.terms import ContractTerms
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from demo.onboarding import CENTRE, Member
from demo.townsfolk import Townsperson, file
from tests.keepers import OFFSET, now
from tests.world import YEAR, World, townsfolk

PATIENCE = 90.0  # seconds for one piece of work backstage
SWEEP = timedelta(seconds=2)
LOOK_SECONDS = 0.05  # between two looks at a condition
TELLING = 2  # characters a given name needs to be told apart from the screens' own words

T = TypeVar("T")


class Backstage:
    """A platform with a small world. `start` it, `close` it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = _free_port()
        self.world: World
        self._platform: Platform
        self._thread = ThreadPoolExecutor(1, "backstage")
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._clients: list[KeeperClient] = []
        self._members = 0

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def admin(self) -> KeeperClient:
        """What the keeper's own administrator speaks through, on the keeper's host."""
        return self._clients[0]

    @property
    def certificate_key(self) -> Path:
        """The public key that an entrustor is given at the contract's signing."""
        return self.home / "keeper" / "public" / "certificate.pub"

    def start(self) -> None:
        """Start every process and build the world through the real verbs."""
        self._call(self._start)
        try:
            self.do(self._build())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop everything."""
        self._call(self._close)
        self._thread.shutdown()

    def do(self, verb: Coroutine[Any, Any, T]) -> T:
        """Run verbs of the product, as the other people of the world."""
        return self._call(lambda: self._runner.run(verb))

    # -- people and lists ----------------------------------------------------------------------

    def member(self, role: Role) -> Member:
        """One more person, enrolled, with a shift."""
        self._members += 1
        world, number = self.world, self._members
        return self.do(
            world.onboarding.member(
                f"person{number}",
                f"架空第{number}",
                role,
                party=world.party if role in OF_PARTY else None,
                site=world.site if role in OF_PARTY else None,
                entrustor=world.entrustor if role is Role.ENTRUSTOR else None,
            )
        )

    def invited(self, login: str) -> tuple[str, str]:
        """An operator on the signed roster who has not been here yet: person and invitation."""

        async def take_on() -> tuple[str, str]:
            world = self.world
            async with db.transaction(world.sessions) as session:
                person, invitation = await accounts.create(
                    session,
                    world.web,
                    by=CENTRE,
                    login=login,
                    name=f"架空{login}",
                    role=Role.OPERATOR,
                    party_id=world.party,
                    site_id=world.site,
                    now=now(),
                )
                request = await statements.draft_roster(
                    session, person.id, until=now() + YEAR, issuer=person.id, now=now()
                )
            await world.onboarding.decide(CENTRE, request)
            return person.id, invitation

        return self.do(take_on())

    def job(self, code: str, *operators: Member) -> str:
        """A job with these operators, without a list."""
        self.world.operators = list(operators)
        return self.do(self.world.job(code))

    @contextlib.contextmanager
    def contract(self, code: str, **terms: Any) -> Iterator[None]:
        """New jobs stand under another contract, with these terms."""
        world = self.world

        def change(usual: ContractTerms) -> ContractTerms:
            return replace(usual, **terms)

        usual = world.contract
        world.contract = self.do(
            world.onboarding.contract(
                *(world.entrustor, code, Purpose.HEALTH_CHECK),
                parties=(world.party,),
                expires=now() + YEAR,
                change=change,
            )
        )
        yield
        world.contract = usual

    def receive(self, job: str, content: bytes) -> str:
        """A list comes in through a real intake process. Returns its id."""
        received = self.do(
            self.world.receive(
                job,
                content,
                intake_url=self._platform.database_url("calllist_intake"),
                intake_socket=self._platform.run_folder / Caller.INTAKE / "keeper.sock",
            )
        )
        return received.list_id

    def end(self, list_id: str) -> None:
        """A manager ends a list before everybody is called.

        One of its own: the world's manager may have signed in at a browser since.
        """
        manager = self.member(Role.MANAGER)

        async def release() -> None:
            async with db.transaction(self.world.sessions) as session:
                await self.world.custody.release(
                    session, list_id, "manager", grant=manager.grant, now=now()
                )

        self.do(release())

    def hours_pass(self) -> None:
        """The time of every call-back and retry has come."""
        self._query("update records set due_at = now() where due_at is not null")

    def count(self, table: str) -> int:
        """How many rows the database has in a table."""
        return int(self._query(f"select count(*) from {table}"))  # noqa: S608 - ours

    def events(self, code: str) -> list[dict[str, Any]]:
        """The ledger's lines of one kind of event, those not yet in tiles."""
        with contextlib.closing(sqlite3.connect(self.home / "keeper" / "journal.db")) as journal:
            leaves = journal.execute("SELECT leaf FROM ledger ORDER BY seq").fetchall()
        return [line for (leaf,) in leaves if (line := json.loads(leaf)).get("code") == code]

    def await_certificate(self, list_id: str) -> None:
        """Wait until the worker has certified the destruction of a list."""
        certificates = f"certificates where holding_id = '{list_id}'"
        self._call(lambda: _until(lambda: self.count(certificates) > 0))

    # -- trouble -------------------------------------------------------------------------------

    def kill(self, part: str) -> None:
        """kill -9, and nobody starts it again until `heal`."""
        os.kill(self._platform.pids()[part], signal.SIGKILL)
        self._call(lambda: _until(lambda: part not in self._platform.pids()))

    def stop_database(self) -> None:
        """PostgreSQL is shut down, and nobody starts it again until `heal`."""
        assert self._platform.postgres
        self._call(self._platform.postgres.stop)

    def heal(self) -> None:
        """What the supervisor does: start again whatever has died, until all is well."""
        parts = {"postgres", "keeper", "web", "worker", "beat"}

        def well() -> bool:
            self._platform.tend()
            return parts <= set(self._platform.pids()) and self._healthy()

        self._call(lambda: _until(well))

    # -- the thread ----------------------------------------------------------------------------

    def _call(self, work: Callable[[], T]) -> T:
        return self._thread.submit(work).result(PATIENCE)

    def _start(self) -> None:
        plan = Plan(
            home=self.home,
            port=self.port,
            clock_offset=OFFSET,
            sweep=SWEEP,
            synthetic_numbers=True,
        )
        self._platform = Platform(plan)
        self._platform.start()

    def _healthy(self) -> bool:
        """Whether the web says that it reaches database and keeper."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.origin}/api/v1/health", timeout=10).is_success
        return False

    async def _build(self) -> None:
        self._engine = db.passing_engine(self._platform.database_url())
        run = self._platform.run_folder
        self._clients = [
            KeeperClient(run / caller / "keeper.sock") for caller in (Caller.ADMIN, Caller.WEB)
        ]
        self.world = await World.build(
            db.sessions(self._engine),
            admin=self._clients[0],
            web=self._clients[1],
            folder=self.home / "keys",
        )

    def _close(self) -> None:
        async def let_go() -> None:
            for client in self._clients:
                await client.close()

        with contextlib.ExitStack() as stack:
            stack.callback(self._runner.close)
            stack.callback(self._platform.stop)
            self._runner.run(let_go())

    def _query(self, statement: str) -> str:
        url = self._platform.database_url().replace("+asyncpg", "")
        done = subprocess.run(
            [str(binary("psql")), "--no-psqlrc", "--tuples-only", "--no-align", url],
            input=statement,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


def townsfolk_apart(count: int, *, seed: int) -> list[Townsperson]:
    """People whom a page's own words cannot be taken for, each with a reading of their own."""
    found: dict[str, Townsperson] = {}
    for person in townsfolk(count * 5, seed=seed):
        if len(person.name.split("　")[1]) >= TELLING:
            found.setdefault(person.kana, person)
    return list(found.values())[:count]


def troubled(folk: Sequence[Townsperson], outsiders: Sequence[Townsperson]) -> bytes:
    """A CP932 file: `folk`, then two rows nobody can call, one ragged row, and a duplicate."""
    unreachable = [person.cells() for person in outsiders]
    unreachable[0][6] = ""
    unreachable[1][6] = "なし"
    unreachable[2] = unreachable[2][:4]
    return file([*(person.cells() for person in folk), *unreachable, folk[0].cells()])


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE / LOOK_SECONDS)):
        if condition():
            return
        select.select([], [], [], LOOK_SECONDS)
    raise TimeoutError


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
