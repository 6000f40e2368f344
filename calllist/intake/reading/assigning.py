"""Decides which column is which, in this order: by hand, by the entrustor's template, by the
header's words (`headers`), by what the cells look like (`content`).

An equal claim of two columns is never decided by chance, and a list without a phone column
stops here.
"""

from collections.abc import Mapping, Sequence

from calllist.intake.fields.values import has_value
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading import content
from calllist.intake.reading.columns import (
    MOST_COLUMNS,
    NONE,
    Columns,
    Places,
    Taken,
    Template,
    Wanted,
    named,
    numbered,
)
from calllist.intake.reading.headers import FACILITIES, PARTS, RANK, plain, readings
from calllist.intake.reading.vocabulary import CONTENT, HAND, SYNONYM, TEMPLATE
from crypto.records.fields import FieldKind

Rows = Sequence[Sequence[str]]


def find(
    header: Sequence[str],
    wanted: Wanted,
    *,
    line: int,
    below: Rows = (),
    template: Template | None = None,
) -> Columns | None:
    """The columns if this is a header row with a phone column and no value, else None.

    below: rows under it, by which a column is known whose header is not. Raises IntakeError:
    TWO_COLUMNS_FOR if two columns have an equal claim to one kind, NOT_PERMITTED if one is
    named by hand that the contract excludes, TOO_MANY_COLUMNS.
    """
    _narrow(header, line)
    if has_value(header):
        return None
    return assigned(header, wanted, line=line, below=below, template=template)


def assigned(
    header: Sequence[str],
    wanted: Wanted,
    *,
    line: int,
    below: Rows = (),
    template: Template | None = None,
) -> Columns | None:
    """The columns under this header row, whatever stands in it; else as `find`."""
    taken = _by_hand(header, wanted, line)
    if taken is None:
        return None
    if template is not None:
        _by_template(taken, template, wanted)
    else:
        _by_words(taken, header, wanted, line)
    if not below and not taken.places.get(FieldKind.PHONE):
        return None
    _permit(taken, wanted, line)
    if below and template is None:
        _by_content(taken, header, below, wanted, line)
    if not taken.places.get(FieldKind.PHONE):
        return None
    return taken.columns(header, [_segment(header, name, line) for name in wanted.segments])


def headerless(rows: Rows, wanted: Wanted, *, line: int) -> Columns | None:
    """The columns of a file without a header row: by number, or by what its cells look like.

    As wide as the first of `rows`. None if it has no phone column for sure. Raises
    IntakeError: NO_SUCH_COLUMN, TOO_MANY_COLUMNS, NOT_PERMITTED.
    """
    blank = [""] * len(rows[0])
    _narrow(blank, line)
    taken = Taken()
    for kind, name in wanted.by_hand.items():
        places = _called(name, blank, line, kind)
        if places is None:
            raise IntakeError(Problem.NO_SUCH_COLUMN, line=line, reason=kind.value)
        taken.take(kind, places, HAND)
    _permit(taken, wanted, line)
    if not numbered(wanted.by_hand):
        looks = _looks(rows, range(len(blank)), wanted)
        for kind, index in content.find(blank, looks).items():
            if kind not in taken.places and kind in wanted.kinds and index is not None:
                taken.take(kind, (index,), CONTENT)
    if not taken.places.get(FieldKind.PHONE):
        return None
    return taken.columns(blank, [None] * len(wanted.segments))


def _narrow(header: Sequence[str], line: int) -> None:
    if len(header) > MOST_COLUMNS:
        raise IntakeError(Problem.TOO_MANY_COLUMNS, line=line, column=MOST_COLUMNS + 1)


def _permit(taken: Taken, wanted: Wanted, line: int) -> None:
    """Raises IntakeError NOT_PERMITTED if the contract excludes a column named by hand."""
    for kind, places in taken.places.items():
        if places and kind not in wanted.kinds:
            raise IntakeError(
                Problem.NOT_PERMITTED, line=line, column=places[0] + 1, reason=kind.value
            )


def _by_hand(header: Sequence[str], wanted: Wanted, line: int) -> Taken | None:
    """Where the columns named by hand are; None if one of them is not in this row."""
    taken = Taken()
    for kind, name in wanted.by_hand.items():
        places = _called(name, header, line, kind)
        if places is None:
            return None
        taken.take(kind, places, HAND)
    return taken


