"""Birth dates and due dates: stored as received, judged by `crypto.records.eras`.

A birth date that never was (S65, H32, 30 February) or is still to come rejects its row: such
a column was shifted or damaged, and the row's other cells cannot be trusted. A partial date
(00, 99, 不詳) and one we cannot read are kept with a remark: they can never be matched. A due
date only ever gets a remark.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date

from calllist.intake.fields import Parsed, Verdict
from calllist.intake.problems import Code
from crypto.records.eras import Doubt, dated

MOST_REMEMBERED = 65_536  # about all birth dates of living people; then forgotten
EARLIEST = date(1868, 1, 25)  # the first day of 明治; 1050-01-02 is a typing error

# Days that are full ones and passed, whoever reads them, or nothing: most columns are only that.
# No 29th to 31st: whether there is such a day depends on the month.
_SURE = re.compile(
    r"(?:(?:(?:19[0-9]|20[01])[0-9][-/](?:[1-9]|0[1-9]|1[0-2])[-/](?:[1-9]|[01][1-9]|10|2[0-8]))?\n)*+"
)
_SURE_UNTIL = date(2020, 1, 1)

_BIRTH = {
    Doubt.PARTIAL: Code.PARTIAL_DATE,
    Doubt.IMPOSSIBLE: Code.IMPOSSIBLE_DATE,
    Doubt.VAGUE: Code.UNREADABLE_DATE,
}


class _Judged(dict[str, Code | None]):
    """Cell to what is wrong with it; remembers, because dates repeat."""

    def __init__(self, judge: Callable[[str, date], Code | None], today: date) -> None:
        super().__init__({"": None})
        self.today = today
        self._judge = judge

    def __missing__(self, cell: str) -> Code | None:
        code = self._judge(cell, self.today)
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[cell] = code
        return code


def birth_dates(cells: Sequence[str], today: date) -> Parsed:
    """A column of birth dates."""
    return _column(cells, _judged(_birth, today))


def due_dates(cells: Sequence[str], today: date) -> Parsed:
    """A column of due dates."""
    return _column(cells, _judged(_due, today))


_MEMORY: dict[Callable[[str, date], Code | None], _Judged] = {}


def _judged(judge: Callable[[str, date], Code | None], today: date) -> _Judged:
    """What is remembered of this day. One intake process reads one file, then it ends."""
    if judge not in _MEMORY or _MEMORY[judge].today != today:
        _MEMORY[judge] = _Judged(judge, today)
    return _MEMORY[judge]


def _column(cells: Sequence[str], judged: _Judged) -> Parsed:
    text = "\n".join(cells) + "\n"
    if _SURE.fullmatch(text) and text.count("\n") == len(cells) and judged.today >= _SURE_UNTIL:
        return Parsed(cells, ())
    codes = list(map(judged.__getitem__, cells))
    if not any(codes):
        return Parsed(cells, ())
    return Parsed(cells, [Verdict(at, code) for at, code in enumerate(codes) if code])


def _birth(cell: str, today: date) -> Code | None:
    if not cell.strip():
        return None
    found = dated(cell)
    if isinstance(found, Doubt):
        return _BIRTH[found]
    if found > today:
        return Code.FUTURE_DATE
    return Code.UNREADABLE_DATE if found < EARLIEST else None


def _due(cell: str, _today: date) -> Code | None:
    if not cell.strip() or isinstance(dated(cell), date):
        return None
    return Code.UNREADABLE_DATE
