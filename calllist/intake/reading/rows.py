"""Text to rows of cells, each with the line of the file it begins on.

A line ends at LF, CRLF or CR; U+2028 and the like are ordinary characters inside a cell. A
record may span lines inside quotes. Memory is bounded whatever comes: a line, a cell and the
lines of one record have limits, and a quote that is never closed is found where it opens.

Rows come in blocks, so that what follows can work on whole columns. The csv module reads a
piece of the text at a time; only where there are quotes does it look at rows one by one.
"""

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.decode import Undecodable

BLOCK_ROWS = 1000  # a block becomes a chunk: sealed under one key
BLOCK_CHARACTERS = 1 << 20  # of rows that wait to fill a block
LINE_CHARACTERS = 1 << 20
CELL_CHARACTERS = 1 << 17  # the csv module's own limit
RECORD_LINES = 1000
RECORD_CHARACTERS = 4 << 20
SAMPLE_LINES = 50
DELIMITERS = (",", "\t", ";", "|")
_SEP = re.compile(r'"?sep=([,\t;|])"?[\r\n]*')  # a first line of Excel's, telling the delimiter
_END = "\x00end"  # NUL cannot come from a file: the decoder refuses it


class Row(NamedTuple):
    """The cells of one record. Not to be printed: the repr shows a place and a number."""

    line: int
    cells: list[str]

    def __repr__(self) -> str:
        return f"Row(line {self.line}, {len(self.cells)} cells)"


class Block(NamedTuple):
    """About a thousand rows; `lines[i]` is the line (of a workbook: row) where `rows[i]` begins.

    Not to be printed: the repr shows a place and a number.
    """

    lines: Sequence[int]
    rows: list[list[str]]
    longest: int | None = None  # no cell is longer, if that is known

    def __repr__(self) -> str:
        return f"Block({len(self.rows)} rows from line {self.lines[0] if self.lines else '-'})"


class Rows:
    """The rows of a text, in blocks. `delimiter` is known before the first row is read."""

    def __init__(self, text: Iterable[str]) -> None:
        self._line = 0  # the last line that belongs to a complete record
        self._open: list[str] = []  # complete lines of a record that is not complete
        self._lines: list[int] = []  # rows that wait to fill a block: where they begin,
        self._rows: list[list[str]] = []  # and their cells
        self._waiting = 0  # characters in them, at most
        self._longest = 0  # no record of them is longer
        pieces = _pieces(text)
        sample: list[_Piece] = []
        try:
            for piece in pieces:
                sample.append(piece)
                if sum(len(one.lines) for one in sample) >= SAMPLE_LINES:
                    break
        except (Undecodable, IntakeError) as error:
            pieces = _raising(error)
        told = _SEP.fullmatch(sample[0].lines[0]) if sample and sample[0].lines else None
        if told:
            sample[0] = sample[0]._replace(lines=sample[0].lines[1:])
            self._line = 1
        first = itertools.chain.from_iterable(piece.lines for piece in sample)
        lines = list(itertools.islice(first, SAMPLE_LINES))
        self.delimiter = told[1] if told else _delimiter(lines)
        self._pieces = itertools.chain(sample, pieces)

    def __iter__(self) -> Iterator[Block]:
        try:
            for piece in self._pieces:
                self._read(piece)
                yield from self._full()
        except Undecodable as error:
            yield from self._rest()  # what stands before it comes first
            raise self._here(error) from None
        except IntakeError:
            yield from self._rest()
            raise
        yield from self._rest()
        if self._open:
            raise self._unclosed()

    def _read(self, piece: "_Piece") -> None:
        """Rows of complete lines; the lines of a record still open wait for more."""
        if self._open or piece.quoted or (rows := self._plain(piece.lines)) is None:
            lines = self._open + (piece.whole() if self._open else piece.lines)
            rows, used = self._quoted(lines)
            self._line += used
            self._open = lines[used:]
            self._bound()
            self._longest = RECORD_CHARACTERS
        else:
            self._longest = max(self._longest, max(map(len, piece.lines), default=0))
        self._rows += rows
        self._waiting += piece.characters

    def _plain(self, lines: list[str]) -> list[list[str]] | None:
        """Rows of lines without quotes, one of each; None if a cell is too long."""
        try:
            rows = list(csv.reader(lines, delimiter=self.delimiter))
        except csv.Error:
            return None
        self._lines += range(self._line + 1, self._line + 1 + len(rows))
        self._line += len(rows)
        return rows

    def _quoted(self, lines: list[str]) -> tuple[list[list[str]], int]:
        """Rows that are complete, and how many lines they take.

        A last line of our own that comes out whole says that no quote was open before it.
        """
        reader = csv.reader(itertools.chain(lines, (_END,)), delimiter=self.delimiter)
        rows: list[list[str]] = []
        ends = [0]
        try:
            for row in reader:
                rows.append(row)
                ends.append(reader.line_num)
        except csv.Error:  # a cell beyond CELL_CHARACTERS: in practice a quote left open
            self._keep(rows, ends)
            if not any('"' in line for line in lines[ends[-1] :]):
                line = self._line + ends[-1] + 1
                raise IntakeError(Problem.LINE_TOO_LONG, line=line) from None
            raise self._unclosed(ends[-1]) from None
        rows.pop()
        ends.pop()
        self._keep(rows, ends)
        self._well_formed(lines, ends)
        return rows, ends[-1]

    def _keep(self, rows: list[list[str]], ends: list[int]) -> None:
        self._lines += [self._line + 1 + end for end in ends[: len(rows)]]

    def _well_formed(self, lines: list[str], ends: list[int]) -> None:
        """Raises IntakeError UNCLOSED_QUOTE if a record goes over lines by mistake.

        A quote that was never closed ends at the next cell that begins with one: two people and
        all between would be one row. What follows the quote there is what tells.
        """
        for begin, end in itertools.pairwise(ends):
            if end - begin > 1:
                record = csv.reader(lines[begin:end], delimiter=self.delimiter, strict=True)
                try:
                    next(record)
                except csv.Error:
                    raise IntakeError(Problem.UNCLOSED_QUOTE, line=self._line + begin + 1) from None

    def _bound(self) -> None:
        if len(self._open) > RECORD_LINES or sum(map(len, self._open)) > RECORD_CHARACTERS:
            raise self._unclosed()

    def _full(self) -> Iterator[Block]:
        """Blocks that are full, by rows or by characters."""
        if self._waiting > BLOCK_CHARACTERS:
            yield from self._rest()
        elif len(self._rows) >= BLOCK_ROWS:
            whole = len(self._rows) // BLOCK_ROWS * BLOCK_ROWS
            for start in range(0, whole, BLOCK_ROWS):
                end = start + BLOCK_ROWS
                yield Block(self._lines[start:end], self._rows[start:end], self._longest)
            self._lines, self._rows = self._lines[whole:], self._rows[whole:]
            self._waiting = self._waiting if self._rows else 0
            self._longest = self._longest if self._rows else 0

    def _rest(self) -> Iterator[Block]:
        for start in range(0, len(self._rows), BLOCK_ROWS):
            end = start + BLOCK_ROWS
            yield Block(self._lines[start:end], self._rows[start:end], self._longest)
        self._lines, self._rows, self._waiting, self._longest = [], [], 0, 0

    def _unclosed(self, after: int = 0) -> IntakeError:
        """The record that begins `after` so many further lines never ends."""
        return IntakeError(Problem.UNCLOSED_QUOTE, line=self._line + after + 1)

    def _here(self, error: Undecodable) -> IntakeError:
        """The place after every complete line and `before`: its line, and the open cell."""
        pieces = list(io.StringIO(error.before, newline=""))
        whole = bool(pieces) and not pieces[-1].endswith(("\r", "\n"))
        unfinished = "".join(self._open) + error.before
        line = self._line + len(self._open) + len(pieces) + (0 if whole else 1)
        if not unfinished or not whole:
            return IntakeError(error.problem, line=line, column=1, reason=error.reason)
        tail = list(csv.reader(io.StringIO(unfinished, newline=""), delimiter=self.delimiter))
        return IntakeError(error.problem, line=line, column=len(tail[-1]), reason=error.reason)


