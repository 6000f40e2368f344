"""What `make demo` holds the platform to: the file's own names and numbers as needles.

needles   read from the file by the rules of intake; each accepted row gives its number
          in every usual spelling, and the person's name
heard     full numbers in the bodies of HTTP answers: there must be none
residue   needles in the platform's stores: none, while the same scan finds them in the
          file itself, where they must be
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import phonenumbers

from calllist.intake.problems import IntakeError
from calllist.intake.reading.columns import Wanted
from calllist.intake.reading.file import Reading
from crypto.records.fields import FieldKind
from retention.residue import Needles, Store, scan, searchable
from retention.states import Outcome

BLOCK = 1024 * 1024  # bytes
MOST_ROWS = 10_000_000


class Evidence:
    """The needles of one file."""

    def __init__(self, numbers: list[str], names: list[str]) -> None:
        self._numbers = Needles(numbers)
        self._all = Needles([*numbers, *names])
        self.full_numbers_heard = 0

    @classmethod
    def of(cls, file: Path, by_hand: Mapping[FieldKind, str], *, synthetic: bool) -> "Evidence":
        """A file that intake refuses has no needles: the server will say why."""
        numbers: dict[str, None] = {}
        names: dict[str, None] = {}
        with file.open("rb") as stream, suppress(IntakeError):
            reading = Reading(
                iter(lambda: stream.read(BLOCK), b""),
                Wanted(frozenset(FieldKind), by_hand, synthetic=synthetic),
                by="phone",
                max_rows=MOST_ROWS,
            )
            for batch in reading:
                columns = batch.accepted.columns
                for number in columns[FieldKind.PHONE]:
                    numbers.update(dict.fromkeys(_spellings(number)))
                found = map(str.strip, columns.get(FieldKind.NAME, ()))
                names.update(dict.fromkeys(filter(searchable, found)))
        return cls(list(numbers), list(names))

    def overhear(self, body: bytes) -> None:
        """Count the full numbers in one HTTP answer."""
        self.full_numbers_heard += sum(1 for _ in self._numbers.search(body))

    def in_file(self, file: Path) -> int:
        """How many needles the scan finds in the file itself."""
        (finding,) = scan([Store("file", file)], self._all)
        return len(finding.needles)

    def in_platform(self, home: Path) -> int:
        """How many needles the same scan finds in the platform's stores.

        Every entry of the home is a store (tables and WAL, keeper, broker, logs, temporary
        files), except the demonstration's own folder. Raises Unread if one was not readable.
        """
        stores = [Store(entry.name, entry) for entry in sorted(home.iterdir())]
        findings = scan([store for store in stores if store.name != "demo"], self._all)
        unread = [finding.store for finding in findings if finding.outcome is Outcome.UNKNOWN]
        if unread:
            raise Unread(", ".join(unread))
        return len(set().union(*(finding.needles for finding in findings)))


class Unread(Exception):
    """A store could not be read to its end, so nothing can be said of it."""


def _spellings(number: str) -> list[str]:
    """+81312345678, 0312345678, 03-1234-5678."""
    parsed = phonenumbers.parse(number, None)
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return [number, "0" + number[3:], national]
