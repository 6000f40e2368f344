"""How far an upload is: a bar on a terminal, a plain line now and then anywhere else.

Both say what is known: how much of the list the platform has read and sealed, rows a second, how
long the rest will take; bytes sent of how many. Standard error; the result has standard output
to itself.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from calllist.commands.console import Console
from calllist.commands.sending import Sending

LINE_SECONDS = 5.0  # between two plain lines
KILOBYTE = 1_000
MEGABYTE = 1_000_000
LONG_SECONDS = 3.0  # without one more row: then it has become slower
SMOOTH = 0.3  # weight of the latest second in rows a second


class Shown(Protocol):
    """Shows how far it is, as often as it is told to."""

    def look(self) -> None: ...


@dataclass
class Pace:
    """Rows and bytes a second, smoothed, and what is left."""

    sending: Sending
    rows_each: float = 0.0
    bytes_each: float = 0.0
    _at: float = field(default_factory=time.monotonic)
    _rows: int = 0
    _read: int = 0

    def step(self) -> None:
        """Look again; at most a few times a second."""
        now = time.monotonic()
        passed = now - self._at
        if passed < 0.5:
            return
        sending = self.sending
        if sending.read <= self._read and passed < LONG_SECONDS:  # it beats once a second
            return
        rows, read = sending.rows - self._rows, sending.read - self._read
        weight = SMOOTH if self.bytes_each else 1.0
        self.rows_each += weight * (max(rows, 0) / passed - self.rows_each)
        self.bytes_each += weight * (max(read, 0) / passed - self.bytes_each)
        self._at, self._rows, self._read = now, sending.rows, sending.read

    @property
    def seconds_left(self) -> int | None:
        """Until the last row is read; None if nobody can tell."""
        left = self.sending.body.list - self.sending.read
        return round(left / self.bytes_each) if self.bytes_each > 1 else None


class PlainLines:
    """For a log, a pipe, a screen reader."""

    def __init__(self, speak: Console, sending: Sending) -> None:
        self._speak, self._sending, self._pace = speak, sending, Pace(sending)
        self._next = time.monotonic() + LINE_SECONDS
        self._breaks = 0
        speak.say("sending_begins", size=_megabytes(sending.body.size))

    def look(self) -> None:
        self._pace.step()
        if self._sending.breaks > self._breaks:
            self._breaks = self._sending.breaks
            self._speak.say("sending_broke", times=self._breaks)
        if time.monotonic() >= self._next:
            self._next += LINE_SECONDS
            self._speak.say("sending_line", **_figures(self._speak, self._sending, self._pace))


class Bar:
    """On a terminal."""

    def __init__(self, speak: Console, sending: Sending) -> None:
        from rich.console import Console as Screen  # noqa: PLC0415  # 0.1 s, here only
        from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

        self._speak, self._sending, self._pace = speak, sending, Pace(sending)
        self._progress = Progress(
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[told]}", markup=False),
            console=Screen(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("", total=sending.body.list or 1, told="")
        self.look()
        self._progress.start()

    def look(self) -> None:
        self._pace.step()
        figures = _figures(self._speak, self._sending, self._pace)
        self._progress.update(
            self._task,
            completed=self._sending.read,
            told=self._speak.words("sending_bar", **figures),
        )

    def close(self) -> None:
        """Take it off the screen."""
        self._progress.stop()


@contextmanager
def shown(speak: Console, sending: Sending) -> Iterator[Shown]:
    """What fits where standard error goes."""
    if not sys.stderr.isatty():
        yield PlainLines(speak, sending)
        return
    bar = Bar(speak, sending)
    try:
        yield bar
    finally:
        bar.close()


def _figures(speak: Console, sending: Sending, pace: Pace) -> dict[str, object]:
    left = pace.seconds_left
    whole = sending.read >= sending.body.list
    if whole:
        rest = speak.words("sending_sealing")
    elif sending.breaks and not pace.bytes_each:
        rest = speak.words("sending_waits")
    else:
        rest = speak.words("sending_left", seconds=_clock(left)) if left is not None else ""
    return {
        "share": 100 * sending.read // (sending.body.list or 1),
        "sent": _megabytes(sending.sent),
        "size": _megabytes(sending.body.size),
        "rows": sending.rows,
        "each": round(pace.rows_each),
        "rest": rest,
    }


def _megabytes(count: int) -> str:
    if count < MEGABYTE:
        return f"{-(-count // KILOBYTE):,} kB"
    return f"{count / MEGABYTE:,.1f} MB"


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02d}"
