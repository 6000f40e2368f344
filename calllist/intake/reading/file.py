"""A file from its bytes to batches of accepted rows, flat in memory.

    bytes ► table ► layout ► triage ► batches of at most 1,000 accepted rows

A batch is a chunk to be: sealed under one key.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from calllist.intake import receipt
from calllist.intake.fields.forbidden import Forbidden
from calllist.intake.fields.phones import PhoneRules
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.columns import Wanted
from calllist.intake.reading.layout import lay
from calllist.intake.reading.segments import Segments
from calllist.intake.reading.tables import open_table
from calllist.intake.reading.triage import Accepted, Triage
from calllist.intake.receipt import Finding, Receipt
from crypto.records.fields import FieldKind


class Batch(NamedTuple):
    """Some accepted rows, and what was found meanwhile. `rows`: read so far, in all."""

    accepted: Accepted
    findings: list[Finding]
    rows: int
    segments: Sequence[bytes] = ()  # of each column of the terms, a code for every row

    def __repr__(self) -> str:
        return f"Batch({len(self.accepted.lines)} rows, {len(self.findings)} findings)"


class Reading:
    """One reading of one file under one contract's terms. Iterate it once, then `receipt`.

    wanted: the columns that may be kept, and how they are found. by: the rule for
    duplicates. max_rows: more are refused, and reading stops there. encoding, sheet: as the
    manager says, None to find out. refusals: numbers not to be called, None if no file of them
    came. today: births after it are impossible.
    """

    def __init__(
        self,
        body: Iterable[bytes],
        wanted: Wanted,
        *,
        by: str,
        max_rows: int,
        encoding: str | None = None,
        sheet: str | None = None,
        area_code: str = "",
        refusals: frozenset[str] | None = None,
        today: date = date.max,
    ) -> None:
        self._table = open_table(body, encoding=encoding, sheet=sheet)
        self._wanted = wanted
        self._by = by
        self._max_rows = max_rows
        self._refusals = refusals
        self._today = today
        self._rules = PhoneRules(area_code=area_code, synthetic=wanted.synthetic)

    def __iter__(self) -> Iterator[Batch]:
        self._layout, blocks = lay(Forbidden().watched(self._table), self._wanted)
        self.segments = [
            None if at is None else Segments(number, at)
            for number, at in enumerate(self._layout.columns.segments, 1)
        ]
        self._triage = triage = Triage(
            self._layout.columns,
            self._table,
            by=self._by,
            alternates=FieldKind.PHONE_ALT in self._wanted.permitted,
            rules=self._rules,
            today=self._today,
            refusals=self._refusals or frozenset(),
        )
        for block in blocks:
            room = self._max_rows - triage.rows - triage.blank
            if len(block) > room:
                raise IntakeError(Problem.TOO_MANY_ROWS, line=block.lines[room])
            accepted = triage.decide(block)
            yield Batch(accepted, triage.findings(), triage.rows, self._codes(accepted))
        if not triage.rows:
            raise IntakeError(Problem.EMPTY_FILE, line=self._layout.header_line or None)

    def _codes(self, accepted: Accepted) -> list[bytes]:
        """The groups that these people are in; 0 for a column that the file does not have."""
        cells = iter(accepted.segments)
        return [
            bytes(len(accepted.lines))
            if segment is None
            else bytes(segment.codes(next(cells), accepted.lines))
            for segment in self.segments
        ]

    @property
    def share(self) -> float:
        """How much of the bytes taken so far has been read."""
        return self._table.share

    @property
    def phone_column(self) -> int:
        """Of the number to dial, from 1; once the first batch is out."""
        return self._layout.columns.kept[FieldKind.PHONE] + 1

    def receipt(self, file_hash: str) -> Receipt:
        """The receipt, once the last batch is out."""
        triage = self._triage
        return Receipt(
            rows=triage.rows,
            accepted=triage.accepted,
            duplicates=triage.duplicates,
            rejected=triage.rejected,
            blank=triage.blank,
            gaiji=triage.gaiji,
            codes=dict(triage.codes),
            phones=dict(triage.hows),
            kinds=dict(triage.kinds),
            encoding=self._table.encoding,
            delimiter=self._table.delimiter,
            header_line=self._layout.header_line,
            columns=tuple(
                receipt.Column(
                    one.number, one.header, one.kind and one.kind.value, one.how, one.segment
                )
                for one in self._layout.columns.columns
            ),
            duplicates_by=self._by,
            file_hash=file_hash,
            titles=self._layout.titles,
            vocabulary=self._layout.vocabulary,
            header_key=self._layout.key,
            template=self._layout.template,
            sheet=self._table.sheet,
            not_to_be_called=triage.not_to_be_called,
            refusals=None if self._refusals is None else len(self._refusals),
        )
