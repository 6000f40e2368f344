"""EUC-JP as it comes from Unix and host systems: with the characters that vendors added.

Python's `euc_jp` has JIS X 0208, 0212 and half-width kana, but not ①, ㈱ and 髙. Rows 13 and
89 to 92 hold them as in CP932 (Microsoft's code page 51932); with three bytes, rows 83 and 84
hold IBM's (eucJP-ms). Rows 85 to 94 of eucJP-ms are characters of somebody's own, which clash
with the former and are read only where CP932 has nothing.
"""

import codecs
import math

from calllist.intake.reading.vocabulary import EUC_JP

_ERRORS = "calllist.eucjp"

_FIRST = 0xA1
_CELLS = 94
_OWN_FIRST = 0xF5  # row 85
# Rows 83 (from cell 83) and 84 of the three-byte set in eucJP-ms: IBM's extensions that
# JIS X 0212 lacks.
_IBM = (
    "ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ＇＂㈱№℡炻仼僴凬匇匤\ufa0e咊坙\ufa0f\ufa10增"
    "寬峵嵓\ufa11德悅愠敎昻晥\ufa12\uf929栁\ufa13\ufa14橫櫢淸淲瀨\ufa15\ufa16甁皂皞\ufa17礰"
    "\ufa18\ufa19\ufa1a\ufa1b竧\ufa1c\ufa1d綠緖\ufa1e荢\ufa1f薰\ufa20\ufa21蠇\ufa22譿賴赶"
    "\ufa23\ufa24\ufa25郞\ufa26鄕\ufa27\ufa28閒\uf9dc\ufa29霻靍靑\ufa2a\ufa2b\ufa2c馞髙魲"
    "\ufa2d黑"
)
_IBM_FIRST = (0xF3, 0xF3)


def errors(encoding: str) -> str:
    """How to decode strictly: EUC-JP with the vendors' characters, all others as they are."""
    return _ERRORS if encoding == EUC_JP else "strict"


def weight(run: bytes) -> float:
    """The logarithm of how likely Japanese has these characters, read as EUC-JP."""
    total = 0.0
    at = 0
    while at < len(run):
        lead = run[at]
        trail = run[at + 1] if at + 1 < len(run) else 0
        total += math.log(_share(lead, trail))
        at += 3 if lead == 0x8F else 2
    return total


def _share(lead: int, trail: int) -> float:
    """How often a character with this lead and trail."""
    if lead == 0x8E:  # half-width kana
        return 0.03 / 63
    if lead == 0xA1:  # marks: space, comma, full stop, middle dot and long vowel above all
        return 0.01 if trail in (0xA1, 0xA2, 0xA3, 0xA6, 0xBC) else 2e-4
    if lead == 0xA3:  # digits and letters
        return 0.05 / 62
    if lead == 0xA4:  # hiragana
        return 0.2 / 83 if trail <= 0xF3 else 1e-7
    if lead == 0xA5:  # katakana
        return 0.25 / 86 if trail <= 0xF6 else 1e-7
    if 0xB0 <= lead <= 0xCF:  # kanji of ordinary use
        return 0.43 / 32 / _CELLS
    if 0xD0 <= lead <= 0xF4:
        return 0.015 / 37 / _CELLS
    return 1e-7


def _vendors(error: UnicodeError) -> tuple[str, int]:
    """The character that a vendor put where the standard has none.

    Raises the error if there is none, and if the bytes are no pair at all.
    """
    if isinstance(error, UnicodeDecodeError):
        three = error.object[error.start : error.start + 1] == b"\x8f"
        start = error.start + three
        pair = error.object[start : start + 2]
        if len(pair) == 2 and min(pair) >= _FIRST and max(pair) < _FIRST + _CELLS:
            found = _ibm(*pair) if three else _as_in_cp932(*pair) or _own(*pair)
            if found:
                return found, start + 2
    raise error


def _as_in_cp932(lead: int, trail: int) -> str:
    """Row and cell as CP932 has them, or empty."""
    row, cell = lead - 0xA0, trail - 0xA0
    first = (row - 1) // 2 + (0x81 if row <= 62 else 0xC1)
    second = cell + 0x9E if row % 2 == 0 else cell + 0x3F + (cell >= 0x40)
    character = bytes([first, second]).decode("cp932", "replace")
    return character if len(character) == 1 and character != "\ufffd" else ""


def _own(lead: int, trail: int) -> str:
    """A character of somebody's own (外字) in the private use area, or empty."""
    own = (lead - _OWN_FIRST) * _CELLS + trail - _FIRST
    return chr(0xE000 + own) if own >= 0 else ""


def _ibm(lead: int, trail: int) -> str:
    """One of IBM's extensions, or empty."""
    at = (lead - _IBM_FIRST[0]) * _CELLS + trail - _IBM_FIRST[1]
    return _IBM[at] if 0 <= at < len(_IBM) else ""


codecs.register_error(_ERRORS, _vendors)
