"""One connection: requests and answers in turn, within limits that no caller can stretch.

    place of its class -> [frame -> decode -> verb -> answer]* -> hang up

A class has so many places and no more, so one caller that opens connections without end
starves nobody but itself. Whoever is slow to finish a frame, or to take its answer, is
dropped; so is a connection that has been silent for long, and anything outside the schema
(crypto D41).
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from crypto.errors.base import Refusal
from crypto.errors.keeper import BadFrame
from crypto.keeper.verbs import Keeper
from crypto.lists.keyroom import Session
from crypto.wire.base import Caller, Refused, Reply
from crypto.wire.frames import FRAME_LIMIT, decode_request, encode

LENGTH_BYTES = 4

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What one connection, and one class of callers, may take. Times in seconds."""

    places: Mapping[Caller, int] = field(
        default_factory=lambda: {
            Caller.ADMIN: 8,
            Caller.WEB: 200,  # some 25 processes with a pool of 8
            Caller.INTAKE: 32,  # a frame of 4 MiB each at worst
            Caller.WORKER: 64,
        }
    )
    frame: Mapping[Caller, int] = field(  # bytes; only a manifest is large
        default_factory=lambda: dict.fromkeys(Caller, 2**20) | {Caller.INTAKE: FRAME_LIMIT}
    )
    silence: Mapping[Caller, float] = field(  # an upload is silent between mint and manifest
        default_factory=lambda: dict.fromkeys(Caller, 300.0) | {Caller.INTAKE: 7200.0}
    )
    frame_seconds: float = 30.0  # from a frame's first byte to its last
    answer_seconds: float = 30.0  # for the peer to take its answer
    greeting_seconds: float = 5.0  # for a TLS handshake


class Switchboard:
    """Every conversation of one keeper."""

    def __init__(self, keeper: Keeper, limits: Limits) -> None:
        self._keeper, self.limits = keeper, limits
        self._taken: Counter[Caller] = Counter()
        self._running: set[asyncio.Task[None]] = set()

    async def serve(
        self,
        caller: Caller,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        welcome: Callable[[], bool] = lambda: True,
    ) -> None:
        """Converse until the peer leaves or is dropped, and close.

        welcome: asked before each request; false drops the peer.
        """
        task = asyncio.current_task()
        assert task  # noqa: S101 - a coroutine of ours runs in one
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        if self._taken[caller] >= self.limits.places[caller]:
            writer.close()
            return
        self._taken[caller] += 1
        try:
            await self._converse(Session(caller), reader, writer, welcome)
            await self._hang_up(writer)
        except asyncio.CancelledError:
            pass  # `close`: the peer sees the end of the connection
        finally:
            writer.transport.abort()
            self._taken[caller] -= 1

    async def close(self) -> None:
        """Drop everybody."""
        for conversation in self._running:
            conversation.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _hang_up(self, writer: asyncio.StreamWriter) -> None:
        """Let the peer take what it was told; one that takes nothing keeps no descriptor."""
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(self.limits.answer_seconds):
                await writer.wait_closed()

    async def _converse(
        self,
        session: Session,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        welcome: Callable[[], bool],
    ) -> None:
        try:
            while True:
                body = await self._frame(session.caller, reader)
                if not welcome():
                    return
                reply = await self.answer(session, body)
                writer.write(encode(reply))
                if writer.transport.get_write_buffer_size():  # else the kernel has taken it
                    async with asyncio.timeout(self.limits.answer_seconds):
                        await writer.drain()
                if isinstance(reply, Refused) and reply.code == BadFrame.code:
                    return
        except (EOFError, OSError, TimeoutError, BadFrame):
            return
        finally:
            self._keeper.hang_up(session)

    async def _frame(self, caller: Caller, reader: asyncio.StreamReader) -> bytes:
        """Raises EOFError, OSError, TimeoutError, BadFrame: the connection ends."""
        async with asyncio.timeout(self.limits.silence[caller]) as limit:
            first = await reader.readexactly(1)
            limit.reschedule(asyncio.get_running_loop().time() + self.limits.frame_seconds)
            rest = await reader.readexactly(LENGTH_BYTES - 1)
            size = int.from_bytes(first + rest, "big")
            if size > self.limits.frame[caller]:
                raise BadFrame
            return await reader.readexactly(size)

    async def answer(self, session: Session, body: bytes) -> Reply:
        """Carry out what one frame says. Raises BadFrame: the connection ends."""
        try:
            request = decode_request(body)
        except msgspec.DecodeError:
            raise BadFrame from None
        try:
            return await self._keeper.answer(session, request)
        except Refusal as refusal:
            return Refused(refusal.code, refusal.detail)
        except Exception as error:
            # Never the message: it could quote what the verb had in its hands.
            log.error("%s failed: %s", type(request).__name__, type(error).__name__)  # noqa: TRY400
            raise BadFrame from None
