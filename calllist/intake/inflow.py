"""A body that outlives its connection: one request after another goes on where the last one broke.

The reader (`async for block in inflow`) sees one stream. Each request feeds it from an offset
on which both sides agree; a later one takes over from an earlier one, whose line may be dead
without our knowing. Of the bytes at most some blocks wait in memory, and nothing is written
down: with this process the upload ends.

    feed(0) ► line breaks ► feed(offset) ► ... ► whole | silence too long ► the reader fails
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from calllist.errors import CalllistError

WAITING_BLOCKS = 8  # a web server hands over at most 256 KiB at once
PATIENCE_SECONDS = 60.0  # without one byte: as long as a router takes to come back
LONGEST_SECONDS = 4 * 3600.0  # of one upload: 200 MB at 15 kB/s


class OffsetDiffers(CalllistError):
    """The next byte wanted is another one than the one that was sent. Go on at `offset`."""

    code = "upload_offset"

    def __init__(self, offset: int) -> None:
        super().__init__("upload_offset")
        self.offset = offset


class LineBroken(CalllistError):
    """This request ended before its body did, or a later one has taken over."""

    code = "disconnected"


class TooSilent(Exception):
    """Nobody has sent anything for too long: the upload is over."""


async def in_time(
    body: AsyncIterator[bytes],
    patience: float = PATIENCE_SECONDS,
    longest: float = LONGEST_SECONDS,
) -> AsyncIterator[bytes]:
    """The same bytes. An upload holds one of few places, and a transaction of the database.

    Raises TooSilent: for `patience` nothing came, or not all of it within `longest` seconds.
    """
    now = asyncio.get_running_loop().time
    end = now() + longest
    blocks = aiter(body)
    while True:
        try:
            async with asyncio.timeout(min(patience, end - now())):
                block = await anext(blocks, None)
        except TimeoutError:
            raise TooSilent from None
        if block is None:
            return
        yield block


class Inflow:
    """The bytes of one upload. `offset`: how many have been taken over so far."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self.offset = 0
        self._patience = patience
        self._blocks: deque[bytes] = deque()
        self._whole = False
        self._over = False
        self._cut = False
        self._news = asyncio.Event()  # for the reader: a block, or the end
        self._room = asyncio.Event()  # for the feeder: a block was taken away
        self._stop: asyncio.Future[None] | None = None  # of the request that feeds

    async def feed(self, offset: int, body: AsyncIterator[bytes]) -> None:
        """Take over the rest of the file from this request; returns when the reader has no
        more use for it. Raises OffsetDiffers, LineBroken."""
        self._end_feeding()
        stop = self._stop = asyncio.get_running_loop().create_future()
        if self._whole or self._over:
            return
        if offset != self.offset:
            raise OffsetDiffers(self.offset)
        blocks = aiter(body)
        while (block := await self._next(blocks, stop)) is not None:
            while len(self._blocks) >= WAITING_BLOCKS and not stop.done():
                self._room.clear()
                await self._or_stopped(self._room.wait(), stop)
            if stop.done():
                break
            if not block:  # where a request ends; to the reader an empty block may mean more
                continue
            self._blocks.append(block)  # with its offset, or not at all
            self.offset += len(block)
            self._news.set()
        if self._over:
            return
        if stop.done():
            raise LineBroken
        self._whole = True
        self._news.set()

    def cut(self) -> None:
        """Whoever sends does not want it any more: the reader fails now."""
        self._cut = True
        self._end_feeding()
        self._news.set()

    def over(self) -> None:
        """The reader is done with it, refused it or failed: feeding ends."""
        self._over = True
        self._end_feeding()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes, once. Raises TooSilent."""
        while True:
            while self._blocks and not self._cut:
                block = self._blocks.popleft()
                self._room.set()
                yield block
            if self._cut:
                raise TooSilent
            if self._whole:
                return
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), self._patience)
            except TimeoutError:
                raise TooSilent from None

    def _end_feeding(self) -> None:
        if self._stop is not None and not self._stop.done():
            self._stop.set_result(None)

    async def _next(self, blocks: AsyncIterator[bytes], stop: asyncio.Future[None]) -> bytes | None:
        """The next block; None at the end, or when this request is to stop. Raises LineBroken."""
        try:
            return await self._or_stopped(anext(blocks), stop)
        except StopAsyncIteration:
            return None
        except Exception:
            raise LineBroken from None

    @staticmethod
    async def _or_stopped(work: object, stop: asyncio.Future[None]) -> bytes | None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            return None if stop.done() else task.result()
        finally:
            if not task.cancel():
                task.exception()  # seen, should both have come at once
