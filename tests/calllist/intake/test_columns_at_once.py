"""What is decided by one look at a whole column is decided cell by cell in the same way."""

import csv
import io
import random
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calllist.intake.fields import Parsed, Parser, forbidden
from calllist.intake.fields.dates import birth_dates, due_dates
from calllist.intake.fields.places import postals
from calllist.intake.problems import Problem
from calllist.intake.reading.blocks import Block, joined
from calllist.intake.reading.decode import Undecodable
from calllist.intake.reading.pieces import pieces_of
from calllist.intake.reading.rows import SHORT_CHARACTERS, Rows
from crypto.records import forms

TODAY = date(2026, 4, 1)
UNREADABLE = "?"  # no column with this cell is plain: all of its cells are looked at


def cell_by_cell(parser: Parser, cells: Sequence[str], today: date = TODAY) -> Parsed:
    values, verdicts = parser([*cells, UNREADABLE], today)
    assert [at for at, _ in verdicts if at == len(cells)], "the cell that forces a closer look"
    return Parsed(list(values[:-1]), [one for one in verdicts if one.at < len(cells)])


def same(parser: Parser, cells: Sequence[str], today: date = TODAY) -> None:
    values, verdicts = parser(cells, today)
    assert (list(values), list(verdicts)) == cell_by_cell(parser, cells, today)


# -- rows ------------------------------------------------------------------------------------

ends = st.sampled_from(["\n", "\r\n", "\r", "\r\r\n"])
texts = st.lists(st.tuples(st.text("a0 　山,;\t", max_size=6), ends), max_size=8)


@given(texts.map(lambda lines: "".join(map("".join, lines))), st.integers(1, 40))
@example("a,b\nc\nd,e,f\n", 40)  # as many cells as three rows of two
@example("a,b\r\nc,d\r\ne\n", 40)  # the last line ends in another way
@example(";;\r\n;;;\n", 1)  # an empty cell more, where the line ends otherwise
@example("a\n\nb\n", 40)
@example("a\r,\n", 40)  # as many CR as LF, and no pair of them
def test_text_without_quotes_is_cut_as_the_csv_module_cuts_it(text: str, size: int) -> None:
    found = Rows(text[at : at + size] for at in range(0, len(text), size))
    ours = [row for block in found for row in zip(block.lines, block.rows, strict=True)]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=found.delimiter)
    assert ours == [(reader.line_num, row) for row in reader]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("size", [9_973, 65_536, 10_000_000])
def test_lines_of_any_length_come_in_full_blocks_that_are_columns(end: str, size: int) -> None:
    chance = random.Random(11)
    cells = [(str(line), "架" * int(chance.paretovariate(0.7) % 300)) for line in range(3300)]
    text = "".join(f"{one},{two}{end}" for one, two in cells)
    pieces = list(pieces_of(text[at : at + size] for at in range(0, len(text), size)))
    columns = [piece.columns(",") for piece in pieces]
    assert [len(one[0]) if one else None for one in columns] == [1000, 1000, 1000, 300]
    assert [row for one in columns for row in zip(*one or (), strict=True)] == cells


def test_what_stands_before_a_byte_that_does_not_decode_comes_first() -> None:
    def text() -> Iterator[str]:
        yield "a,b\n1,2\n3,"
        raise Undecodable(Problem.UNKNOWN_ENCODING, "4")

    pieces = pieces_of(text())
    assert next(pieces).text == "a,b\n1,2\n"
    with pytest.raises(Undecodable) as refused:
        next(pieces)
    assert refused.value.before == "3,4"


@pytest.mark.parametrize(("characters", "short"), [(SHORT_CHARACTERS, True), (2001, False)])
def test_a_block_knows_whether_a_line_of_it_is_long(characters: int, *, short: bool) -> None:
    line = "a," + "x" * (characters - 2)
    (block,) = Rows([f"b,c\n{line}\nd,e\n"])
    assert block.longest is not None
    assert (block.longest == SHORT_CHARACTERS) is short
    assert block.longest >= characters - 2


