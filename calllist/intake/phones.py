"""A cell to the number that is dialled: a table decides, `phonenumbers` is the judge.

Every verdict comes from `phonenumbers`; the table remembers it by length and the first
digits (Japan's numbering plan never looks further), so that a common cell costs about a
microsecond instead of 37. A cell that is no plain number is taken apart step by step:
NFKC for this cell only, dashes folded, labels and extensions removed, the first complete
number dialled, further ones kept as alternates. Nothing is guessed: a number without area
code is rejected, and so is a postal code typed into the phone column.

With `synthetic`, shapes that nobody can be rung under pass as well (090-0xxx-xxxx,
03-0xxx-xxxx): tests and demonstrations only.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import PhoneNumberType as Type

from calllist.intake.problems import Code

KEY_DIGITS = 5  # "0" and four more; the plan's patterns end in six free digits or more
ZEROS_OF_A_DUMMY = 6  # 0422-00-0000 is nobody's number

_KINDS = {
    Type.FIXED_LINE: "fixed",
    Type.FIXED_LINE_OR_MOBILE: "fixed",
    Type.MOBILE: "mobile",
    Type.VOIP: "voip",
    Type.PERSONAL_NUMBER: "personal",
    Type.TOLL_FREE: "toll_free",
    Type.UAN: "shared_cost",
    Type.PAGER: "machine",
    Type.PREMIUM_RATE: "premium",
}
_REFUSED_KINDS = frozenset({"machine", "premium"})
FLAGS = {"toll_free": Code.TOLL_FREE, "shared_cost": Code.SHARED_COST}  # accepted, with a remark

_SYNTHETIC = re.compile(r"0[6-9]00[0-9]{7}|0[346]0[0-9]{7}")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−⁻₋－ー─━ｰ﹣﹘˗", "-"))
_KANJI = str.maketrans("〇一二三四五六七八九", "0123456789")
_FORMULA = re.compile(r'="(.*)"|\'(.*)', re.DOTALL)
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}", re.IGNORECASE)
_FLOAT = re.compile(r"([0-9]{9,11})\.0")
_BROKEN = re.compile(r"(?<=[-)])[ \n\r]+(?=[0-9(])")
_EXTENSION = re.compile(
    r"(?:内線番号?|内|ext\.?|x)[ :(]*[0-9]{1,5}(?:[・,、/][0-9]{1,5})*\)?(?![-0-9])", re.IGNORECASE
)
_RUN = re.compile(r"\+?[(0-9][-().0-9]*")
_JAPAN = re.compile(r"(?:\+|00|010-?)81[-.]*(?:\(0\))?[-.]*0?")
_FOREIGN = re.compile(r"\+(?!81)[0-9]|010-?(?!81)[1-9][0-9]{9,}")
_NOT_DIGITS = re.compile(r"[^0-9]+")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number to dial (E.164). `how`: ok, normalised or zero_restored."""

    number: str
    kind: str
    how: str
    alternates: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Phone({self.kind}, {self.how}, {len(self.alternates)} alternates)"


@cache  # at most 2 x 10**4 entries: the key has four free digits
def _verdict(head: str, length: int) -> str | None:
    """The kind of all numbers that begin so, or None if they are not valid."""
    number = int(head[1:].ljust(length - 1, "1"))
    kind = phonenumbers.number_type(phonenumbers.PhoneNumber(81, number))
    return _KINDS.get(kind)


def kind_of(digits: str, *, synthetic: bool) -> str | None:
    """The kind of a complete national number, digits only, or None if there is none such."""
    if len(digits) not in (10, 11) or digits[0] != "0" or digits[1] == "0":
        return None
    kind = _verdict(digits[:KEY_DIGITS], len(digits))
    if kind is None and synthetic and _SYNTHETIC.fullmatch(digits):
        return "mobile" if len(digits) == 11 else "fixed"
    return kind


