"""Any bytes as a list file: a receipt or a refusal, soon, and no cell in what is said.

An input of the fuzzer is a byte of choices (`Choices`) and the file.
"""

import re
import time
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from calllist.intake.problems import Code, IntakeError, Problem
from calllist.intake.reading.columns import Wanted
from calllist.intake.reading.file import Reading
from calllist.intake.reading.headers import SHOWN_CHARACTERS
from calllist.intake.reading.vocabulary import ENCODINGS
from calllist.intake.receipt import Finding, Receipt
from crypto.records.fields import FieldKind

SECONDS = 20  # of processor time that a file of some kilobytes may take, instrumented
MOST_ROWS = 5000
TODAY = date(2026, 4, 1)
_REASON = re.compile(r"[A-Za-z0-9_.# -]{0,60}")


class Broken(AssertionError):
    """What the reader must never do. Says which rule and quotes no input."""


class Choices(NamedTuple):
    """What the manager said beside the file."""

    numbered: bool
    person: bool
    sheet: str | None
    encoding: str | None
    block: int

    @classmethod
    def of(cls, byte: int) -> "Choices":
        """Any byte is a choice; 0 is the usual one."""
        encoding = (None, None, None, *ENCODINGS)[(byte >> 3) & 7]
        return cls(
            numbered=bool(byte & 1),
            person=bool(byte & 2),
            sheet="1" if byte & 4 else None,
            encoding=encoding,
            block=7 if byte & 64 else 64 * 1024,
        )


def reads(data: bytes) -> Receipt | IntakeError:
    """Read a file as the intake does. Raises Broken."""
    choices = Choices.of(data[0] if data else 0)
    begun = time.process_time()
    try:
        found: Receipt | IntakeError = _receipt(data[1:], choices)
    except IntakeError as error:
        found = error
        _silent(error)
    if time.process_time() - begun > SECONDS:
        raise Broken("time")
    return found


def _receipt(data: bytes, choices: Choices) -> Receipt:
    by_hand = {FieldKind.PHONE: "#1", FieldKind.NAME: "#2"} if choices.numbered else {}
    reading = Reading(
        _blocks(data, choices.block),
        Wanted(permitted=frozenset(FieldKind), by_hand=by_hand, synthetic=True),
        by="person" if choices.person else "phone",
        max_rows=MOST_ROWS,
        encoding=choices.encoding,
        sheet=choices.sheet,
        today=TODAY,
    )
    people = 0
    for batch in reading:
        people += len(batch.accepted.lines)
        for finding in batch.findings:
            _placed(finding)
    receipt = reading.receipt("")
    parts = receipt.accepted + receipt.not_to_be_called + receipt.duplicates + receipt.rejected
    if receipt.rows != parts or receipt.accepted != people:
        raise Broken("a row that is neither accepted nor found")
    if any(len(column.header) > SHOWN_CHARACTERS for column in receipt.columns):
        raise Broken("a header that is no word")
    return receipt


def _blocks(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def _placed(finding: Finding) -> None:
    if finding.line < 1 or finding.code not in Code or (finding.column or 1) < 1:
        raise Broken("a finding without a place")


def _silent(error: IntakeError) -> None:
    """An error names a code and a place; nothing of the file hangs on it."""
    if error.code not in set(Problem) or not _REASON.fullmatch(error.reason):
        raise Broken("an error that says more than a code")
    if error.__cause__ is not None or not (error.__suppress_context__ or error.__context__ is None):
        raise Broken("an error with another behind it")
    if (error.line or 1) < 1 or (error.column or 1) < 1:
        raise Broken("an error without a place")
