"""A manager with the board open: the stream of server-sent events, as a browser reads it."""

import asyncio
import contextlib
from dataclasses import dataclass

from calllist.web.access import GRANT, SESSION
from demo.onboarding import Member

PICTURE_ENDS = b"\n\n"  # of one event (HTML standard, 9.2)
ANEW_SECONDS = 1.0  # after which a browser asks again for a stream that has ended


@dataclass
class Watcher:
    """One open board. pictures, size: how many came, and their bytes in all; refused: how often
    the platform had no time for it."""

    port: int
    manager: Member
    pictures: int = 0
    size: int = 0
    refused: int = 0

    async def watch(self) -> None:
        """Read until cancelled; whenever the stream ends, come anew."""
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._stream()
            await asyncio.sleep(ANEW_SECONDS)

    async def _stream(self) -> None:
        head = (
            f"GET /floor/live HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n"
            f"Cookie: {SESSION}={self.manager.token}; {GRANT}={self.manager.grant}\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(head.encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200"):
                self.refused += 1
                return
            while piece := await reader.read(1 << 16):
                self.size += len(piece)
                self.pictures += piece.count(PICTURE_ENDS)
        finally:
            writer.close()
