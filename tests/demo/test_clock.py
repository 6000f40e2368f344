"""The demonstration's clock: Tuesday 10:00 in Japan, running, never backwards."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from calllist.clock import JST
from demo.clock import choose


@pytest.mark.parametrize("day", range(1, 32))
def test_the_first_run_begins_on_a_tuesday_at_ten(tmp_path: Path, day: int) -> None:
    now = datetime(2026, 8, day, 23, 17, tzinfo=JST)
    begins = now + choose(tmp_path / "clock.json", now)
    assert (begins.weekday(), begins.hour, begins.minute) == (1, 10, 0)
    assert begins > now


def test_a_run_within_the_day_goes_on_where_the_clock_stands(tmp_path: Path) -> None:
    now = datetime(2026, 8, 6, 3, 0, tzinfo=JST)
    first = choose(tmp_path / "clock.json", now)
    assert choose(tmp_path / "clock.json", now + timedelta(hours=3)) == first


def test_a_later_run_begins_on_a_later_tuesday(tmp_path: Path) -> None:
    now = datetime(2026, 8, 6, 3, 0, tzinfo=JST)
    seen = now + choose(tmp_path / "clock.json", now)
    for _ in range(5):
        now += timedelta(hours=9)
        begins = now + choose(tmp_path / "clock.json", now)
        assert begins > seen
        assert (begins.weekday(), begins.hour) == (1, 10)
        seen = begins


def test_no_run_begins_on_a_holiday(tmp_path: Path) -> None:
    now = datetime(2026, 11, 1, 9, 0, tzinfo=JST)  # Tuesday 3 November is a holiday
    assert (now + choose(tmp_path / "clock.json", now)).day == 10
