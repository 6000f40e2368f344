"""Dates as people write them: full, partial, impossible or not read (japanese.md §3)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.records.eras import Doubt, dated

BORN = date(1975, 1, 2)


@pytest.mark.parametrize(
    "text",
    [
        "昭50.1.2", "昭和五十年一月二日", "昭和五〇年一月二日", "S 50. 1. 2", "S50.1.2生",
        "昭和50年1月2日生まれ", "1975年1月2日(木)", "1975/1/2 0:00", "1975-01-02T00:00:00",
        "1975-01-02 00:00:00.000", "19750102.0", "3500102.0", "S500102", "s50-01-02",
        "㍼50年1月2日",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert dated(text) == BORN


@pytest.mark.parametrize(
    "text",
    [
        "1975-00-00", "1975-01-00", "1975-99-99", "19750100", "19759999", "S50.1.99", "3509999",
        "昭和50年1月不詳", "昭和50年不明.不明", "1975-??-??", "1975年", "昭和50年", "S50.1",
        "1975年1月", "昭和元年不詳月不詳日",
    ],
)  # fmt: skip
def test_a_date_with_an_unknown_part_is_partial(text: str) -> None:
    assert dated(text) is Doubt.PARTIAL


@pytest.mark.parametrize(
    "text",
    [
        "S65.1.1", "H32.1.1", "H31.5.1", "S64.1.8", "T15.12.26", "M1.1.24", "S0.1.1", "H1.1.7",
        "1975-02-29", "1975-13-01", "1975-01-32", "4999999", "S65.99.99", "平成32年", "T16.1",
        "昭和六十五年一月一日", "1975-00-32",
    ],
)  # fmt: skip
def test_what_never_was_is_impossible(text: str) -> None:
    assert dated(text) is Doubt.IMPOSSIBLE


@pytest.mark.parametrize(
    "text",
    [
        "", "不明", "50.1.2", "1/2/1975", "500102", "27395", "X50.1.2", "9999-99-99",
        "0000-00-00", "昭和", "S50.1.2.3",
    ],
)  # fmt: skip
def test_what_is_ambiguous_is_not_guessed_at(text: str) -> None:
    assert dated(text) is Doubt.VAGUE


def test_change_over_days_belong_to_both_eras() -> None:
    assert dated("T15.12.25") == dated("S1.12.25") == date(1926, 12, 25)
    assert dated("M45.7.30") == dated("T1.7.30") == date(1912, 7, 30)
    assert dated("S64.1.7") == date(1989, 1, 7)
    assert dated("H1.1.8") == date(1989, 1, 8)
    assert dated("H31.4.30") + timedelta(days=1) == dated("R1.5.1")  # type: ignore[operator]


@given(st.dates(date(1000, 1, 1), date(9998, 12, 31)))
def test_every_western_day_is_read_back(day: date) -> None:
    assert dated(day.isoformat()) == dated(f"{day:%Y%m%d}") == day
    assert dated(f"{day.year}年{day.month}月{day.day}日") == day


@given(st.text(max_size=12))
def test_any_text_has_an_answer(text: str) -> None:
    assert isinstance(dated(text), date | Doubt)
