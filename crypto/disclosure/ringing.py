"""Which of a record's numbers is rung: the first, until one turns out to be no number any more."""

from collections.abc import Mapping

from crypto.records.fields import FieldKind

NOT_IN_SERVICE = 40  # 現在使われていない: the next number's turn, if the record has one
PHONE, FURTHER = FieldKind.PHONE, FieldKind.PHONE_ALT


def numbers(fields: Mapping[FieldKind, str]) -> list[str]:
    """The first and the further ones, none twice."""
    return list(dict.fromkeys([fields.get(PHONE, ""), *fields.get(FURTHER, "").split()]))


def ringing(fields: dict[FieldKind, str], number: int) -> dict[FieldKind, str]:
    """With the number-th in the place of the first; those before it are nobody's any more."""
    if not number:
        return fields
    current, *rest = numbers(fields)[number:]
    others = {kind: text for kind, text in fields.items() if kind is not FURTHER}
    return {**others, PHONE: current, **({FURTHER: " ".join(rest)} if rest else {})}
