"""Cells of a sheet that are merged over several rows: their value belongs to all of them.

A household with one number, a header of two lines. They stand behind the rows in the file, so
they are looked for before the rows are read.
"""

import re
from collections.abc import Iterable

from calllist.intake.problems import IntakeError, Problem

MOST_MERGES = 100_000
MOST_FILLED = 20_000_000  # cells looked at because they are merged with one above

_AREA = re.compile(rb'mergeCell\s[^<>]{0,80}?ref="([A-Z]{1,3})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})"')
_AREA_BYTES = 128  # of such an element, at most


class Merged:
    """The merged cells of one sheet. Raises IntakeError WORKBOOK_TOO_LARGE."""

    def __init__(self, sheet: Iterable[bytes]) -> None:
        self._starting: dict[int, list[tuple[int, int]]] = {}  # row to columns and last rows
        self._active: dict[int, tuple[int, str]] = {}  # column to last row and value
        self._filled = 0
        self._find(sheet)

    def __bool__(self) -> bool:
        return bool(self._starting or self._active)

    def fill(self, line: int, cells: list[str]) -> None:
        """Put the values from above into a row that has something of its own."""
        for column, last in self._starting.pop(line, ()):
            if column < len(cells) and cells[column]:
                self._active[column] = (last, cells[column])
        self._filled += len(self._active)
        if self._filled > MOST_FILLED:
            raise IntakeError(Problem.WORKBOOK_TOO_LARGE, reason="merges")
        for column, (last, value) in list(self._active.items()):
            if line > last:
                del self._active[column]
            elif any(cells) and (column >= len(cells) or not cells[column]):
                cells += [""] * (column + 1 - len(cells))
                cells[column] = value

    def _find(self, sheet: Iterable[bytes]) -> None:
        before = b""
        count = 0
        for block in sheet:
            piece = before + block
            end = 0
            if b"mergeCell" in piece:
                for area in _AREA.finditer(piece):
                    end = area.end()
                    first, last = int(area[2]), int(area[3])
                    if first < last:
                        column = number(area[1].decode()) - 1
                        self._starting.setdefault(first, []).append((column, last))
                        count += 1
                if count > MOST_MERGES:
                    raise IntakeError(Problem.WORKBOOK_TOO_LARGE, reason="merges")
            before = piece[end:][-_AREA_BYTES:]


def number(letters: str) -> int:
    """A column's letters as a number: A is 1, XFD is 16384."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found
