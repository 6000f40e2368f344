"""Hours in which people may be called, in Japanese time."""

from datetime import datetime

import pytest

from calllist.clock import JST
from calllist.dialing.calling_hours import next_opening, permitted
from crypto.signed.terms import Conduct

USUAL = Conduct()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


@pytest.mark.parametrize(
    ("when", "may"),
    [
        ("2026-06-02 08:59", False),
        ("2026-06-02 09:00", True),
        ("2026-06-02 19:59", True),
        ("2026-06-02 20:00", False),
        ("2026-06-06 16:59", True),  # Saturday
        ("2026-06-06 17:00", False),
        ("2026-05-06 18:00", False),  # a holiday in lieu, a Wednesday
        ("2026-05-07 18:00", True),
    ],
)
def test_weekdays_weekends_and_holidays(when: str, may: bool) -> None:
    assert permitted(USUAL, at(when)) is may


def test_no_contract_permits_the_night() -> None:
    always = Conduct(weekday=(0, 24), weekend=(0, 24))
    assert not permitted(always, at("2026-06-02 21:00"))
    assert not permitted(always, at("2026-06-02 07:59"))
    assert permitted(always, at("2026-06-02 20:59"))


def test_the_next_opening_skips_days_without_hours() -> None:
    weekdays_only = Conduct(weekend=(0, 0))
    assert next_opening(weekdays_only, at("2026-06-05 20:30")) == at("2026-06-08 09:00")
    assert next_opening(USUAL, at("2026-06-02 10:00")) == at("2026-06-02 10:00")
