"""How the other floors speak to the keeper: one verb, one answer.

    keeper = KeeperClient(run / "web" / "keeper.sock")        on this host
    keeper = KeeperClient(Remote.of("tls://...", certificates, Caller.WEB))
    view = await keeper.call(wire.Open(grant=..., record=...))

A refusal is raised as the error of `crypto.errors` that its code names. A client belongs to
one event loop; its connections are opened when needed and again after the keeper restarted.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import TypeVar, cast

from crypto.errors.base import KeeperUnavailable, KeyFileRefused
from crypto.errors.codes import from_code
from crypto.wire.base import Refused, Reply, Request
from crypto.wire.frames import decode_reply, encode
from crypto.wire.tls import Remote, client_context

R = TypeVar("R", bound=Reply)

CALL_SECONDS = 20.0  # longer than any verb takes, shorter than a browser's patience
GREETING_SECONDS = 5.0  # to connect to another host, handshake included
REST_SECONDS = 120.0  # an idle connection is used again: the keeper drops it after 300

Address = Path | Remote
"""Where a keeper listens: a socket of this host, or a port of another one."""


class Connection:
    """One connection: requests are answered in their order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._answered = time.monotonic()

    @classmethod
    async def to(cls, address: Address) -> "Connection":
        """Raises KeeperUnavailable."""
        try:
            if isinstance(address, Path):
                return cls(*await asyncio.open_unix_connection(address))
            return cls(*await _greet(address))
        except (OSError, KeyFileRefused) as error:  # ssl.SSLError and TimeoutError are OSErrors
            said = getattr(error, "strerror", None) or str(error) or type(error).__name__
            where = address if isinstance(address, Path) else f"{address.host}:{address.port}"
            raise KeeperUnavailable(f"{where}: {said}") from None

    @property
    def usable(self) -> bool:
        """Not closed by either side, and not so long at rest that the keeper is about to."""
        rested = time.monotonic() - self._answered
        return not (self._writer.is_closing() or self._reader.at_eof() or rested > REST_SECONDS)

    async def call(self, request: Request[R]) -> R:
        """Raises a Refusal, or KeeperUnavailable: the connection is then closed."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                self._writer.write(encode(request))
                await self._writer.drain()
                size = int.from_bytes(await self._reader.readexactly(4), "big")
                reply = decode_reply(await self._reader.readexactly(size))
                self._answered = time.monotonic()
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            self._writer.close()
            raise KeeperUnavailable(type(error).__name__) from None
        except asyncio.CancelledError:
            self._writer.close()  # its answer may still come: nobody else may read it
            raise
        if isinstance(reply, Refused):
            raise from_code(reply.code, reply.detail)
        return cast("R", reply)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


async def _greet(address: Remote) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to another host. The certificate is read anew each time: it may be renewed."""
    async with asyncio.timeout(GREETING_SECONDS):
        return await asyncio.open_connection(
            address.host, address.port, ssl=client_context(address.files)
        )


class KeeperClient:
    """A pool of connections to one keeper, as one class of caller.

    address: where the keeper listens to this class. pool: calls in flight at most; further
    ones wait.
    """

    def __init__(self, address: Address, pool: int = 8) -> None:
        self._address = address
        self._places = asyncio.Semaphore(pool)
        self._idle: list[Connection] = []

    async def __aenter__(self) -> "KeeperClient":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def call(self, request: Request[R]) -> R:
        """One verb. Raises a Refusal, or KeeperUnavailable."""
        async with self._places:
            connection = await self._connection()
            try:
                return await connection.call(request)
            finally:
                if connection.usable:
                    self._idle.append(connection)

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Connection]:
        """A connection of one's own: what is minted on it is forgotten when it ends."""
        connection = await Connection.to(self._address)
        try:
            yield connection
        finally:
            await connection.close()

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close()

    async def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            await connection.close()
        return await Connection.to(self._address)
