"""The one form in which values of a kind are compared, whoever compares them.

Matching compares what the callee says with what the record holds, intake compares rows with
one another: by the same forms. They are derived for comparing and never stored: normalising a
name would change it. An empty form compares with nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from crypto.records.eras import number, parse_date
from crypto.records.fields import FieldKind

_DASHES = re.compile(r"[\u002D\u2010-\u2015\u2212\u30FC\uFF0D\uFF70\u2500\u301C\uFF5E~]")
_SPACES = re.compile(r"\s+")
_SELECTORS = re.compile(r"[\uFE00-\uFE0F\U000E0100-\U000E01EF]")
_HONORIFIC = re.compile(r"(様|殿|さま|さん|サマ|サン)$")
_SEAM = "\0"  # between the texts of a column; no space, and nothing composes with it
_HONORIFICS = re.compile(rf"(?:様|殿|さま|さん|サマ|サン)(?={_SEAM})")
# Kanji (of the compatibility block those that NFKC leaves alone) and katakana stay as they are.
_PLAIN_PERSONS = re.compile(
    "[\u4e00-\u9fff\u3005\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27-\ufa29"
    f"\u30a1-\u30fa\u30fc\u3000{_SEAM}]*"
)
_LAST_OF_HONORIFICS = re.compile(rf"[様殿マン]\u3000*{_SEAM}")
_HIRAGANA_AT_ALL = re.compile("[\u3041-\u3096]")
_PLAIN_REFERENCE = re.compile("[1-9A-Z][0-9A-Z]*")
_PLAIN_REFERENCES = re.compile(rf"(?:[1-9A-Z][0-9A-Z]*(?:{_SEAM}(?!\Z)|\Z))+")
_WHOLE_NUMBER = re.compile(r"([0-9]+)(?:\.0+)?")
_NUMERAL = "〇一二三四五六七八九十"
_BLOCK = re.compile(rf"[{_NUMERAL}]+(?=丁目|番|号|の[0-9{_NUMERAL}]|$)")
_UNITS = re.compile(r"丁目|番地の?|番|号$|号室|号|の(?=\d)")
_PREFECTURE = re.compile(r"^(東京都|北海道|(?:京都|大阪)府|.{2,3}県)")
_BELOW_10_000 = r"((?:[0-9]*千)?(?:[0-9]*百)?(?:[0-9]*十)?[0-9]*)"
_AMOUNT = re.compile(rf"(?:{_BELOW_10_000}万)?{_BELOW_10_000}")
_TENS = {"千": 1000, "百": 100, "十": 10}
_TERM = re.compile(r"([0-9]*)([千百十])|([0-9]+)")
_KANJI_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def day(text: str) -> str:
    """A full day, ISO 8601; partial and vague ones are not comparable."""
    found = parse_date(text)
    return found.isoformat() if found else ""


def digits(text: str) -> str:
    """ASCII digits after NFKC: str.isdigit() also takes ² and ٠ for digits."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))


def postal(text: str) -> str:
    """Seven digits."""
    found = digits(text)
    return found if len(found) == 7 else ""


def phone(text: str) -> str:
    """National digits, ten or eleven."""
    found = digits(text)
    if unicodedata.normalize("NFKC", text).strip().startswith("+81"):
        found = "0" + found.removeprefix("81").removeprefix("0")
    return found if 10 <= len(found) <= 11 else ""


def reference(text: str) -> str:
    """A reference number, whoever wrote it: Excel takes zeros away and adds ".0", cores write full
    width and dashes of all kinds. A dash stays one: 1-23 and 12-3 are two people."""
    if _PLAIN_REFERENCE.fullmatch(text):
        return text
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", text)).upper()
    plain = _DASHES.sub("-", plain)
    if not plain.strip("-"):  # what people write for "none"
        return ""
    if found := _WHOLE_NUMBER.fullmatch(plain):
        return found[1].lstrip("0") or "0"
    return plain


def kana(text: str) -> str:
    """Katakana without spaces; hiragana, half-width and long-vowel signs unified."""
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", text)).translate(_HIRAGANA)
    return _DASHES.sub("ー", _HONORIFIC.sub("", plain)).upper()


def name(text: str) -> str:
    """Without spaces, honorific and variation selectors; letters upper case."""
    plain = _SELECTORS.sub("", unicodedata.normalize("NFKC", text))
    return _HONORIFIC.sub("", _SPACES.sub("", plain)).upper()


def person(text: str) -> str:
    """A name by whichever column it came: as `name`, its hiragana as katakana."""
    return _DASHES.sub("ー", name(text)).translate(_HIRAGANA)


def persons(texts: Sequence[str]) -> list[str]:
    """`person` of each text of a column, all at once: a tenth of the time."""
    text = _SEAM.join(texts)
    if text.count(_SEAM) != len(texts) - 1:
        return list(map(person, texts))
    if is_plain(text) and not _LAST_OF_HONORIFICS.search(text + _SEAM):
        return text.replace("\u3000", "").split(_SEAM)
    # A full-width space is one to NFKC too; without it most names are in that form already.
    plain = unicodedata.normalize("NFKC", text.replace("\u3000", " ") + _SEAM)
    plain = "".join(_SELECTORS.sub("", plain).split())
    plain = _DASHES.sub("ー", _HONORIFICS.sub("", plain).upper())
    if _HIRAGANA_AT_ALL.search(plain):
        plain = plain.translate(_HIRAGANA)
    return plain.split(_SEAM)[:-1]


def is_plain(text: str) -> bool:
    """Whether a name is compared as it stands but for its spaces, if no honorific ends it."""
    return _PLAIN_PERSONS.fullmatch(text) is not None


def references(texts: Sequence[str]) -> list[str]:
    """`reference` of each text of a column, all at once."""
    text = _SEAM.join(texts)
    if text.count(_SEAM) == len(texts) - 1 and _PLAIN_REFERENCES.fullmatch(text):
        return list(texts)
    return list(map(reference, texts))


def address(text: str) -> str:
    """From the municipality on, blocks as 1-2-3."""
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", _SELECTORS.sub("", text)))
    plain = _BLOCK.sub(lambda found: number(found[0]), plain)
    plain = _DASHES.sub("-", _UNITS.sub("-", plain))
    return re.sub(r"-+", "-", _PREFECTURE.sub("", plain)).strip("-").upper()


def amount(text: str) -> str:
    """Yen in digits: 12,300円, 1万2300円, 一万二千三百円."""
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", text)).replace(",", "")
    plain = plain.strip("¥円也").translate(_KANJI_DIGITS)
    found = _AMOUNT.fullmatch(plain)
    if not plain or found is None:
        return digits(text)
    return str(_below_10_000(found[1] or "") * 10_000 + _below_10_000(found[2]))


def _below_10_000(text: str) -> int:
    return sum(
        int(last) if last else int(count or 1) * _TENS[unit]
        for count, unit, last in _TERM.findall(text)
    )


FORMS: dict[FieldKind, Callable[[str], str]] = {
    FieldKind.PHONE: phone,
    FieldKind.PHONE_ALT: phone,
    FieldKind.NAME: name,
    FieldKind.NAME_KANA: kana,
    FieldKind.REFERENCE: reference,
    FieldKind.BIRTH_DATE: day,
    FieldKind.POSTAL: postal,
    FieldKind.ADDRESS: address,
    FieldKind.AMOUNT: amount,
    FieldKind.DUE_DATE: day,
}
