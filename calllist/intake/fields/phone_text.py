"""What people write into a phone cell, taken apart: numbers, and what stands beside them.

NFKC for this cell only, every dash folded, extensions taken out. Then groups of digits are
walked from left to right: a number is the shortest run of neighbouring groups that the plan
knows, and that no further digits are tied to. 03-1234-5678-9 is therefore no number, and
03-1234-5678(456号室) is one with something beside it.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

MOST_GROUPS = 8  # +81-(0)90-1234-5678 has five
MOST_DIGITS = 16  # 010 81 0 and eleven
FOREIGN_DIGITS = 12  # 010, a country code and a number

_DASHES = str.maketrans(
    dict.fromkeys("‐‑‒–—―−⁻₋－ー─━ｰ﹣﹘˗➖╴", "-") | dict.fromkeys("\u2028\u2029\x85", "\n")
)
_USUAL = str.maketrans("０１２３４５６７８９（）　－ー‐−", "0123456789() ----")
_SHAPE = re.compile(
    r"[ \n]*\(?(0[0-9]{1,4})[-) ]{1,2}([0-9]{1,4})[- ]([0-9]{3,4})[ \n]*|[ \n]*(0[0-9]{9,10})[ \n]*"
)
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_KANJI = str.maketrans("〇零○◯一二三四五六七八九", "0000123456789")
_KANJI_DIGITS = 9  # so many make it a number in kanji
_WRAPPED = re.compile(r'="(.*)"|\'(.*)', re.DOTALL)
_FLOAT = re.compile(r"([0-9]{9,12})\.0")  # only exactly .0: anything else changed the digits
_SCIENTIFIC = re.compile(r"[-+='\"]*[0-9](?:[.,][0-9]+)?E[+-]?[0-9]{1,2}\"?", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?:内線番号?|内|(?<![a-z])(?:ext(?:ension)?|x)\.?)[ :()]*[0-9]{1,5}"
    r"(?:[・,、/][0-9]{1,5})*\)?(?![-0-9])",
    re.IGNORECASE,
)
_GROUP = re.compile("[0-9]+")
_BETWEEN = re.compile(r"[-.()\s]{1,5}")  # what may stand inside a number
_TIED = frozenset({"-", ".", "-(", ")-"})  # digits behind it belong to the same number
_JAPAN = re.compile(r"(?:\+|00|010)810?")
_FOREIGN = re.compile(r"\+(?!81)[0-9]|010(?!81)[1-9]")
_LABELS = re.compile(
    r"電話番号|携帯電話|電話|携帯|自宅|固定|連絡先|代表|代|直通|本人|番号|ケータイ|スマホ"
    r"|(?:e-?)?tel(?:ephone)?|phone|mobile|(?<![a-z])no(?![a-z])|(?<![a-z])ph?(?![a-z])|fax|ファックス",
    re.IGNORECASE,
)
_FAX = re.compile(r"fax|ファックス|ファクス|ファクシミリ", re.IGNORECASE)
_FAX_TOO = re.compile(r"tel|電話|兼|共|同|phone", re.IGNORECASE)
_BRACKET = re.compile(r"\(([^()0-9]*)\)")
_WORD = re.compile(r"[^\W_]")
_SHORT = re.compile(r"#?1[0-9]{2}|#[0-9]{4}")  # 110, 119, #7119
_LOCAL = re.compile(r"\(?([2-9][0-9]{0,3})[-) ]{0,2}([0-9]{4})")


class Group(NamedTuple):
    """Some digits of a text and where they stand."""

    start: int
    end: int


class Found(NamedTuple):
    """A complete number in a text: national digits and where it stands."""

    digits: str
    start: int
    end: int


class Text:
    """A folded cell. `is_number` tells whether digits are a complete national number."""

    def __init__(self, folded: str, is_number: Callable[[str], bool]) -> None:
        self.extension = bool(_EXTENSION.search(folded))
        self.text = _EXTENSION.sub(" ", folded) if self.extension else folded
        self.groups = [Group(*match.span()) for match in _GROUP.finditer(self.text)]
        self.digits = "".join(_GROUP.findall(self.text))
        self.foreign = False
        self._is_number = is_number
        self._between = [
            self.text[left.end : right.start]
            for left, right in zip(self.groups, self.groups[1:], strict=False)
        ]

    def numbers(self) -> list[Found]:
        """Every complete number in reading order. Sets `foreign` if it meets another country's."""
        found: list[Found] = []
        at = 0
        while at < len(self.groups):
            if not at or self._between[at - 1] not in _TIED:
                if self._is_foreign(at):
                    self.foreign = True
                    at = self._chain(at)
                    continue
                if (one := self._number(at)) is not None:
                    found.append(one[0])
                    at = one[1]
                    continue
            at += 1
        return found

    def _number(self, at: int) -> tuple[Found, int] | None:
        """The shortest complete number that begins here, and the group behind it."""
        joined = "+" if self._plus(at) else ""
        for upto in range(at, min(self._chain(at), at + MOST_GROUPS)):
            start, end = self.groups[upto]
            joined += self.text[start:end]
            if len(joined) > MOST_DIGITS:
                return None
            digits = national(joined)
            tied = upto < len(self._between) and self._between[upto] in _TIED
            if not tied and self._is_number(digits):
                return Found(digits, self.groups[at].start, end), upto + 1
        return None

    def _chain(self, at: int) -> int:
        """The group behind the last that could belong to the same number."""
        while at < len(self._between) and _BETWEEN.fullmatch(self._between[at]):
            at += 1
        return at + 1

    def _plus(self, at: int) -> bool:
        return self.text[: self.groups[at].start].rstrip(" (").endswith("+")

    def _is_foreign(self, at: int) -> bool:
        start = self.groups[at].start
        chain = self.text[start : self.groups[self._chain(at) - 1].end]
        digits = "".join(_GROUP.findall(chain))
        if self._plus(at):
            return bool(_FOREIGN.match("+" + digits))
        return len(digits) >= FOREIGN_DIGITS and bool(_FOREIGN.match(digits))

    def alone(self) -> str:
        """All digits if they are one number's: of one chain, spaced evenly; else empty."""
        if not self.groups or self._chain(0) != len(self.groups):
            return ""
        spaced = [gap.isspace() for gap in self._between]
        return "" if any(spaced) and not all(spaced) else self.digits

    def beside(self, found: list[Found]) -> bool:
        """Whether words or digits stand beside these numbers that are no mere label."""
        rest, last = [], 0
        for one in found:
            rest.append(self.text[last : one.start])
            last = one.end
        rest.append(self.text[last:])
        return self.extension or bool(_WORD.search(_LABELS.sub(" ", " ".join(rest))))

    def without_fax(self, found: list[Found]) -> list[Found]:
        """The numbers that no label calls a fax and nothing else."""
        kept, last = [], 0
        for at, one in enumerate(found):
            following = found[at + 1].start if at + 1 < len(found) else len(self.text)
            label, last = self.text[last : one.start], one.end
            behind = self.text[one.end : following]
            if bracket := _BRACKET.match(behind):
                behind, last = bracket[1], one.end + bracket.end()
            elif at + 1 < len(found):
                behind = ""
            label += behind
            if not _FAX.search(label) or _FAX_TOO.search(label):
                kept.append(one)
        return kept

    def is_short(self) -> bool:
        """An emergency or service number, or digits that only machines dial (0200, 14 digits)."""
        alone = _LABELS.sub("", self.text).strip(" :()")
        return bool(_SHORT.fullmatch(alone)) or (
            len(self.digits) == 14 and self.digits.startswith("0200")
        )

    def local(self) -> str:
        """The digits of a number without its area code, if the cell holds nothing else."""
        found = _LOCAL.fullmatch(_LABELS.sub("", self.text).strip(" :"))
        return found[1] + found[2] if found else ""