def read(cell: str, *, synthetic: bool) -> Phone | Code:
    """The number of a cell, or why there is none."""
    digits = cell.replace("-", "")
    if digits.isascii() and digits.isdecimal() and "--" not in cell:
        kind = kind_of(digits, synthetic=synthetic)
        if kind is not None:
            return _judged(digits, kind, "ok")
    return _take_apart(cell, synthetic)


def _judged(digits: str, kind: str, how: str, alternates: tuple[str, ...] = ()) -> Phone | Code:
    if len(digits) - len(digits.rstrip("0")) >= ZEROS_OF_A_DUMMY:
        return Code.INVALID_DUMMY
    if kind in _REFUSED_KINDS:
        return Code.NOT_CALLABLE
    return Phone("+81" + digits[1:], kind, how, alternates)


def _take_apart(cell: str, synthetic: bool) -> Phone | Code:
    text = _folded(cell)
    if not text:
        return Code.NO_PHONE
    if _SCIENTIFIC.fullmatch(text):
        return Code.DAMAGED_NUMBER
    if not re.search("[0-9]", text):
        return Code.NO_PHONE_PLACEHOLDER
    if _FOREIGN.match(text):
        return Code.FOREIGN_NUMBER
    complete = _complete(text, synthetic)
    if complete:
        first, *others = complete
        kind = kind_of(first, synthetic=synthetic) or ""
        further = tuple("+81" + other[1:] for other in dict.fromkeys(others) if other != first)
        return _judged(first, kind, "normalised", further)
    return _incomplete(text, synthetic)


def _folded(cell: str) -> str:
    """NFKC, one kind of dash, no formula wrapping, no extension, a broken number joined."""
    text = unicodedata.normalize("NFKC", cell).translate(_DASHES).strip()
    if wrapped := _FORMULA.fullmatch(text):
        text = (wrapped[1] or wrapped[2] or "").strip()
    if whole := _FLOAT.fullmatch(text):
        text = whole[1]
    numerals = text.translate(_KANJI)
    if not re.search("[0-9]", text) and len(_NOT_DIGITS.sub("", numerals)) >= 9:
        text = numerals
    text = _BROKEN.sub("", text)
    return _EXTENSION.sub(" ", text).strip()


def _complete(text: str, synthetic: bool) -> list[str]:
    """Every complete number in reading order; a number may be spread over spaced runs."""
    runs = [(match.start(), match.end(), match[0]) for match in _RUN.finditer(text)]
    found: list[str] = []
    at = 0
    while at < len(runs):
        joined, end = "", runs[at][0]
        for upto in range(at, min(at + 4, len(runs))):
            if text[end : runs[upto][0]].strip(" "):
                break
            joined, end = joined + runs[upto][2], runs[upto][1]
            if digits := _valid(joined, synthetic) or _valid(_bracketless(joined), synthetic):
                found.append(digits)
                at = upto
                break
        at += 1
    return found


def _valid(run: str, synthetic: bool) -> str | None:
    digits = _national(run)
    return digits if kind_of(digits, synthetic=synthetic) else None


def _bracketless(run: str) -> str:
    """A run without the bracket at its end: 03-1234-5678(456号室) goes on with a label."""
    return run.rpartition("(")[0]


def _national(run: str) -> str:
    """The digits of a run, +81 and the like replaced by the leading zero."""
    if japan := _JAPAN.match(run):
        run = "0" + run[japan.end() :]
    return _NOT_DIGITS.sub("", run)


def _incomplete(text: str, synthetic: bool) -> Phone | Code:
    """No complete number: a lost zero is put back, everything else has a reason."""
    digits = _NOT_DIGITS.sub("", text)
    if not digits.strip("0"):
        return Code.INVALID_DUMMY
    if digits[0] != "0" and len(digits) in (9, 10):
        kind = kind_of("0" + digits, synthetic=synthetic)
        if kind is not None:
            return _judged("0" + digits, kind, "zero_restored")
    if len(digits) == 3 and digits[0] == "1":
        return Code.NOT_CALLABLE
    if 5 <= len(digits) <= 8 and digits[0] != "0":
        return Code.NO_AREA_CODE
    return Code.INVALID_NUMBER
