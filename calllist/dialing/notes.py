"""A note for the next call: read before it is kept, and refused where it says too much.

Codes come first; a note is for what no code says (午後に在宅). What reaches or finds a person has
its own places: a number, an address, an e-mail address are refused, in whatever writing (全角,
漢数字, カナ, split, with marks between), as are digits that could become one. Times, days and
counts are let through. It is a filter against habit, not against somebody who wants to smuggle.

Places are those of the text as it goes back into the form (`tidy`): from, to; the end exclusive.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from calllist.dialing.errors import Fault, NoteBlocked, Why
from calllist.dialing.numerals import numerals
from crypto.wire.records import NOTE_CHARACTERS


@dataclass(frozen=True)
class Plain:
    """A text as its compatibility form (NFKC), and for each character its place as typed."""

    text: str
    places: tuple[int, ...]

    def fault(self, start: int, end: int, why: Why) -> Fault:
        """The fault as typed."""
        return Fault(self.places[start], self.places[end - 1] + 1, why)


def check(note: str) -> None:
    """Raises NoteBlocked with every fault, in the order of their places."""
    found = faults(note)
    if found:
        raise NoteBlocked(found)


def tidy(typed: str) -> str:
    """One line, without the spaces around it. What goes back into the form, and what is kept."""
    seen = (one if one.isprintable() or one in "\u200d\u3000" else " " for one in typed)
    return re.sub(r" {2,}", " ", "".join(seen)).strip()


def faults(note: str) -> tuple[Fault, ...]:
    """Everything that stands in the way; what overlaps for one reason is one fault."""
    plain = _plain(note)
    found = sorted(
        [*_too_long(note), *_mails(plain), *_addresses(plain), *_numbers(plain)],
        key=lambda fault: (fault.start, fault.end),
    )
    merged: list[Fault] = []
    for fault in found:
        last = merged[-1] if merged else None
        if last and last.why is fault.why and fault.start <= last.end:
            merged[-1] = Fault(last.start, max(last.end, fault.end), last.why)
        else:
            merged.append(fault)
    return tuple(merged)


def _plain(note: str) -> Plain:
    """Without marks that join, enclose or hide: a keycap's digit is a digit."""
    characters, places = [], []
    for place, one in enumerate(note):
        for plain in unicodedata.normalize("NFKC", one):
            if unicodedata.category(plain) not in {"Cf", "Mn", "Me"}:
                characters.append(plain)
                places.append(place)
    return Plain("".join(characters), tuple(places))


def _too_long(note: str) -> Iterator[Fault]:
    if len(note) > NOTE_CHARACTERS:
        yield Fault(NOTE_CHARACTERS, len(note), Why.LONG)


# -- e-mail --------------------------------------------------------------------------------

_AT = r"(?:@|\(at\)|\[at\]|アットマーク|あっとまーく|アット|あっと)"
_DOT = r"(?:\.|\(dot\)|\[dot\]|ドット|どっと)"
_NAME = r"[A-Za-z0-9._%+-]+"
_MAIL = re.compile(
    rf"{_NAME}\s*{_AT}\s*{_NAME}|(?:アットマーク|あっとまーく)"
    rf"|{_NAME}\s*{_DOT}\s*(?:com|net|jp|org|co|ne|ac|go|info|コム|ネット|ジェーピー)(?![a-z])"
    rf"|https?:|www\.|[A-Za-z0-9]+\s+at\s+[A-Za-z0-9]+\s+dot\s",
    re.IGNORECASE,
)


def _mails(plain: Plain) -> Iterator[Fault]:
    for seen in _MAIL.finditer(plain.text):
        yield plain.fault(*seen.span(), Why.MAIL)


# -- addresses -----------------------------------------------------------------------------

