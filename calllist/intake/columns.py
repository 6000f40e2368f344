"""Which column means what: found by the header's words, or named by hand.

Only the kinds that the contract's signed terms permit are kept; every other column is
dropped unread, and the receipt names it by its header if that is a word we know. The header
row is the first of the first rows that names a phone column; rows above it are titles. A
row with a value in it is never a header row. A list without a phone column stops here.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from calllist.intake.headers import RANK, WORDS, plain, shown
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.values import has_value
from crypto.fields import FieldKind

HEADER_ROWS = 15  # a header further down is not looked for
MOST_COLUMNS = 2000  # real files have at most some hundreds; the receipt names them all
SURE_WORDS = 2  # so many known words make a header where the columns are named by number

_NUMBERED = re.compile(r"#([0-9]{1,4})")


@dataclass(frozen=True)
class Column:
    """A column of the file, counted from 1. `kind` is None for a dropped one.

    `header` is empty unless it is a word we know.
    """

    number: int
    header: str
    kind: FieldKind | None


@dataclass(frozen=True)
class Columns:
    """All columns of a file; `kept` maps what is read to the cell's index."""

    columns: tuple[Column, ...]
    kept: Mapping[FieldKind, int]

    @property
    def width(self) -> int:
        return len(self.columns)


def find(
    header: Sequence[str],
    *,
    line: int,
    permitted: Collection[FieldKind],
    by_hand: Mapping[FieldKind, str],
) -> Columns | None:
    """The columns if this row is a header row with a phone column and no value, else None.

    Raises IntakeError: TWO_COLUMNS_FOR if two columns have an equal claim to one kind,
    NOT_PERMITTED if one is named by hand that the contract excludes, TOO_MANY_COLUMNS.
    """
    if len(header) > MOST_COLUMNS:
        raise IntakeError(Problem.TOO_MANY_COLUMNS, line=line, column=MOST_COLUMNS + 1)
    plains = [plain(cell) for cell in header]
    taken = _taken(header, plains, by_hand, line)
    if taken is None or (FieldKind.PHONE not in taken and not _has_phone(plains)):
        return None
    if has_value(header):
        return None
    _permit(taken, permitted, line)
    taken |= _recognised(plains, taken, {*permitted, FieldKind.PHONE}, line)
    return _columns(list(map(shown, header)), taken)


def numbered(by_hand: Mapping[FieldKind, str]) -> bool:
    """Whether every column is named by its number: then the file needs no header row."""
    return FieldKind.PHONE in by_hand and all(map(_NUMBERED.fullmatch, by_hand.values()))


def is_header(cells: Sequence[str]) -> bool:
    """Whether this row is a header for sure: words we know, and no value."""
    known = sum(1 for cell in cells if plain(cell) in WORDS)
    written = sum(1 for cell in cells if cell.strip())
    return 0 < min(SURE_WORDS, written) <= known and not has_value(cells)


def headerless(
    row: Sequence[str],
    *,
    line: int,
    permitted: Collection[FieldKind],
    by_hand: Mapping[FieldKind, str],
) -> Columns:
    """The columns of a file without a header row, as wide as this row; see `numbered`.

    Raises IntakeError: NO_SUCH_COLUMN, TOO_MANY_COLUMNS, NOT_PERMITTED.
    """
    if len(row) > MOST_COLUMNS:
        raise IntakeError(Problem.TOO_MANY_COLUMNS, line=line, column=MOST_COLUMNS + 1)
    taken: dict[FieldKind, int] = {}
    for kind, name in by_hand.items():
        found = _called(name, row, ())
        if not found:
            raise IntakeError(Problem.NO_SUCH_COLUMN, line=line, reason=kind.value)
        taken[kind] = found[0]
    _permit(taken, permitted, line)
    return _columns([""] * len(row), taken)


def missing(
    rows: Sequence[Sequence[str]], *, line: int, by_hand: Mapping[FieldKind, str]
) -> IntakeError:
    """Why no row was a header row: a header named by hand is nowhere, or no phone column."""
    seen = {plain(cell) for row in rows for cell in row}
    for kind, name in by_hand.items():
        if plain(name) not in seen and not _NUMBERED.fullmatch(name):
            return IntakeError(Problem.NO_SUCH_COLUMN, line=line, reason=kind.value)
    return IntakeError(Problem.NO_PHONE_COLUMN, line=line)


def _columns(texts: Sequence[str], taken: Mapping[FieldKind, int]) -> Columns:
    kinds = {index: kind for kind, index in taken.items()}
    columns = (Column(index + 1, text, kinds.get(index)) for index, text in enumerate(texts))
    return Columns(tuple(columns), taken)


def _permit(taken: Mapping[FieldKind, int], permitted: Collection[FieldKind], line: int) -> None:
    """Raises IntakeError NOT_PERMITTED if the contract excludes a column named by hand."""
    for kind, index in taken.items():
        if kind not in permitted and kind is not FieldKind.PHONE:
            raise IntakeError(Problem.NOT_PERMITTED, line=line, column=index + 1, reason=kind.value)


def _taken(
    header: Sequence[str], plains: Sequence[str], by_hand: Mapping[FieldKind, str], line: int
) -> dict[FieldKind, int] | None:
    """Where the columns named by hand are; None if one of them is not in this row."""
    taken: dict[FieldKind, int] = {}
    for kind, name in by_hand.items():
        found = _called(name, header, plains)
        if not found:
            return None
        if len(found) > 1:
            raise IntakeError(
                Problem.TWO_COLUMNS_FOR, line=line, column=found[1] + 1, reason=kind.value
            )
        taken[kind] = found[0]
    return taken


def _called(name: str, header: Sequence[str], plains: Sequence[str]) -> list[int]:
    """The columns of this name: exactly, else as headers are compared; "#3" is the third."""
    if number := _NUMBERED.fullmatch(name):
        index = int(number[1]) - 1
        return [index] if 0 <= index < len(header) else []
    exact = [index for index, cell in enumerate(header) if cell == name]
    return exact or [index for index, cell in enumerate(plains) if cell == plain(name) != ""]


def _has_phone(plains: Sequence[str]) -> bool:
    return any(RANK.get(cell, (None, 0))[0] is FieldKind.PHONE for cell in plains)


def _recognised(
    plains: Sequence[str], taken: Mapping[FieldKind, int], wanted: Collection[FieldKind], line: int
) -> dict[FieldKind, int]:
    """The best-ranked column of each wanted kind that is not taken yet."""
    best: dict[FieldKind, tuple[int, int]] = {}
    used = set(taken.values())
    for index, cell in enumerate(plains):
        if index in used or cell not in RANK:
            continue
        kind, rank = RANK[cell]
        if kind in taken or kind not in wanted:
            continue
        if kind in best and best[kind][0] == rank:
            raise IntakeError(
                Problem.TWO_COLUMNS_FOR, line=line, column=index + 1, reason=kind.value
            )
        if kind not in best or rank < best[kind][0]:
            best[kind] = (rank, index)
    return {kind: index for kind, (_, index) in best.items()}
