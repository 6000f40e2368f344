"""The web as it is run: uvicorn in a process of its own, on a port, for the people of a centre.

with serving(centre) as server:
    platform = server.signed_in(centre.manager)
    server.kill(); server.start()       # the same port
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import httpx
from fastapi import FastAPI

from calllist.commands.platform import Platform
from calllist.people import tokens
from calllist.web.access import GRANT, SESSION
from tests.calllist.centre import ORIGIN, Centre, Someone, quiet_environment
from tests.zygote import Process, zygote

START_SECONDS = 30.0
STOP_SECONDS = 15.0


@dataclass
class Server:
    """One web process."""

    centre: Centre
    port: int = 0
    _process: Process | None = field(default=None, repr=False)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it listens."""
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = int(probe.getsockname()[1])
        environment = {
            **quiet_environment(),
            "DATABASE_URL": self.centre.database.replace("+asyncpg", ""),
            "CALLLIST_HOME": str(self.centre.folder),
            "CALLLIST_ORIGIN": self.origin,
            "CALLLIST_SYNTHETIC_NUMBERS": "1",
            "CALLLIST_CLOCK_OFFSET": str(self.centre.clock.offset.total_seconds()),
        }
        options = ["--factory", "calllist.app:make", "--port", str(self.port), "--no-access-log"]
        self._process = zygote("calllist.app", "uvicorn.main").start(
            "uvicorn", options, environment=environment
        )
        while not self._listens():
            if self._process.ends_within(0.02):
                raise AssertionError("the web did not start")

    def kill(self) -> None:
        """As `kill -9`."""
        self._end(9)

    def stop(self) -> None:
        """As a restart does it."""
        self._end(15)

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.signal(number)
            self._process.wait(STOP_SECONDS)
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def code_for(self, someone: Someone, *, withdrawals: bool = False) -> str:
        """What this person's browser shows for the command line."""
        asked = f"/sign-in/command-code?withdrawals={str(withdrawals).lower()}"
        told = Browser(self.origin, someone).ask("POST", asked).json()
        return str(told["code"])


class Browser(Platform):
    """The API, with a browser's cookies: session and grant."""

    def __init__(self, url: str, someone: Someone) -> None:
        super().__init__(url, someone.signed.token, tokens.csrf(someone.signed.token))
        object.__setattr__(self, "_grant", someone.signed.grant)

    def headers(self, more: object) -> dict[str, str]:
        own = super().headers(more)  # type: ignore[arg-type]
        own["Cookie"] = f"{SESSION}={self.token}; {GRANT}={self._grant}"  # type: ignore[attr-defined]
        return own


@contextlib.contextmanager
def serving(centre: Centre) -> Iterator[Server]:
    """A running web that is gone afterwards."""
    server = Server(centre)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@contextlib.asynccontextmanager
async def browser_of(app: FastAPI, someone: Someone | None) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser before an application in this process; None: a stranger's."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        if someone is not None:
            client.cookies.set(SESSION, someone.signed.token)
            client.cookies.set(GRANT, someone.signed.grant)
            client.headers["X-CSRF-Token"] = tokens.csrf(someone.signed.token)
        yield client
