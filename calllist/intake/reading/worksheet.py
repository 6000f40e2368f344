"""One sheet of a workbook to rows of cells: what is kept in them, never what computes it.

A cell's value is what Excel kept when it was saved; formulas are not read. A row has as many
cells as the widest before it, because a sheet is a grid; rows without any character are no
rows. A cell merged over several rows belongs to all of them: household by household, or a
header of two lines.
"""

import re
from collections.abc import Iterator

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.blocks import BLOCK_CHARACTERS, BLOCK_ROWS, Block
from calllist.intake.reading.markup import DEPTH, known, parse
from calllist.intake.reading.merged import Merged, number
from calllist.intake.reading.numberformats import DIGITS, GENERAL, Format, shown
from calllist.intake.reading.package import Package, broken
from calllist.intake.reading.pieces import LINE_CHARACTERS
from calllist.intake.reading.script import FORMULA_ERRORS, Script
from calllist.intake.reading.sharedstrings import (
    CELL_CHARACTERS,
    KEPT_READY,
    SharedStrings,
    unescaped,
)

MOST_COLUMNS = 2000  # with a value in them: `columns` has the same limit
LAST_ROW = 1_048_576  # ECMA-376; Excel
NO_RESULT = "#CALC!"  # a formula that was never computed

_ELEMENTS = known(("row", "c", "v", "f", "t", "rPh"))
_VALUES = frozenset(("v", "t"))
_LETTERS = re.compile("[A-Z]{1,3}")