@given(st.lists(st.tuples(st.text("ab"), st.text("cd"), st.text("e")), min_size=2), st.data())
def test_rows_and_columns_are_the_same_cells(
    rows: list[tuple[str, ...]], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(rows) - 1))
    size = data.draw(st.integers(1, len(rows)))
    first = Block(range(1, cut + 1), [list(row) for row in rows[:cut]], 5)
    columns = [list(column) for column in zip(*rows[cut:], strict=True)]
    last = Block.of_columns(range(cut + 1, len(rows) + 1), columns, 7)
    whole = joined([first, last])
    assert whole.longest == 7
    assert whole.columns == [list(column) for column in zip(*rows, strict=True)]
    parts = whole.parts(size)
    assert max(map(len, parts)) <= size
    told = [row for part in parts for row in zip(part.lines, part.rows, strict=True)]
    assert told == [(at, list(row)) for at, row in enumerate(rows, start=1)]


def test_rows_of_different_widths_have_no_columns() -> None:
    ragged = joined([Block([1], [["a", "b"]]), Block.of_columns([2], [["c"]]), Block([3], [[]])])
    assert ragged.columns is None
    assert (ragged.rows, ragged.lines) == ([["a", "b"], ["c"], []], [1, 2, 3])
    assert "b" not in repr(ragged)


# -- cells -----------------------------------------------------------------------------------

usual_days = st.builds(
    "{:04}{}{}{}{}".format,
    st.integers(1890, 2030),
    st.sampled_from("-/"),
    st.sampled_from([*map(str, range(1, 14)), "01", "09", "00"]),
    st.sampled_from("-/"),
    st.sampled_from([*map(str, range(1, 32)), "01", "08", "00"]),
)
sure_days = st.dates(date(1900, 1, 1), date(2019, 12, 28)).map("{:%Y/%m/%d}".format)


@pytest.mark.parametrize("parser", [birth_dates, due_dates])
@pytest.mark.parametrize("today", [TODAY, date(1990, 1, 1)])
@given(cells=st.lists(st.one_of(sure_days, st.just("")) | usual_days, max_size=4))
@example(cells=["1990/1/2\n1991/1/3", "1990/1/2"])
@example(cells=["1990/2/28", "1990/2/29"])
def test_days(parser: Parser, today: date, cells: list[str]) -> None:
    same(parser, cells, today)


@given(st.lists(st.from_regex(r"([0-9]{3}-?[0-9]{4})?|[-0-9\n]{0,9}", fullmatch=True), max_size=4))
@example(["060-0001\n060-0002"])
def test_postal_codes(cells: list[str]) -> None:
    same(postals, cells)


names = st.text(
    "山田髙﨑々ー恵子ヤマダンマサ様殿さん　 ｶﾞ−が゛\u3099\ufe00\U000e0101aＡ", max_size=5
)


@given(st.lists(names, max_size=4))
@example(["サ　マ", "山田"])
@example(["山田　様　", "山田"])
def test_compared_names(texts: list[str]) -> None:
    assert forms.persons(texts) == list(map(forms.person, texts))


def test_characters_of_plain_names_stay_as_they_are() -> None:
    plain = [chr(code) for code in range(0x10000) if forms.is_plain(chr(code))]
    assert len(plain) > 20_000
    for one in plain:
        kept = "" if one == "\u3000" else one
        assert forms.person(f"{one}山") == f"{kept}山"
        assert unicodedata.combining(one) == 0


separators = st.text(" -‐‑‒–—―−ーｰ　", max_size=2)
digits = st.sampled_from("0123456789０９①⑫")


@given(st.lists(st.tuples(digits, separators), max_size=18), st.sampled_from(["", "'", '="', "番"]))
def test_no_long_number_is_overlooked(pieces: list[tuple[str, str]], before: str) -> None:
    cell = before + "".join(map("".join, pieces))
    if len(forbidden.read(cell)) >= 12:
        assert forbidden.may_hold_one(["架空", cell, "1"])


def test_numbers_of_two_cells_are_not_one() -> None:
    assert not forbidden.may_hold_one(["090-0123-4567", "000-1234"])
