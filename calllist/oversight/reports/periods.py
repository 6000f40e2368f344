"""A day or a month in Japan: 2026-11-23, 2026-11."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from calllist.clock import JST
from calllist.oversight.errors import PeriodMalformed

_TEXT = re.compile(r"(20[0-9]{2})-([0-9]{2})(?:-([0-9]{2}))?", re.ASCII)
WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True)
class Period:
    """`day` is its first day; `month`: the whole month."""

    day: date
    month: bool = False

    @property
    def text(self) -> str:
        """As it is written in addresses and names of files."""
        return self.day.isoformat()[: 7 if self.month else 10]

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.day, time(), tzinfo=JST)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return self.after.begins

    @property
    def after(self) -> "Period":
        if not self.month:
            return Period(self.day + timedelta(days=1))
        return Period((self.day.replace(day=28) + timedelta(days=4)).replace(day=1), month=True)

    @property
    def before(self) -> "Period":
        last = self.day - timedelta(days=1)
        return Period(last.replace(day=1), month=True) if self.month else Period(last)

    def label(self, lang: str) -> str:
        """2026年11月23日(月), Mon 23 Nov 2026; 2026年11月, November 2026."""
        day = self.day
        if lang == "en":
            return f"{day:%B %Y}" if self.month else f"{day:%a} {day.day} {day:%b %Y}"
        month = f"{day.year}年{day.month}月"
        return month if self.month else f"{month}{day.day}日({WEEKDAYS[day.weekday()]})"


def today(now: datetime) -> Period:
    """The Japanese day of this moment."""
    return Period(now.astimezone(JST).date())


def month_of(day: date) -> Period:
    """The month of a day."""
    return Period(day.replace(day=1), month=True)


def read(text: str) -> Period:
    """Raises PeriodMalformed."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise PeriodMalformed
    year, month, day = found.groups()
    try:
        return Period(date(int(year), int(month), int(day or 1)), month=day is None)
    except ValueError:
        raise PeriodMalformed from None
