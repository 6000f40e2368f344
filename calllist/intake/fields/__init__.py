"""What a cell of each kind means, and what can be wrong with it.

Cells are stored as received, with four exceptions: the number to dial is rewritten, names
lose a trailing 様, a postal code gets its lost zero back, 姓 and 名 in two columns become one
name. Whole columns of a block are looked at together: what is plain costs next to nothing,
what is not is read one by one.

    phones      numbering ► phone_text ► areas ► postal_codes: who can be dialled
    persons     who repeats whom
    parsers     kind of field ► its reading of a column
    forbidden   columns for which a file is refused: payment cards, 個人番号
    values      what a header row never contains
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from calllist.intake.problems import Code


class Verdict(NamedTuple):
    """What was found in one cell of a column. `problems.REJECTIONS` says whether it rejects."""

    at: int  # which cell of the column
    code: Code


class Parsed(NamedTuple):
    """A column as it is stored (the same object if nothing was rewritten), and what was found."""

    values: Sequence[str]
    verdicts: Sequence[Verdict]


Parser = Callable[[Sequence[str], date], Parsed]  # a column of a block, and today's date (JST)
