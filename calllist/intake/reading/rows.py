"""Text to rows of cells, each with the line of the file it begins on.

A line ends at LF, CRLF or CR; U+2028 and the like are ordinary characters inside a cell. A
record may span lines inside quotes. Memory is bounded whatever comes: a line, a cell and the
lines of one record have limits, and a quote that is never closed is found where it opens.

Rows come in blocks, so that what follows can work on whole columns. A piece of the text without
quotes, whose rows are all of one width, is cut into columns at once; the csv module reads the
rest, and only where there are quotes does it look at rows one by one.
"""

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.blocks import BLOCK_CHARACTERS, BLOCK_ROWS, Block, joined
from calllist.intake.reading.decode import Undecodable
from calllist.intake.reading.pieces import Piece, TooLong, pieces_of
from calllist.intake.reading.vocabulary import DELIMITERS

SHORT_CHARACTERS = 2000  # of a line: then no cell of it is too long for anybody
RECORD_LINES = 1000
RECORD_CHARACTERS = 4 << 20
SAMPLE_LINES = 50
_SEP = re.compile(r'"?sep=([,\t;|])"?[\r\n]*')  # a first line of Excel's, telling the delimiter
_END = "\x00end"  # NUL cannot come from a file: the decoder refuses it


class Row(NamedTuple):
    """The cells of one record. Not to be printed: the repr shows a place and a number."""

    line: int
    cells: list[str]

    def __repr__(self) -> str:
        return f"Row(line {self.line}, {len(self.cells)} cells)"


class Rows:
    """The rows of a text, in blocks. `delimiter` is known before the first row is read."""

    def __init__(self, text: Iterable[str]) -> None:
        self._line = 0  # the last line that belongs to a complete record
        self._open: list[str] = []  # complete lines of a record that is not complete
        self._waiting: list[Block] = []  # rows that wait to fill a block
        self._characters = 0  # in them, at most
        pieces = pieces_of(text)
        sample: list[Piece] = []
        try:
            for piece in pieces:
                sample.append(piece)
                if sum(len(one.lines) for one in sample) >= SAMPLE_LINES:
                    break
        except (Undecodable, TooLong, IntakeError) as error:
            pieces = _raising(error)
        told = _SEP.fullmatch(sample[0].lines[0]) if sample and sample[0].lines else None
        if told:
            sample[0] = sample[0].without_first()
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
        except TooLong:
            yield from self._rest()
            line = self._line + len(self._open) + 1
            raise IntakeError(Problem.LINE_TOO_LONG, line=line) from None
        except IntakeError:
            yield from self._rest()
            raise
        yield from self._rest()
        if self._open:
            raise self._unclosed()

    def _read(self, piece: "Piece") -> None:
        """Rows of complete lines; the lines of a record still open wait for more."""
        block = None
        if not self._open and not piece.quoted:
            block = self._even(piece) or self._plain(piece.lines)
        if block is None:
            lines = self._open + (piece.whole() if self._open else piece.lines)
            block, used = self._quoted(lines)
            self._line += used
            self._open = lines[used:]
            self._bound()
        self._waiting.append(block)
        self._characters += len(piece.text)

    def _even(self, piece: "Piece") -> Block | None:
        """Rows of lines without quotes that are all of one width, as columns; else None."""
        columns = piece.columns(self.delimiter)
        if columns is None:
            return None
        longest = len(piece.text) if piece.has_longer(SHORT_CHARACTERS) else SHORT_CHARACTERS
        return Block.of_columns(self._next(len(columns[0])), columns, longest)

    def _plain(self, lines: list[str]) -> Block | None:
        """Rows of lines without quotes, one of each; None if a cell is too long."""
        try:
            rows = list(csv.reader(lines, delimiter=self.delimiter))
        except csv.Error:
            return None
        return Block(self._next(len(rows)), rows, max(map(len, lines), default=0))

    def _next(self, count: int) -> range:
        """So many further lines, each of them a row."""
        first, self._line = self._line + 1, self._line + count
        return range(first, first + count)

    def _quoted(self, lines: list[str]) -> tuple[Block, int]:
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
            self._waiting.append(self._block(rows, ends))
            if not any('"' in line for line in lines[ends[-1] :]):
                line = self._line + ends[-1] + 1
                raise IntakeError(Problem.LINE_TOO_LONG, line=line) from None
            raise self._unclosed(ends[-1]) from None
        rows.pop()
        ends.pop()
        self._well_formed(lines, ends)
        return self._block(rows, ends), ends[-1]

    def _block(self, rows: list[list[str]], ends: list[int]) -> Block:
        begins = [self._line + 1 + end for end in ends[: len(rows)]]
        return Block(begins, rows, RECORD_CHARACTERS)

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
        """Blocks that are full, by rows or by characters; what is left over waits."""
        if self._characters > BLOCK_CHARACTERS:
            yield from self._rest()
        elif sum(map(len, self._waiting)) >= BLOCK_ROWS:
            blocks = joined(self._waiting).parts(BLOCK_ROWS)
            self._waiting = [] if len(blocks[-1]) == BLOCK_ROWS else [blocks.pop()]
            self._characters = self._characters if self._waiting else 0
            yield from blocks

    def _rest(self) -> Iterator[Block]:
        waiting, self._waiting, self._characters = list(filter(None, self._waiting)), [], 0
        if waiting:
            yield from joined(waiting).parts(BLOCK_ROWS)

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


def _raising(error: Exception) -> Iterator[Piece]:
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
