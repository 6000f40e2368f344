"""Segments: codes for what many people share, and nothing that could be one person's."""

import pytest

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.segments import FEWEST_PEOPLE, MOST_VALUES, Group, Segments


def given(*cells: str) -> Segments:
    segments = Segments(1, 4)
    segments.codes(cells, range(2, 2 + len(cells)))
    return segments


def test_values_become_codes_in_the_order_they_come() -> None:
    segments = Segments(1, 4)
    assert segments.codes(["60代", "７０代", "", "60代"], [2, 3, 4, 5]) == [1, 2, 0, 1]
    assert segments.codes(["70代 ", "　"], [6, 7]) == [2, 0]


def test_what_too_few_share_is_told_nobody() -> None:
    segments = given(*["東"] * FEWEST_PEOPLE, *["西"] * (FEWEST_PEOPLE - 1), "", "南")
    assert segments.groups() == [Group(1, 1, "東", FEWEST_PEOPLE), Group(1, 0, "", 21)]
    assert segments.rare() == {2, 3}


def test_more_values_than_groups_have_refuse_the_file() -> None:
    values = [f"第{n}地区" for n in range(MOST_VALUES)]
    segments = given(*values)
    with pytest.raises(IntakeError) as refused:
        segments.codes(["第一地区", "第50地区"], [90, 91])
    error = refused.value
    assert (error.code, error.line, error.column) == (Problem.TOO_MANY_SEGMENTS, 90, 5)


@pytest.mark.parametrize(
    "value",
    ["03-0001-2345", "０９０−０００１−２３４５", "+81300012345", "100-0001", "1980/1/2",
     "昭和55年1月2日",
     "S55.1.2", "19800102", "123456789012", "a@example.jp", "み" * 31],
)  # fmt: skip
def test_what_could_be_one_persons_refuses_the_file(value: str) -> None:
    with pytest.raises(IntakeError) as refused:
        given("60代", value)
    assert (refused.value.code, refused.value.line) == (Problem.SEGMENT_VALUE, 3)
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    ["60～69歳", "60-69", "1950年代", "昭和30年代", "10,000円～50,000円", "30000-49999",
     "100000円以上", "第3期",
     "2026/04", "〇〇地区", "A", "3"],
)  # fmt: skip
def test_bands_and_districts_are_groups(value: str) -> None:
    assert given(value).codes([value], [9]) == [1]
