"""Postal codes: seven digits. A lost leading zero is put back where that makes a real code.

Hokkaido's and Tohoku's codes begin with 0, Sapporo's with 00; Excel takes them away. Anything
else is kept as received with a remark. Addresses are kept raw and not looked at.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from calllist.intake.fields import Parsed, Verdict, postal_codes
from calllist.intake.problems import Code

_PLAIN = re.compile(r"(?:(?:[0-9][0-9][0-9]-?[0-9][0-9][0-9][0-9])?\n)*+")
_WRITTEN = re.compile(r"〒?([0-9]{3})-?([0-9]{4})")
_SHORT = re.compile(r"〒?(?:([0-9]{5,6})(?:\.0)?|([0-9]{1,2})-([0-9]{4}))")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ーｰ─", "-"))
_SPACES = re.compile(r"\s+")
_FORMULA = re.compile(r'="(.*)"|\'(.*)')


def postals(cells: Sequence[str], _today: date) -> Parsed:
    """A column of postal codes."""
    text = "\n".join(cells) + "\n"
    if _PLAIN.fullmatch(text) and text.count("\n") == len(cells):
        return Parsed(cells, ())
    values, verdicts = list(cells), []
    for at, cell in enumerate(cells):
        plain = _plain(cell)
        if not plain or _WRITTEN.fullmatch(plain):
            continue
        if restored := _restored(plain):
            values[at] = restored
            verdicts.append(Verdict(at, Code.POSTAL_ZERO_RESTORED))
        else:
            verdicts.append(Verdict(at, Code.POSTAL_UNREADABLE))
    return Parsed(values, verdicts)


def _plain(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).translate(_DASHES)
    text = _SPACES.sub("", text)
    if wrapped := _FORMULA.fullmatch(text):
        return wrapped[1] or wrapped[2] or ""
    return text[:-2] if re.fullmatch(r"[0-9]{7}\.0", text) else text


def _restored(plain: str) -> str:
    """Seven digits with the zeros that were lost, if that is a code in use; else empty."""
    found = _SHORT.fullmatch(plain)
    if not found:
        return ""
    code = (found[1] or found[2] + found[3]).zfill(postal_codes.DIGITS)
    return code if postal_codes.exists(code) else ""
