"""Each row is accepted, a duplicate or rejected: nothing else happens to a row.

What is accepted goes on to be sealed; what is found is a line of the receipt. Cells are
kept as received (names are never normalised); only the number to dial is rewritten.

A block of rows is decided column by column. What is usual costs next to nothing so: a look
at a whole column tells that no cell of it needs a look of its own.

    rows ► cells that can be read ► a number to dial ► fields ► not yet on the list ► accepted
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import compress
from operator import itemgetter
from typing import NamedTuple, Protocol

from calllist.intake.fields import names, phones
from calllist.intake.fields.parsers import PARSERS
from calllist.intake.fields.persons import likenesses
from calllist.intake.problems import REJECTIONS, Code
from calllist.intake.reading.blocks import Block, without
from calllist.intake.reading.columns import Columns
from calllist.intake.reading.decode import has_gaiji
from calllist.intake.reading.repetitions import Repetitions
from calllist.intake.reading.script import damage
from calllist.intake.receipt import Finding
from crypto.records import forms
from crypto.records.fields import FieldKind

CELL_CHARACTERS = 2000  # of a kept cell; a record must fit one frame to the keeper

_PLACES = (FieldKind.POSTAL, FieldKind.ADDRESS)  # they name the prefecture of their row


class Marks(Protocol):
    """What the text of a file was seen to hold so far: then cells need a look of their own."""

    @property
    def damaged(self) -> bool: ...

    @property
    def gaiji(self) -> bool: ...


class Accepted(NamedTuple):
    """Rows column by column: `columns[kind][i]` stands on `lines[i]`; empty: no such field.

    PHONE is E.164, PHONE_ALT further numbers separated by spaces. segments: of each segment
    column that the file has, the cells. references: as they are compared, once that is done;
    none without such a column. Not to be printed.
    """

    lines: Sequence[int]
    columns: dict[FieldKind, Sequence[str]]
    segments: tuple[Sequence[str], ...] = ()
    references: Sequence[str] = ()

    def __repr__(self) -> str:
        return f"Accepted({len(self.lines)} rows)"

    def without(self, dropped: Collection[int]) -> "Accepted":
        """The rows but those at these indices."""
        if not dropped:
            return self
        gone = sorted(dropped, reverse=True)
        columns: dict[FieldKind, Sequence[str]] = {
            kind: without(cells, gone) for kind, cells in self.columns.items()
        }
        segments = tuple(without(cells, gone) for cells in self.segments)
        references = without(self.references, gone) if self.references else ()
        return Accepted(without(self.lines, gone), columns, segments, references)


class Triage:
    """Decides block by block. Counts what it decided; keeps hashes only to find repetitions.

    by: the contract's rule. "phone": the same number. "person": the same number and the
    same reference number or name, because couples share a landline.
    """

    def __init__(
        self,
        columns: Columns,
        marks: Marks,
        *,
        by: str,
        alternates: bool,
        rules: phones.PhoneRules,
        today: date,
        refusals: frozenset[str] = frozenset(),
    ) -> None:
        self.rows = self.accepted = self.duplicates = self.rejected = 0
        self.not_to_be_called = 0
        self.blank = self.gaiji = 0
        self.codes: Counter[str] = Counter()
        self.hows: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._columns = columns
        self._marks = marks
        self._by_person = by == "person"
        self._alternates = alternates
        self._rules = rules
        self._today = today
        self._refusals = refusals
        self._phone = columns.kept[FieldKind.PHONE]
        places = {kind: first for kind, (first, _) in columns.parts.items()}
        self._at = {kind: at + 1 for kind, at in (places | dict(columns.kept)).items()}
        self._seen = Repetitions()
        self._findings: list[Finding] = []

    def findings(self) -> list[Finding]:
        """What was found since the last call, in the order of the file."""
        found, self._findings = self._findings, []
        found.sort(key=itemgetter(0))
        return found

    def decide(self, block: Block) -> Accepted:
        """The accepted rows; of every other the findings say why, unless it was blank."""
        rows = self._whole(block)
        rows = rows.without(self._unreadable(rows, block.longest))
        rows = self._numbers(rows)
        rows = self._fields(rows)
        filed = forms.references(rows.columns.get(FieldKind.REFERENCE, ()))
        rows = rows._replace(references=filed)
        rows = rows.without(self._repeated(rows))
        self.accepted += len(rows.lines)
        if self._marks.gaiji:
            self.gaiji += _with_gaiji(rows.columns)
        return rows

    def _whole(self, block: Block) -> Accepted:
        """The rows that are as wide as the header and not blank."""
        width, columns = self._columns.width, block.columns
        if columns and len(columns) == width and all(map(str.strip, columns[self._phone])):
            self.rows += len(block)
            return self._cells(block.lines, columns)
        rows = block.rows
        kept = [self._is_whole(*row, width) for row in zip(block.lines, rows, strict=True)]
        whole = list(compress(rows, kept))
        columns = [list(map(itemgetter(at), whole)) for at in range(width)]
        return self._cells(list(compress(block.lines, kept)), columns)

    def _is_whole(self, line: int, cells: list[str], width: int) -> bool:
        if not any(cells) or not "".join(cells).strip():
            self.blank += 1
            return False
        self.rows += 1
        if len(cells) < width or any(cells[width:]):
            self._reject(line, Code.RAGGED_ROW, min(len(cells), width) + 1)
            return False
        return True

    def _cells(self, lines: Sequence[int], columns: Sequence[Sequence[str]]) -> Accepted:
        """What is kept of the columns of a file; the rest is dropped unread."""
        kept = {kind: columns[at] for kind, at in self._columns.kept.items()}
        for kind, (first, second) in self._columns.parts.items():
            kept[kind] = names.join(columns[first], columns[second])
        segments = tuple(columns[at] for at in self._columns.segments if at is not None)
        return Accepted(lines, kept, segments)

    def _unreadable(self, rows: Accepted, longest: int | None) -> set[int]:
        """Rows with a cell that is too long, or damaged before it came here."""
        found: dict[int, tuple[Code, int]] = {}
        short = longest is not None and longest <= CELL_CHARACTERS
        for kind, cells in rows.columns.items():
            if not short and max(map(len, cells), default=0) > CELL_CHARACTERS:
                for index, cell in enumerate(cells):
                    if len(cell) > CELL_CHARACTERS:
                        found.setdefault(index, (Code.CELL_TOO_LONG, self._at[kind]))
            if self._marks.damaged:
                for index, cell in enumerate(cells):
                    if (code := damage(cell)) is not None:
                        found.setdefault(index, (code, self._at[kind]))
        for index, (code, column) in found.items():
            self._reject(rows.lines[index], code, column)
        return set(found)

    def _fields(self, rows: Accepted) -> Accepted:
        """The other fields, each kind read as its parser says; most are kept as received."""
        columns, rejected = dict(rows.columns), set[int]()
        for kind, parser in PARSERS.items():
            if kind not in columns:
                continue
            columns[kind], verdicts = parser(columns[kind], self._today)
            for at, code in verdicts:
                if code not in REJECTIONS:
                    self._find(rows.lines[at], code, self._at[kind])
                elif at not in rejected:
                    rejected.add(at)
                    self._reject(rows.lines[at], code, self._at[kind])
        return Accepted(rows.lines, columns, rows.segments).without(rejected)

    # -- numbers ---------------------------------------------------------------------------

    def _numbers(self, rows: Accepted) -> Accepted:
        """The rows with a number to dial, in E.164; further numbers beside it."""
        places = [rows.columns[kind] for kind in _PLACES if kind in rows.columns]
        read = phones.column(
            rows.columns[FieldKind.PHONE], self._rules, lambda at: [cells[at] for cells in places]
        )
        self.hows.update(read.hows)
        self.kinds.update(read.kinds)
        column = self._at[FieldKind.PHONE]
        rejected = read.unreadable()
        for index, code in read.verdicts:
            if index in rejected:
                self._reject(rows.lines[index], code, column)
            else:
                self._find(rows.lines[index], code, column)
        alternates = self._further(rows, read)
        if self._refusals:
            rejected |= self._refused(rows, read, alternates) - rejected
        columns = dict(rows.columns)
        columns.pop(FieldKind.PHONE_ALT, None)
        columns[FieldKind.PHONE] = read.dialled()
        if alternates is not None:
            columns[FieldKind.PHONE_ALT] = alternates
        return Accepted(rows.lines, columns, rows.segments).without(rejected)

    def _refused(
        self, rows: Accepted, read: phones.PhoneColumn, alternates: Sequence[str] | None
    ) -> set[int]:
        """Rows of which any number stands on the entrustor's list of refusals."""
        found = set()
        for index, number in enumerate(read.numbers):
            if number is None:
                continue
            further = alternates[index].split() if alternates is not None else ()
            numbers = (number, *read.alternates.get(index, ()), *further)
            if not self._refusals.isdisjoint(numbers):
                found.add(index)
                self.not_to_be_called += 1
                column = self._at[FieldKind.PHONE]
                self._find(rows.lines[index], Code.NOT_TO_BE_CALLED, column)
        return found

    def _further(self, rows: Accepted, read: phones.PhoneColumn) -> list[str] | None:
        """Alternates: further numbers of the cell, and the column of further numbers."""
        further = rows.columns.get(FieldKind.PHONE_ALT)
        if not self._alternates or (further is None and not read.alternates):
            return None
        found: dict[int, list[str]] = {index: list(more) for index, more in read.alternates.items()}
        written = [index for index, cell in enumerate(further or ()) if cell.strip()]
        if further is not None and written:
            others = phones.column([further[index] for index in written], self._rules)
            for at, number in enumerate(others.numbers):
                index = written[at]
                if number is not None:
                    found.setdefault(index, []).extend((number, *others.alternates.get(at, ())))
                elif read.numbers[index] is not None:
                    self._find(
                        rows.lines[index], Code.ALTERNATE_UNREADABLE, self._at[FieldKind.PHONE_ALT]
                    )
        joined = [""] * len(rows.lines)
        for index, numbers in found.items():
            first = read.numbers[index]
            joined[index] = " ".join(one for one in dict.fromkeys(numbers) if one != first)
        return joined

    # -- repetitions -----------------------------------------------------------------------

    def _repeated(self, rows: Accepted) -> set[int]:
        columns = rows.columns
        numbers = list(map(hash, columns[FieldKind.PHONE]))
        if self._by_person:
            said, filed = likenesses(
                len(numbers),
                rows.references,
                columns.get(FieldKind.NAME),
                columns.get(FieldKind.NAME_KANA),
            )
            repeated = self._seen.of_persons(numbers, said, filed, rows.lines)
        else:
            repeated = self._seen.of_numbers(numbers, rows.lines)
        self.duplicates += len(repeated)
        column = self._at[FieldKind.PHONE]
        for index, first in repeated:
            self._find(rows.lines[index], Code.DUPLICATE, column, first)
        return {index for index, _ in repeated}

    # -- lines of the receipt --------------------------------------------------------------

    def _reject(self, line: int, code: Code, column: int) -> None:
        self.rejected += 1
        self._find(line, code, column)

    def _find(self, line: int, code: Code, column: int, repeats: int | None = None) -> None:
        self.codes[code.value] += 1
        self._findings.append(Finding(line, code, column, repeats))


def _with_gaiji(columns: Mapping[FieldKind, Sequence[str]]) -> int:
    """How many rows have characters of somebody's own."""
    found: set[int] = set()
    for cells in columns.values():
        if has_gaiji("".join(cells)):
            found.update(index for index, cell in enumerate(cells) if has_gaiji(cell))
    return len(found)
