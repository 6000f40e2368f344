"""The web's side of a withdrawal file: a reader process reads it, and tells references only.

What anybody may have written is parsed there (`reading`); here come lines and short texts,
held in memory until the keeper has filed them, and kept nowhere.
"""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec

from calllist.intake import frames, messages
from calllist.intake.messages import Order, Read, Referred, Refused
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reader import INHERITED, MODULE, refusal
from calllist.intake.reading.references import CELL_CHARACTERS, MOST
from crypto.fields import FieldKind

SECONDS = 300  # the sending included
Row = tuple[int, str]  # line of the file, reference


async def references(body: AsyncIterator[bytes], *, column: str = "") -> list[Row]:
    """The rows of a withdrawal file. column: its header or "#2", where that is in doubt.

    Raises IntakeError: what the file is refused for.
    """
    by_hand = {FieldKind.REFERENCE: column} if column else {}
    try:
        async with asyncio.timeout(SECONDS):
            return await _read(Order(mode="references", by_hand=by_hand), body)
    except TimeoutError:
        raise IntakeError(Problem.READER_FAILED, reason="time") from None


async def _read(order: Order, body: AsyncIterator[bytes]) -> list[Row]:
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", MODULE, str(os.getpid()), str(theirs.fileno())),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            env={name: os.environ[name] for name in INHERITED if name in os.environ},
        )
    if process.stdin is None:
        raise RuntimeError("the process has no pipe")
    ours.setblocking(False)
    source, target = await asyncio.open_connection(sock=ours)
    feeding = asyncio.create_task(_feed(process.stdin, body))
    try:
        target.write(messages.framed(order))
        return await _rows(source)
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
        target.close()
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _feed(target: asyncio.StreamWriter, body: AsyncIterator[bytes]) -> None:
    try:
        async for block in body:
            for frame in frames.framed(block):
                target.write(frame)
                await target.drain()
        target.write(frames.COMPLETE)
        await target.drain()
    except Exception:  # noqa: S110 -- the reader notices the end and says what it means
        pass
    finally:
        target.close()


async def _rows(source: asyncio.StreamReader) -> list[Row]:
    """Raises IntakeError."""
    rows: list[Row] = []
    while True:
        message = await _message(source)
        match message:
            case Refused():
                raise refusal(message)
            case Read():
                return rows
            case Referred() if _is_sound(message) and len(rows) <= MOST:
                rows += zip(message.lines, message.references, strict=True)
            case _:
                raise IntakeError(Problem.READER_FAILED)


async def _message(source: asyncio.StreamReader) -> messages.Message:
    try:
        size = int.from_bytes(await source.readexactly(messages.LENGTH_BYTES), "big")
        if size <= messages.MESSAGE_BYTES:
            message: messages.Message = messages.decode(await source.readexactly(size))
            return message
    except (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError):
        pass
    raise IntakeError(Problem.READER_FAILED)


def _is_sound(said: Referred) -> bool:
    return len(said.lines) == len(said.references) and all(
        len(text) <= CELL_CHARACTERS + 1 for text in said.references
    )
