"""Match, not show: does what the callee said mean the same as what the record holds?

Both sides are brought to one comparable form (era dates, full-width digits, kana forms); the
answer is yes or no, and only for values in full precision. Forms are derived for comparing
and never stored: normalising a name would change it.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

from crypto.errors.records import NotMatchable, NotUnderstood
from crypto.fields import FieldKind

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
_ERA_DIGITS = {"1": "M", "2": "T", "3": "S", "4": "H", "5": "R"}  # 7-digit form

_WESTERN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ERA = re.compile(r"([MTSHR])(\d{1,2}|元)[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_ERA_COMPACT = re.compile(r"([1-5MTSHR])(\d{2})(\d{2})(\d{2})")

_DASHES = re.compile(r"[\u002D\u2010-\u2015\u2212\u30FC\uFF0D\uFF70\u2500\u301C\uFF5E~]")
_SPACES = re.compile(r"\s+")
_SELECTORS = re.compile(r"[\uFE00-\uFE0F\U000E0100-\U000E01EF]")
_HONORIFIC = re.compile(r"(様|殿|さま|さん|サマ|サン)$")
_KANJI_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_BLOCK = re.compile(r"[〇一二三四五六七八九十]+(?=丁目|番|号)")
_UNITS = re.compile(r"丁目|番地の?|番|号$|号室|号|の(?=\d)")
_PREFECTURE = re.compile(r"^(東京都|北海道|(?:京都|大阪)府|.{2,3}県)")
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def parse_date(text: str) -> date | None:
    """A calendar day, Western or Japanese era; None for anything partial, impossible or vague."""
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", text)).upper()
    for name, letter in _ERA_NAMES.items():
        plain = plain.replace(name, letter)
    if found := _WESTERN.fullmatch(plain) or _COMPACT.fullmatch(plain):
        return _day(int(found[1]), found[2], found[3])
    if found := _ERA.fullmatch(plain) or _ERA_COMPACT.fullmatch(plain):
        era = _ERA_DIGITS.get(found[1], found[1])
        year = 1 if found[2] == "元" else int(found[2])
        return _in_era(era, _day(_ERAS[era][0].year + year - 1, found[3], found[4]), year)
    return None


def _day(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None


def _in_era(era: str, day: date | None, year: int) -> date | None:
    first, last = _ERAS[era]
    return day if day and year >= 1 and first <= day <= last else None


def _date(text: str) -> str:
    day = parse_date(text)
    return day.isoformat() if day else ""


def _digits(text: str) -> str:
    """ASCII digits after NFKC: str.isdigit() also takes ² and ٠ for digits."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))


def _postal(text: str) -> str:
    digits = _digits(text)
    return digits if len(digits) == 7 else ""


def _phone(text: str) -> str:
    digits = _digits(text)
    if unicodedata.normalize("NFKC", text).strip().startswith("+81"):
        digits = "0" + digits.removeprefix("81").removeprefix("0")
    return digits if 10 <= len(digits) <= 11 else ""


def _reference(text: str) -> str:
    return _DASHES.sub("", _SPACES.sub("", unicodedata.normalize("NFKC", text))).upper()


def _kana(text: str) -> str:
    """Katakana without spaces; hiragana, half-width and long-vowel signs unified."""
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", text)).translate(_HIRAGANA)
    return _DASHES.sub("ー", _HONORIFIC.sub("", plain)).upper()


def _name(text: str) -> str:
    plain = _SELECTORS.sub("", unicodedata.normalize("NFKC", text))
    return _HONORIFIC.sub("", _SPACES.sub("", plain)).upper()


def _address(text: str) -> str:
    """From the municipality on, blocks as 1-2-3."""
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", _SELECTORS.sub("", text)))
    plain = _BLOCK.sub(lambda found: _number(found[0]), plain)
    plain = _DASHES.sub("-", _UNITS.sub("-", plain))
    return re.sub(r"-+", "-", _PREFECTURE.sub("", plain)).strip("-").upper()


def _number(kanji: str) -> str:
    """一 -> 1, 十二 -> 12, 二〇 -> 20."""
    if "十" not in kanji:
        return kanji.translate(_KANJI_DIGITS)
    tens, _, ones = kanji.partition("十")
    return (tens.translate(_KANJI_DIGITS) or "1") + (ones.translate(_KANJI_DIGITS) or "0")


_FORMS: dict[FieldKind, Callable[[str], str]] = {
    FieldKind.PHONE: _phone,
    FieldKind.PHONE_ALT: _phone,
    FieldKind.NAME: _name,
    FieldKind.NAME_KANA: _kana,
    FieldKind.REFERENCE: _reference,
    FieldKind.BIRTH_DATE: _date,
    FieldKind.POSTAL: _postal,
    FieldKind.ADDRESS: _address,
    FieldKind.AMOUNT: _digits,
    FieldKind.DUE_DATE: _date,
}


def matchable(kind: FieldKind, held: str | None) -> bool:
    """Whether a record's value can be compared in full precision (a partial date cannot)."""
    return bool(held and kind in _FORMS and _values(kind, held))


def same(kind: FieldKind, held: str, said: str) -> bool:
    """Whether both mean the same.

    Raises NotMatchable if `held` has no full-precision form, NotUnderstood if `said` has none.
    """
    if not matchable(kind, held):
        raise NotMatchable(kind)
    form = _FORMS[kind](said)
    if not form:
        raise NotUnderstood(kind)
    return form in _values(kind, held)


def _values(kind: FieldKind, held: str) -> set[str]:
    parts = held.split() if kind is FieldKind.PHONE_ALT else [held]
    return {form for part in parts if (form := _FORMS[kind](part))}
