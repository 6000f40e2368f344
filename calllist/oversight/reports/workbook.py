"""A report as XLSX: strings, numbers, times, and no way to write a formula.

Only what a report has: a sheet for each table, written as inline strings and plain numbers.
The same report gives the same bytes. Source: ECMA-376 part 1, 12, 18.3 and 18.8.
"""

import io
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from calllist.clock import JST
from calllist.oversight.reports.tables import Share, Table, Value

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))  # ECMA-376 part 1, 18.2.19
_NAME_CHARACTERS = 31
_DAY = timedelta(days=1)

# Places in <cellXfs> below.
_PLAIN, _HEAD, _COUNT, _SHARE, _SPAN, _CLOCK, _TITLE, _QUIET = range(8)
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}">
<numFmts count="2"><numFmt numFmtId="164" formatCode="0.0%"/>
<numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts>
<fonts count="4"><font><sz val="11"/><name val="Yu Gothic"/></font>
<font><b/><sz val="11"/><name val="Yu Gothic"/></font>
<font><b/><sz val="16"/><name val="Yu Gothic"/></font>
<font><sz val="10"/><color rgb="FF667686"/><name val="Yu Gothic"/></font></fonts>
<fills count="3"><fill><patternFill patternType="none"/></fill>
<fill><patternFill patternType="gray125"/></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FFE7F0F7"/></patternFill></fill></fills>
<borders count="3"><border/>
<border><bottom style="thin"><color rgb="FF1B5583"/></bottom></border>
<border><bottom style="hair"><color rgb="FFB4BFCA"/></bottom></border></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="8">
<xf fontId="0" borderId="2" applyBorder="1"/>
<xf fontId="1" fillId="2" borderId="1" applyFont="1" applyFill="1" applyBorder="1" \
applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf>
<xf numFmtId="3" fontId="0" borderId="2" applyNumberFormat="1" applyBorder="1"/>
<xf numFmtId="164" fontId="0" borderId="2" applyNumberFormat="1" applyBorder="1"/>
<xf numFmtId="165" fontId="0" borderId="2" applyNumberFormat="1" applyBorder="1"/>
<xf numFmtId="20" fontId="0" borderId="2" applyNumberFormat="1" applyBorder="1"/>
<xf fontId="2" applyFont="1"/>
<xf fontId="3" applyFont="1"/>
</cellXfs></styleSheet>"""
Row = list[tuple[Value, int]]


def workbook(title: str, facts: Sequence[tuple[str, str]], tables: Sequence[Table]) -> bytes:
    """The file. `facts` stand above every table."""
    out = io.BytesIO()
    names = [table.title.translate(_NOT_IN_NAMES)[:_NAME_CHARACTERS] for table in tables]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in _frame(names):
            _write(package, name, text)
        for number, table in enumerate(tables, 1):
            rows = [*_above(title, facts), *_rows(table)]
            _write(package, f"xl/worksheets/sheet{number}.xml", _sheet(rows, table))
    return out.getvalue()


def _above(title: str, facts: Sequence[tuple[str, str]]) -> Iterator[Row]:
    yield [(title, _TITLE)]
    yield [("　".join(f"{name}: {value}" for name, value in facts), _QUIET)]
    yield []


def _rows(table: Table) -> Iterator[Row]:
    yield [(table.title, _TITLE)]
    yield [(name, _HEAD) for name in table.head]
    for row in table.rows:
        yield [(value, _style(value)) for value in row]
    if table.note:
        yield []
        yield [(table.note, _QUIET)]


def _style(value: Value) -> int:
    match value:
        case Share():
            return _SHARE
        case int():
            return _COUNT
        case timedelta():
            return _SPAN
        case datetime():
            return _CLOCK
    return _PLAIN


def _sheet(rows: Sequence[Row], table: Table) -> str:
    head = next(at for at, row in enumerate(rows, 1) if row and row[0][1] == _HEAD)
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{30 if at <= max(table.labels, 1) else 14}" '
        'customWidth="1"/>'
        for at in range(1, len(table.head) + 1)
    )
    body = "".join(_line(at, row) for at, row in enumerate(rows, 1))
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" workbookViewId="0">'
        f'<pane ySplit="{head}" topLeftCell="A{head + 1}" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>{body}</sheetData>"
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def _line(at: int, row: Row) -> str:
    cells = (_cell(f"{_letter(place)}{at}", *cell) for place, cell in enumerate(row))
    return f'<row r="{at}">{"".join(cells)}</row>'


def _cell(place: str, value: Value, style: int) -> str:
    """Text is an inline string whatever it begins with; all else is a number."""
    match value:
        case None:
            return f'<c r="{place}" s="{style}"/>'
        case str():
            text = escape("".join(filter(_is_text, value)))
            return (
                f'<c r="{place}" s="{style}" t="inlineStr">'
                f'<is><t xml:space="preserve">{text}</t></is></c>'
            )
        case timedelta():
            number: float = value / _DAY
        case datetime():
            local = value.astimezone(JST)
            number = timedelta(hours=local.hour, minutes=local.minute) / _DAY
        case _:
            number = value
    return f'<c r="{place}" s="{style}"><v>{number!r}</v></c>'


def _is_text(char: str) -> bool:
    """Whether XML may hold it: spaces too, which Python does not call printable."""
    return char.isprintable() or unicodedata.category(char) == "Zs"


def _letter(place: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]


def _frame(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What a package has besides its sheets."""
    numbers = range(1, len(names) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPES}.{kind}+xml"/>'
        for part, kind in (
            ("workbook", "sheet.main"),
            ("styles", "styles"),
            *((f"worksheets/sheet{number}", "worksheet") for number in numbers),
        )
    )
    kind = "application/vnd.openxmlformats-package.relationships+xml"
    yield (
        "[Content_Types].xml",
        (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="{kind}"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
        ),
    )
    yield "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(names, 1)
    )
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
    )
    parts = [(f"rId{at}", "worksheet", f"worksheets/sheet{at}.xml") for at in numbers]
    last = (f"rId{len(names) + 1}", "styles", "styles.xml")
    yield "xl/_rels/workbook.xml.rels", _relations([*parts, last])
    yield "xl/styles.xml", _STYLES


def _relations(found: Sequence[tuple[str, str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, kind, target in found
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _write(package: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name)  # dated 1980, as ZIP's time begins
    entry.compress_type = zipfile.ZIP_DEFLATED
    package.writestr(entry, text)
