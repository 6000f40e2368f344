"""A line between a command and the web that breaks where a test says so: real sockets.

with line_to(server.port) as line:
    line.cut_after(100_000)     # of what the next upload sends; then it is whole again
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
from collections.abc import Iterator

TICK = 0.05  # seconds between two looks whether it is over
PATIENCE = 10.0  # seconds for a line to end
UPLOAD = re.compile(rb"PUT |POST [^ ]*/withdrawals")


class Proxy:
    """Takes connections and passes bytes on in both directions."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TICK)
        self._over = threading.Event()
        self._cut: int | None = None
        self._stall = False
        self.stalled = threading.Event()
        self.uploaded = 0  # bytes of all uploads together
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut_after(self, count: int) -> None:
        """The next upload loses its line after so many bytes."""
        self._cut = count

    def stall_after(self, count: int) -> None:
        """The next upload's line takes nothing more after so many bytes, and stays open."""
        self._cut, self._stall = count, True

    def close(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        self._listener.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                ours, _ = self._listener.accept()
                thread = threading.Thread(target=self._pass_on, args=(ours,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, ours: socket.socket) -> None:
        with ours, socket.create_connection(("127.0.0.1", self._target)) as theirs:
            back = threading.Thread(target=self._copy, args=(theirs, ours), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                self._forward(ours, theirs)
            back.join()

    def _forward(self, ours: socket.socket, theirs: socket.socket) -> None:
        first = ours.recv(1 << 16)
        upload, cut = UPLOAD.match(first) is not None, None
        if upload:
            cut, self._cut = self._cut, None
        block = first
        while block:
            theirs.sendall(block)
            if upload:
                self.uploaded += len(block)
                if cut is not None and (cut := cut - len(block)) <= 0:
                    self._break(ours, theirs)
                    return
            block = ours.recv(1 << 14)
        theirs.shutdown(socket.SHUT_WR)

    def _break(self, ours: socket.socket, theirs: socket.socket) -> None:
        if self._stall:
            self.stalled.set()
            self._over.wait()
        for one in (ours, theirs):  # wakes whoever still reads there: closing does not
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RD)
        for one in (ours, theirs):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(1 << 16):
                target.sendall(block)
            target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def line_to(port: int) -> Iterator[Proxy]:
    """A line that is gone afterwards."""
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
