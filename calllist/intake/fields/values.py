"""Whether a row is somebody's: what a header row never contains.

A phone number, a date or a long run of digits in a cell says that the row is data. A row
with such a cell is never taken for a header: it would be lost, and its cells would be shown.
"""

import re
import unicodedata
from collections.abc import Sequence

from calllist.intake.fields import phones

TITLE_CELLS = 2  # 作成日 | 2026/4/1 may stand above a header; three cells with a value may not
DIGITS = 5  # of a cell of nothing but digits and marks: a year is fewer
READ_CHARACTERS = 2000  # no header is longer

_ERA = "(?:明治|大正|昭和|平成|令和|[MTSHR])"
_DATE = re.compile(
    rf"(?:(?:19|20)?[0-9]{{2}}|{_ERA}\s*(?:[0-9]{{1,2}}|元))\s*[-./年]\s*[0-9]{{1,2}}\s*[-./月]"
    r"\s*[0-9]{1,2}(?:\s*日?(?:生(?:まれ)?)?|[T ][0-9:.]+)?",
    re.IGNORECASE,
)
_RUN = re.compile(r"[0-9]{6}")
_MARKED = re.compile(r"[-+0-9\s()/.,#=\"'‐‑–—―−ー]+")


def has_value(cells: Sequence[str]) -> bool:
    """Whether a cell of this row is a value."""
    return any(is_phone(cell) or _is_date_or_digits(cell) for cell in cells)


def is_data(cells: Sequence[str]) -> bool:
    """Whether this row is about somebody and not a title above the header."""
    if any(is_phone(cell) for cell in cells):
        return True
    return sum(1 for cell in cells if cell.strip()) > TITLE_CELLS and has_value(cells)


def is_phone(cell: str) -> bool:
    """Whether a number could be dialled from this cell."""
    return isinstance(phones.read(cell[:READ_CHARACTERS], synthetic=True), phones.Phone)


def _is_date_or_digits(cell: str) -> bool:
    text = unicodedata.normalize("NFKC", cell[:READ_CHARACTERS]).strip()
    if _DATE.fullmatch(text) or _RUN.search(text):
        return True
    return bool(_MARKED.fullmatch(text)) and sum(map(str.isdecimal, text)) >= DIGITS
