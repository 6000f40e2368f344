"""Text to rows of cells, each with the line of the file it begins on.

A line ends at LF, CRLF or CR; U+2028 and the like are ordinary characters inside a cell. A
record may span lines inside quotes. Memory is bounded whatever comes: a line, a cell and the
number of lines of one record have limits, and a quote that is never closed is found.
"""

import contextlib
import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calllist.intake.decode import Undecodable
from calllist.intake.problems import IntakeError, Problem

LINE_CHARACTERS = 1 << 20
CELL_CHARACTERS = 1 << 17  # the csv module's own limit
RECORD_LINES = 1000
SAMPLE_LINES = 50
DELIMITERS = (",", "\t", ";")
_END = "\x00end"  # NUL cannot come from a file: the decoder refuses it


class Row(NamedTuple):
    """The cells of one record. Not to be printed: the repr shows a place and a number."""

    line: int
    cells: list[str]

    def __repr__(self) -> str:
        return f"Row(line {self.line}, {len(self.cells)} cells)"


class Rows:
    """The rows of a text. `delimiter` is known before the first row is read."""

    def __init__(self, text: Iterable[str]) -> None:
        self._line = 0  # the last line handed to the csv module
        self._begins = 0  # the last line of the record before: this one begins after it
        self._open: list[str] = []  # lines of the record being read
        lines = _lines(text)
        sample: list[str] = []
        try:
            for line in itertools.islice(lines, SAMPLE_LINES):
                sample.append(line)
        except (Undecodable, IntakeError) as error:
            lines = _raising(error)
        self.delimiter = _delimiter(sample)
        self._lines = itertools.chain(sample, lines, (_END,))

    def __iter__(self) -> Iterator[Row]:
        reader = csv.reader(self._feed(), delimiter=self.delimiter)
        try:
            for cells in reader:
                line, self._begins = self._begins + 1, self._line
                if self._open[-1] is _END:
                    if len(self._open) > 1:  # swallowed: a quote was open
                        raise IntakeError(Problem.UNCLOSED_QUOTE, line=line)
                    return
                self._open.clear()
                yield Row(line, cells)
        except csv.Error:  # a cell beyond CELL_CHARACTERS: in practice a quote left open
            raise self._here(Problem.UNCLOSED_QUOTE) from None
        except Undecodable as error:
            raise self._here(error.problem, error.before) from None

    def _feed(self) -> Iterator[str]:
        for line in self._lines:
            self._line += 1
            self._open.append(line)
            if len(self._open) > RECORD_LINES:
                raise self._here(Problem.UNCLOSED_QUOTE)
            yield line

    def _here(self, problem: Problem, before: str = "") -> IntakeError:
        """The place after everything fed so far and `before`: its line, and the open cell."""
        if problem is Problem.UNCLOSED_QUOTE:
            return IntakeError(problem, line=self._begins + 1)
        pieces = list(io.StringIO(before, newline=""))
        whole = bool(pieces) and not pieces[-1].endswith(("\r", "\n"))
        unfinished = "".join(self._open) + before
        tail = list(csv.reader(io.StringIO(unfinished, newline=""), delimiter=self.delimiter))
        at_start = not unfinished or not whole
        line = self._line + len(pieces) + (0 if whole else 1)
        return IntakeError(problem, line=line, column=1 if at_start else len(tail[-1]))


def _lines(text: Iterable[str]) -> Iterator[str]:
    """Lines with their ends. The unfinished last line of a block waits for the next block."""
    kept = ""
    number = 0
    try:
        for block in text:
            *whole, kept = _split(kept + block)
            number += len(whole)
            yield from whole
            if len(kept) > LINE_CHARACTERS:
                raise IntakeError(Problem.LINE_TOO_LONG, line=number + 1)
    except Undecodable as error:
        raise Undecodable(error.problem, kept + error.before) from None
    yield from io.StringIO(kept, newline="")


def _split(text: str) -> list[str]:
    """Complete lines and, last, what is not known to be complete (perhaps empty)."""
    lines = list(io.StringIO(text, newline=""))
    if not lines or lines[-1].endswith("\n"):
        lines.append("")
    return lines  # an end of CR alone waits too: LF may follow


def _raising(error: Exception) -> Iterator[str]:
    """Lines that end in an error met while sampling: rows before it are still read."""
    raise error
    yield ""  # pragma: no cover -- makes this a generator


def _delimiter(sample: list[str]) -> str:
    """The one that splits most lines into the same number of cells; comma if none does."""
    best, best_score = ",", 0
    for delimiter in DELIMITERS:
        wide = _widths(sample, delimiter)
        if not wide:
            continue
        common = max(set(wide), key=wide.count)
        score = wide.count(common) * 1000 + common
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(sample: list[str], delimiter: str) -> list[int]:
    """How many cells the rows of the sample have, those with more than one.

    Strict: between quoted cells a wrong delimiter does not fit, and counting ends there.
    """
    widths: list[int] = []
    with contextlib.suppress(csv.Error):
        widths.extend(map(len, csv.reader(iter(sample), delimiter=delimiter, strict=True)))
    return [width for width in widths if width > 1]
