"""Small workbooks, written part by part, so that a test says exactly what is odd about one.

book(["氏名", "電話番号"], ["架空珠緒", 9000012345])
packed(parts(sheet="<row><c t='s'><v>0</v></c></row>", strings="<si><t>架空</t></si>"))
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
Cell = str | int | float | None


class Raw(str):
    """A cell as XML."""

    __slots__ = ()


def letters(column: int) -> str:
    """1 to A, 28 to AB."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def cell(at: str, value: Cell, style: int = 0) -> str:
    """A cell as Excel writes it, its text in place."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        text = f"<is><t xml:space='preserve'>{escape(value)}</t></is>"
        return f'<c r="{at}" t="inlineStr">{text}</c>'
    return f'<c r="{at}" s="{style}"><v>{value}</v></c>'


def rows(*table: Sequence[Cell], style: int = 0) -> str:
    """Rows of a sheet; None is a cell that is not there."""
    return "".join(
        f'<row r="{line}">'
        + "".join(
            cell(f"{letters(column)}{line}", value, style)
            for column, value in enumerate(cells, 1)
            if value is not None
        )
        + "</row>"
        for line, cells in enumerate(table, 1)
    )


def parts(
    *,
    sheets: Mapping[str, str] | None = None,
    sheet: str = "",
    states: Mapping[str, str] | None = None,
    strings: str = "",
    formats: str = "",
    styles: Sequence[int] = (0,),
    after: str = "",
    since_1904: bool = False,
) -> dict[str, str]:
    """The parts of a workbook. sheets: name to rows; after: what follows a sheet's rows."""
    sheets = sheets or {"Sheet1": sheet}
    states = states or {}
    names = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" state="{states.get(name, "visible")}"'
        f' r:id="rId{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet"'
        f' Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    related += f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
    related += f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    xfs = "".join(f'<xf numFmtId="{number}"/>' for number in styles)
    found = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r"'
        f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        f'<workbookPr date1904="{int(since_1904)}"/><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f"{related}</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>{xfs}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
    }
    for number, data in enumerate(sheets.values(), 1):
        found[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData>{after}</worksheet>'
        )
    return found


def packed(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A package of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return target.getvalue()


def book(*table: Sequence[Cell]) -> bytes:
    """A workbook of one sheet."""
    return packed(parts(sheet=rows(*table)))
