"""The keeper's sockets: one per caller class, each in a folder of its own.

    <run>/{admin,web,intake,worker}/keeper.sock

Who speaks is decided by the socket and by the uid that the kernel names (SO_PEERCRED), never
by the message. Callers on other hosts come through `crypto.keeper.remote`; an administrator never.
"""

import asyncio
import functools
import os
import socket
import struct
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from crypto.keeper.conversation import Limits, Switchboard
from crypto.keeper.remote import Port
from crypto.keeper.verbs import Keeper
from crypto.wire.base import Caller

SOCKET_NAME = "keeper.sock"
SOCKET_PATH_BYTES = 107  # sockaddr_un.sun_path without its NUL, Linux unix(7)


class SocketRefused(Exception):
    """The socket cannot be made there."""


class Server:
    """Listens for every caller class; `allowed` names the uids of each.

    remote: address of the TCP port and the folder of its certificates; None: no port.
    """

    def __init__(
        self,
        keeper: Keeper,
        run: Path,
        allowed: Mapping[Caller, frozenset[int]],
        *,
        remote: tuple[tuple[str, int], Path] | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """clock: seconds since 1970, for certificates that expire. Raises KeyFileRefused."""
        self._run, self._allowed = run, allowed
        self._switchboard = Switchboard(keeper, limits or Limits())
        self.port = Port(*remote, self._switchboard, clock) if remote else None
        self._servers: list[asyncio.Server] = []

    async def start(self) -> None:
        """Raises SocketRefused, PortRefused."""
        for caller in Caller:
            path = self._prepare(caller)
            server = await asyncio.start_unix_server(functools.partial(self._accept, caller), path)
            path.chmod(0o600 if self._only_us(caller) else 0o666)
            self._servers.append(server)
        if self.port:
            await self.port.start()

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        if self.port:
            await self.port.close()
        await self._switchboard.close()

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
        return self._allowed[caller] <= {os.getuid()}

    async def _accept(
        self, caller: Caller, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if peer_uid(writer) in self._allowed[caller]:
            await self._switchboard.serve(caller, reader, writer)
        writer.close()


def peer_uid(writer: asyncio.StreamWriter) -> int:
    """The uid of the process at the other end, as the kernel says (unix(7), SO_PEERCRED)."""
    peer: socket.socket = writer.get_extra_info("socket")
    packed = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", packed)
    return int(uid)
