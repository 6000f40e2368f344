"""The keeper's one TCP port, for callers on other hosts: mutual TLS, class by certificate.

    accept -> handshake (few at a time, few seconds) -> class -> conversation

A connection that shows no certificate of our authority, one that expired, was revoked, or
names no class, ends without a byte of an answer. Before each request this is asked again: a
connection is no better than its certificate is now (crypto D48). Established conversations do
not suffer from a flood of handshakes; new ones may: the port belongs behind a packet filter.
"""

import asyncio
import logging
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from crypto.keeper.conversation import Switchboard
from crypto.wire.tls import KEEPER, Files, Revoked, caller_of, expires_at, server_context

GREETINGS = 64  # handshakes under way at most
GREETINGS_EACH = 16  # of one address
PAUSE_SECONDS = 0.1  # when the process has no descriptor left for another connection
GOODBYE_SECONDS = 2.0  # for the peer to acknowledge the end

log = logging.getLogger(__name__)


class PortRefused(Exception):
    """The keeper cannot listen there."""


class Port:
    """Listens on one address. `folder` holds ca.crt, keeper.crt, keeper.key, perhaps revoked."""

    def __init__(
        self,
        address: tuple[str, int],
        folder: Path,
        switchboard: Switchboard,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """clock: seconds since 1970, as TLS itself reads them. Raises KeyFileRefused."""
        self._clock = clock
        self._address, self._switchboard = address, switchboard
        self._context = server_context(Files.of(folder, KEEPER))
        self._revoked = Revoked(folder / "revoked")
        self._greeting: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: socket.socket | None = None

    @property
    def number(self) -> int:
        """The port, once started: of interest where 0 was asked for."""
        assert self._socket  # noqa: S101 - started first
        return int(self._socket.getsockname()[1])

    async def start(self) -> None:
        """Raises PortRefused."""
        host, number = self._address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, number), family=family, backlog=128)
        except OSError as error:
            raise PortRefused(f"port {number}: {error.strerror}") from None
        self._socket.setblocking(False)
        self._keep(asyncio.create_task(self._accept(self._socket)))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket:
            self._socket.close()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(listening)
            except OSError as error:
                log.warning("no connection: %s", error.strerror)
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if self._has_room(peer[0]):
                self._greeting[peer[0]] += 1  # here: the next may come before its task runs
                self._keep(asyncio.create_task(self._receive(connection, peer[0])))
            else:
                connection.close()

    def _has_room(self, address: str) -> bool:
        return self._greeting.total() < GREETINGS and self._greeting[address] < GREETINGS_EACH

    async def _receive(self, connection: socket.socket, address: str) -> None:
        try:
            reader, writer = await self._greet(connection)
        except OSError as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            log.warning("a caller at %s was dropped: %s", address, reason)
            connection.close()
            return
        finally:
            self._greeting[address] -= 1
            if not self._greeting[address]:
                del self._greeting[address]
        await self._admit(reader, writer, address)

    async def _greet(
        self, connection: socket.socket
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The handshake. Raises OSError, of which ssl.SSLError is one."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        transport, protocol = await loop.connect_accepted_socket(
            lambda: asyncio.StreamReaderProtocol(reader),
            connection,
            ssl=self._context,
            ssl_handshake_timeout=self._switchboard.limits.greeting_seconds,
            ssl_shutdown_timeout=GOODBYE_SECONDS,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _admit(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str
    ) -> None:
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        certificate, said = tls.getpeercert(binary_form=True) or b"", tls.getpeercert() or {}
        caller, until = caller_of(said), expires_at(said)

        def welcome() -> bool:
            good = self._clock() <= until and not self._revoked.holds(certificate)
            if not good:
                log.warning("a caller at %s was dropped: expired, or revoked", address)
            return good

        if caller is None:
            log.warning("a caller at %s was dropped: no class", address)
        if caller is None or not welcome():
            writer.close()
            return
        await self._switchboard.serve(caller, reader, writer, welcome)
