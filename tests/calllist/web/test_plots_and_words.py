"""Figures, dates and plots as people read them."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from calllist.entrustors.codes import CODES, label
from calllist.web import figures, i18n, keyboard, plots, script, words
from calllist.web.grouping import grouped
from calllist.web.pages import TEMPLATES
from calllist.web.plots import Bar, Part

WEDNESDAY = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)


def test_dates_are_japanese_time() -> None:
    assert i18n.moment("ja", WEDNESDAY) == "2026年4月1日(水) 10:00"
    assert i18n.moment("en", WEDNESDAY) == "Wed 1 Apr 2026 10:00"


@pytest.mark.parametrize(
    ("span", "japanese", "english"),
    [
        (timedelta(days=3, hours=4, minutes=5), "3日4時間", "3 d 4 h"),
        (timedelta(minutes=12, seconds=30), "12分30秒", "12 min 30 s"),
        (timedelta(minutes=2, seconds=59), "2分", "2 min"),
        (timedelta(seconds=45), "45秒", "45 s"),
        (timedelta(seconds=-5), "0秒", "0 s"),
    ],
)
def test_durations(span: timedelta, japanese: str, english: str) -> None:
    assert i18n.duration("ja", span) == japanese
    assert i18n.duration("en", span) == english


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("09000001234", "090-0000-1234"),
        ("0300001234", "03-0000-1234"),
        ("0120000123", "0120-000-123"),
        ("0422222222", "0422-22-2222"),
        ("090-****-*678", "090-****-*678"),
        ("", ""),
    ],
)
def test_numbers_are_dialled_in_groups(number: str, shown: str) -> None:
    assert grouped(number) == shown


def test_a_bar_is_as_long_as_its_counts_and_escapes_its_words() -> None:
    svg = plots.bar([Part("bar-done", '<b>"done"', 30), Part("bar-fresh", "left", 10)])
    assert "<b>" not in svg
    widths = [float(width) for width in re.findall(r' width="([\d.]+)"', svg)]
    assert widths == [450.0, 150.0]
    assert "style" not in svg


def test_a_plot_without_any_call_is_drawn() -> None:
    assert plots.columns([Bar("9", "0", 0, 0), Bar("10", "0", 0, 0)], "calls").startswith("<svg")
    assert plots.bar([]).startswith("<svg")


def test_a_column_is_as_high_as_its_calls_and_dark_as_far_as_somebody_answered() -> None:
    svg = plots.columns([Bar("<9>", "8", 8, 2), Bar("10", "4", 4, 4)], "calls")
    assert "<9>" not in svg
    found = re.findall(r'height="([\d.]+)" class="bar-(\w+)"', svg)
    pale, dark, none, whole = [float(height) for height, _ in found]
    assert [kind for _, kind in found] == ["pale", "hand", "pale", "hand"]
    assert (pale, none) == (pytest.approx(dark * 3, abs=0.2), 0.0)
    assert whole == pytest.approx((pale + dark) / 2, abs=0.2)
    assert 'aria-label="calls &lt;9&gt;: 8, 10: 4"' in svg


def test_a_course_ends_now_and_its_line_never_leaves_the_plot() -> None:
    points = [(0.0, 10.0), (50.0, 4.0)]
    drawn = {"until": 100.0, "top": 10, "names": ["a", "b"], "closes": True}
    svg = plots.course(points, [(0.0, 10.0), (100.0, 0.0)], **drawn)  # type: ignore[arg-type]
    [line] = re.findall(r'course-line" points="([^"]+)"', svg)
    [even] = re.findall(r'course-even" points="([^"]+)"', svg)
    assert [float(pair.split(",")[0]) for pair in line.split()] == [0.0, plots.WIDE / 2]
    assert float(even.split()[-1].split(",")[0]) == plots.WIDE
    assert "course-end" in svg
    short = plots.course(points, [(0.0, 10.0), (200.0, 0.0)], **(drawn | {"closes": False}))  # type: ignore[arg-type]
    assert "course-end" not in short
    [even] = re.findall(r'course-even" points="([^"]+)"', short)
    assert max(float(pair.split(",")[0]) for pair in even.split()) <= plots.WIDE


def test_percent_is_not_100_before_the_last_one() -> None:
    assert figures.percent(1999, 2000) == 99
    assert figures.percent(2000, 2000) == 100
    assert figures.percent(0, 0) == 0


def test_a_list_that_ended_shows_whom_nobody_called() -> None:
    over = SimpleNamespace(
        done=4, people=30, in_hand=0, waiting=0, fresh=0, call_list=SimpleNamespace(state="over")
    )
    counts = [part.count for part in figures.parts([over], "ja")]  # type: ignore[list-item]
    assert counts == [4, 0, 0, 0, 26]


@pytest.mark.parametrize("code", CODES)
def test_a_result_is_called_the_same_on_the_screen_and_in_the_entrustors_table(code: int) -> None:
    assert label(code, "ja").startswith(words.of("result", code))


def test_no_two_controls_of_the_desk_share_a_key() -> None:
    """The slip that is read back is a page of its own."""
    pages = [path for path in TEMPLATES.glob("desk*.html") if path.name != "desk_slip.html"]
    own = [key for path in pages for key in re.findall(r'data-key="(\w)"', path.read_text())]
    results = [key.lower() for _, keys in keyboard.GROUPS for key in keys.values()]
    branches = [key.lower() for key in script.KEYS.values()]
    used = Counter([*own, *results, *branches])
    assert [key for key, times in used.items() if times > 1] == []
    assert {rule.code for rule in CODES.values() if rule.at_the_desk} == {
        code for _, keys in keyboard.GROUPS for code in keys
    }
