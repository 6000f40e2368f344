"""The receipt: what became of every row of a file, in counts, and never a value.

    rows = accepted + not to be called + duplicates + rejected

Lines of it that concern one row are *findings*: line, code, column. Of the header row only
words that we know are kept, so that people recognise their columns;
erasing the list removes even these.
"""

from typing import NamedTuple

import msgspec

from calllist.intake.problems import Code


class Finding(NamedTuple):
    """One line of the receipt."""

    line: int
    code: Code
    column: int | None = None
    repeats: int | None = None  # for a duplicate: the accepted line it repeats


class Column(msgspec.Struct, frozen=True):
    """A column of the file; `kind` is None if it was dropped unread."""

    number: int
    header: str  # a word that `headers` knows, or empty
    kind: str | None
    how: str = ""  # hand, template, synonym or content; empty for a dropped column
    segment: int = 0  # 1 or 2: kept as a code, for order and counts


class Receipt(msgspec.Struct, frozen=True):
    """What is stored with the list and shown to the manager and the entrustor."""

    rows: int
    accepted: int
    duplicates: int
    rejected: int
    blank: int  # rows without any character, not among `rows`
    gaiji: int  # accepted rows with 外字, kept as they are
    codes: dict[str, int]  # findings by code
    phones: dict[str, int]  # rows with a number: ok, normalised, zero_restored
    kinds: dict[str, int]  # the same rows: fixed, mobile, voip, toll_free, ...
    encoding: str
    delimiter: str
    header_line: int  # 0: the file has no header row
    columns: tuple[Column, ...]
    duplicates_by: str  # the contract's rule: phone or person
    file_hash: str  # hex SHA-256 over the entrustor's salt (`sealing.file_salt`) and the bytes
    titles: int = 0  # written rows above the header, not among `rows`
    vocabulary: tuple[int, ...] = ()  # lines below the header that describe it, likewise
    header_key: str = ""  # by which the same header row is known again (decision I51)
    template: str | None = None  # the saved mapping that was applied
    sheet: int | None = None  # of a workbook, counted from 1
    not_to_be_called: int = 0  # rows with a number of the entrustor's refusals: not stored
    refusals: int | None = None  # numbers in the file of refusals; None: none was attached
    corrects: str | None = None  # the list whose rejected rows this one brings again

    @property
    def written(self) -> int:
        """Rows of the file with anything in them, whatever was said of its header row."""
        return self.rows + self.titles + len(self.vocabulary) + bool(self.header_line)

    def facts(self) -> dict[str, object]:
        """As JSON-ready values."""
        facts: dict[str, object] = msgspec.to_builtins(self)
        return facts


def of_facts(facts: object) -> Receipt:
    """The receipt of stored facts."""
    return msgspec.convert(facts, Receipt)
