"""What a workbook's number means: digits, a date, or digits with their leading zeros.

Excel keeps a number and, apart from it, how it is shown. A date is a count of days; a postal
code typed as 098-0001 may be the number 980001 shown by 000-0000. The cell's own format says
which, so nothing is guessed. Fifteen digits are all that Excel keeps: of a longer number the
last ones are gone, and it comes out as 1.23456789012345E+16, by which it is known as damaged.

Source: ECMA-376 part 1, 18.8.30 (formats) and 18.17.4.1 (dates).
"""

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.markup import known, parse
from calllist.intake.reading.package import Package

DIGITS = 15  # of a number that Excel keeps
MOST_STYLES = 100_000
LAST_DAY = 2_958_465  # 9999-12-31
DAY_SECONDS = 86_400

# Built-in formats; those from 27 on are dates in Japanese Excel, with eras or 年月日.
_DATES = frozenset((*range(14, 18), *range(27, 32), *range(34, 37), *range(50, 59)))
_TIMES = frozenset((*range(18, 22), 32, 33, *range(45, 48)))
_DATE_AND_TIME = 22
_ELEMENTS = known(("numFmt", "cellXfs", "xf"))
_NO_CODE = re.compile(
    r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|am/pm|a/p|e[+-]', re.IGNORECASE
)
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_(.)|\*.|\[\$[^\]]*\]|\[[a-z]+[0-9]*\]', re.IGNORECASE)
_CONDITION = re.compile(r"^\[<=([0-9]+)\]")
_DIGITS_AND_MARKS = re.compile(r"[-0#() ]+")
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[Ee][-+]?[0-9]{1,3})?")


class Format(NamedTuple):
    """How numbers of a style are meant. `padded`: (up to, pattern of 0, # and marks)."""

    day: bool = False
    time: bool = False
    padded: tuple[tuple[int | None, str], ...] = ()


GENERAL = Format()


def styles(package: Package, name: str) -> list[Format]:
    """The formats of all styles of a workbook. Raises IntakeError."""
    codes: dict[str, str] = {}
    found: list[Format] = []
    inside = False

    def start(full: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        element = _ELEMENTS.get(full)
        if element == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif element == "cellXfs":
            inside = True
        elif element == "xf" and inside:
            found.append(_format(attributes.get("numFmtId", "0"), codes))
        if max(len(found), len(codes)) > MOST_STYLES:
            raise IntakeError(Problem.WORKBOOK_TOO_LARGE, reason="styles")

    def end(full: str) -> None:
        nonlocal inside
        inside = inside and _ELEMENTS.get(full) != "cellXfs"

    for _ in parse(package.read(name), start, end, None):
        pass
    return found


def shown(raw: str, how: Format, *, since_1904: bool) -> str:
    """A number as it is meant; what is no number comes back as it is."""
    if not _PLAIN.fullmatch(raw):
        return raw
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return raw
    if (how.day or how.time) and 0 <= number < LAST_DAY + 1:
        return _moment(number, how, since_1904=since_1904)
    if number.adjusted() > 2 * DIGITS:
        return raw
    if number != number.to_integral_value():
        return f"{float(number):.{DIGITS}g}"
    whole = int(number)
    digits = str(abs(whole))
    if len(digits) > DIGITS:
        return f"{'-' * (whole < 0)}{digits[0]}.{digits[1:DIGITS]}E+{len(digits) - 1}"
    if how.padded and whole >= 0:
        return _padded(digits, how.padded)
    return str(whole)


def _format(number: str, codes: dict[str, str]) -> Format:
    """The format of a number, the workbook's own before the built-in."""
    if (code := codes.get(number)) is not None:
        return _of_code(code)
    built_in = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else 0
    if built_in == _DATE_AND_TIME:
        return Format(day=True, time=True)
    return Format(day=built_in in _DATES, time=built_in in _TIMES)


def _of_code(code: str) -> Format:
    first = _NO_CODE.sub("", code.split(";", 1)[0]).lower()
    if "general" in first or "標準" in first:
        return GENERAL
    time = bool(re.search("[hs]", first))
    day = bool(re.search("[ydgeb]|aaa", first)) or ("m" in first and not time)
    if day or time:
        return Format(day=day, time=time)
    padded = tuple(map(_section, code.split(";")))
    if not all(_DIGITS_AND_MARKS.fullmatch(pattern) for _, pattern in padded):
        return GENERAL  # an amount, a share, a unit
    return Format(padded=padded if any("00" in pattern for _, pattern in padded) else ())


def _section(code: str) -> tuple[int | None, str]:
    """Up to which number a section is meant, and its pattern."""
    limit = _CONDITION.match(code)
    pattern = _LITERAL.sub(_literal, code[limit.end() :] if limit else code)
    return (int(limit[1][:DIGITS]) if limit else None), pattern


def _literal(found: re.Match[str]) -> str:
    return found[1] or found[2] or ""


def _padded(digits: str, patterns: tuple[tuple[int | None, str], ...]) -> str:
    """Digits in the first pattern that is meant for them, from the right."""
    number = int(digits)
    pattern = next((one for limit, one in patterns if limit is None or number <= limit), None)
    if pattern is None:
        return digits
    left, filled = digits, ""
    for mark in reversed(pattern):
        if mark not in "0#":
            filled = mark + filled
        elif left:
            left, filled = left[:-1], left[-1] + filled
        elif mark == "0":
            filled = "0" + filled
    return (left + filled).strip(" -")


def _moment(number: Decimal, how: Format, *, since_1904: bool) -> str:
    """A day as 1950-01-02, a time as 10:30, both with a space. 1900-02-29 never was."""
    days, seconds = divmod(round(number * DAY_SECONDS), DAY_SECONDS)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    if seconds % 60:
        clock += f":{seconds % 60:02d}"
    if not how.day:
        return clock if not days else f"{float(number):.{DIGITS}g}"
    text = _day(days, since_1904=since_1904)
    return f"{text} {clock}" if how.time and seconds else text


def _day(days: int, *, since_1904: bool) -> str:
    if since_1904:
        first = date(1904, 1, 1)
    elif days == 0:
        return "1900-01-00"  # as Excel shows it: no day
    elif days == 60:
        return "1900-02-29"
    else:
        first = date(1899, 12, 31) if days < 60 else date(1899, 12, 30)
    try:
        return (first + timedelta(days=days)).isoformat()
    except OverflowError:
        return str(days)
