"""One upload as a conversation with the intake process: blocks in, reports out.

Both directions run at once, so that a refusal in the middle of a file ends the upload there
and then. The process never outlives the conversation.
"""

import asyncio
import fcntl
import os
import socket
import stat
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from calllist.intake.frames import (
    COMPLETE,
    Completed,
    Control,
    Failed,
    Progress,
    Report,
    control_frame,
    framed,
)

UNDER_WAY_BYTES = 1 << 20
REPORT_BYTES = 1 << 20  # of one line: a receipt of many columns

_reports: msgspec.json.Decoder[Report] = msgspec.json.Decoder(Report)


@dataclass
class Seen:
    """How far the process has read."""

    rows: int = 0
    taken: int = 0  # bytes of the file


async def hold(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    control: Control,
    body: AsyncIterator[bytes],
    seen: Seen,
) -> Completed | Failed | None:
    """What became of the file; None if the process ended without a word.

    An error while reading `body` ends the file unfinished, so nothing of it is stored.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=dict(environment),
        limit=REPORT_BYTES,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process has no pipes")
    _widen(process.stdin)
    feeding = asyncio.create_task(_feed(process.stdin, control, body))
    try:
        return await _listen(process.stdout, seen)
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()


def _widen(target: asyncio.StreamWriter) -> None:
    """So much of the file may be on its way: fewer changes between the processes."""
    target.transport.set_write_buffer_limits(high=UNDER_WAY_BYTES)
    pipe = target.transport.get_extra_info("pipe")
    if pipe is None:  # another event loop (uvloop): it works with what it has
        return
    descriptor = pipe.fileno()
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, UNDER_WAY_BYTES)
        return
    with socket.socket(fileno=os.dup(descriptor)) as line:  # Python before 3.12
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNDER_WAY_BYTES)


async def _feed(target: asyncio.StreamWriter, control: Control, body: AsyncIterator[bytes]) -> None:
    """The control, the body in frames, and the mark that it is complete.

    With refusals the body is two files, and its first empty block the end of the first one.
    """
    files = 2 if control.refusals else 1
    try:
        target.write(control_frame(control))
        async for block in body:
            if not block and files > 1:
                target.write(COMPLETE)
                files -= 1
            for frame in framed(block):
                target.write(frame)
                await target.drain()
        if files == 1:  # otherwise it broke off between the two
            target.write(COMPLETE)
        await target.drain()
    except Exception:  # noqa: S110 -- the process notices the end and says what it means
        pass
    finally:
        target.close()


async def _listen(source: asyncio.StreamReader, seen: Seen) -> Completed | Failed | None:
    while line := await source.readline():
        report = _reports.decode(line)
        if not isinstance(report, Progress):
            return report
        seen.rows, seen.taken = report.rows, report.taken
    return None
