"""What a reader may say in words: those of ours, and no others.

A reader parses what anybody may have written; one that a file has taken over could put cells
of that file, or of any file that its user may read, where they are stored in clear or shown:
a receipt, a finding, a reason, a preview. So every text it tells is compared with the words
there are. Counts, and labels of groups that enough people share, stay its own word.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import get_args

from calllist.intake.fields.numbering import KINDS
from calllist.intake.messages import Found, Group, Order, Refused
from calllist.intake.preview import Preview, Trouble, What
from calllist.intake.problems import Code, IntakeError, Problem
from calllist.intake.reading import vocabulary
from calllist.intake.reading.headers import shown
from calllist.intake.reading.segments import FEWEST_PEOPLE, OTHERS
from calllist.intake.reading.vocabulary import CONTENT, HAND, SYNONYM, TEMPLATE
from calllist.intake.receipt import Column, Receipt
from crypto.records.fields import FieldKind

CODES = frozenset(code.value for code in Code)
PROBLEMS = frozenset(problem.value for problem in Problem)
ENCODINGS = frozenset({*vocabulary.ENCODINGS, "ascii", "xlsx"})
SEPARATORS = frozenset({*vocabulary.DELIMITERS, "xlsx"})
NUMBER_KINDS = frozenset(KINDS.values())
NUMBER_FORMS = frozenset({"ok", "normalised", "zero_restored", "area_code_added"})
CHOSEN = frozenset({"", HAND, TEMPLATE, SYNONYM, CONTENT})
FIELDS = frozenset({None, *(kind.value for kind in FieldKind)})
READ_AS = CODES | NUMBER_KINDS | {"ok", "other_form", "gregorian", "era", *get_args(What)}

_REASON = re.compile(r"[A-Za-z0-9_ .:-]{0,80}", re.ASCII)
_DIGITS = 8  # of a reason, in all: fewer than any number that somebody could be rung at
_SHEETS = re.compile(r"[1-9]\d{0,2}(?: [1-9]\d{0,2})*|")
_HASH = re.compile(r"[0-9a-f]{64}|")


def receipt(told: Receipt, order: Order) -> bool:
    """Whether every text in it is a word of ours, or was in the order."""
    return (
        _known(told.codes, CODES)
        and _known(told.phones, NUMBER_FORMS)
        and _known(told.kinds, NUMBER_KINDS)
        and told.encoding in ENCODINGS
        and told.delimiter in SEPARATORS
        and told.duplicates_by == order.by
        and bool(_HASH.fullmatch(told.header_key))
        and _of_order(told.template, order)
        and told.corrects is None
        and all(map(_column, told.columns))
    )


def preview(told: Preview, order: Order) -> bool:
    """Whether every text in it is a word of ours, or was in the order."""
    return (
        told.encoding in ENCODINGS
        and told.delimiter in SEPARATORS
        and _of_order(told.template, order)
        and (told.trouble is None or _trouble(told.trouble))
        and all(
            one.how in CHOSEN and _header(one.header) and _known(one.parsed, READ_AS)
            for one in told.columns
        )
    )


def findings(found: Iterable[Found]) -> bool:
    """Whether their codes are ours."""
    return _known({one.code for one in found}, CODES)


def groups(
    told: Sequence[Group], rare: Sequence[Sequence[int]], people: Sequence[Counter[int]]
) -> bool:
    """Whether groups are what the rows say: as many people, and no label that few share.

    people: of each segment column, how many records came with which code.
    """
    if len(rare) != len(people) or len({(one.column, one.code) for one in told}) != len(told):
        return False
    for column, (few, counted) in enumerate(zip(rare, people, strict=True), start=1):
        shared = {code: n for code, n in counted.items() if code and n >= FEWEST_PEOPLE}
        labelled = {
            one.code: one.people for one in told if one.column == column and one.code != OTHERS
        }
        if labelled != shared or set(few) != counted.keys() - shared.keys() - {OTHERS}:
            return False
    return all(one.column <= len(people) and (one.code != OTHERS or not one.label) for one in told)


def refusal(message: Refused) -> IntakeError:
    """The refusal in our words: its reason is a code of ours, or nothing is said."""
    if message.code not in PROBLEMS:
        return IntakeError(Problem.READER_FAILED)
    problem = Problem(message.code)
    if not _reason(message.code, message.reason):
        return IntakeError(problem, line=message.line, column=message.column)
    return IntakeError(problem, line=message.line, column=message.column, reason=message.reason)


def _trouble(told: Trouble) -> bool:
    return told.code in PROBLEMS and _reason(told.code, told.reason)


def _reason(code: str, reason: str) -> bool:
    """Latin letters with few digits; the numbers of sheets, where there are several."""
    if code == Problem.SEVERAL_SHEETS:
        numbers = [int(number) for number in reason.split()] if _SHEETS.fullmatch(reason) else [0]
        return all(one < next_ for one, next_ in zip([0, *numbers], numbers, strict=False))
    return bool(_REASON.fullmatch(reason)) and sum(map(str.isdigit, reason)) <= _DIGITS


def _column(one: Column) -> bool:
    return one.kind in FIELDS and one.how in CHOSEN and _header(one.header)


def _header(text: str) -> bool:
    return shown(text) == text


def _of_order(template: str | None, order: Order) -> bool:
    return template is None or template in {one.id for one in order.templates}


def _known(words: Iterable[str], ours: Collection[str]) -> bool:
    return all(word in ours for word in words)