def folded(cell: str) -> str:
    """NFKC, one kind of dash, nothing invisible, no formula wrapping, kanji digits as digits."""
    text = unicodedata.normalize("NFKC", cell).translate(_DASHES)
    text = _UNSEEN.sub("", text).strip()
    if wrapped := _WRAPPED.fullmatch(text):
        text = (wrapped[1] or wrapped[2] or "").strip()
    if whole := _FLOAT.fullmatch(text):
        text = whole[1]
    if not _GROUP.search(text):
        numerals = text.translate(_KANJI)
        if len("".join(_GROUP.findall(numerals))) >= _KANJI_DIGITS:
            text = numerals
    return text


def usual(cell: str) -> str:
    """The digits of a cell with one number in a usual shape; else empty. A short cut only."""
    found = _SHAPE.fullmatch(cell if cell.isascii() else cell.translate(_USUAL))
    return "".join(filter(None, found.groups())) if found else ""


def is_scientific(text: str) -> bool:
    """Whether a folded text is 9.01234E+10: what Excel leaves of a number it took for one."""
    return bool(_SCIENTIFIC.fullmatch(text))


def national(joined: str) -> str:
    """Digits with +81 and the like replaced by the leading zero."""
    if japan := _JAPAN.match(joined):
        return "0" + joined[japan.end() :]
    return joined.removeprefix("+")
