"""The reader as the intake process sees it: a process that is told what to read, and talks.

    reader = Reader.start()            # at once: it gets ready meanwhile
    await reader.order(Order(...))     # from here on it owns standard input
    async for rows in reader: ...
    reader.read                        # the receipt, once the rows are out

What it says was made of bytes that anybody may have written: only its form is believed. One
that dies or talks nonsense is IntakeError READER_FAILED.
"""

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec

from calllist.intake import messages
from calllist.intake.messages import Header, Message, Order, Part, Read, Refused, Rows
from calllist.intake.problems import IntakeError, Problem

MODULE = "calllist.intake.reading"
INHERITED = ("PYTHONPATH",)  # nothing else: no address, no password, no path
_REASON = re.compile(r"[A-Za-z0-9_ .:-]{0,80}", re.ASCII)
Unwrap = Callable[[Part, bytes], Awaitable[bytes]]
WAITING_BYTES = 1 << 20  # rows read ahead while others are sealed


class Reader:
    """One reader process. It reads our standard input and ends with us."""

    def __init__(self, process: subprocess.Popen[bytes], line: socket.socket) -> None:
        self._process = process
        self._line = line
        self._seen = self._last = 0
        self.read: Read | None = None

    @classmethod
    def start(cls) -> "Reader":
        """Start a reader; it waits for its order."""
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, WAITING_BYTES)  # or what may be
            process = subprocess.Popen(
                [sys.executable, "-m", MODULE, str(os.getpid()), str(theirs.fileno())],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={name: os.environ[name] for name in INHERITED if name in os.environ},
            )
        return cls(process, ours)

    async def order(self, order: Order, unwrap: Unwrap | None = None) -> None:
        """What it shall read. Standard input is the reader's from here on.

        unwrap: from the header of an encrypted file to its file key.
        """
        self._unwrap = unwrap
        self._line.setblocking(False)
        self._from, self._to = await asyncio.open_connection(sock=self._line, limit=WAITING_BYTES)
        self._to.write(messages.framed(order))
        self._segments = len(order.segments)

    async def __aiter__(self) -> AsyncIterator[Rows]:
        """Raises IntakeError: what the reader refused the file for, or READER_FAILED."""
        while True:
            message = await self._next()
            if isinstance(message, Refused):
                raise refusal(message)
            if isinstance(message, Read):
                self.read = message
                return
            if isinstance(message, Header):
                await self._tell_file_key(message)
                continue
            if not isinstance(message, Rows):
                raise IntakeError(Problem.READER_FAILED)
            self._check(message)
            yield message

    async def _tell_file_key(self, header: Header) -> None:
        """Before the first row. Raises IntakeError READER_FAILED, and what `unwrap` raises."""
        if self._unwrap is None or self._seen:
            raise IntakeError(Problem.READER_FAILED)
        key = await self._unwrap(header.part, header.data)
        self._to.write(len(key).to_bytes(messages.LENGTH_BYTES, "big") + key)
        await self._to.drain()

    async def _next(self) -> Message:
        try:
            size = int.from_bytes(await self._from.readexactly(messages.LENGTH_BYTES), "big")
            if size <= messages.MESSAGE_BYTES:
                message: Message = messages.decode(await self._from.readexactly(size))
                return message
        except (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError):
            pass
        raise IntakeError(Problem.READER_FAILED)

    def _check(self, rows: Rows) -> None:
        """Raises IntakeError READER_FAILED unless this can be what was read."""
        lines = rows.lines
        sound = (
            len(lines) == len(rows.records) == len(rows.numbers)
            and [len(codes) for codes in rows.segments] == [len(lines)] * self._segments
            and rows.seen >= self._seen + len(lines)
            and max(map(len, rows.records), default=0) <= messages.RECORD_BYTES
            and (not lines or (lines[0] > self._last and lines[-1] < 1 << 31))
        )
        if not sound:
            raise IntakeError(Problem.READER_FAILED)
        self._seen = rows.seen
        self._last = lines[-1] if lines else self._last

    def end(self) -> None:
        """End the process, if it has not ended by itself."""
        self._process.kill()
        self._process.wait()


def refusal(message: Refused) -> IntakeError:
    """The refusal in our words: its reason is a code of ours, or nothing is said."""
    try:
        problem = Problem(message.code)
    except ValueError:
        return IntakeError(Problem.READER_FAILED)
    if not _REASON.fullmatch(message.reason):
        return IntakeError(problem, line=message.line, column=message.column)
    return IntakeError(problem, line=message.line, column=message.column, reason=message.reason)
