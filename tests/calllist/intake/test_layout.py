"""Where the list begins: titles, header, vocabulary; and columns that only their cells tell."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.blocks import Block
from calllist.intake.reading.columns import Template, Wanted
from calllist.intake.reading.headers import header_key
from calllist.intake.reading.layout import Layout, lay
from crypto.records.fields import FieldKind as Kind

ALL = frozenset(Kind)
HEADER = ["氏名", "住所", "電話番号"]


def person(number: int) -> list[str]:
    return [f"架空{'花春夏秋冬'[number % 5]}子", "みなと野市1丁目2-3", f"03-0001-{number:04d}"]


PEOPLE = [person(number) for number in range(8)]


def laid(rows: Iterable[list[str]], wanted: Wanted | None = None) -> tuple[Layout, list[int]]:
    """The layout, and the lines of the people."""
    block = [list(row) for row in rows]
    lines = range(1, len(block) + 1)
    asked = (wanted or Wanted(ALL))._replace(synthetic=True)
    layout, blocks = lay(iter([Block(lines, block)]), asked)
    return layout, [line for one in blocks for line in one.lines]


def refusal(rows: Iterable[list[str]], wanted: Wanted | None = None) -> IntakeError:
    with pytest.raises(IntakeError) as refused:
        laid(rows, wanted)
    return refused.value


def test_titles_above_and_vocabulary_below_the_header_are_nobody() -> None:
    rows = [
        ["#file_name", "0053", ""],
        ["", "", ""],
        ["対象者リスト　令和8年度", "", ""],
        ["#property", "name", "telephoneNumber"],
        ["#object_type_xsd", "string", "xsd:string"],
        ["#property_context", "Assertion", "ic:電話番号"],
        ["1", "架空保健所", "03-0001-0001"],
        ["2", "架空支所", ""],
    ]
    layout, people = laid(rows)
    assert (layout.header_line, layout.titles, layout.vocabulary) == (4, 2, (5, 6))
    assert people == [7, 8]
    assert layout.columns.kept == {Kind.NAME: 1, Kind.PHONE: 2}


@pytest.mark.parametrize(
    "below",
    [
        ["文字列", "文字列", "半角数字"],
        ["必須", "任意", "必須"],
        ["name", "address", "phone"],
        ["varchar(40)", "varchar(80)", "char(13)"],
    ],
)
def test_a_row_that_describes_the_columns_is_no_person(below: list[str]) -> None:
    layout, people = laid([HEADER, below, *PEOPLE])
    assert layout.vocabulary == (2,)
    assert people[0] == 3


@pytest.mark.parametrize(
    "below",
    [
        ["架空花子", "みなと野市", "なし"],
        ["架空花子", "", ""],
        ["", "", "必須"],
        ["例", "例", "03-0001-0001"],
    ],
)
def test_a_row_that_could_be_somebody_is_never_passed_over(below: list[str]) -> None:
    layout, people = laid([HEADER, below, *PEOPLE])
    assert (layout.vocabulary, people[0]) == ((), 2)


def test_a_row_of_group_names_above_the_header_is_a_title() -> None:
    rows = [["対象者", "", "連絡先", ""], ["氏名", "住所", "FAX番号", "電話番号"]]
    layout, people = laid([*rows, ["架空花子", "みなと野市", "03-0001-9999", "03-0001-0001"]])
    assert (layout.header_line, layout.columns.kept[Kind.PHONE], people) == (2, 3, [3])


def test_a_phone_column_under_an_unknown_header_is_known_by_its_cells() -> None:
    layout, _ = laid([["氏名", "住所", "つながる番号"], *PEOPLE])
    column = layout.columns.columns[2]
    assert (column.kind, column.how, column.header) == (Kind.PHONE, "content", "")


@pytest.mark.parametrize(
    ("header", "numbers"),
    [
        ("FAX番号", "03-0001-{:04d}"),
        ("配偶者の番号", "03-0001-{:04d}"),
        ("医療機関コード", "03000{:05d}"),
        ("番号A", "03000{:05d}"),  # bare digits: could be an institution's
        ("番号B", "100-{:04d}"),  # a postal code
        ("番号C", "{:07d}"),  # an account
    ],
)
def test_nothing_else_is_taken_for_a_phone_by_its_cells(header: str, numbers: str) -> None:
    rows = [[f"架空{n}", "みなと野市1", numbers.format(n + 1)] for n in range(30)]
    assert refusal([["氏名", "住所", header], *rows]).code == Problem.NO_PHONE_COLUMN


def test_two_columns_of_phones_under_unknown_headers_are_not_decided_by_chance() -> None:
    rows = [[*person(n), f"03-0002-{n:04d}"] for n in range(9)]
    error = refusal([["氏名", "住所", "番号A", "番号B"], *rows])
    assert (error.code, error.column, error.reason) == (Problem.TWO_COLUMNS_FOR, 4, "phone")
    layout, _ = laid([["氏名", "住所", "番号A", "昼の電話"], *rows])
    assert layout.columns.kept[Kind.PHONE] == 3


def full(number: int) -> list[str]:
    born = date(1950, 1, 1) + timedelta(days=number * 301)
    name = "一二三四五六七八九十"[number % 10] + "架空花子"[number % 4] + "太郎次"[number % 3]
    kana = "カキクケコサシスセソ"[number % 10] * (1 + number % 4) + " タロウ"
    return [
        f"{number}",
        name,
        kana,
        born.strftime("%Y/%m/%d"),
        f"〒100-{number:04d}",
        f"東京都みなと野市{number}丁目2-3",
        f"090-0001-{number:04d}",
        "要介護",
    ]


def test_a_file_without_a_header_is_mapped_by_its_cells_when_they_leave_no_doubt() -> None:
    rows = [full(number) for number in range(1, 25)]
    layout, people = laid(rows)
    assert layout.header_line == 0
    assert layout.columns.kept == {
        Kind.NAME: 1,
        Kind.NAME_KANA: 2,
        Kind.BIRTH_DATE: 3,
        Kind.POSTAL: 4,
        Kind.ADDRESS: 5,
        Kind.PHONE: 6,
    }
    assert {one.header for one in layout.columns.columns} == {""}
    assert people == [*range(1, 25)]
    narrow, _ = laid(rows, Wanted({Kind.PHONE}))
    assert narrow.columns.kept == {Kind.PHONE: 6}


@pytest.mark.parametrize(
    "number", ["03000{:05d}", "100-{:04d}", "{:010d}"]
)  # bare digits, postal codes, an institution's
def test_a_file_without_a_header_stops_where_its_cells_leave_doubt(number: str) -> None:
    rows = [[f"架空{n}", number.format(n + 1), "みなと野市"] for n in range(30)]
    assert refusal(rows).code in {Problem.NO_HEADER_ROW, Problem.NO_PHONE_COLUMN}


def test_two_columns_of_phones_without_a_header_are_named_by_number() -> None:
    rows = [[f"架空{n}", f"03-0001-{n:04d}", f"03-0002-{n:04d}"] for n in range(9)]
    assert refusal(rows).code == Problem.NO_HEADER_ROW
    layout, people = laid(rows, Wanted(ALL, {Kind.PHONE: "#3"}))
    assert (layout.columns.kept, len(people)) == ({Kind.PHONE: 2}, 9)


def test_the_header_row_can_be_said() -> None:
    rows = [["202604", "", "番号"], ["架空花子", "x", "03-0001-0001"]]
    wanted = Wanted(ALL, {Kind.PHONE: "#3"}, header_line=1)
    layout, people = laid(rows, wanted)
    assert (layout.header_line, people) == (1, [2])
    assert laid(rows, wanted._replace(header_line=0))[1] == [1, 2]
    for line in (2, 9):  # somebody's row, and no row at all
        error = refusal(rows, wanted._replace(header_line=line))
        assert (error.code, error.line) == (Problem.NO_HEADER_ROW, line)


def test_a_template_says_what_the_columns_of_the_same_header_row_mean() -> None:
    header = ["氏名", "住所", "TEL 1", "TEL 2"]
    rows = [["title"], header, *([*person(n), f"03-0002-{n:04d}"] for n in range(3))]
    key = header_key("ent_1", header)
    places = {Kind.PHONE: (3,), Kind.NAME: (0,), Kind.ADDRESS: ()}
    wanted = Wanted(ALL, templates=(Template("tpl_1", key, places),), entrustor="ent_1")
    layout, people = laid(rows, wanted)
    assert (layout.template, layout.key, people) == ("tpl_1", key, [3, 4, 5])
    assert layout.columns.kept == {Kind.PHONE: 3, Kind.NAME: 0}
    assert layout.columns.columns[3].how == "template"
    again, _ = laid([[" 氏 名", "住所", "ＴＥＬ１", "tel2", ""], *rows[2:]], wanted)
    assert again.template == "tpl_1"  # the same words
    other, _ = laid(rows, wanted._replace(entrustor="ent_2"))
    assert other.template is None
    hand, _ = laid(rows, wanted._replace(by_hand={Kind.PHONE: "TEL 1"}))
    assert hand.columns.kept[Kind.PHONE] == 2
    narrow, _ = laid(rows, wanted._replace(permitted={Kind.PHONE}))
    assert narrow.columns.kept == {Kind.PHONE: 3}


def test_a_layout_does_not_print_the_header() -> None:
    assert "氏名" not in repr(laid([HEADER, *PEOPLE])[0])
