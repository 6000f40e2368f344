"""Segments: columns that put people into groups (年代, 地区, 金額帯), kept as codes.

A code is given to each value as it first comes; 0 is for no value, and for values that too
few people share (その他). Labels are told once, with the counts, when the file is read: a
value on fewer than `FEWEST_PEOPLE` people is told nobody. What could be one person's (a
number, a date, a long text) refuses the file: the column is no segment.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from calllist.intake.problems import IntakeError, Problem

MOST_VALUES = 50  # of one column
FEWEST_PEOPLE = 20  # that share a value; else it is counted as その他
LABEL_CHARACTERS = 30
OTHERS = 0  # the code of その他
_REMEMBERED = 2000  # ways of writing the values

_PERSONAL = re.compile(
    r"0[0-9]{9,10}|\+[0-9]{10,13}|[0-9]{12,}|[0-9]{3}-[0-9]{4}|.*@.*"
    r"|(?:(?:19|20)?[0-9]{2}|(?:明治|大正|昭和|平成|令和|[MTSHRmtshr])\s*(?:[0-9]{1,2}|元))"
    r"\s*[-./年]\s*[0-9]{1,2}\s*[-./月]\s*[0-9]{1,2}日?|(?:19|20)[0-9]{6}"
)
_MARKS = re.compile(r"[-\s()‐‑–—―−ー－]")


class Group(NamedTuple):
    """The people of one value. `column` is 1 or 2: the first or second column of the terms."""

    column: int
    code: int
    label: str  # empty for `OTHERS`
    people: int


class Segments:
    """Codes of one segment column, number 1 or 2 of the contract's terms.

    index: where it is in the file.
    """

    def __init__(self, column: int, index: int) -> None:
        self.column = column
        self.index = index
        self._codes: dict[str, int] = {}  # by value as written
        self._values: dict[str, int] = {}  # by value as compared
        self._people: Counter[int] = Counter()

    def codes(self, cells: Sequence[str], lines: Sequence[int]) -> list[int]:
        """A code for each cell, of accepted rows only.

        Raises IntakeError TOO_MANY_SEGMENTS, SEGMENT_VALUE with line and column.
        """
        known = self._codes
        given = [known.get(cell) for cell in cells]
        codes = [
            self._code(cells[at], lines[at]) if code is None else code
            for at, code in enumerate(given)
        ]
        self._people.update(codes)
        return codes

    def rare(self) -> frozenset[int]:
        """The codes that too few people share: to be stored as `OTHERS`."""
        return frozenset(
            code for code, count in self._people.items() if code and count < FEWEST_PEOPLE
        )

    def groups(self) -> list[Group]:
        """All groups, その他 last if there are any."""
        rare = self.rare()
        groups = [
            Group(self.column, code, value, self._people[code])
            for value, code in self._values.items()
            if code not in rare and self._people[code]
        ]
        others = sum(self._people[code] for code in (*rare, OTHERS))
        return groups + ([Group(self.column, OTHERS, "", others)] if others else [])

    def _code(self, cell: str, line: int) -> int:
        value = " ".join(unicodedata.normalize("NFKC", cell).split())
        if not value:
            code = OTHERS
        elif value in self._values:
            code = self._values[value]
        else:
            if len(value) > LABEL_CHARACTERS or _is_personal(value):
                raise self._refused(Problem.SEGMENT_VALUE, line)
            if len(self._values) == MOST_VALUES:
                raise self._refused(Problem.TOO_MANY_SEGMENTS, line)
            code = self._values[value] = len(self._values) + 1
        if len(self._codes) < _REMEMBERED:
            self._codes[cell] = code
        return code

    def _refused(self, problem: Problem, line: int) -> IntakeError:
        return IntakeError(problem, line=line, column=self.index + 1)


def _is_personal(value: str) -> bool:
    """A phone, postal or other long number, a date, an address of mail."""
    return any(_PERSONAL.fullmatch(text) for text in (value, _MARKS.sub("", value)))
