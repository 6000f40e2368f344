"""Columns for which a file is refused: numbers of payment cards, and 個人番号 (My Number).

My Number brings a law of its own, card numbers PCI DSS; neither is needed to call anybody.
The whole file is looked at, also columns that are dropped. Named is the column, never a value.

A check digit alone proves little: one in ten customer numbers of twelve digits passes My
Number's, one in ten of sixteen Luhn's. So a column is judged by its share: at least four
numbers of the shape, nine in ten of them passing. Innocent numbers pass so with odds of
1 in 9,000 if the file has exactly four of them, 1 in 10**6 from six on, less with every
further row (binomial, p = 0.1; what is looked at until then is added up). A column whose
header says 個人番号 or クレジットカード番号 is refused at the first value that passes.

Looked at are the first rows in full, later ones by sample: a column shows itself soon, and
a million rows of seven columns cost a fifth of a microsecond each.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from calllist.intake.problems import IntakeError, Problem

HEADER_ROWS = 15  # as `columns.HEADER_ROWS`
HEADER_CHARACTERS = 24
LEAST_DIGITS = 12  # of either number
FULL_ROWS = 2_000  # so many are looked at one by one
SAMPLE = 16  # later one row in so many
SURE_COUNT = 20  # of the shape in one column: no need to wait for the end of the file
LEAST_COUNT = 4
LEAST_SHARE = 0.9

_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+1[1345]", re.IGNORECASE)  # what Excel leaves
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−ーｰ]")
_CANDIDATE = re.compile(rf"[0-9](?:{_SEPARATORS.pattern}*[0-9]){{11}}")  # after NFKC
_SEAM = "\0"  # between cells that are looked at together; nothing composes with it
_MY_NUMBER_HEADER = re.compile(r"個人番号|マイナンバー|mynumber|myno")
_CARD_HEADER = re.compile(
    r"クレジット(?:カード)?(?:番号|no)|クレカ(?:番号|no)|(?:credit|payment)card(?:number|no|num)?|\bpan\b"
)
_HEADER_MARKS = re.compile(r"[\s_・.()\-]+")
# Issuers (ISO/IEC 7812): Visa, Mastercard, JCB, American Express, Diners Club, Discover,
# UnionPay, with the lengths they use.
_ISSUERS = re.compile(
    r"4[0-9]{15}|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}"
    r"|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12}|62[0-9]{14}"
)
_MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)  # 平成26年総務省令第85号 第5条


class _Block(Protocol):
    @property
    def rows(self) -> Sequence[Sequence[str]]: ...
    @property
    def columns(self) -> Sequence[Sequence[str]] | None: ...


_Rows = TypeVar("_Rows", bound=_Block)


@dataclass(slots=True)
class _Seen:
    """Of one column: how many cells had the shape, and how many passed."""

    shaped: int = 0
    passed: int = 0

    def add(self, passed: bool) -> None:
        self.shaped += 1
        self.passed += passed

    def certain(self, least: int) -> bool:
        return self.shaped >= least and self.passed >= LEAST_SHARE * self.shaped


class Forbidden:
    """Looks at every column of one file; its header row may be any of the first rows."""

    def __init__(self) -> None:
        self._named_cards: set[int] = set()
        self._named_mine: set[int] = set()
        self._rows = 0
        self._cards: dict[int, _Seen] = {}
        self._mine: dict[int, _Seen] = {}

    def watched(self, blocks: Iterable[_Rows]) -> Iterator[_Rows]:
        """The same blocks. Raises IntakeError with the column when a forbidden one shows."""
        for block in blocks:
            self.look(block)
            yield block
        self.finish()

    def look(self, block: _Block) -> None:
        """Look at a block of rows. Raises IntakeError with the column as soon as it is certain."""
        columns = block.columns
        size = len(columns[0]) if columns else len(block.rows)
        if self._rows < HEADER_ROWS:
            for cells in block.rows[: HEADER_ROWS - self._rows]:
                self._name(cells)
        step = 1 if self._rows < FULL_ROWS else SAMPLE
        self._rows += size
        if columns:
            for at, cells in enumerate(columns):
                looked = [cell for cell in cells[::step] if len(cell) >= LEAST_DIGITS]
                if looked and may_hold_one(looked):
                    self._cells((at, cell) for cell in looked)
        else:
            for cells in block.rows[::step]:
                if may_hold_one(cells):
                    self._cells(enumerate(cells))
        self._judge(SURE_COUNT)
        if self._named_cards or self._named_mine:
            self._look_at_named(block.rows)

    def finish(self) -> None:
        """After the last block. Raises IntakeError with the column if a few values are enough."""
        self._judge(LEAST_COUNT)

    def _name(self, cells: Sequence[str]) -> None:
        """Notes the columns that a header cell of this row calls by what they are."""
        for at, cell in enumerate(cells):
            if 3 <= len(cell) <= HEADER_CHARACTERS:
                plain = _HEADER_MARKS.sub("", unicodedata.normalize("NFKC", cell).casefold())
                if _MY_NUMBER_HEADER.search(plain):
                    self._named_mine.add(at)
                elif _CARD_HEADER.search(plain):
                    self._named_cards.add(at)

    def _cells(self, cells: Iterable[tuple[int, str]]) -> None:
        """Count what has the shape: cells, each with its column."""
        for at, cell in cells:
            digits = read(cell) if len(cell) >= LEAST_DIGITS else ""
            if len(digits) == 12:
                self._mine.setdefault(at, _Seen()).add(is_my_number(digits))
            elif 14 <= len(digits) <= 16:
                self._cards.setdefault(at, _Seen()).add(is_card(digits))

    def _look_at_named(self, rows: Sequence[Sequence[str]]) -> None:
        for cells in rows:
            for at in self._named_mine | self._named_cards:
                cell = cells[at] if at < len(cells) else ""
                if len(cell) < 5:
                    continue
                digits = read(cell)
                lost = bool(_SCIENTIFIC.fullmatch(cell.strip()))
                if at in self._named_mine and (is_my_number(digits) or lost):
                    raise IntakeError(Problem.FORBIDDEN_MY_NUMBERS, column=at + 1)
                if at in self._named_cards and (is_card(digits) or lost):
                    raise IntakeError(Problem.FORBIDDEN_CARDS, column=at + 1)

    def _judge(self, least: int) -> None:
        for problem, columns in (
            (Problem.FORBIDDEN_CARDS, self._cards),
            (Problem.FORBIDDEN_MY_NUMBERS, self._mine),
        ):
            for at, seen in sorted(columns.items()):
                if seen.certain(least):
                    raise IntakeError(problem, column=at + 1)


def is_card(digits: str) -> bool:
    """Whether ASCII digits are a known issuer's and Luhn's check digit is right."""
    if not _ISSUERS.fullmatch(digits):
        return False
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        total += digit if place % 2 == 0 else sum(divmod(2 * digit, 10))
    return total % 10 == 0


def is_my_number(digits: str) -> bool:
    """Whether twelve ASCII digits carry the check digit of an individual's number."""
    if len(digits) != 12 or len(set(digits)) == 1:
        return False
    values = list(map(int, digits))
    rest = sum(map(int.__mul__, values, _MY_NUMBER_WEIGHTS)) % 11
    return values[11] == (0 if rest <= 1 else 11 - rest)


def may_hold_one(cells: Sequence[str]) -> bool:
    """Whether one of these cells may have twelve digits or more (`read`): one look at all."""
    text = _SEAM.join(cells)
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _CANDIDATE.search(plain) is not None


def read(cell: str) -> str:
    """The digits of a cell that holds nothing else; else empty."""
    if not cell.isdecimal() or not cell.isascii():
        cell = _SEPARATORS.sub("", unicodedata.normalize("NFKC", cell).strip("'\"= "))
    return cell if cell.isascii() and cell.isdecimal() else ""