class _Piece(NamedTuple):
    """Complete lines. `quoted`: there are quotes; `cut`: line feeds were cut off."""

    lines: list[str]
    quoted: bool
    cut: bool
    characters: int

    def whole(self) -> list[str]:
        """The lines with their ends: inside quotes they belong to a cell."""
        return [line + "\n" for line in self.lines] if self.cut else self.lines


def _pieces(text: Iterable[str]) -> Iterator[_Piece]:
    """Lines in pieces. The unfinished last line of a block waits for the next block."""
    kept = ""
    number = 0
    try:
        for block in text:
            text_so_far = kept + block
            cut, quoted = _simple(text_so_far)
            *whole, kept = text_so_far.split("\n") if cut else _split(text_so_far)
            number += len(whole)
            if whole:
                yield _Piece(whole, quoted, cut, len(block))
            if len(kept) > LINE_CHARACTERS:
                raise IntakeError(Problem.LINE_TOO_LONG, line=number + 1)
    except Undecodable as error:
        raise Undecodable(error.problem, kept + error.before, error.reason) from None
    if kept:
        lines = list(io.StringIO(kept, newline=""))
        yield _Piece(lines, '"' in kept, cut=False, characters=len(kept))


def _simple(text: str) -> tuple[bool, bool]:
    """Whether lines may be cut at LF, and whether there are quotes.

    Without quotes the csv module needs no line ends; cutting is four times faster than
    looking for every kind of them.
    """
    quoted = '"' in text
    return not quoted and text.count("\r") == text.count("\r\n"), quoted


def _split(text: str) -> list[str]:
    """Complete lines and, last, what is not known to be complete (perhaps empty)."""
    lines = list(io.StringIO(text, newline=""))
    if not lines or lines[-1].endswith("\n"):
        lines.append("")
    return lines  # an end of CR alone waits too: LF may follow


def _raising(error: Exception) -> Iterator[_Piece]:
    """An error met while sampling: rows before it are still read."""
    raise error
    yield  # pragma: no cover -- makes this a generator


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
