"""A file before it is taken: shapes, not people. Nothing is stored, nothing is quoted.

What is told of a column is its header if that is a word we know, how much of it is filled,
what its cells look like (`shapes`), and how many of them read as what. When no phone column
is found, the columns are told all the same: so that one can be named by hand.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from calllist.intake.fields import phones
from calllist.intake.fields.forbidden import Forbidden
from calllist.intake.fields.phones import PhoneRules
from calllist.intake.preview import Preview, Seen, Trouble
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import content, shapes
from calllist.intake.reading.blocks import Block
from calllist.intake.reading.columns import Column, Columns, Wanted, is_header
from calllist.intake.reading.headers import shown
from calllist.intake.reading.layout import HEADER_ROWS, Layout, lay
from crypto.records.fields import FieldKind

MOST_BYTES = 256 << 10  # of a text
PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # workbooks: their table of contents comes last
MOST_ROWS = 2000  # that are looked at
MOST_CELLS = 120_000  # in all: about a second's work
MOST_COLUMNS = 300  # that are told of
MAPPING = frozenset(  # what naming columns by hand can mend
    {
        Problem.NO_PHONE_COLUMN,
        Problem.NO_HEADER_ROW,
        Problem.TWO_COLUMNS_FOR,
        Problem.NO_SUCH_COLUMN,
        Problem.NOT_PERMITTED,
    }
)


class Facts(msgspec.Struct, frozen=True):
    """What the table knew of itself when it was read."""

    encoding: str
    delimiter: str
    sheet: int | None = None
    sheets: int = 0


def preview(
    blocks: Iterable[Block],
    wanted: Wanted,
    rules: PhoneRules,
    facts: Callable[[], Facts],
    *,
    whole: bool,
) -> Preview:
    """The preview of a file, or of its beginning (`whole` False).

    facts: asked once the rows are read. Raises IntakeError if there is nothing to tell of.
    """
    head, trouble, complete = _head(Forbidden().watched(blocks), whole=whole)
    layout, rows, mapping = _laid(head, wanted)
    width = layout.columns.width
    few = rows[: max(1, min(MOST_ROWS, MOST_CELLS // max(width, 1)))]
    known = facts()
    return Preview(
        rows=len(rows),
        complete=complete,
        encoding=known.encoding,
        delimiter=known.delimiter,
        sheet=known.sheet,
        sheets=known.sheets,
        header_line=layout.header_line,
        titles=layout.titles,
        vocabulary=len(layout.vocabulary),
        template=layout.template,
        columns=tuple(
            _seen(column, _cells(few, column.number - 1), layout.columns, rules)
            for column in layout.columns.columns[:MOST_COLUMNS]
        ),
        trouble=trouble or mapping or _nobody(layout, rows, complete=complete),
    )


def _nobody(layout: Layout, rows: Sequence[list[str]], *, complete: bool) -> Trouble | None:
    """A file without a row for anybody is refused when it is taken, and so it is said here."""
    if rows or not complete:
        return None
    return Trouble(Problem.EMPTY_FILE, layout.header_line or None)


def _head(blocks: Iterable[Block], *, whole: bool) -> tuple[list[Block], Trouble | None, bool]:
    """The first rows; what stops the reading of them; whether they are all there are.

    A record that is cut off where the sample ends is no trouble.
    """
    head: list[Block] = []
    rows = 0
    try:
        for block in blocks:
            if rows >= MOST_ROWS:
                return head, None, False
            head.append(block)
            rows += len(block)
    except IntakeError as error:
        if whole or error.code != Problem.UNCLOSED_QUOTE:
            if not head:
                raise
            return head, _trouble(error), False
    return head, None, whole


def _laid(head: list[Block], wanted: Wanted) -> tuple[Layout, list[list[str]], Trouble | None]:
    """The layout and the people's rows; or, unmapped, all rows below what may be a header."""
    try:
        layout, blocks = lay(iter(head), wanted)
    except IntakeError as error:
        if error.code not in MAPPING:
            raise
        return *_unmapped(head, wanted), _trouble(error)
    rows = [row for block in blocks for row in block.rows if any(row)]
    return layout, rows, None


