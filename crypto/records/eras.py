"""Dates as people write them, Western or by era: one truth for intake, masks and matching.

A text is a full day, a partial date (month or day unknown), an impossible one (S65, H32,
30 February) or nothing we can read. What is ambiguous (50.1.2, 1/2/50) is not guessed at.
"""

import re
import unicodedata
from datetime import date
from enum import StrEnum

# First and last day of each era. The emperor's last day was also the next era's first, except
# in 1989 and 2019: T15.12.25 = S1.12.25, but there is no S64.1.8.
_ERAS: dict[str, tuple[date, date]] = {
    "M": (date(1868, 1, 25), date(1912, 7, 30)),
    "T": (date(1912, 7, 30), date(1926, 12, 25)),
    "S": (date(1926, 12, 25), date(1989, 1, 7)),
    "H": (date(1989, 1, 8), date(2019, 4, 30)),
    "R": (date(2019, 5, 1), date.max),
}
_ERA_NAMES = {"明治": "M", "大正": "T", "昭和": "S", "平成": "H", "令和": "R"}
_ERA_NAMES |= {"明": "M", "大": "T", "昭": "S", "平": "H", "令": "R"}
_ERA_DIGITS = {"1": "M", "2": "T", "3": "S", "4": "H", "5": "R"}  # 7-digit form

_ERA_NAME = re.compile("^(?:" + "|".join(_ERA_NAMES) + ")")  # the longer ones come first
_SPACES = re.compile(r"\s+")
_TIME = re.compile(r"[T\s]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]+)?Z?$")
_BEHIND = re.compile(r"(?:\([月火水木金土日]\))?(?:生まれ|生れ|生)?$")
_FLOAT = re.compile(r"([0-9]{7,8})\.0")
_NUMERALS = re.compile("[〇一二三四五六七八九十]+")
_KANJI_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")

_PART = r"([0-9]{1,2}|[?*×X-]{1,2}|不詳|不明)"  # of a month or a day
_YEAR = r"(?:([0-9]{4})|([MTSHR])([0-9]{1,2}|元))"
_WRITTEN = re.compile(rf"{_YEAR}[-/.年]{_PART}[-/.月]{_PART}日?")
_USUAL = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")
_SHORT = re.compile(rf"{_YEAR}(?:年|[-/.年]([0-9]{{1,2}})月?)")
_COMPACT = re.compile(r"(?:([0-9]{4})|([1-5MTSHR])([0-9]{2}))([0-9]{2})([0-9]{2})")
_UNKNOWN = frozenset({0, 99})  # of a month or a day


class Doubt(StrEnum):
    """Why a text is no full day."""

    PARTIAL = "partial"  # month or day unknown: 00, 99, 不詳, or left out
    IMPOSSIBLE = "impossible"  # no such day, or not in that era
    VAGUE = "vague"  # not read


def dated(text: str) -> date | Doubt:
    """The day a text means, or why it means none."""
    if found := _USUAL.fullmatch(text):  # needs no folding: a tenth of the time
        return _day(found[1], None, None, _known(found[3]), _known(found[4]))
    plain = _plain(text)
    if found := _WRITTEN.fullmatch(plain) or _COMPACT.fullmatch(plain):
        western, era, year, month, day = found.groups()
        return _day(western, era, year, _known(month), _known(day))
    if found := _SHORT.fullmatch(plain):
        western, era, year, month = found.groups()
        return _day(western, era, year, _known(month) if month else None, None)
    return Doubt.VAGUE


def parse_date(text: str) -> date | None:
    """A calendar day, Western or Japanese era; None for anything partial, impossible or vague."""
    found = dated(text)
    return found if isinstance(found, date) else None


def number(kanji: str) -> str:
    """一 -> 1, 十二 -> 12, 二〇 -> 20."""
    if "十" not in kanji:
        return kanji.translate(_KANJI_DIGITS)
    tens, _, ones = kanji.partition("十")
    return (tens.translate(_KANJI_DIGITS) or "1") + (ones.translate(_KANJI_DIGITS) or "0")


def _plain(text: str) -> str:
    plain = _TIME.sub("", unicodedata.normalize("NFKC", text).strip().upper())
    plain = _BEHIND.sub("", _SPACES.sub("", plain))
    plain = _ERA_NAME.sub(lambda found: _ERA_NAMES[found[0]], plain)
    if whole := _FLOAT.fullmatch(plain):
        return whole[1]
    return _NUMERALS.sub(lambda found: number(found[0]), plain)


def _known(part: str) -> int | None:
    """A month or a day; None if it is given as unknown."""
    if not part.isdecimal() or int(part) in _UNKNOWN:
        return None
    return int(part)


def _day(
    western: str | None, era: str | None, year: str | None, month: int | None, day: int | None
) -> date | Doubt:
    if western is not None:
        first, last, count = date.min, date.max, int(western)
        if count in (0, 9999):
            return Doubt.VAGUE
    else:
        first, last = _ERAS[_ERA_DIGITS.get(era or "", era or "")]
        in_era = 1 if year == "元" else int(year or 0)
        if in_era < 1:
            return Doubt.IMPOSSIBLE
        count = first.year + in_era - 1
    if not 1 <= (month or 1) <= 12 or not 1 <= (day or 1) <= 31 or count > last.year:
        return Doubt.IMPOSSIBLE
    if month is None or day is None:
        return Doubt.PARTIAL
    try:
        found = date(count, month, day)
    except ValueError:
        return Doubt.IMPOSSIBLE
    return found if first <= found <= last else Doubt.IMPOSSIBLE
