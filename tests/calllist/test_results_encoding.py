"""Results as CSV for Excel: UTF-8 with mark, or CP932 with what it lacks named by line."""

import csv
import io

import pytest

from calllist.commands.results import encoded, inert, table

ROWS = [("参照", "結果"), ("A-1", "𠮷"), ("=1+1", "完了"), ("A-3", "髙"), ("A-4", "é")]


def test_cp932_loses_nothing_and_names_the_lines_it_lacks_characters_for() -> None:
    data, lines = encoded(ROWS, "cp932")
    assert lines == [2, 5]
    read = list(csv.reader(io.StringIO(data.decode("cp932"), newline="")))
    assert read == [
        ["参照", "結果"],
        ["A-1", "\\U00020bb7"],
        ["'=1+1", "完了"],
        ["A-3", "髙"],
        ["A-4", "\\xe9"],
    ]


def test_utf8_has_its_mark_and_every_character() -> None:
    data = table(ROWS)
    assert data.startswith(b"\xef\xbb\xbf")
    assert "𠮷" in data.decode("utf-8-sig")
    assert encoded(ROWS, "utf-8") == (data, [])


@pytest.mark.parametrize(
    "cell",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "＝1",
        "﹢1",
        "⁻1",
        "−1",
        " =1",
        "\u00a0=1",
        "\u200b=1",
        "\t1",
        "\r=1",
    ],
)
def test_what_a_spreadsheet_may_take_for_a_formula_is_text(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["A=1", " A-1", "山田", "", "1-2", "'=1"])
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert inert(cell) == cell