def _unmapped(head: list[Block], wanted: Wanted) -> tuple[Layout, list[list[str]]]:
    lines = [line for block in head for line in block.lines]
    rows = [row for block in head for row in block.rows]
    written = [at for at, row in enumerate(rows) if any(cell.strip() for cell in row)]
    at = next((at for at in written[:HEADER_ROWS] if _is_it(rows, lines, at, wanted)), None)
    header = rows[at] if at is not None else []
    people = [row for row in rows[at + 1 if at is not None else 0 :] if any(row)]
    width = len(header) or max(map(len, people), default=0)
    columns = tuple(
        Column(index + 1, shown(header[index]) if header else "", None)
        for index in range(min(width, MOST_COLUMNS))
    )
    line = lines[at] if at is not None else 0
    titles = written.index(at) if at is not None else 0
    return Layout(Columns(columns, {}), line, titles), people


def _is_it(rows: list[list[str]], lines: list[int], at: int, wanted: Wanted) -> bool:
    if wanted.header_line is not None:
        return lines[at] == wanted.header_line
    return is_header(rows[at])


def _seen(column: Column, cells: list[str], columns: Columns, rules: PhoneRules) -> Seen:
    looked = content.look(cells, synthetic=rules.synthetic)
    filled = [cell for cell in cells if cell.strip()]
    shortest, longest = shapes.lengths(filled)
    pair = columns.parts.get(column.kind) if column.kind else None
    return Seen(
        number=column.number,
        header=column.header,
        kind=column.kind,
        how=column.how,
        place=pair.index(column.number - 1) + 1 if pair else 0,
        looks_like=looked.kind,
        segment=column.segment,
        values=len(set(filled)) if column.segment else 0,
        filled=round(len(filled) / (len(cells) or 1), 3),
        shortest=shortest,
        longest=longest,
        shapes=shapes.shapes(filled),
        parsed=dict(parsed(column.kind, filled, rules)) if column.kind else {},
    )


def parsed(kind: FieldKind, cells: Sequence[str], rules: PhoneRules) -> Counter[str]:
    """How many filled cells read as what; a code where a cell does not."""
    if kind in (FieldKind.PHONE, FieldKind.PHONE_ALT):
        found = phones.column(cells, rules)
        return found.kinds + Counter(verdict.code.value for verdict in found.verdicts)
    if kind is FieldKind.NAME_KANA:
        return shapes.written(cells)
    return Counter(map(_READ[kind], cells)) if kind in _READ else Counter()


_READ: dict[FieldKind, Callable[[str], str]] = {
    FieldKind.POSTAL: content.postal_form,
    FieldKind.BIRTH_DATE: content.date_form,
    FieldKind.DUE_DATE: content.date_form,
}


def beginning(body: Iterator[bytes]) -> tuple[Iterable[bytes], bool]:
    """What of a file a preview reads: all of a workbook, the first `MOST_BYTES` of a text.

    And whether that is all.
    """
    first = b""
    while len(first) < 8 and (block := next(body, b"")):
        first += block
    whole = itertools.chain((first,), body)
    if first.startswith(PACKED):
        return whole, True
    data, complete = trimmed(whole, MOST_BYTES)
    return (data,), complete


def trimmed(body: Iterable[bytes], most: int) -> tuple[bytes, bool]:
    """At most so many bytes of a text, up to the end of a line; and whether that is all."""
    data = bytearray()
    for block in body:
        data += block
        if len(data) > most:
            return _to_line_end(bytes(data[:most])), False
    return bytes(data), True


def _to_line_end(data: bytes) -> bytes:
    """Nothing behind the last line feed: neither half a character nor half a row."""
    if b"\x00" in data[:200]:  # UTF-16: two bytes a character
        for feed, skip in ((b"\n\x00", 0), (b"\x00\n", 0)):
            at = data.rfind(feed)
            while at > 0 and at % 2 != skip:
                at = data.rfind(feed, 0, at)
            if at > 0:
                return data[: at + 2]
        return data[: len(data) // 2 * 2]
    at = data.rfind(b"\n")
    return data[: at + 1] if at > 0 else data


def _cells(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    return [row[index] if index < len(row) else "" for row in rows]


def _trouble(error: IntakeError) -> Trouble:
    return Trouble(error.code, error.line, error.column, error.reason)
