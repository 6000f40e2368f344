"""A file of reference numbers: whom the entrustor takes out (取下げ).

One column of a table of any kind, or the only one. Nothing else of the file is looked at.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.blocks import Block
from calllist.intake.reading.columns import named
from calllist.intake.reading.headers import RANK, readings
from calllist.intake.reading.layout import HEADER_ROWS
from calllist.intake.reading.tables import open_table
from crypto.records.fields import FieldKind

MOST = 200_000  # references of one file
CELL_CHARACTERS = 200  # of a reference; what is longer is none


def read(body: Iterable[bytes], by_hand: str = "") -> Iterator[tuple[list[int], list[str]]]:
    """Lines and what stands there, some at a time. by_hand: the header, or "#2".

    Raises IntakeError: what a table is refused for, EMPTY_FILE, NO_REFERENCE_COLUMN,
    TWO_COLUMNS_FOR, TOO_MANY_ROWS.
    """
    table = open_table(body)
    blocks = iter(table)
    first = next(blocks, None)
    while first is not None and not any(map(_written, first.rows)):
        first = next(blocks, None)
    if first is None:
        raise IntakeError(Problem.EMPTY_FILE)
    at, header_line = _column(first, by_hand)
    count = 0
    for block in chain([first], blocks):
        lines, texts = [], []
        for line, row in zip(block.lines, block.rows, strict=True):
            text = row[at].strip() if at < len(row) else ""
            if text and line > header_line:
                lines.append(line)
                texts.append(text[: CELL_CHARACTERS + 1])
        count += len(lines)
        if count > MOST:
            raise IntakeError(Problem.TOO_MANY_ROWS, line=lines[-1])
        yield lines, texts


def _column(first: Block, by_hand: str) -> tuple[int, int]:
    """Index of the column, and the line of the header row; 0 if there is none."""
    rows = [
        (line, row) for line, row in zip(first.lines, first.rows, strict=True) if _written(row)
    ][:HEADER_ROWS]
    for line, row in rows:
        found = named(by_hand, row) if by_hand else _known(row)
        if len(found) > 1:
            raise IntakeError(
                Problem.TWO_COLUMNS_FOR, line=line, column=found[1] + 1, reason="reference"
            )
        if found:
            is_header = not by_hand.startswith("#") or bool(_known(row))
            return found[0], line if is_header else 0
    if by_hand:
        raise IntakeError(Problem.NO_SUCH_COLUMN, line=rows[0][0], reason="reference")
    if any(cell.strip() for row in first.rows for cell in row[1:]):
        raise IntakeError(Problem.NO_REFERENCE_COLUMN, line=rows[0][0])
    line, row = rows[0]
    return 0, 0 if any(character.isdigit() for character in row[0]) else line


def _known(row: Sequence[str]) -> list[int]:
    """The columns whose header is a reference number's, the best-ranked only."""
    ranked = [
        (RANK[word][1] + worse, index)
        for index, cell in enumerate(row)
        for word, worse in readings(cell)
        if word in RANK and RANK[word][0] is FieldKind.REFERENCE
    ]
    best = min(ranked, default=(0, 0))[0]
    return list(dict.fromkeys(index for rank, index in ranked if rank == best))


def _written(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row)
