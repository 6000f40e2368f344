"""The entrustor's list of refusals (再勧誘禁止): numbers that nobody calls.

It is read before the list, held in memory as long as the list is read, and kept nowhere. Every
number in it counts, the further ones too. What cannot be read refuses the whole upload: nobody
is called because a file was unreadable. Only what nobody could be called at is passed over:
an empty cell, a foreign or an emergency number. A file of names, say, in which that is all
there is, is unreadable too: a phone column below its header with nothing in it is not.
"""

from collections.abc import Iterable, Iterator, Sequence

from calllist.intake.fields import phones
from calllist.intake.fields.phones import PhoneRules
from calllist.intake.problems import Code, IntakeError, Problem
from calllist.intake.reading.blocks import Block
from calllist.intake.reading.columns import Wanted
from calllist.intake.reading.layout import lay
from calllist.intake.reading.tables import open_table
from crypto.records.fields import FieldKind

MOST = 500_000  # numbers: about 50 MB
BOTH = frozenset({FieldKind.PHONE, FieldKind.PHONE_ALT})
NOBODY = frozenset(  # no list has such a number: nobody is called at it anyway
    {
        *(Code.NO_PHONE, Code.NO_PHONE_PLACEHOLDER, Code.FOREIGN_NUMBER),
        *(Code.NOT_CALLABLE, Code.INVALID_DUMMY),
    }
)
NO_HEADER = frozenset({Problem.NO_PHONE_COLUMN.value, Problem.NO_HEADER_ROW.value})


def read(body: Iterable[bytes], rules: PhoneRules) -> frozenset[str]:
    """The numbers, E.164. A single column of numbers needs no header.

    Raises IntakeError REFUSALS_UNREADABLE: the reason is what was found, line and column are
    those of the file of refusals.
    """
    try:
        return frozenset(_numbers(body, rules))
    except IntakeError as error:
        if error.code in (Problem.DISCONNECTED, Problem.REFUSALS_UNREADABLE):
            raise
        reason = f"{error.code} {error.reason}".strip()
        raise _unreadable(reason, error.line, error.column) from None


def _numbers(body: Iterable[bytes], rules: PhoneRules) -> set[str]:
    """Raises IntakeError."""
    columns, blocks = _laid(open_table(body), rules)
    found: set[str] = set()
    written: int | None = None  # line of the first cell that should have been a number
    for block in blocks:
        for at in columns:
            written = written or _first_written(block, at)
            found |= _of_column(block, at, rules)
        if len(found) > MOST:
            raise IntakeError(Problem.TOO_MANY_ROWS)
    if written and not found:
        raise IntakeError(Problem.NO_PHONE_COLUMN, line=written)
    return found


def _first_written(block: Block, at: int) -> int | None:
    lines = zip(block.lines, block.rows, strict=True)
    return next((line for line, row in lines if at < len(row) and row[at].strip()), None)


def _laid(table: Iterable[Block], rules: PhoneRules) -> tuple[list[int], Iterator[Block]]:
    """Where the numbers stand, and the rows that have them."""
    seen: list[Block] = []

    def remembered() -> Iterator[Block]:
        for block in blocks:
            if len(seen) < 2:  # more than `lay` looks at
                seen.append(block)
            yield block

    blocks = iter(table)
    try:
        layout, people = lay(remembered(), Wanted(BOTH, synthetic=rules.synthetic))
    except IntakeError as error:
        if error.code in NO_HEADER and _narrow(seen):
            return [0], _below_header(seen, blocks)
        raise
    return [at for kind, at in layout.columns.kept.items() if kind in BOTH], people


def _narrow(seen: Sequence[Block]) -> bool:
    """Whether nothing stands beside the first column."""
    rows = [row for block in seen for row in block.rows]
    return bool(rows) and not any(cell.strip() for row in rows for cell in row[1:])


def _below_header(seen: Sequence[Block], rest: Iterator[Block]) -> Iterator[Block]:
    """All rows but a first one without any digit, which is a header of some kind."""
    first, *others = seen
    cell = first.rows[0][0] if first.rows and first.rows[0] else ""
    if not any(character.isdigit() for character in cell):
        first = Block(first.lines[1:], first.rows[1:])
    yield from (first, *others)
    yield from rest


def _of_column(block: Block, at: int, rules: PhoneRules) -> set[str]:
    """Raises IntakeError at a cell that could be somebody's number and is none."""
    written = [
        (line, row[at])
        for line, row in zip(block.lines, block.rows, strict=True)
        if at < len(row) and row[at].strip()
    ]
    if not written:
        return set()
    column = phones.column([cell for _, cell in written], rules)
    for index, code in column.verdicts:
        if column.numbers[index] is None and code not in NOBODY:
            raise _unreadable(code.value, written[index][0], at + 1)
    found = {number for number in column.numbers if number is not None}
    return found.union(*column.alternates.values())


def _unreadable(reason: str, line: int | None, column: int | None) -> IntakeError:
    return IntakeError(Problem.REFUSALS_UNREADABLE, line=line, column=column, reason=reason)
