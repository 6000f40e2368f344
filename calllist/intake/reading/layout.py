"""Where the list begins in a file: titles above the header, descriptions below it, then people.

    titles ► header row ► vocabulary rows ► people

Nothing that could be somebody is passed over: a row with a value is never a title, a header
or a vocabulary row. Vocabulary rows are what open-data tools write under a header: a type, a
term or a second name for each column ("string", "Assertion", "必須").
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from calllist.intake.fields.values import has_value, is_data, is_phone
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import assigning
from calllist.intake.reading.blocks import Block
from calllist.intake.reading.columns import (
    Columns,
    Template,
    Wanted,
    is_header,
    missing,
    numbered,
)
from calllist.intake.reading.headers import header_key, is_known, plain
from crypto.records.fields import FieldKind

HEADER_ROWS = 15  # written rows: a header further down is not looked for
VOCABULARY_ROWS = 5  # at most, directly below the header
HEAD_ROWS = 1000  # so many rows are looked at before the first is handed on

_WRITTEN = """
    string str text varchar char number numeric int integer float double decimal boolean
    bool date datetime time url uri assertion xsd:string xsd:integer xsd:date xsd:decimal
    xsd:anyuri literal 文字列 文字 数値 整数 小数 日付 時刻 日時 真偽値 コード値 半角 全角
    半角英数 半角英数字 半角数字 全角文字 全角カナ 半角カナ カナ 必須 任意 推奨 必須項目 任意項目
    ○ ◎ △ - 列名 項目名 データ型 型 桁数 説明 例
