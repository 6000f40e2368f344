"""A file as a table, whatever it is: decided by its first bytes, never by its name."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Protocol

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import signatures
from calllist.intake.reading.blocks import Block
from calllist.intake.reading.decode import Decoded
from calllist.intake.reading.package import Package
from calllist.intake.reading.rows import Rows
from calllist.intake.reading.workbook import Workbook

GATHERED_BYTES = 16 * 1024


class Table(Protocol):
    """Iterate once. What is said of the file is final when the last block is out."""

    @property
    def encoding(self) -> str:
        """utf-8, cp932, euc-jp, utf-16-le, utf-16-be, ascii; xlsx."""

    @property
    def delimiter(self) -> str:
        """Of a text; xlsx."""

    @property
    def sheet(self) -> int | None:
        """Which sheet of a workbook is read, from 1; None for a text."""

    @property
    def sheets(self) -> int:
        """How many a workbook has; 0 for a text."""

    @property
    def damaged(self) -> bool:
        """Whether cells have to be looked at one by one (`script.damage`)."""

    @property
    def gaiji(self) -> bool:
        """Whether there were characters of somebody's own (外字)."""

    @property
    def share(self) -> float:
        """How much of the bytes taken so far has been read: of a workbook less than all."""

    def __iter__(self) -> Iterator[Block]: ...


class Text:
    """A text file. encoding: as the manager named it, or None."""

    sheet: int | None = None
    sheets = 0
    share = 1.0

    def __init__(self, body: Iterable[bytes], encoding: str | None = None) -> None:
        self._decoded = Decoded(body, encoding)
        self.delimiter = ","

    @property
    def encoding(self) -> str:
        return self._decoded.encoding

    @property
    def damaged(self) -> bool:
        return self._decoded.damaged

    @property
    def gaiji(self) -> bool:
        return self._decoded.gaiji

    def __iter__(self) -> Iterator[Block]:
        rows = Rows(self._decoded)
        self.delimiter = rows.delimiter
        yield from rows


def open_table(
    body: Iterable[bytes], *, encoding: str | None = None, sheet: str | None = None
) -> Table:
    """The table of a file. encoding, sheet: as the manager says; None to find out.

    Raises IntakeError if it is no table or not one that is read, and NO_SUCH_SHEET if a sheet
    is named of a file that has none.
    """
    blocks = _gathered(body)
    first = signatures.head(blocks)
    if not first:
        raise IntakeError(Problem.EMPTY_FILE)
    whole = itertools.chain((first,), blocks)
    if first.startswith(signatures.PACKAGE):
        return Workbook(Package(whole), sheet or None)
    signatures.permit(first, blocks)
    if sheet:
        raise IntakeError(Problem.NO_SUCH_SHEET)
    return Text(whole, encoding or None)


def _gathered(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks of some size, whatever came: a line sent byte by byte is not copied as often."""
    waiting: list[bytes] = []
    size = 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= GATHERED_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)
