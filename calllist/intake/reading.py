"""A file from its bytes to batches of accepted rows, flat in memory.

    bytes ► decode ► rows ► columns ► triage ► batches of at most 1,000 accepted rows

A batch is a chunk to be: sealed under one key. It also ends when many findings wait.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from calllist.intake import columns, receipt
from calllist.intake.decode import Decoded
from calllist.intake.problems import IntakeError, Problem
from calllist.intake.receipt import Finding, Receipt
from calllist.intake.rows import Row, Rows
from calllist.intake.triage import Accepted, Triage
from calllist.intake.values import is_data, is_phone
from crypto.fields import FieldKind

BATCH_ROWS = 1000
BATCH_FINDINGS = 5000


class Batch(NamedTuple):
    """Some accepted rows, and what was found meanwhile. `rows`: read so far, in all."""

    accepted: list[Accepted]
    findings: list[Finding]
    rows: int

    def __repr__(self) -> str:
        return f"Batch({len(self.accepted)} rows, {len(self.findings)} findings)"


class Reading:
    """One reading of one file under one contract's terms. Iterate it once, then `receipt`.

    permitted: the field kinds the contract allows to keep. by_hand: columns named by the
    manager, kind to header. by: the rule for duplicates. max_rows: more are refused, and
    reading stops there.
    """

    def __init__(
        self,
        body: Iterable[bytes],
        *,
        permitted: Collection[FieldKind],
        by_hand: Mapping[FieldKind, str],
        by: str,
        synthetic: bool,
        max_rows: int,
    ) -> None:
        self._decoded = Decoded(body)
        self._permitted = permitted
        self._by_hand = by_hand
        self._by = by
        self._synthetic = synthetic
        self._max_rows = max_rows

    def __iter__(self) -> Iterator[Batch]:
        self._text = Rows(self._decoded)
        rows = iter(self._text)
        if columns.numbered(self._by_hand):
            rows = self._begin(rows)
        else:
            self._columns, self._header_line = self._header(rows)
        self._triage = triage = Triage(
            self._columns,
            self._decoded,
            by=self._by,
            alternates=FieldKind.PHONE_ALT in self._permitted,
            synthetic=self._synthetic,
        )
        accepted: list[Accepted] = []
        for row in rows:
            if triage.rows + triage.blank >= self._max_rows:
                raise IntakeError(Problem.TOO_MANY_ROWS, line=row.line)
            if (one := triage.decide(row)) is not None:
                accepted.append(one)
            if len(accepted) == BATCH_ROWS or triage.waiting() >= BATCH_FINDINGS:
                yield Batch(accepted, triage.findings(), triage.rows)
                accepted = []
        if not triage.rows:
            raise IntakeError(Problem.EMPTY_FILE, line=self._header_line or None)
        yield Batch(accepted, triage.findings(), triage.rows)

    def _begin(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows of a file whose columns are named by number; it may have a header row.

        What is no header for sure is data: at worst a header is rejected as a row.
        """
        seen: list[Row] = []
        for row in itertools.islice(rows, columns.HEADER_ROWS):
            if columns.is_header(row.cells) and (found := self._find(row)) is not None:
                self._columns, self._header_line = found, row.line
                return rows
            seen.append(row)
            if is_data(row.cells):
                break
        written = [row for row in seen if any(cell.strip() for cell in row.cells)]
        if not written:
            raise IntakeError(Problem.EMPTY_FILE)
        usual = next((row for row in written if any(map(is_phone, row.cells))), written[0])
        self._header_line = 0
        self._columns = columns.headerless(
            usual.cells, line=usual.line, permitted=self._permitted, by_hand=self._by_hand
        )
        return itertools.chain(seen, rows)

    def _find(self, row: Row) -> columns.Columns | None:
        return columns.find(
            row.cells, line=row.line, permitted=self._permitted, by_hand=self._by_hand
        )

    def _header(self, rows: Iterator[Row]) -> tuple[columns.Columns, int]:
        """The header row, after at most a few title rows. Data above it is not passed over."""
        seen: list[Row] = []
        for row in rows:
            if not any(cell.strip() for cell in row.cells):
                continue
            if (found := self._find(row)) is not None:
                return found, row.line
            if is_data(row.cells):
                if not seen:
                    raise IntakeError(Problem.NO_HEADER_ROW, line=row.line)
                break
            seen.append(row)
            if len(seen) == columns.HEADER_ROWS:
                break
        if not seen:
            raise IntakeError(Problem.EMPTY_FILE)
        raise columns.missing([row.cells for row in seen], line=seen[0].line, by_hand=self._by_hand)

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
            encoding=self._decoded.encoding,
            delimiter=self._text.delimiter,
            header_line=self._header_line,
            columns=tuple(
                receipt.Column(one.number, one.header, one.kind and one.kind.value)
                for one in self._columns.columns
            ),
            duplicates_by=self._by,
            file_hash=file_hash,
        )