"""
_TERMS = frozenset(map(plain, _WRITTEN.split()))
_TERM = re.compile(r"#.*|(?:varchar|char|n?varchar2|numeric|decimal)\([0-9, ]+\)|[a-z]{2,8}:\S+")


class Row(NamedTuple):
    """The cells of one record. Not to be printed: the repr shows a place and a number."""

    line: int
    cells: list[str]

    def __repr__(self) -> str:
        return f"Row(line {self.line}, {len(self.cells)} cells)"


class Layout(NamedTuple):
    """How a file is laid out. `header_line` is 0 for a file without a header row.

    vocabulary: lines of the rows below the header that describe it. key: of the header row,
    empty without one. template: the id of the one that was applied. header: the cells of the
    header row, never to be kept or shown.
    """

    columns: Columns
    header_line: int
    titles: int = 0
    vocabulary: tuple[int, ...] = ()
    key: str = ""
    template: str | None = None
    header: Sequence[str] = ()

    def __repr__(self) -> str:
        return f"Layout(header line {self.header_line}, {self.columns.width} columns)"


def lay(blocks: Iterator[Block], wanted: Wanted) -> tuple[Layout, Iterator[Block]]:
    """The layout of a file, and the rows of its people.

    Raises IntakeError: EMPTY_FILE, NO_PHONE_COLUMN, NO_HEADER_ROW, NO_SUCH_COLUMN and what
    `assigning` raises.
    """
    head: list[Row] = []
    for block in blocks:
        head += map(Row, block.lines, block.rows)
        if len(head) >= HEAD_ROWS:
            break
    written = [row for row in head if _is_written(row.cells)]
    if not written:
        raise IntakeError(Problem.EMPTY_FILE)
    layout = _laid(written, wanted)
    last = max(layout.header_line, *layout.vocabulary, 0)
    rest = [row for row in head if row.line > last]
    first = Block([row.line for row in rest], [row.cells for row in rest])
    return layout, itertools.chain([first] if rest else [], blocks)


def _laid(written: Sequence[Row], wanted: Wanted) -> Layout:
    """The first way that fits: as it was said, as it was before, by a header, without one."""
    if wanted.header_line is not None:
        return _as_said(written, wanted, wanted.header_line)
    if numbered(wanted.by_hand):
        return _numbered(written, wanted)
    found = _as_before(written, wanted) or _by_header(written, wanted)
    if found is not None:
        return found
    refused = _refused(written, wanted)
    if refused.code == Problem.NO_SUCH_COLUMN or any(is_header(r.cells) for r in _titles(written)):
        raise refused
    columns = assigning.headerless(_rows(_usual(written)), wanted, line=written[0].line)
    if columns is None:
        raise refused
    return Layout(columns, 0)


def _as_said(written: Sequence[Row], wanted: Wanted, line: int) -> Layout:
    """The header row is the one that the manager says: never a row with a number to dial."""
    if line == 0:
        columns = assigning.headerless(_rows(_usual(written)), wanted, line=written[0].line)
        if columns is None:
            raise IntakeError(Problem.NO_HEADER_ROW, line=written[0].line)
        return Layout(columns, 0)
    for at, row in enumerate(written):
        if row.line == line and not any(map(is_phone, row.cells)):
            columns = assigning.assigned(
                row.cells, wanted, line=line, below=_rows(written[at + 1 :])
            )
            if columns is None:
                raise missing([row.cells], line=line, by_hand=wanted.by_hand)
            return _under(written, at, columns, wanted)
    raise IntakeError(Problem.NO_HEADER_ROW, line=line)


def _as_before(written: Sequence[Row], wanted: Wanted) -> Layout | None:
    """A header row that a template was saved for."""
    known = {one.key: one for one in wanted.templates}
    for at, row in enumerate(_titles(written) if known else ()):
        template = known.get(header_key(wanted.entrustor, row.cells))
        if template is None:
            continue
        columns = assigning.find(row.cells, wanted, line=row.line, template=template)
        if columns is not None:
            return _under(written, at, columns, wanted, template)
    return None


def _by_header(written: Sequence[Row], wanted: Wanted) -> Layout | None:
    """The first row that names a phone column; else one whose words we know, above phones."""
    titles = _titles(written)
    for at, row in enumerate(titles):
        columns = assigning.find(row.cells, wanted, line=row.line)
        if columns is None:
            continue
        if _is_group(titles[at : at + 2], wanted):
            continue
        below = _rows(written[at + 1 :])
        columns = assigning.find(row.cells, wanted, line=row.line, below=below) or columns
        return _under(written, at, columns, wanted)
    for at, row in enumerate(titles):
        below = _rows(written[at + 1 :])
        if is_header(row.cells) and below:
            columns = assigning.find(row.cells, wanted, line=row.line, below=below)
            if columns is not None:
                return _under(written, at, columns, wanted)
    return None


def _is_group(rows: Sequence[Row], wanted: Wanted) -> bool:
    """Whether a header row only names groups of columns (対象者 | 連絡先), above the real one."""
    if len(rows) < 2:
        return False
    first, second = (sum(map(is_known, row.cells)) for row in rows)
    return (
        second > first
        and "" in map(str.strip, rows[0].cells)
        and is_header(rows[1].cells)
        and assigning.find(rows[1].cells, wanted, line=rows[1].line) is not None
    )


def _numbered(written: Sequence[Row], wanted: Wanted) -> Layout:
    """A file whose columns are named by number; it may have a header row.

    What is no header for sure is data: at worst a header is rejected as a row.
    """
    for at, row in enumerate(_titles(written)):
        if is_header(row.cells):
            columns = assigning.find(row.cells, wanted, line=row.line)
            if columns is not None:
                return _under(written, at, columns, wanted)
    usual = _usual(written)
    columns = assigning.headerless(_rows(usual), wanted, line=usual[0].line)
    if columns is None:
        raise IntakeError(Problem.NO_PHONE_COLUMN, line=usual[0].line)
    return Layout(columns, 0)


def _titles(written: Sequence[Row]) -> list[Row]:
    """The rows among which a header is looked for: those before the first that is somebody."""
    return list(itertools.takewhile(lambda row: not is_data(row.cells), written[:HEADER_ROWS]))


def _usual(written: Sequence[Row]) -> Sequence[Row]:
    """From the first row on that has a number to dial: as wide as the others are."""
    for at, row in enumerate(written[:HEADER_ROWS]):
        if any(map(is_phone, row.cells)):
            return written[at:]
    return written


def _refused(written: Sequence[Row], wanted: Wanted) -> IntakeError:
    titles = _titles(written)
    if not titles:
        if wanted.by_hand:
            return missing([], line=written[0].line, by_hand=wanted.by_hand)
        return IntakeError(Problem.NO_HEADER_ROW, line=written[0].line)
    return missing([row.cells for row in titles], line=titles[0].line, by_hand=wanted.by_hand)


def _under(
    written: Sequence[Row],
    at: int,
    columns: Columns,
    wanted: Wanted,
    template: Template | None = None,
) -> Layout:
    """The layout with this header row, and the vocabulary rows below it."""
    header = written[at]
    vocabulary = tuple(
        row.line
        for row in itertools.takewhile(
            lambda row: _is_vocabulary(row.cells, columns),
            written[at + 1 : at + 1 + VOCABULARY_ROWS],
        )
    )
    key = header_key(wanted.entrustor, header.cells)
    applied = template.id if template else None
    return Layout(columns, header.line, at, vocabulary, key, applied, header.cells)


def _is_vocabulary(cells: Sequence[str], columns: Columns) -> bool:
    """Whether a row below the header describes columns: every cell a term, or a name for one."""
    phone = columns.kept[FieldKind.PHONE]
    said = [cell.strip() for cell in cells if cell.strip()]
    if len(said) < 2 or phone >= len(cells) or has_value(cells):
        return False
    terms = sum(1 for cell in said if plain(cell) in _TERMS or _TERM.fullmatch(cell))
    return terms == len(said) or (is_header(cells) and all(map(is_known, said)))


def _is_written(cells: Sequence[str]) -> bool:
    return any(cells) and any(cell.strip() for cell in cells)


def _rows(rows: Sequence[Row]) -> list[Sequence[str]]:
    return [row.cells for row in rows]