_DIGIT = "0-9〇零一二三四五六七八九十百壱弐参"
_COUNT = rf"[{_DIGIT}]+"
_SPOKEN = (
    r"(?:いっ|いち|に|さん|よん|ご|ろく|なな|はっ|はち|きゅう|じゅう"
    r"|イッ|イチ|ニ|サン|ヨン|ゴ|ロク|ナナ|ハッ|ハチ|キュウ|ジュウ)"
)
_DASH = r"\s*[-‐‑‒–—―−ー─の丿ノ]\s*"
_PART = rf"(?:[0-9]{{1,3}}|[{_DIGIT[3:]}]{{1,4}})"
_UNITS = (
    r"時間|時|分|秒|日|月|週|[かカヶケヵ]月|年|回|度|人|名|件|歳|才|代|階|枚|通|本|台|組|世帯|割|%|番目|"
    r"番窓口|番線|営業日|コール|コマ|km|kg|cm|円|万|千|cc|mg|錠"
)
_PLACE = r"[一-鿿々ヶケァ-ヴー]"  # of a name; hiragana are mostly what joins words
_PREFECTURE = r"(?:北海道|東京都|(?:大阪|京都)府|[一-鿿]{2,3}県)"
_MUNICIPAL = r"[市区郡町村](?!役|民|内|立|長|税|会|営|議|田|井|川|山)"
_BUILDING = r"(?:マンション|アパート|ハイツ|コーポ|メゾン|団地|荘|レジデンス|ハウス|コート|ビル)"
_ADDRESSES = tuple(
    re.compile(pattern)
    for pattern in (
        r"〒",
        rf"(?:{_COUNT}|{_SPOKEN})\s*(?:丁目|番地|町目|ちょうめ|チョウメ|ばんち|バンチ)",
        rf"{_COUNT}\s*番(?:町)?\s*{_COUNT}",
        rf"{_COUNT}\s*号室",
        rf"{_PREFECTURE}\s*(?![のにへとでもはがを])[一-鿿々ヶケァ-ヴーぁ-ん]{{1,6}}[市区郡町村]",
        rf"(?<![0-9]){_PART}{_DASH}{_PART}{_DASH}{_PART}(?![0-9]|\s*(?:{_UNITS}))",
        rf"{_MUNICIPAL}{_PLACE}{{0,8}}\s*{_PART}{_DASH}{_PART}(?!\s*(?:{_UNITS})|[0-9/:])",
        rf"{_MUNICIPAL}{_PLACE}{{0,8}}\s*[0-9]{{2,4}}(?!\s*(?:{_UNITS})|[0-9/:~〜-])",
        rf"{_BUILDING}{_PLACE}{{0,8}}\s*[0-9〇一二三四五六七八九]{{3,4}}(?!\s*(?:{_UNITS}))",
    )
)


def _addresses(plain: Plain) -> Iterator[Fault]:
    for pattern in _ADDRESSES:
        for seen in pattern.finditer(plain.text):
            yield plain.fault(*seen.span(), Why.ADDRESS)


# -- numbers -------------------------------------------------------------------------------

_ALONE = r"(?<![0-9])"
_CLOCK = r"(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?![0-9:])"
_MONTH = r"(?:\s*[0-9]{1,2}月(?:\s*[0-9]{1,2}日)?)?"
_DAY = r"(?:[1-9]|1[0-2])/(?:[1-9]|[12][0-9]|3[01])"
_BIRTH = re.compile(
    rf"(?:明治|大正|昭和|平成|[MTSH])\s*{_COUNT}\s*[年./-]\s*{_COUNT}\s*[月./-]\s*{_COUNT}"
    rf"|(?:19|20[01])[0-9]{{2}}\s*[年./-]\s*[0-9]{{1,2}}",
    re.IGNORECASE,
)
_SPREAD = re.compile(r"(?:[0-9][^0-9\0]{1,2}){7,}[0-9]")
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![0-9])(?:19|20)[0-9]{2}\s*年(?!\s*(?:生|[0-9]))",
        rf"{_ALONE}20[23][0-9]\s*(?:年度?{_MONTH}|[/.-]\s*[0-9]{{1,2}}\s*[/.-]\s*[0-9]{{1,2}}(?![0-9]))",
        rf"{_ALONE}(?:令和|R)\s*[0-9]{{1,2}}\s*(?:年度?{_MONTH}|[./])",
        rf"{_ALONE}{_CLOCK}",
        rf"{_ALONE}{_DAY}(?:\s*[-~〜]\s*{_DAY})?(?![0-9/-])",
    )
)
_COUNTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![0-9,.])[0-9]{{1,3}}(?:\s*[~〜\-・、ー]\s*[0-9]{{1,2}}){{0,3}}\s*(?:{_UNITS})",
        rf"{_ALONE}(?<!-)(?:[1-9]|09|1[0-9]|2[0-4])\s?[-~〜]\s?(?:[1-9]|1[0-9]|2[0-4])(?![0-9]|\s*[-の~〜])",
    )
)


def _numbers(plain: Plain) -> Iterator[Fault]:
    for seen in _BIRTH.finditer(plain.text):
        yield plain.fault(*seen.span(), Why.NUMBER)
    dated = _without(plain.text, _DATES)
    for seen in _SPREAD.finditer(dated):  # one digit here, one there: ０時９人０回
        yield plain.fault(*seen.span(), Why.NUMBER)
    for start, end in numerals(_without(dated, _COUNTS)):
        yield plain.fault(start, end, Why.NUMBER)


def _without(text: str, harmless: tuple[re.Pattern[str], ...]) -> str:
    """Blotted out, place for place."""
    for pattern in harmless:
        text = pattern.sub(lambda seen: "\0" * len(seen[0]), text)
    return text
