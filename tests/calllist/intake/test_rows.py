"""Rows: cells as they were meant, lines as an editor counts them, bounded whatever comes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.pieces import LINE_CHARACTERS
from calllist.intake.reading.rows import Row, Rows


def read(text: str, size: int = 5) -> list[Row]:
    return rows_of(Rows(text[start : start + size] for start in range(0, len(text), size)))


def rows_of(found: Rows) -> list[Row]:
    return [row for block in found for row in map(Row, block.lines, block.rows)]


def test_every_kind_of_line_end_and_quotes() -> None:
    text = 'a,b\r\n"1\n2",x\r3,"y ""z"""\n4,\u2028w'
    for size in (1, 2, 3, 100):
        assert read(text, size) == [
            Row(1, ["a", "b"]),
            Row(2, ["1\n2", "x"]),
            Row(4, ["3", 'y "z"']),
            Row(5, ["4", "\u2028w"]),
        ]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    found = Rows(iter([f"x{delimiter}y\n1{delimiter}2\n"]))
    assert [row.cells for row in rows_of(found)] == [["x", "y"], ["1", "2"]]
    assert found.delimiter == delimiter


def test_commas_in_quotes_do_not_mislead() -> None:
    found = Rows(iter(['氏名\t住所\n"a"\t"1,2,3"\n"b"\t"4,5,6"\n']))
    assert found.delimiter == "\t"


def test_one_column_is_a_list_too() -> None:
    assert [row.cells for row in read("tel\n03-0001-2345\n")] == [["tel"], ["03-0001-2345"]]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,"2\n3,4\n', 2),
        ('a,b\n1,2\n"', 3),
        ('a,b\n1,"' + "x\n" * 2000, 2),
        ('a,b\n1,2\n3,"' + "x" * 200_000, 3),
        ('a,b\n"架空,1\n"見本",2\n', 2),  # closed by somebody else's quote
        ('a,b\n"1","2"\n"架空,1\n見,3\n"見本","2"\n', 3),
        ('a,b\n1,"5\n6,2" x\n', 2),
    ],
)
def test_a_quote_left_open_is_found_where_it_opens(text: str, line: int) -> None:
    with pytest.raises(IntakeError) as refused:
        read(text, 4096)
    assert (refused.value.code, refused.value.line) == (Problem.UNCLOSED_QUOTE, line)


def test_a_line_without_end_is_refused_before_it_is_all_read() -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        yield "a,b\n"
        while True:
            taken += 1
            yield "x" * 65_536

    with pytest.raises(IntakeError) as refused:
        list(Rows(endless()))  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.line) == (Problem.LINE_TOO_LONG, 2)
    assert taken < 2 + LINE_CHARACTERS // 65_536 * 2


def test_excels_first_line_tells_the_delimiter_and_is_no_row() -> None:
    for first in ("sep=;\r\n", '"sep=;"\n', "sep=;\n"):
        for size in (1, 3, 100):
            assert read(first + "a;b,c\n1;2,3\n", size) == [
                Row(2, ["a", "b,c"]),
                Row(3, ["1", "2,3"]),
            ]
    assert read("sep=x\n1\n")[0].cells == ["sep=x"]
    assert [row.line for row in read('sep=,\na,b\n1,"x\ny"\n2,3\n')] == [2, 3, 5]


def test_a_cell_without_end_is_no_open_quote() -> None:
    with pytest.raises(IntakeError) as refused:
        read("a,b\n1," + "x" * 200_000 + "\n", 4096)
    assert (refused.value.code, refused.value.line) == (Problem.LINE_TOO_LONG, 2)


SPECTRUM = {  # the cases of csv-spectrum 2.0.0, in words of our own
    "comma_in_quotes": ('a,b\r\n架空,"架空町1, 2号"\r\n', [["a", "b"], ["架空", "架空町1, 2号"]]),
    "empty": ('a,b,c\n1,"",""\n2,3,4\n', [["a", "b", "c"], ["1", "", ""], ["2", "3", "4"]]),
    "escaped_quotes": (
        'a,b\n1,"ha ""ha"" ha"\n3,4\n',
        [["a", "b"], ["1", 'ha "ha" ha'], ["3", "4"]],
    ),
    "json": (
        'key,val\n1,"{""type"": ""Point"", ""at"": [102.0, 0.5]}"\n',
        [["key", "val"], ["1", '{"type": "Point", "at": [102.0, 0.5]}']],
    ),
    "location_coordinates": (
        'when,"place,at"\n"4/2016","41,52"\n',
        [["when", "place,at"], ["4/2016", "41,52"]],
    ),
    "newlines": (
        'a,b,c\n1,2,3\n"Once upon \na time",5,6\n7,8,9\n',
        [["a", "b", "c"], ["1", "2", "3"], ["Once upon \na time", "5", "6"], ["7", "8", "9"]],
    ),
    "quotes_and_newlines": (
        'a,b\n1,"ha \n""ha"" \nha"\n3,4\n',
        [["a", "b"], ["1", 'ha \n"ha" \nha'], ["3", "4"]],
    ),
    "simple": ("a,b,c\n1,2,3", [["a", "b", "c"], ["1", "2", "3"]]),
    "utf8": ("a,b,c\n1,2,3\n4,5,ʤ\n", [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "ʤ"]]),
}


@pytest.mark.parametrize("name", SPECTRUM)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_every_edge_of_csv(name: str, size: int) -> None:
    text, table = SPECTRUM[name]
    assert [row.cells for row in read(text, size)] == table
    dos = text.replace("\r\n", "\n").replace("\n", "\r\n")
    as_dos = [[cell.replace("\n", "\r\n") for cell in cells] for cells in table]
    assert [row.cells for row in read(dos, size)] == as_dos


CELLS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5), st.integers(1, 9))
def test_what_was_quoted_comes_back(table: list[list[str]], size: int) -> None:
    text = "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n" for cells in table
    )
    assert [row.cells for row in read(text, size)] == table


def test_cells_are_not_printed() -> None:
    assert "山田" not in repr(read("山田,1\n"))
