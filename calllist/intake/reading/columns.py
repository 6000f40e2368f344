"""What is asked of a file's columns, and which of them mean what.

Only the kinds that the contract's signed terms permit are kept; every other column is
dropped unread, and the receipt names it by its header if that is a word we know. A name may
stand in two columns, 姓 and 名. Which column is which decides `assigning`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from calllist.intake.fields.values import has_value
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.headers import is_known, plain, shown
from crypto.records.fields import FieldKind

MOST_COLUMNS = 2000  # real files have at most some hundreds; the receipt names them all
SURE_WORDS = 2  # so many known words make a header where no phone column says so
NONE = "-"  # by hand: no column has this meaning

NUMBERED = re.compile(r"#([0-9]{1,4})")

Places = tuple[int, ...]  # of one kind: one cell, two that are joined, or none


class Template(NamedTuple):
    """A mapping that was confirmed for one header row: which cells are of which kind."""

    id: str
    key: str  # `headers.header_key`
    places: Mapping[FieldKind, Places]


class Wanted(NamedTuple):
    """What is asked of a file. permitted: the kinds that the contract allows to keep.

    by_hand: kind to a header, to "#3", to two of them ("#2+#3", a name in two columns), or
    to "-". segments: headers of columns that are kept as codes. header_line: 0 if there is
    none, None if it is to be found. synthetic: numbers that cannot be dialled are phones.
    """

    permitted: Collection[FieldKind]
    by_hand: Mapping[FieldKind, str] = {}
    segments: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()
    header_line: int | None = None
    entrustor: str = ""
    synthetic: bool = False

    @property
    def kinds(self) -> frozenset[FieldKind]:
        """What may be kept; a phone always is."""
        return frozenset({*self.permitted, FieldKind.PHONE})


@dataclass(frozen=True)
class Column:
    """A column of the file, counted from 1. `kind` is None for a dropped one.

    `header` is empty unless it is a word we know. `how` says why it has its kind.
    """

    number: int
    header: str
    kind: FieldKind | None
    how: str = ""
    segment: int = 0  # 1 or 2: kept as a code


@dataclass(frozen=True)
class Columns:
    """All columns of a file. `kept`: kind to the cell's index; `parts`: to two that are joined.

    `segments`: for each permitted segment column the cell's index, None if the file has none.
    """

    columns: tuple[Column, ...]
    kept: Mapping[FieldKind, int]
    parts: Mapping[FieldKind, tuple[int, int]] = field(default_factory=dict)
    segments: tuple[int | None, ...] = ()

    @property
    def width(self) -> int:
        return len(self.columns)


@dataclass
class Taken:
    """What has been decided so far: cells of each kind, and why."""

    places: dict[FieldKind, Places] = field(default_factory=dict)
    how: dict[FieldKind, str] = field(default_factory=dict)

    def take(self, kind: FieldKind, places: Places, how: str) -> None:
        self.places[kind], self.how[kind] = places, how

    @property
    def used(self) -> frozenset[int]:
        return frozenset(index for places in self.places.values() for index in places)

    def columns(self, header: Sequence[str], segments: Sequence[int | None]) -> Columns:
        """All columns of a file with this header row."""
        kinds = {
            index: (kind, self.how[kind])
            for kind, places in self.places.items()
            for index in places
        }
        pairs = {kind: places for kind, places in self.places.items() if len(places) == 2}

        def column(index: int, cell: str) -> Column:
            kind, how = kinds.get(index, (None, ""))
            segment = segments.index(index) + 1 if index in segments else 0
            return Column(index + 1, shown(cell), kind, how, segment)

        return Columns(
            tuple(column(index, cell) for index, cell in enumerate(header)),
            kept={kind: places[0] for kind, places in self.places.items() if len(places) == 1},
            parts={kind: (places[0], places[1]) for kind, places in pairs.items()},
            segments=tuple(segments),
        )


def numbered(by_hand: Mapping[FieldKind, str]) -> bool:
    """Whether every column is named by its number: then the file needs no header row."""
    names = [name for name in by_hand.values() if name != NONE]
    return FieldKind.PHONE in by_hand and all(
        NUMBERED.fullmatch(piece) for name in names for piece in name.split("+")
    )


def is_header(cells: Sequence[str]) -> bool:
    """Whether this row is a header for sure: words we know, and no value."""
    known = sum(map(is_known, cells))
    written = sum(1 for cell in cells if cell.strip())
    return 0 < min(SURE_WORDS, written) <= known and not has_value(cells)


def named(name: str, header: Sequence[str]) -> list[int]:
    """The columns of this name: exactly, else as headers are compared; "#3" is the third."""
    if number := NUMBERED.fullmatch(name):
        index = int(number[1]) - 1
        return [index] if 0 <= index < len(header) else []
    exact = [index for index, cell in enumerate(header) if cell == name]
    word = plain(name)
    return exact or [index for index, cell in enumerate(header) if word and plain(cell) == word]


def missing(
    rows: Sequence[Sequence[str]], *, line: int, by_hand: Mapping[FieldKind, str]
) -> IntakeError:
    """Why no row was a header row: a header named by hand is nowhere, or no phone column."""
    seen = {plain(cell) for row in rows for cell in row}
    for kind, name in by_hand.items():
        pieces = [name] if name == NONE or plain(name) in seen else name.split("+")
        if any(plain(one) not in seen and not NUMBERED.fullmatch(one) for one in pieces):
            return IntakeError(Problem.NO_SUCH_COLUMN, line=line, reason=kind.value)
    return IntakeError(Problem.NO_PHONE_COLUMN, line=line)
