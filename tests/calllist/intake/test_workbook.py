"""Workbooks: what Excel kept is what is read, and nothing that it would have computed."""

import random
import zipfile
from collections.abc import Sequence

import pytest

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.tables import Table, open_table
from tests.calllist.intake.workbooks import MAIN, OFFICE, PACKAGE, book, packed, parts, rows

HEADER = ["氏名", "電話番号"]


def read(data: bytes, sheet: str | None = None) -> tuple[list[list[str]], list[int], Table]:
    table = open_table([data], sheet=sheet)
    cells: list[list[str]] = []
    lines: list[int] = []
    for block in table:
        cells += block.rows
        lines += block.lines
    return cells, lines, table


def values(xml: str, **how: object) -> list[list[str]]:
    """The rows of a sheet with this in it."""
    return read(packed(parts(sheet=xml, **how)))[0]  # type: ignore[arg-type]


def one(cell: str, **how: object) -> str:
    """The value of one cell, given as XML."""
    found = values(f'<row r="1"><c r="A1" t="str"><v>x</v></c>{cell}</row>', **how)
    return found[0][1] if len(found[0]) > 1 else ""


def refused(data: bytes, sheet: str | None = None) -> IntakeError:
    with pytest.raises(IntakeError) as error:
        read(data, sheet)
    assert error.value.__cause__ is None
    return error.value


def test_rows_are_those_of_the_sheet_and_as_wide_as_the_header() -> None:
    cells, lines, table = read(
        book(["対象者リスト"], [], [*HEADER, "住所"], ["架空珠緒", "03-0001-2345"], [None, " ", ""])
    )
    assert cells == [
        ["対象者リスト"],
        ["氏名", "電話番号", "住所"],
        ["架空珠緒", "03-0001-2345", ""],
        ["", " ", ""],
    ]
    assert lines == [1, 3, 4, 5]
    assert (table.encoding, table.delimiter, table.sheet, table.sheets) == ("xlsx", "xlsx", 1, 1)


def test_furigana_are_not_glued_to_names() -> None:
    strings = (
        "<si><t>架空</t><rPh sb='0' eb='2'><t>カクウ</t></rPh><phoneticPr fontId='1'/></si>"
        "<si><r><rPr><b/></rPr><t>仮</t></r><r><t xml:space='preserve'> 名</t></r>"
        "<rPh sb='0' eb='1'><t>カリ</t></rPh></si>"
    )
    xml = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    assert values(xml, strings=strings) == [["架空", "仮 名"]]
    inline = "<c r='B1' t='inlineStr'><is><t>例</t><rPh sb='0' eb='1'><t>レイ</t></rPh></is></c>"
    assert one(inline) == "例"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("9000012345", "9000012345"),
        ("9.000012345E9", "9000012345"),
        ("300012345.0", "300012345"),
        ("-5", "-5"),
        ("0.1", "0.1"),
        ("12.300000000000001", "12.3"),
        ("123456789012345", "123456789012345"),
        ("1234567890123456", "1.23456789012345E+15"),  # the sixteenth digit is gone
        ("1.2345678901234568E+16", "1.23456789012345E+16"),
        ("1E999", "1E999"),
        ("なし", "なし"),
    ],
)
def test_numbers_are_digits_and_damage_stays_visible(raw: str, shown: str) -> None:
    assert one(f"<c r='B1'><v>{raw}</v></c>") == shown


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("0000000", 980001, "0980001"),
        ("000-0000", 980001, "098-0001"),
        ("000\\-0000", 980001, "098-0001"),
        ('"〒"000\\-0000', 980001, "980001"),
        ("[&lt;=999]000;[&lt;=9999]000\\-00;000\\-0000", 980001, "098-0001"),
        ("[&lt;=99999999]####\\-####;\\(00\\)\\ ####\\-####", 300012345, "(03) 0001-2345"),
        ("00000", 123456, "123456"),
        ("0", 7, "7"),
        ("0_ ", 7, "7"),
        ("#,##0", 12000, "12000"),
        ('#,##0"円"', 12000, "12000"),
        ("0.00", 12, "12"),
        ("General", 12, "12"),
        ("0_);[Red]\\(0\\)", 12, "12"),
    ],
)
def test_leading_zeros_come_back_by_the_cells_own_format(
    code: str, number: int, shown: str
) -> None:
    code = code.replace('"', "&quot;")
    formats = f'<numFmt numFmtId="164" formatCode="{code}"/>'
    cell = f"<c r='B1' s='1'><v>{number}</v></c>"
    assert one(cell, formats=formats, styles=(0, 164)) == shown


