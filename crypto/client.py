"""How the other floors speak to the keeper: one verb, one answer.

    keeper = KeeperClient(run / "web" / "keeper.sock")
    view = await keeper.call(wire.Open(grant=..., record=...))

A refusal is raised as the error of `crypto.errors` that its code names. A client belongs to
one event loop; its connections are opened when needed and again after the keeper restarted.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import TypeVar, cast

from crypto.errors import KeeperUnavailable, from_code
from crypto.frames import decode_reply, encode
from crypto.wire.base import Refused, Reply, Request

R = TypeVar("R", bound=Reply)

CALL_SECONDS = 20.0  # longer than any verb takes, shorter than a browser's patience


class Connection:
    """One connection: requests are answered in their order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, socket: Path) -> "Connection":
        """Raises KeeperUnavailable."""
        try:
            return cls(*await asyncio.open_unix_connection(socket))
        except OSError as error:
            raise KeeperUnavailable(f"{socket}: {error.strerror}") from None

    @property
    def usable(self) -> bool:
        return not (self._writer.is_closing() or self._reader.at_eof())

    async def call(self, request: Request[R]) -> R:
        """Raises a Refusal, or KeeperUnavailable: the connection is then closed."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                self._writer.write(encode(request))
                await self._writer.drain()
                size = int.from_bytes(await self._reader.readexactly(4), "big")
                reply = decode_reply(await self._reader.readexactly(size))
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


class KeeperClient:
    """A pool of connections to one of the keeper's sockets.

    socket: where the keeper listens to this caller class. pool: calls in flight at most;
    further ones wait.
    """

    def __init__(self, socket: Path, pool: int = 8) -> None:
        self._socket = socket
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
        connection = await Connection.to(self._socket)
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
        return await Connection.to(self._socket)