class Worksheet:
    """The rows of one sheet. Iterate it once.

    Raises IntakeError: WORKBOOK_BROKEN, WORKBOOK_TOO_LARGE, TOO_MANY_COLUMNS, LINE_TOO_LONG,
    GARBLED_TEXT.
    """

    def __init__(
        self,
        package: Package,
        name: str,
        strings: SharedStrings,
        formats: list[Format],
        script: Script,
        *,
        since_1904: bool,
    ) -> None:
        self._package, self._name = package, name
        self._strings, self._formats, self._script = strings, formats, script
        self._since_1904 = since_1904
        self._known = len(strings)
        self._special = [one if any(one) else None for one in formats]
        self._columns: dict[str, int] = {}
        self._numbers: dict[tuple[str, Format | None], str] = {}  # shown lately: dates repeat
        self._width = 0
        self._lines: list[int] = []
        self._rows: list[list[str]] = []
        self._waiting = 0
        self._line = 0
        self._cells: list[str] = []
        self._characters = 0

    def __iter__(self) -> Iterator[Block]:
        self._merged = Merged(self._package.read(self._name))
        for _ in self._parsed():
            while len(self._rows) >= BLOCK_ROWS or self._waiting > BLOCK_CHARACTERS:
                yield self._block()
        if self._rows:
            yield self._block()

    def _block(self) -> Block:
        block = Block(self._lines[:BLOCK_ROWS], self._rows[:BLOCK_ROWS])
        self._lines, self._rows = self._lines[BLOCK_ROWS:], self._rows[BLOCK_ROWS:]
        self._waiting = 0
        return block

    def _parsed(self) -> Iterator[None]:
        """Parse the sheet. The callbacks are closures: here the time goes, cell by cell."""
        columns, ready = self._columns, self._strings.ready
        cells: list[str] = []
        kind = reference = style = raw = ""
        wanted = ruby = computed = False
        column = depth = characters = 0

        def start(full: str, attributes: dict[str, str]) -> None:
            nonlocal kind, reference, style, raw, computed
            nonlocal cells, column, characters, depth, wanted, ruby
            if (depth := depth + 1) > DEPTH:
                raise broken("depth")
            if (name := _ELEMENTS.get(full)) == "c":
                get = attributes.get
                kind, reference, style = get("t", "n"), get("r", ""), get("s", "")
                raw, computed = "", False
            elif name in _VALUES:
                wanted = not ruby
            elif name == "row":
                cells = self._begin(attributes.get("r"))
                column = characters = 0
            elif name == "f":
                computed = True
            elif name == "rPh":
                ruby = True

        def end(full: str) -> None:
            nonlocal wanted, ruby, column, characters, depth
            depth -= 1
            if (name := _ELEMENTS.get(full)) in _VALUES:
                wanted = False
            elif name == "c" and (raw or computed or not reference):
                letters = reference.rstrip("0123456789")
                column = columns.get(letters) or self._column(letters, column)
                if kind == "s":
                    value = ready.get(raw) or self._shared(column, raw)
                else:
                    value = self._value(column, kind, style, raw, computed=computed)
                characters += len(value)
                if column != len(cells) + 1 or characters > LINE_CHARACTERS:
                    self._place(column, value, characters)
                elif value:
                    cells.append(value)
            elif name == "row":
                self._end(characters)
            elif name == "rPh":
                ruby = False

        def text(piece: str) -> None:
            nonlocal raw
            if wanted and len(raw := raw + piece) > CELL_CHARACTERS:
                raise IntakeError(Problem.LINE_TOO_LONG, line=self._line)

        return parse(self._package.read(self._name), start, end, text)

    def _begin(self, told: str | None) -> list[str]:
        """A row begins: its cells, to be filled. Its number may be left out; it may not go back."""
        if told is None:
            line = self._line + 1
        elif told.isascii() and told.isdecimal() and len(told) < 8:
            line = int(told)
        else:
            raise broken("row")
        if not self._line < line <= LAST_ROW:
            raise broken("row")
        self._line, self._cells = line, []
        return self._cells

    def _end(self, characters: int) -> None:
        """A row ends: into the block, as wide as the widest, unless it is blank."""
        cells = self._cells
        if self._merged:
            self._merged.fill(self._line, cells)
        if not any(cells):
            return
        if len(cells) > MOST_COLUMNS:
            raise IntakeError(Problem.TOO_MANY_COLUMNS, line=self._line, column=MOST_COLUMNS + 1)
        if len(cells) < self._width:
            cells += [""] * (self._width - len(cells))
        self._width = len(cells)
        self._lines.append(self._line)
        self._rows.append(cells)
        self._waiting += characters

    def _column(self, letters: str, before: int) -> int:
        """The column of these letters, from 1; without any it is the next one."""
        if not letters:
            return before + 1
        if not _LETTERS.fullmatch(letters):
            raise broken("cell")
        column = self._columns[letters] = number(letters)
        return column

    def _place(self, column: int, value: str, characters: int) -> None:
        """A value that does not follow the last one of its row."""
        if not value:
            return
        cells = self._cells
        if column > MOST_COLUMNS:
            raise IntakeError(Problem.TOO_MANY_COLUMNS, line=self._line, column=column)
        if characters > LINE_CHARACTERS:
            raise IntakeError(Problem.LINE_TOO_LONG, line=self._line)
        if column > len(cells):
            cells += [""] * (column - 1 - len(cells))
            cells.append(value)
        elif cells[column - 1]:
            raise broken("cell")
        else:
            cells[column - 1] = value

    def _value(self, column: int, kind: str, style: str, raw: str, *, computed: bool) -> str:
        """What a cell holds, as text, unless it is a shared one."""
        if not raw:
            return self._failed(NO_RESULT) if computed and kind == "n" else ""
        if kind == "n":
            how = self._style(style)
            if how is None and len(raw) <= DIGITS and raw.isdecimal() and raw.isascii():
                return raw
            return self._checked(column, self._shown(raw, how))
        if kind in ("str", "inlineStr"):
            return self._checked(column, unescaped(raw) if "_x" in raw else raw)
        if kind == "b":
            return {"0": "FALSE", "1": "TRUE"}.get(raw.strip(), "")
        if kind == "e":
            return self._failed(raw.strip())
        if kind == "d":
            return self._checked(column, raw.removesuffix("T00:00:00"))
        raise broken("cell")

    def _shown(self, raw: str, how: Format | None) -> str:
        found = self._numbers.get((raw, how))
        if found is None:
            found = shown(raw.strip(), how or GENERAL, since_1904=self._since_1904)
            if len(self._numbers) >= KEPT_READY:
                self._numbers.clear()
            self._numbers[raw, how] = found
        return found

    def _style(self, style: str) -> Format | None:
        """The format of a style if it changes anything."""
        if not style:
            return self._special[0] if self._special else None
        index = int(style) if style.isascii() and style.isdecimal() and len(style) < 7 else -1
        return self._special[index] if 0 <= index < len(self._special) else None

    def _shared(self, column: int, raw: str) -> str:
        if not raw:
            return ""
        index = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else -1
        if not 0 <= index < self._known:
            raise broken("text")
        if self._strings.troubles and (trouble := self._strings.troubles.get(index)) is not None:
            raise IntakeError(
                trouble.problem, line=self._line, column=column, reason=trouble.reason
            )
        return self._strings.text(index)

    def _checked(self, column: int, text: str) -> str:
        """A text that stands in the cell itself."""
        if not text.isascii() or "#" in text:
            trouble = self._script.trouble(text, legacy=False)
            if trouble is not None:
                raise IntakeError(
                    trouble.problem, line=self._line, column=column, reason=trouble.reason
                )
        return text

    def _failed(self, error: str) -> str:
        self._script.damaged = True
        return error if error in FORMULA_ERRORS else NO_RESULT