def _called(name: str, header: Sequence[str], line: int, kind: FieldKind) -> Places | None:
    """The cells of this name: one header, or the two of a name with a plus between them."""
    if name == NONE:
        return ()
    found = named(name, header)
    if not found and "+" in name and kind in PARTS:
        pieces = [named(piece.strip(), header) for piece in name.split("+")]
        return tuple(one[0] for one in pieces) if len(pieces) == 2 and all(pieces) else None
    if len(found) > 1:
        raise _twice(kind, found[1], line)
    return tuple(found) or None


def _by_template(taken: Taken, template: Template, wanted: Wanted) -> None:
    """A template says it of every kind; what the contract does not permit (any more) is left."""
    for kind, places in template.places.items():
        if kind not in taken.places and kind in wanted.kinds:
            taken.take(kind, places, TEMPLATE)


def _by_words(taken: Taken, header: Sequence[str], wanted: Wanted, line: int) -> None:
    """The best-ranked column of each wanted kind that is not taken yet, or the two of a name."""
    claims: dict[FieldKind, list[tuple[int, int, str]]] = {}
    for index, cell in enumerate(header):
        known = ((word, RANK[word], worse) for word, worse in readings(cell) if word in RANK)
        word, (kind, rank), worse = next(known, ("", (FieldKind.PHONE, 0), 0))
        if word and index not in taken.used and kind not in taken.places and kind in wanted.kinds:
            claims.setdefault(kind, []).append((rank + worse, index, word))
    pairs = _pairs(taken, header, wanted, line)
    for kind, found in claims.items():
        best, *others = sorted(found)
        pair = pairs.get(kind, ())
        if len(pair) == 2 and (best[1] in pair or best[2] in FACILITIES):
            continue
        if others and others[0][0] == best[0]:
            raise _twice(kind, others[0][1], line)
        pairs[kind] = (best[1],)
    for kind, places in pairs.items():
        taken.take(kind, places, SYNONYM)


def _pairs(
    taken: Taken, header: Sequence[str], wanted: Wanted, line: int
) -> dict[FieldKind, Places]:
    """姓 and 名 in two columns; 姓 alone is better than no name."""
    plains = [plain(cell) for cell in header]
    found: dict[FieldKind, Places] = {}
    for kind, (families, givens) in PARTS.items():
        if kind in taken.places or kind not in wanted.kinds:
            continue
        family = [index for index, word in enumerate(plains) if word in families]
        given = [index for index, word in enumerate(plains) if word in givens]
        if not family:
            continue
        if len(family) > 1 or len(given) > 1:
            raise _twice(kind, (family[1:] or given[1:])[0], line)
        found[kind] = (*family, *given)
    return found


def _by_content(
    taken: Taken, header: Sequence[str], below: Rows, wanted: Wanted, line: int
) -> None:
    """Columns under headers that we do not know, if their cells leave no doubt."""
    unknown = [index for index in content.unknown(header) if index not in taken.used]
    looks = _looks(below, unknown, wanted)
    for kind, index in content.find(header, looks).items():
        if kind in taken.places or kind not in wanted.kinds:
            continue
        if index is not None:
            taken.take(kind, (index,), CONTENT)
        elif kind is FieldKind.PHONE:
            alike = [index for index, one in looks.items() if one.kind is FieldKind.PHONE]
            raise _twice(kind, alike[1], line)


def _looks(rows: Rows, columns: Sequence[int], wanted: Wanted) -> Mapping[int, content.Look]:
    """One look at each of these columns."""
    return {
        index: content.look(
            [row[index] if index < len(row) else "" for row in rows], synthetic=wanted.synthetic
        )
        for index in columns
    }


def _segment(header: Sequence[str], name: str, line: int) -> int | None:
    """Where a segment column is. Raises IntakeError TWO_COLUMNS_FOR."""
    word = plain(name)
    found = [index for index, cell in enumerate(header) if plain(cell) == word]
    if len(found) > 1:
        raise IntakeError(Problem.TWO_COLUMNS_FOR, line=line, column=found[1] + 1, reason="segment")
    return found[0] if found else None


def _twice(kind: FieldKind, index: int, line: int) -> IntakeError:
    return IntakeError(Problem.TWO_COLUMNS_FOR, line=line, column=index + 1, reason=kind.value)
