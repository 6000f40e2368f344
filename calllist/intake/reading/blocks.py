"""Rows as they go from a file to the decisions about them: about a thousand, column by column.

Rows that are all of one width are columns from the start, or as soon as somebody asks for them:
what follows looks at a column at once. Others (titles, ragged rows) are rows only.
"""

from collections.abc import Sequence
from itertools import chain
from typing import TypeVar

BLOCK_ROWS = 1000  # a block becomes a chunk: sealed under one key
BLOCK_CHARACTERS = 1 << 20  # of rows that wait to fill a block


class Block:
    """`lines[i]` is the line (of a workbook: row) where row i begins.

    longest: no cell is longer, if that is known. Not to be printed: the repr shows a place and
    a number.
    """

    __slots__ = ("_columns", "_rows", "lines", "longest")

    def __init__(
        self, lines: Sequence[int], rows: list[list[str]], longest: int | None = None
    ) -> None:
        self.lines, self.longest = lines, longest
        self._rows: list[list[str]] | None = rows
        self._columns: list[list[str]] | None = None

    @classmethod
    def of_columns(
        cls, lines: Sequence[int], columns: list[list[str]], longest: int | None = None
    ) -> "Block":
        """A block of rows that all have a cell in each column, and there is a column at least."""
        block = cls(lines, [], longest)
        block._rows, block._columns = None, columns
        return block

    def __len__(self) -> int:
        return len(self.lines)

    def __repr__(self) -> str:
        return f"Block({len(self)} rows from line {self.lines[0] if self.lines else '-'})"

    @property
    def rows(self) -> list[list[str]]:
        """The cells, row by row."""
        if self._rows is None:
            self._rows = list(map(list, zip(*self._columns or (), strict=True)))
        return self._rows

    @property
    def columns(self) -> list[list[str]] | None:
        """The cells, column by column; None if the rows are not all of one width."""
        if self._columns is None and len(set(map(len, self._rows or ()))) == 1:
            self._columns = list(map(list, zip(*self._rows or (), strict=True)))
        return self._columns

    def parts(self, size: int) -> list["Block"]:
        """The same rows in blocks of at most so many."""
        if len(self) <= size:
            return [self]
        cuts = [slice(at, at + size) for at in range(0, len(self), size)]
        if self._rows is not None:
            return [Block(self.lines[cut], self._rows[cut], self.longest) for cut in cuts]
        columns = self._columns or []
        return [
            Block.of_columns(self.lines[cut], [cells[cut] for cells in columns], self.longest)
            for cut in cuts
        ]


def joined(blocks: Sequence[Block]) -> Block:
    """The rows of several blocks as one."""
    if len(blocks) == 1:
        return blocks[0]
    lines = list(chain.from_iterable(block.lines for block in blocks))
    bounds = [block.longest for block in blocks if block.longest is not None]
    longest = max(bounds) if len(bounds) == len(blocks) else None
    columns = [block.columns or () for block in blocks]
    if min(map(len, columns)) == max(map(len, columns)) > 0:
        whole = [list(chain.from_iterable(parts)) for parts in zip(*columns, strict=True)]
        return Block.of_columns(lines, whole, longest)
    return Block(lines, list(chain.from_iterable(block.rows for block in blocks)), longest)


Cell = TypeVar("Cell")


def without(cells: Sequence[Cell], gone: Sequence[int]) -> list[Cell]:
    """The cells of a column but those at these indices, the last one first: they are few."""
    left = list(cells)
    for index in gone:
        del left[index]
    return left
