"""Text in pieces of complete lines; where it is plain, a piece becomes columns at once."""

import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calllist.intake.reading.blocks import BLOCK_ROWS
from calllist.intake.reading.decode import Undecodable

LINE_CHARACTERS = 1 << 20
WAITING_CHARACTERS = 1 << 18  # of complete lines that are too few for a block
CELL_CHARACTERS = 1 << 17  # the csv module's own limit


class TooLong(Exception):
    """A line without an end, behind what came out before."""


class Piece(NamedTuple):
    """Complete lines. `quoted`: there are quotes; `cut`: they may be cut at LF."""

    text: str
    quoted: bool
    cut: bool

    @property
    def lines(self) -> list[str]:
        """One by one; without their line feeds where they may be cut."""
        if self.cut:
            return self.text.split("\n")[:-1]
        return list(io.StringIO(self.text, newline=""))

    def whole(self) -> list[str]:
        """The lines with their ends: inside quotes they belong to a cell."""
        return [line + "\n" for line in self.lines] if self.cut else self.lines

    def without_first(self) -> "Piece":
        """All lines but the first."""
        return self._replace(text=self.text[len(self.whole()[0]) :])

    def has_longer(self, most: int) -> bool:
        """Whether there is a line of more characters than that. Looks at few of them."""
        at, text = 0, self.text
        while len(text) - at > most:
            end = text.rfind("\n", at, at + most + 1)
            if end < 0:
                return True
            at = end + 1
        return False

    def columns(self, delimiter: str) -> list[list[str]] | None:
        """The cells by column, if there are no quotes, all lines end alike and each has as many.

        The csv module splits such lines in the same way, and only it knows what else there is:
        then this is None.
        """
        text = self.text
        if not self.cut or self.has_longer(CELL_CHARACTERS):
            return None
        count, pairs = text.count("\n"), text.count("\r")  # a CR stands before an LF only
        if pairs not in (0, count):  # an empty last cell before an LF would look like a pair
            return None
        end = "\n" + delimiter if pairs else delimiter + "\n" + delimiter
        cells = text.replace("\r", delimiter).replace("\n", end).split(delimiter)
        cells.pop()  # behind the last end
        width = len(cells) // count - 1 if count else 0
        if width < 2 or len(cells) != count * (width + 1):  # one cell may be empty: no row
            return None
        # Each end became a cell: all of them in a column of their own, or the lines differ.
        if cells[width :: width + 1] != ["\n"] * count:
            return None
        return [cells[at :: width + 1] for at in range(width)]


def pieces_of(text: Iterable[str]) -> Iterator[Piece]:
    """Lines in pieces: of `BLOCK_ROWS` where they may be cut, so that a piece becomes a block.

    Lines that are fewer wait for the next block of text, and an unfinished one must. Raises
    Undecodable, and `TooLong` if a line has no end, both behind the lines before.
    """
    waiting = _Waiting()
    try:
        for block in text:
            yield from waiting.and_more(block)
            if len(waiting.text) > LINE_CHARACTERS:
                raise TooLong
    except Undecodable as error:
        yield from waiting.lines()
        before = waiting.text + error.before
        raise Undecodable(error.problem, before, error.reason) from None
    yield from waiting.lines()
    if waiting.text:
        yield Piece(waiting.text, '"' in waiting.text, cut=False)


class _Waiting:
    """Text that is to be joined by what follows.

    Its first `_count` lines are complete, and may be cut.
    """

    def __init__(self) -> None:
        self.text = ""
        self._count = 0
        self._cut = True

    def and_more(self, block: str) -> Iterator[Piece]:
        """The pieces that this block of text completes. What is left over waits."""
        text = self.text + block
        # What waits was looked at before, but for a CR at its end.
        self._cut, quoted = _simple(self.text[-1:] + block if self._cut else text)
        if not self._cut:
            size, self._count = _complete(text), 0
            if size:
                yield Piece(text[:size], quoted, cut=False)
            self.text = text[size:]
            return
        self.text, self._count = text, self._count + block.count("\n")
        while self._count >= BLOCK_ROWS:
            yield from self._first(_end_of_line(self.text, BLOCK_ROWS, self._count), BLOCK_ROWS)
        if len(self.text) > WAITING_CHARACTERS:
            yield from self.lines()

    def lines(self) -> Iterator[Piece]:
        """The complete lines that wait; an unfinished one stays."""
        if self._count:
            yield from self._first(self.text.rfind("\n") + 1, self._count)

    def _first(self, size: int, count: int) -> Iterator[Piece]:
        piece, self.text = Piece(self.text[:size], quoted=False, cut=True), self.text[size:]
        self._count -= count
        yield piece


def _end_of_line(text: str, wanted: int, count: int) -> int:
    """Behind line `wanted` of `count`: lines are about as long as one another, so it is near."""
    at = len(text) * wanted // count
    before = text.count("\n", 0, at)
    for _ in range(before - wanted + 1):  # back, behind it
        at = text.rfind("\n", 0, at)
    for _ in range(wanted - before):
        at = text.find("\n", at) + 1
    return at + 1 if before >= wanted else at


def _simple(text: str) -> tuple[bool, bool]:
    """Whether lines may be cut at LF, and whether there are quotes. A last CR is yet to be seen.

    Without quotes the csv module needs no line ends; cutting is four times faster than
    looking for every kind of them.
    """
    quoted = '"' in text
    return not quoted and text.count("\r") == text.count("\r\n") + text.endswith("\r"), quoted


def _complete(text: str) -> int:
    """How many characters are complete lines. An end of CR alone waits too: LF may follow."""
    size = text.rfind("\n") + 1
    return size + sum(map(len, list(io.StringIO(text[size:], newline=""))[:-1]))
