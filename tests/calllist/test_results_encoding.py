"""Results as CSV for Excel: UTF-8 with mark, or CP932 with what it lacks named by line."""

import csv
import io

from calllist.commands.results import encoded, table

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
