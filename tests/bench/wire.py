"""A cheap HTTP/1.1 client for measurements: raw asyncio, keep-alive, requests made beforehand.

    wire = Wire("127.0.0.1", 8000)
    answer = await wire.ask(b"GET / HTTP/1.1\r\n...\r\n\r\n")     # status, location, body's bytes

As a reverse proxy does, it keeps connections and lends each to one request at a time, the one
used last first. One that the server has closed meanwhile is replaced before anything is sent.
"""

import asyncio
from typing import NamedTuple

END = b"\r\n\r\n"


class Answer(NamedTuple):
    """What came back."""

    status: int
    location: str  # path and query; empty if there is none
    size: int  # bytes of the body
    lead: str = ""  # X-Lead, which only `tests.bench.bare` sends


class Dropped(Exception):
    """The server closed the connection before its answer was complete."""


class Wire:
    """Connections to one server of this machine."""

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._idle: list[_Line] = []

    async def ask(self, request: bytes) -> Answer:
        """One request. Raises OSError, Dropped."""
        line = await self._line()
        answer = await line.ask(request)
        if not line.gone:
            self._idle.append(line)
        return answer

    async def _line(self) -> "_Line":
        while self._idle:
            line = self._idle.pop()
            if not line.gone:
                return line
        _, line = await asyncio.get_running_loop().create_connection(_Line, *self._place)
        return line

    def close(self) -> None:
        for line in self._idle:
            line.hang_up()
        self._idle.clear()


class _Line(asyncio.Protocol):
    """One connection, one request at a time. Knows answers with Content-Length, or without body."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._read = bytearray()
        self.gone = False

    async def ask(self, request: bytes) -> Answer:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(END)
        if end < 0:
            return
        head = bytes(self._read[:end]).decode("latin-1").split("\r\n")
        named = dict(line.lower().split(": ", 1) for line in head[1:])
        size = int(named.get("content-length", 0))  # 204 has none
        if len(self._read) < end + len(END) + size:
            return
        place = next((line[10:] for line in head[1:] if line[:10].lower() == "location: "), "")
        self._read.clear()
        lead = named.get("x-lead", "")
        self._told(Answer(int(head[0].split(" ", 2)[1]), place, size, lead))

    def connection_lost(self, error: Exception | None) -> None:
        self.gone = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Dropped(str(error or "closed")))

    def _told(self, answer: Answer) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)
