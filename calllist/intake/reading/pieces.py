"""Text in pieces of complete lines; where it is plain, a piece becomes columns at once."""

import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calllist.intake.reading.decode import Undecodable

LINE_CHARACTERS = 1 << 20
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
        end = "\r\n" if "\r" in text else "\n"
        count = text.count(end)
        if not self.cut or text.count("\n") != count or len(text) > CELL_CHARACTERS:
            return None
        cells = text.replace(end, "\n" + delimiter).split(delimiter)
        cells.pop()  # behind the last end
        width = len(cells) // count if count else 0
        if width < 2 or len(cells) != count * width:  # a line of one cell may be empty: no row
            return None
        columns = [cells[at::width] for at in range(width)]
        # As many ends as rows, each at the end of a cell: all of them in the last column or none.
        last = "".join(columns[-1]).split("\n")
        if len(last) != count + 1:
            return None
        columns[-1] = last[:-1]
        return columns


def pieces_of(text: Iterable[str]) -> Iterator[Piece]:
    """Lines in pieces. The unfinished last line of a block waits for the next block.

    Raises Undecodable, and `TooLong` if that line has no end.
    """
    kept = ""
    try:
        for block in text:
            text_so_far = kept + block
            cut, quoted = _simple(text_so_far)
            size = text_so_far.rfind("\n") + 1 if cut else _complete(text_so_far)
            piece, kept = Piece(text_so_far[:size], quoted, cut), text_so_far[size:]
            if piece.text:
                yield piece
            if len(kept) > LINE_CHARACTERS:
                raise TooLong
    except Undecodable as error:
        raise Undecodable(error.problem, kept + error.before, error.reason) from None
    if kept:
        yield Piece(kept, '"' in kept, cut=False)


def _simple(text: str) -> tuple[bool, bool]:
    """Whether lines may be cut at LF, and whether there are quotes.

    Without quotes the csv module needs no line ends; cutting is four times faster than
    looking for every kind of them.
    """
    quoted = '"' in text
    return not quoted and text.count("\r") == text.count("\r\n"), quoted


def _complete(text: str) -> int:
    """How many characters are complete lines. An end of CR alone waits too: LF may follow."""
    size = text.rfind("\n") + 1
    return size + sum(map(len, list(io.StringIO(text[size:], newline=""))[:-1]))
