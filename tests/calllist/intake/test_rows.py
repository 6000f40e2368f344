"""Rows: cells as they were meant, lines as an editor counts them, bounded whatever comes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calllist.intake import rows
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.rows import Row, Rows


def read(text: str, size: int = 5) -> list[Row]:
    return list(Rows(text[start : start + size] for start in range(0, len(text), size)))


def test_every_kind_of_line_end_and_quotes() -> None:
    text = 'a,b\r\n"1\n2",x\r3,"y ""z"""\n4,\u2028w'
    for size in (1, 2, 3, 100):
        assert read(text, size) == [
            Row(1, ["a", "b"]),
            Row(2, ["1\n2", "x"]),
            Row(4, ["3", 'y "z"']),
            Row(5, ["4", "\u2028w"]),
        ]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    found = Rows(iter([f"x{delimiter}y\n1{delimiter}2\n"]))
    assert [row.cells for row in found] == [["x", "y"], ["1", "2"]]
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
    assert taken < 2 + rows.LINE_CHARACTERS // 65_536 * 2


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
