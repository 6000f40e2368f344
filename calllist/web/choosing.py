"""What the fields of the upload form say of a file.

A column is named by its header (`phone=TEL`), or, once the file was looked at (`mapped`), each
column by its number says what it is: `c3=phone`, `c4=name:1`, `c5=name:2`.
"""

import re
from collections.abc import Mapping

from calllist.intake.choices import Choices
from crypto.records.fields import FieldKind

COLUMN = re.compile(r"c([0-9]{1,4})")
KINDS = frozenset(kind.value for kind in FieldKind)
FIELDS = KINDS | {"mapped", "encoding", "sheet", "header_line", "area_code"}
_LINE = re.compile(r"[0-9]{1,9}")
_SAID = re.compile(r"([a-z_]+)(?::([12]))?")
_PLACE = 10_000  # more than there are columns: 姓 (1) comes before 名 (2)


def choices_of(given: Mapping[str, str], permitted: frozenset[FieldKind]) -> Choices:
    """What the form says. Raises IntakeError UNKNOWN_AREA_CODE, NO_SUCH_ENCODING."""
    line = given.get("header_line", "").strip()
    return Choices(
        by_hand=_by_number(given, permitted) if given.get("mapped") else _by_header(given),
        encoding=given.get("encoding") or None,
        sheet=given.get("sheet", "").strip() or None,
        header_line=int(line) if _LINE.fullmatch(line) else None,
        area_code=given.get("area_code", "").strip(),
    )


def _by_header(given: Mapping[str, str]) -> dict[FieldKind, str]:
    return {
        FieldKind(name): header.strip()
        for name, header in given.items()
        if name in KINDS and header.strip()
    }


def _by_number(given: Mapping[str, str], permitted: frozenset[FieldKind]) -> dict[FieldKind, str]:
    """Every permitted kind to its column or columns, and "-" where it has none."""
    places: dict[str, dict[int, str]] = {}
    for name, said in given.items():
        column, kind = COLUMN.fullmatch(name), _SAID.fullmatch(said)
        if column and kind:
            number = int(column[1])
            order = int(kind[2] or 0) * _PLACE + number
            places.setdefault(kind[1], {})[order] = f"#{number}"
    return {
        kind: "+".join(place for _, place in sorted(places.get(kind.value, {}).items())) or "-"
        for kind in permitted
    }