DATES = (
    (14, "", "18265", "1950-01-02"),
    (57, "", "18265", "1950-01-02"),
    (31, "", "1", "1900-01-01"),
    (31, "", "59", "1900-02-28"),
    (31, "", "60", "1900-02-29"),  # a day that never was: left to the reader of dates
    (31, "", "61", "1900-03-01"),
    (31, "", "0", "1900-01-00"),
    (22, "", "18265.4375", "1950-01-02 10:30"),
    (22, "", "18265", "1950-01-02"),
    (14, "", "18265.99999999", "1950-01-03"),
    (20, "", "0.4375", "10:30"),
    (32, "", "0.75001157407", "18:00:01"),
    (164, "yyyy/mm/dd", "18265", "1950-01-02"),
    (164, "[$-411]ggge&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@", "18265", "1950-01-02"),
    (164, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "18265", "1950-01-02"),
    (164, "m&quot;月&quot;", "18265", "1950-01-02"),
    (164, "[h]:mm", "0.5", "12:00"),
    (164, "0.00E+00", "18265", "18265"),
    (164, "&quot;year&quot;0", "18265", "18265"),
    (164, "G/標準", "18265", "18265"),
    (14, "", "-1", "-1"),
    (14, "", "2958466", "2958466"),
    (0, "", "18265", "18265"),
)


@pytest.mark.parametrize(("number", "code", "raw", "shown"), DATES)
def test_serial_dates_are_dates_by_the_cells_own_format(
    number: int, code: str, raw: str, shown: str
) -> None:
    formats = f'<numFmt numFmtId="{number}" formatCode="{code}"/>' if code else ""
    cell = f"<c r='B1' s='1'><v>{raw}</v></c>"
    assert one(cell, formats=formats, styles=(0, number)) == shown


def test_dates_may_count_from_1904() -> None:
    cell = "<c r='B1' s='1'><v>16803</v></c>"
    assert one(cell, styles=(0, 14), since_1904=True) == "1950-01-02"
    assert one("<c r='B1' s='1'><v>0</v></c>", styles=(0, 14), since_1904=True) == "1904-01-01"


@pytest.mark.parametrize(
    ("cell", "shown", "damaged"),
    [
        ("<c r='B1' t='b'><v>1</v></c>", "TRUE", False),
        ("<c r='B1' t='e'><v>#N/A</v></c>", "#N/A", True),
        ("<c r='B1' t='e'><v>#GETTING_DATA</v></c>", "#CALC!", True),
        ("<c r='B1'><f>HYPERLINK(\"http://x\")</f><v>9000012345</v></c>", "9000012345", False),
        ("<c r='B1' t='str'><f>cmd|'/c calc'!A1</f><v>=1+1</v></c>", "=1+1", False),
        ("<c r='B1' t='str'><f>A1</f><v></v></c>", "", False),
        ("<c r='B1'><f>A1</f></c>", "#CALC!", True),  # never computed
        ("<c r='B1' t='d'><v>1950-01-02T00:00:00</v></c>", "1950-01-02", False),
        ("<c r='B1' t='str'><v>a_x000D_\nb_x005F_x0041_</v></c>", "a\r\nb_x0041_", False),
        ("<c r='B1' t='str'><v>山\ufffd</v></c>", "山\ufffd", True),
    ],
)
def test_other_kinds_of_cells(cell: str, shown: str, damaged: bool) -> None:
    data = packed(parts(sheet=f'<row r="1"><c r="A1" t="str"><v>x</v></c>{cell}</row>'))
    cells, _, table = read(data)
    assert (cells[0][1] if len(cells[0]) > 1 else "") == shown
    assert table.damaged is damaged


def test_cells_merged_over_rows_belong_to_all_of_them() -> None:
    """A household with one number; a header of two lines."""
    table = (
        ["氏名", "連絡先", None],
        [None, "電話番号", "FAX"],
        ["架空珠緒", "03-0001-2345", None],
        ["架空一", None, None],
        [None, None, None],
        ["見本花", None, None],
    )
    merged = "<mergeCells count='3'><mergeCell ref='A1:A2'/><mergeCell ref='B1:C1'/>"
    merged += '<mergeCell ref="B3:B5"/></mergeCells>'
    cells = values(rows(*table), after=merged.replace("'", '"'))
    assert cells == [
        ["氏名", "連絡先"],
        ["氏名", "電話番号", "FAX"],
        ["架空珠緒", "03-0001-2345", ""],
        ["架空一", "03-0001-2345", ""],
        ["見本花", "", ""],
    ]


def test_rows_and_cells_may_leave_out_their_places() -> None:
    first = "<row><c><v>1</v></c><c/><c><v>3</v></c></row>"
    assert values(first + "<row/><row><c/><c><v>2</v></c></row>") == [["1", "", "3"], ["", "2", ""]]


def test_strict_documents_and_prefixes_are_read_too() -> None:
    files = parts(sheet="<row><c><v>1</v></c></row>")
    strict = "http://purl.oclc.org/ooxml/"
    files = {
        name: data.replace(MAIN, strict + "spreadsheetml/main").replace(
            OFFICE, strict + "officeDocument/relationships"
        )
        for name, data in files.items()
    }
    assert read(packed(files))[0] == [["1"]]
    files = parts()
    files["xl/worksheets/sheet1.xml"] = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    assert read(packed(files, zipfile.ZIP_STORED))[0] == [["1"]]


SHEETS = {"空": "", "名簿": rows(HEADER, ["架空珠緒", "1"]), "控え": rows(["別"])}


