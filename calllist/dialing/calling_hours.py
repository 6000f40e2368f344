"""When people may be called: the contract's hours, within a hard stop, in Japanese time.

Hours are first and last hour of a day, end exclusive. Saturdays, Sundays and Japanese
holidays have hours of their own. Nobody is called between 21:00 and 8:00, whatever is
signed (the hours which the rules for money lenders bar and consumer law calls unsuitable).
"""

from datetime import date, datetime, time, timedelta

import jpholiday

from calllist.clock import JST
from crypto.signed.terms import Conduct

EARLIEST = 8  # o'clock
LATEST = 21
BANDS = (EARLIEST, 12, 17)  # o'clock: when morning, afternoon and evening begin
LOOK_AHEAD = 14  # days; terms without any calling hour in two weeks have none


def permitted(conduct: Conduct, at: datetime) -> bool:
    """Whether a call may begin at this moment."""
    local = at.astimezone(JST)
    first, last = hours(conduct, local.date())
    return first <= local.hour < last


def hours(conduct: Conduct, day: date) -> tuple[int, int]:
    """First and last hour (exclusive) of this day; equal if nobody is called."""
    free = day.weekday() >= 5 or jpholiday.is_holiday(day)
    first, last = conduct.weekend if free else conduct.weekday
    first, last = max(first, EARLIEST), min(last, LATEST)
    return (first, last) if first < last else (EARLIEST, EARLIEST)


def next_opening(conduct: Conduct, at: datetime) -> datetime:
    """The next moment at which a call may begin; `at` itself if one may now."""
    if permitted(conduct, at):
        return at
    local = at.astimezone(JST)
    for days in range(LOOK_AHEAD + 1):
        day = local.date() + timedelta(days=days)
        first, last = hours(conduct, day)
        opens = datetime.combine(day, time(first), tzinfo=JST)
        if first < last and opens > at:
            return opens
    return at + timedelta(days=LOOK_AHEAD)


def retry(conduct: Conduct, at: datetime) -> datetime:
    """When to repeat a call in vain: after the contract's minutes, in another part of the day.

    Whoever is out in the morning is tried in the afternoon, then in the evening, then on the next
    day, whose every hour will do.
    """
    due = at + timedelta(minutes=conduct.retry_minutes)
    before, local = at.astimezone(JST), due.astimezone(JST)
    if before.date() == local.date() and _band(before) == _band(local):
        later = [hour for hour in BANDS if hour > local.hour]
        midnight = datetime.combine(local.date(), time(0), tzinfo=JST)
        due = midnight + (timedelta(hours=later[0]) if later else timedelta(days=1))
    return next_opening(conduct, due)


def _band(local: datetime) -> int:
    return sum(hour <= local.hour for hour in BANDS)
