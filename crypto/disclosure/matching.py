"""Match, not show: does what the callee said mean the same as what the record holds?

Both sides are brought to one comparable form (`crypto.records.forms`: era dates, full-width digits,
kana forms); the answer is yes or no, and only for values in full precision. What is only said
around a value (です, 西暦, の between year and month) is taken off what was said.
"""

import re
import unicodedata

from crypto.errors.records import NotMatchable, NotUnderstood
from crypto.records.fields import FieldKind
from crypto.records.forms import FORMS

_POLITE = re.compile(r"(?:です|でございます|と申します|といいます|になります)[。.]?$")
_SEPARATE = re.compile(r"(?<=[0-9])\s+(?=[0-9])")  # S50 1 2
_DAYS = (FieldKind.BIRTH_DATE, FieldKind.DUE_DATE)
_NAMES = (FieldKind.NAME, FieldKind.NAME_KANA)


def matchable(kind: FieldKind, held: str | None) -> bool:
    """Whether a record's value can be compared in full precision (a partial date cannot)."""
    return bool(held and kind in FORMS and _values(kind, held))


def same(kind: FieldKind, held: str, said: str) -> bool:
    """Whether both mean the same.

    Raises NotMatchable if `held` has no full-precision form, NotUnderstood if `said` has none.
    """
    if not matchable(kind, held):
        raise NotMatchable(kind)
    forms = {form for reading in _readings(kind, said) if (form := FORMS[kind](reading))}
    if not forms:
        raise NotUnderstood(kind)
    return not _bare(kind, forms).isdisjoint(_bare(kind, _values(kind, held)))


def _readings(kind: FieldKind, said: str) -> tuple[str, str]:
    """As it was typed, and without what only surrounds it."""
    plain = _POLITE.sub("", unicodedata.normalize("NFKC", said).strip())
    if kind in _DAYS:
        plain = _SEPARATE.sub("-", plain.removeprefix("西暦"))
        plain = plain.replace("年の", "年").replace("月の", "月")
    return said, plain


def _bare(kind: FieldKind, forms: set[str]) -> set[str]:
    """Names are written with a dot between their parts or without, and said without."""
    return {form.replace("・", "") for form in forms} if kind in _NAMES else forms


def _values(kind: FieldKind, held: str) -> set[str]:
    parts = held.split() if kind is FieldKind.PHONE_ALT else [held]
    return {form for part in parts if (form := FORMS[kind](part))}
