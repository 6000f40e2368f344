"""The keeper's sockets: one per caller class, each in a folder of its own.

    <run>/{admin,web,intake,worker}/keeper.sock

Who speaks is decided by the socket and by the uid that the kernel names (SO_PEERCRED), never
by the message. A frame outside the schema ends the connection.
"""

import asyncio
import contextlib
import functools
import logging
import os
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

import msgspec

from crypto.errors import BadFrame, Refusal
from crypto.frames import FRAME_LIMIT, decode_request, encode
from crypto.keeper import Keeper
from crypto.keyroom import Session
from crypto.wire.base import Caller, Refused, Reply

SOCKET_NAME = "keeper.sock"
SOCKET_PATH_BYTES = 107  # sockaddr_un.sun_path without its NUL, Linux unix(7)
BODY_SECONDS = 30.0  # for a frame whose length has arrived

log = logging.getLogger(__name__)


class SocketRefused(Exception):
    """The socket cannot be made there."""


class Server:
    """Listens for every caller class; `allowed` names the uids of each."""

    def __init__(self, keeper: Keeper, run: Path, allowed: Mapping[Caller, frozenset[int]]) -> None:
        self._keeper, self._run, self._allowed = keeper, run, allowed
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises SocketRefused."""
        for caller in Caller:
            path = self._prepare(caller)
            server = await asyncio.start_unix_server(functools.partial(self._accept, caller), path)
            path.chmod(0o600 if self._only_us(caller) else 0o666)
            self._servers.append(server)

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _prepare(self, caller: Caller) -> Path:
        folder = self._run / caller
        path = folder / SOCKET_NAME
        if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
            raise SocketRefused(f"{path} is longer than {SOCKET_PATH_BYTES} bytes")
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700 if self._only_us(caller) else 0o711)
        path.unlink(missing_ok=True)
        return path

    def _only_us(self, caller: Caller) -> bool:
        return self._allowed[caller] == {os.getuid()}

    async def _accept(
        self, caller: Caller, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        with contextlib.suppress(asyncio.CancelledError):
            if peer_uid(writer) in self._allowed[caller]:
                await self._converse(Session(caller), reader, writer)
        writer.close()

    async def _converse(
        self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one request after another until the peer leaves or says something else."""
        try:
            while True:
                body = await _frame(reader)
                reply = await self._answer(session, body)
                writer.write(encode(reply))
                await writer.drain()
                if isinstance(reply, Refused) and reply.code == BadFrame.code:
                    return
        except (EOFError, OSError, TimeoutError, BadFrame):
            return
        finally:
            self._keeper.hang_up(session)

    async def _answer(self, session: Session, body: bytes) -> Reply:
        try:
            request = decode_request(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BadFrame from None
        try:
            return await self._keeper.answer(session, request)
        except Refusal as refusal:
            return Refused(refusal.code, refusal.detail)
        except Exception as error:
            # Never the message: it could quote what the verb had in its hands.
            log.error("%s failed: %s", type(request).__name__, type(error).__name__)  # noqa: TRY400
            raise BadFrame from None


async def _frame(reader: asyncio.StreamReader) -> bytes:
    size = int.from_bytes(await reader.readexactly(4), "big")
    if size > FRAME_LIMIT:
        raise BadFrame
    async with asyncio.timeout(BODY_SECONDS):
        return await reader.readexactly(size)


def peer_uid(writer: asyncio.StreamWriter) -> int:
    """The uid of the process at the other end, as the kernel says (unix(7), SO_PEERCRED)."""
    peer: socket.socket = writer.get_extra_info("socket")
    packed = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", packed)
    return int(uid)
