"""Match, not show: does what the callee said mean the same as what the record holds?

Both sides are brought to one comparable form (`crypto.records.forms`: era dates, full-width digits,
kana forms); the answer is yes or no, and only for values in full precision.
"""

from crypto.errors.records import NotMatchable, NotUnderstood
from crypto.records.fields import FieldKind
from crypto.records.forms import FORMS


def matchable(kind: FieldKind, held: str | None) -> bool:
    """Whether a record's value can be compared in full precision (a partial date cannot)."""
    return bool(held and kind in FORMS and _values(kind, held))


def same(kind: FieldKind, held: str, said: str) -> bool:
    """Whether both mean the same.

    Raises NotMatchable if `held` has no full-precision form, NotUnderstood if `said` has none.
    """
    if not matchable(kind, held):
        raise NotMatchable(kind)
    form = FORMS[kind](said)
    if not form:
        raise NotUnderstood(kind)
    return form in _values(kind, held)


def _values(kind: FieldKind, held: str) -> set[str]:
    parts = held.split() if kind is FieldKind.PHONE_ALT else [held]
    return {form for part in parts if (form := FORMS[kind](part))}
