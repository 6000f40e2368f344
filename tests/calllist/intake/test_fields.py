"""Names, readings, dates, postal codes, references: stored as received, and what is remarked."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calllist.intake.fields import Parsed, names, postal_codes
from calllist.intake.fields.parsers import PARSERS
from calllist.intake.problems import REJECTIONS, Code
from crypto.records.fields import FieldKind as Kind

TODAY = date(2026, 4, 1)


def parsed(kind: Kind, *cells: str) -> Parsed:
    return PARSERS[kind](cells, TODAY)


def judged(kind: Kind, cell: str) -> tuple[str, list[Code]]:
    values, verdicts = parsed(kind, "", cell, "")
    assert len(values) == 3
    assert all(at == 1 for at, _ in verdicts)
    return values[1], [code for _, code in verdicts]


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("山田 花子様", "山田 花子"),
        ("山田　花子　様", "山田　花子"),
        ("山田様", "山田"),
        ("林様", "林"),
        ("山田太郎殿", "山田太郎"),
        ("山田 殿", "山田"),
        ("やまださん", "やまだ"),
        ("ヤマダ ハナコ サマ", "ヤマダ ハナコ"),
        ("ﾔﾏﾀﾞ ﾊﾅｺ ｻﾏ", "ﾔﾏﾀﾞ ﾊﾅｺ"),
        ("株式会社架空御中", "株式会社架空"),
        ("㈱架空 御中 ", "㈱架空"),
    ],
)
def test_a_trailing_honorific_is_stripped_and_told(cell: str, stored: str) -> None:
    assert judged(Kind.NAME, cell) == (stored, [Code.HONORIFIC_STRIPPED])


@pytest.mark.parametrize(
    "cell",
    [
        "山田 花子", "鵜殿", "五十殿", "真殿 太郎", "様", "殿", "金サン", "キムサン", "王",
        "髙橋 﨑", "YAMADA HANAKO", "Nguyễn Thị Sang", "㈱架空商会", "様々な会", "神 福都",
        "さま", "山田様方 佐藤",
    ],
)  # fmt: skip
def test_every_other_name_stays_as_it_was_received(cell: str) -> None:
    assert judged(Kind.NAME, cell) == (cell, [])
    assert judged(Kind.ORGANISATION, cell) == (cell, [])


@given(st.lists(st.text(max_size=8)))
def test_a_column_of_names_only_ever_loses_its_ends(cells: list[str]) -> None:
    values, verdicts = parsed(Kind.NAME, *cells)
    changed = {at for at, _ in verdicts}
    for at, (cell, value) in enumerate(zip(cells, values, strict=True)):
        assert (cell != value) == (at in changed)
        assert cell.startswith(value)
        assert value.strip() or not cell.strip()


@pytest.mark.parametrize(
    "cell",
    ["ヤマダ　ハナコ", "ﾔﾏﾀﾞ ﾊﾅｺ", "やまだ はなこ", "グエン・ティ", "YAMADA Hanako", "ヴヵヶー"],
)
def test_a_reading_is_kana_of_any_width_or_latin(cell: str) -> None:
    assert judged(Kind.NAME_KANA, cell) == (cell, [])


@pytest.mark.parametrize("cell", ["山田ハナコ", "ヤマダ2", "090", "ヤマダ？"])
def test_kanji_and_digits_in_a_reading_are_remarked(cell: str) -> None:
    assert judged(Kind.NAME_KANA, cell) == (cell, [Code.KANA_DOUBTFUL])


def test_family_and_given_name_become_one() -> None:
    families = ["山田", " 山田 ", "", "山田", "Yamada", "Yamada", ""]
    givens = ["花子", "花子　", "花子", "", "Hanako", "花子", " "]
    joined = ["山田\u3000花子"] * 2 + ["花子", "山田", "Yamada Hanako", "Yamada\u3000花子", ""]
    assert names.join(families, givens) == joined


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("", []),
        ("1950/1/2", []),
        ("昭和25年1月2日", []),
        ("㍼25.1.2", []),
        ("3250102", []),
        ("T15.12.25", []),
        ("S1.12.25", []),
        ("令和8年4月1日", []),
        ("1950-01-00", [Code.PARTIAL_DATE]),
        ("S25.99.99", [Code.PARTIAL_DATE]),
        ("昭和25年不詳", [Code.UNREADABLE_DATE]),
        ("昭和25年1月不詳日", [Code.PARTIAL_DATE]),
        ("不明", [Code.UNREADABLE_DATE]),
        ("50.1.2", [Code.UNREADABLE_DATE]),
        ("18290", [Code.UNREADABLE_DATE]),
        ("1050-01-02", [Code.UNREADABLE_DATE]),
        ("S65.1.1", [Code.IMPOSSIBLE_DATE]),
        ("H32.1.1", [Code.IMPOSSIBLE_DATE]),
        ("S64.1.8", [Code.IMPOSSIBLE_DATE]),
        ("1950/2/30", [Code.IMPOSSIBLE_DATE]),
        ("1950/13/1", [Code.IMPOSSIBLE_DATE]),
        ("2026-04-02", [Code.FUTURE_DATE]),
        ("R8.4.2", [Code.FUTURE_DATE]),
    ],
)
def test_birth_dates_are_kept_as_received_unless_they_never_were(
    cell: str, codes: list[Code]
) -> None:
    assert judged(Kind.BIRTH_DATE, cell) == (cell, codes)
    assert {Code.IMPOSSIBLE_DATE, Code.FUTURE_DATE} <= REJECTIONS
    if codes:
        remark = [] if codes == [Code.FUTURE_DATE] else [Code.UNREADABLE_DATE]
        if "1050" not in cell:
            assert judged(Kind.DUE_DATE, cell) == (cell, remark)


def test_what_is_a_future_date_depends_on_the_day() -> None:
    kind, cells = PARSERS[Kind.BIRTH_DATE], ["2026-04-02"]
    assert kind(cells, date(2026, 4, 1)).verdicts
    assert not kind(cells, date(2026, 4, 2)).verdicts


@pytest.mark.parametrize(
    "cell", ["100-0001", "1000001", "〒100-0001", "１００－０００１", "100ー0001", "100 0001"]
)
def test_postal_codes_are_kept_however_they_are_written(cell: str) -> None:
    assert judged(Kind.POSTAL, cell) == (cell, [])


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("600000", "0600000"), ("60-0000", "0600000"), ("600000.0", "0600000"),
        ("10000", "0010000"),
    ],
)  # fmt: skip
def test_a_lost_zero_of_a_postal_code_is_put_back_and_told(cell: str, stored: str) -> None:
    """Hokkaido's codes begin with 0, northern Sapporo's with 00."""
    assert postal_codes.exists(stored)
    assert judged(Kind.POSTAL, cell) == (stored, [Code.POSTAL_ZERO_RESTORED])


@pytest.mark.parametrize("cell", ["999999", "100", "なし", "12345678", "100-00", "1.00E+06"])
def test_no_postal_code_is_made_up(cell: str) -> None:
    assert judged(Kind.POSTAL, cell) == (cell, [Code.POSTAL_UNREADABLE])


def test_references_that_a_program_destroyed_are_remarked() -> None:
    cells = ["000123", "A-1", "", "1.23457E+11", " 9E+15", "E+1", "1234567890123456"]
    values, verdicts = parsed(Kind.REFERENCE, *cells)
    assert list(values) == cells
    assert list(verdicts) == [(3, Code.REFERENCE_DAMAGED), (4, Code.REFERENCE_DAMAGED)]


def test_the_table_of_postal_codes_is_japans() -> None:
    assert len(postal_codes.load()) == 47
    assert sum(map(len, postal_codes.load())) > 140_000
    for code, prefecture in (("0600000", 1), ("1000001", 13), ("5300001", 27), ("9000000", 47)):
        assert postal_codes.prefectures(code) == {prefecture}
    assert not postal_codes.exists("0000000")
    assert not postal_codes.exists("100")
    assert all(list(codes) == sorted(set(codes)) for codes in postal_codes.load())