def chosen(states: dict[str, str], sheet: str | None = None) -> tuple[int | None, str]:
    cells, _, table = read(packed(parts(sheets=SHEETS, states=states)), sheet)
    return table.sheet, cells[0][0]


def test_the_only_visible_sheet_with_data_is_read() -> None:
    hidden = {"控え": "hidden"}
    assert chosen(hidden) == (2, "氏名")
    assert chosen({"控え": "veryHidden"}) == (2, "氏名")
    assert chosen({}, "控え") == (3, "別")
    assert chosen(hidden, "控え") == (3, "別")  # hidden, but named
    assert chosen(hidden, "3") == (3, "別")
    assert chosen(hidden, "名簿") == (2, "氏名")


def test_several_sheets_are_told_by_number_and_never_by_name() -> None:
    error = refused(packed(parts(sheets=SHEETS)))
    assert (error.code, error.reason) == (Problem.SEVERAL_SHEETS, "2 3")
    assert "名簿" not in str(error)
    assert refused(packed(parts(sheets=SHEETS)), "4").code == Problem.NO_SUCH_SHEET
    assert refused(packed(parts(sheets=SHEETS)), "山田様").reason == ""
    all_hidden = dict.fromkeys(SHEETS, "hidden")
    assert refused(packed(parts(sheets=SHEETS, states=all_hidden))).code == Problem.EMPTY_FILE
    assert refused("氏名,電話\n".encode(), "1").code == Problem.NO_SUCH_SHEET


def with_part(name: str, data: str = "x") -> bytes:
    return packed(parts(sheet="<row><c><v>1</v></c></row>") | {name: data})


def related(kind: str) -> bytes:
    files = parts(sheet="<row><c><v>1</v></c></row>")
    name = "xl/_rels/workbook.xml.rels"
    files[name] = files[name].replace(
        "</Relationships>",
        f'<Relationship Id="z" Type="{OFFICE}/{kind}" Target="y"/></Relationships>',
    )
    return packed(files)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (with_part("xl/vbaProject.bin"), Problem.MACRO_WORKBOOK),
        (with_part("xl/macrosheets/sheet1.xml"), Problem.MACRO_WORKBOOK),
        (related("xlMacrosheet"), Problem.MACRO_WORKBOOK),
        (with_part("xl/externalLinks/externalLink1.xml"), Problem.LINKED_WORKBOOK),
        (related("externalLink"), Problem.LINKED_WORKBOOK),
        (with_part("xl/workbook.bin"), Problem.WORKBOOK_FILE),
        (with_part("mimetype", "application/vnd.oasis"), Problem.WORKBOOK_FILE),
        (with_part("word/document.xml"), Problem.DOCUMENT_FILE),
        (packed({"list.csv": "a,b"}), Problem.WORKBOOK_FILE),
    ],
)  # fmt: skip
def test_programs_links_and_other_packages_are_refused(data: bytes, problem: Problem) -> None:
    assert refused(data).code == problem


def test_garbled_text_is_refused_where_a_cell_of_the_sheet_holds_it() -> None:
    strings = "<si><t>架空珠緒</t></si><si><t>菴占陸</t></si>"
    sheet = '<row r="3"><c r="B3" t="s"><v>1</v></c></row>'
    error = refused(packed(parts(sheet=sheet, strings=strings)))
    assert (error.code, error.reason) == (Problem.GARBLED_TEXT, "utf8_as_cp932")
    assert (error.line, error.column) == (3, 2)
    clean = '<row r="3"><c r="B3" t="s"><v>0</v></c></row>'
    assert read(packed(parts(sheet=clean, strings=strings)))[0] == [["", "架空珠緒"]]
    assert refused(book(["氏名"], ["ä½\x90è\x97¤"])).line == 2


def test_gaiji_are_kept_and_seen() -> None:
    cells, _, table = read(book(["髙\ue000神"]))
    assert (cells, table.gaiji) == ([["髙\ue000神"]], True)


def relations(*targets: Sequence[str]) -> str:
    inside = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for name, kind, target in targets
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'


def test_parts_are_found_by_their_relations_wherever_they_are() -> None:
    files = parts(strings="<si><t>架空</t></si>")
    sheet = files.pop("xl/worksheets/sheet1.xml")
    files["Data/One.xml"] = sheet.replace(
        "<sheetData></sheetData>",
        '<sheetData><row><c t="s"><v>0</v></c></row></sheetData>',
    )
    files["xl/_rels/workbook.xml.rels"] = relations(
        ("rId1", "worksheet", "../data/ONE.xml"), ("t", "sharedStrings", "/xl/sharedstrings.xml")
    )
    assert read(packed(files))[0] == [["架空"]]


def test_how_far_a_workbook_is_read_is_known_though_all_its_bytes_came_before() -> None:
    chance = random.Random(7)  # what packs badly: the file is as long as its rows
    cells = [[chance.randbytes(30).hex(), "090-0000-0001"] for _ in range(6000)]
    table = open_table([book(HEADER, *cells)])
    shares = [table.share for _ in table]
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[len(shares) // 2] < 1 == shares[-1]
