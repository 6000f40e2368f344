"""The reader as it is seen from outside: a process that is told what to read, and talks.

    reader = Reader.start()            # at once: it gets ready meanwhile
    await reader.order(Order(...))     # from here on it owns standard input
    async for rows in reader: ...
    reader.read                        # the receipt, once the rows are out

    async with fed(order, body) as source:     # the web's own, for what is not stored
        said = await message(source)

What it says was made of bytes that anybody may have written: only its form is believed. One
that dies or talks nonsense is IntakeError READER_FAILED.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import msgspec

from calllist.intake import belief, frames, messages
from calllist.intake.messages import Header, Message, Order, Part, Read, Refused, Rows
from calllist.intake.problems import IntakeError, Problem

MODULE = "calllist.intake.reading"
INHERITED = ("PYTHONPATH",)  # nothing else: no address, no password, no path
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
        self._people: list[Counter[int]] = [Counter() for _ in order.segments]

    async def __aiter__(self) -> AsyncIterator[Rows]:
        """Raises IntakeError: what the reader refused the file for, or READER_FAILED."""
        while True:
            said = await message(self._from)
            if isinstance(said, Refused):
                raise belief.refusal(said)
            if isinstance(said, Read):
                if not belief.groups(said.groups, said.rare, self._people):
                    raise IntakeError(Problem.READER_FAILED)
                self.read = said
                return
            if isinstance(said, Header):
                await self._tell_file_key(said)
                continue
            if not isinstance(said, Rows):
                raise IntakeError(Problem.READER_FAILED)
            self._check(said)
            yield said

    async def _tell_file_key(self, header: Header) -> None:
        """Before the first row. Raises IntakeError READER_FAILED, and what `unwrap` raises."""
        if self._unwrap is None or self._seen:
            raise IntakeError(Problem.READER_FAILED)
        key = await self._unwrap(header.part, header.data)
        self._to.write(len(key).to_bytes(messages.LENGTH_BYTES, "big") + key)
        await self._to.drain()

    def _check(self, rows: Rows) -> None:
        """Raises IntakeError READER_FAILED unless this can be what was read."""
        lines = rows.lines
        sound = (
            len(lines) == len(rows.records) == len(rows.numbers)
            and [len(codes) for codes in rows.segments] == [len(lines)] * len(self._people)
            and rows.seen >= self._seen + len(lines)
            and max(map(len, rows.records), default=0) <= messages.RECORD_BYTES
            and (not lines or (lines[0] > self._last and lines[-1] < 1 << 31))
            and belief.findings(rows.found)
        )
        if not sound:
            raise IntakeError(Problem.READER_FAILED)
        self._seen = rows.seen
        self._last = lines[-1] if lines else self._last
        for counted, codes in zip(self._people, rows.segments, strict=True):
            counted.update(codes)

    def end(self) -> None:
        """End the process, if it has not ended by itself."""
        self._process.kill()
        self._process.wait()


@asynccontextmanager
async def fed(order: Order, body: AsyncIterator[bytes]) -> AsyncIterator[asyncio.StreamReader]:
    """A reader of this process's own, given a file; what it says. It is gone afterwards."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", MODULE, str(os.getpid()), str(theirs.fileno())),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={name: os.environ[name] for name in INHERITED if name in os.environ},
            )
        try:
            async with _talking(process, ours, order, body) as source:
                yield source
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@asynccontextmanager
async def _talking(
    process: asyncio.subprocess.Process,
    line: socket.socket,
    order: Order,
    body: AsyncIterator[bytes],
) -> AsyncIterator[asyncio.StreamReader]:
    if process.stdin is None:
        raise RuntimeError("the process has no pipe")
    line.setblocking(False)
    source, target = await asyncio.open_connection(sock=line, limit=WAITING_BYTES)
    feeding = asyncio.create_task(_feed(process.stdin, body))
    try:
        target.write(messages.framed(order))
        yield source
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
        target.close()


async def _feed(target: asyncio.StreamWriter, body: AsyncIterator[bytes]) -> None:
    """The file in frames; the reader takes as much of it as it needs."""
    try:
        async for block in body:
            for frame in frames.framed(block):
                target.write(frame)
                await target.drain()
        target.write(frames.COMPLETE)
        await target.drain()
    except Exception:  # noqa: S110 -- it had enough, or the browser went away: it says so
        pass
    finally:
        target.close()


async def message(source: asyncio.StreamReader, most: int = messages.MESSAGE_BYTES) -> Message:
    """The next thing that a reader says. Raises IntakeError READER_FAILED."""
    try:
        size = int.from_bytes(await source.readexactly(messages.LENGTH_BYTES), "big")
        if size <= most:
            said: Message = messages.decode(await source.readexactly(size))
            return said
    except (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError, ValueError):
        pass
    raise IntakeError(Problem.READER_FAILED)
