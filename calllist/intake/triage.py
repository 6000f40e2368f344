"""Each row is accepted, a duplicate or rejected: nothing else happens to a row.

What is accepted goes on to be sealed; what is found is a line of the receipt. Cells are
kept as received (names are never normalised); only the number to dial is rewritten.
"""

from collections import Counter
from typing import NamedTuple

from calllist.intake import phones
from calllist.intake.columns import Columns
from calllist.intake.decode import Decoded, has_gaiji, is_damaged
from calllist.intake.problems import Code
from calllist.intake.receipt import Finding
from calllist.intake.repetitions import Repetitions
from calllist.intake.rows import Row
from crypto.fields import FieldKind

CELL_CHARACTERS = 2000  # of a kept cell; a record must fit one frame to the keeper


class Accepted(NamedTuple):
    """A row to be sealed. `phone` in E.164; the repr shows its line only."""

    line: int
    phone: str
    fields: dict[FieldKind, str]

    def __repr__(self) -> str:
        return f"Accepted(line {self.line}, {len(self.fields)} fields)"


class Triage:
    """Decides row by row. Counts what it decided; keeps numbers only to find repetitions.

    by: the contract's rule. "phone": the same number. "person": the same number and the
    same reference number or name, because couples share a landline.
    """

    def __init__(
        self, columns: Columns, decoded: Decoded, *, by: str, alternates: bool, synthetic: bool
    ) -> None:
        self.rows = self.accepted = self.duplicates = self.rejected = 0
        self.blank = self.gaiji = 0
        self.codes: Counter[str] = Counter()
        self.hows: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._columns = columns
        self._decoded = decoded
        self._by_person = by == "person"
        self._alternates = alternates
        self._synthetic = synthetic
        self._phone = columns.kept[FieldKind.PHONE]
        self._others: list[tuple[FieldKind, int]] = [
            (kind, index)
            for kind, index in columns.kept.items()
            if kind not in (FieldKind.PHONE, FieldKind.PHONE_ALT)
        ]
        self._seen = Repetitions()
        self._findings: list[Finding] = []

    def findings(self) -> list[Finding]:
        """What was found since the last call."""
        found, self._findings = self._findings, []
        return found

    def waiting(self) -> int:
        """How many findings there are to take."""
        return len(self._findings)

    def decide(self, row: Row) -> Accepted | None:
        """The accepted row, or None: then its finding says why, unless it was blank."""
        cells = row.cells
        if not any(cells) or not "".join(cells).strip():
            self.blank += 1
            return None
        self.rows += 1
        if (unusable := self._unusable(cells)) is not None:
            self._reject(row.line, *unusable)
            return None
        phone = phones.read(cells[self._phone], synthetic=self._synthetic)
        if isinstance(phone, Code):
            self._reject(row.line, phone, self._phone + 1)
            return None
        self._note(row.line, phone)
        fields = {kind: cells[index] for kind, index in self._others if cells[index]}
        keys = self._keys(phone, fields)
        for key in keys:
            if (first := self._seen.first(key)) is not None:
                self.duplicates += 1
                self._find(row.line, Code.DUPLICATE, self._phone + 1, first)
                return None
        for key in keys:
            self._seen.note(key, row.line)
        return self._accept(row, phone, fields)

    def _accept(self, row: Row, phone: phones.Phone, fields: dict[FieldKind, str]) -> Accepted:
        self.accepted += 1
        fields[FieldKind.PHONE] = phone.number
        if self._alternates and (further := self._further(row, phone)):
            fields[FieldKind.PHONE_ALT] = " ".join(further)
        if self._decoded.gaiji and any(has_gaiji(text) for text in fields.values()):
            self.gaiji += 1
        return Accepted(row.line, phone.number, fields)

    def _unusable(self, cells: list[str]) -> tuple[Code, int] | None:
        """A row whose cells cannot be told apart or read, with the column at fault."""
        width = self._columns.width
        if len(cells) < width or any(cells[width:]):
            return Code.RAGGED_ROW, min(len(cells), width) + 1
        for index in self._columns.kept.values():
            if len(cells[index]) > CELL_CHARACTERS:
                return Code.CELL_TOO_LONG, index + 1
            if self._decoded.damaged and is_damaged(cells[index]):
                return Code.DAMAGED_TEXT, index + 1
        return None

    def _keys(self, phone: phones.Phone, fields: dict[FieldKind, str]) -> list[int]:
        """What a repetition would have in common. Per-process random 64-bit hashes for
        persons: among 10**6 rows an accidental repetition has odds of 1 to 10**7."""
        number = int(phone.number[1:])
        if not self._by_person:
            return [number]
        keys = [
            hash((number, kind, text)) or 1
            for kind in (FieldKind.REFERENCE, FieldKind.NAME)
            if (text := fields.get(kind))
        ]
        return keys or [number]

    def _further(self, row: Row, phone: phones.Phone) -> list[str]:
        """Alternates: further numbers of the cell, and the column of further numbers."""
        found = list(phone.alternates)
        index = self._columns.kept.get(FieldKind.PHONE_ALT)
        if index is not None and row.cells[index].strip():
            other = phones.read(row.cells[index], synthetic=self._synthetic)
            if isinstance(other, phones.Phone):
                found += (other.number, *other.alternates)
            else:
                self._find(row.line, Code.ALTERNATE_UNREADABLE, index + 1)
        return [number for number in dict.fromkeys(found) if number != phone.number]

    def _note(self, line: int, phone: phones.Phone) -> None:
        self.hows[phone.how] += 1
        self.kinds[phone.kind] += 1
        if phone.how == "zero_restored":
            self._find(line, Code.ZERO_RESTORED, self._phone + 1)
        if (flag := phones.FLAGS.get(phone.kind)) is not None:
            self._find(line, flag, self._phone + 1)

    def _reject(self, line: int, code: Code, column: int) -> None:
        self.rejected += 1
        self._find(line, code, column)

    def _find(self, line: int, code: Code, column: int, repeats: int | None = None) -> None:
        self.codes[code.value] += 1
        self._findings.append(Finding(line, code, column, repeats))
