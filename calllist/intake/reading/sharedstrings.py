"""The texts of a workbook, once each: cells name them by number.

Kept as UTF-8 in one piece, 4 bytes and a few apart: a million names take 20 MB and not 100.
Furigana (rPh) belong to the reading of a name and not to the name. Texts that cannot be
(`script`) are remembered by number and refuse the file only where a cell of the sheet that is
read holds one: so the refusal has a place.
"""

import re
from array import array
from bisect import bisect_right
from itertools import accumulate

from calllist.intake.problems import IntakeError, Problem
from calllist.intake.reading.markup import known, parse
from calllist.intake.reading.package import Package, broken
from calllist.intake.reading.script import Script, Trouble

TEXT_BYTES = 128 << 20  # of all texts and their places
CELL_CHARACTERS = 1 << 16  # Excel: 32,767; LibreOffice: 65,535
MOST_TROUBLES = 10_000  # remembered; one more refuses the file without a place
CHECKED_TOGETHER = 500
KEPT_READY = 10_000  # short texts that have been read lately
READY_CHARACTERS = 64

_ELEMENTS = known(("si", "t", "rPh"))
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_UNESCAPED = {"0009": "\t", "000A": "\n", "000D": "\r", "005F": "_"}


class SharedStrings:
    """Texts by number. Raises IntakeError: WORKBOOK_TOO_LARGE, WORKBOOK_BROKEN."""

    def __init__(self, package: Package, name: str | None, script: Script) -> None:
        self.troubles: dict[int, Trouble] = {}
        self._script = script
        self._text = bytearray()
        self._ends = array("I", (0,))
        self.ready: dict[str, str] = {}  # by number as it is written; emptied now and then
        self._unchecked: list[str] = []
        if name is not None and name in package:
            self._read(package, name)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def text(self, index: int) -> str:
        """The text of a number that there is, unless it is in `troubles`."""
        found = self._text[self._ends[index] : self._ends[index + 1]].decode()
        if len(found) <= READY_CHARACTERS:
            if len(self.ready) >= KEPT_READY:
                self.ready.clear()
            self.ready[str(index)] = found
        return found

    def _read(self, package: Package, name: str) -> None:
        pieces: list[str] = []
        wanted = ruby = False
        size = 0

        def start(full: str, _attributes: dict[str, str]) -> None:
            nonlocal wanted, ruby, size
            element = _ELEMENTS.get(full)
            if element == "t":
                wanted = not ruby
            elif element == "rPh":
                ruby = True
            elif element == "si":
                pieces.clear()
                size = 0

        def end(full: str) -> None:
            nonlocal wanted, ruby
            element = _ELEMENTS.get(full)
            if element == "t":
                wanted = False
            elif element == "rPh":
                ruby = False
            elif element == "si":
                self._add("".join(pieces))

        def text(piece: str) -> None:
            nonlocal size
            if wanted:
                size += len(piece)
                if size > CELL_CHARACTERS:
                    raise broken("text")
                pieces.append(piece)

        for _ in parse(package.read(name), start, end, text):
            if len(self._text) + 4 * len(self._ends) > TEXT_BYTES:
                raise IntakeError(Problem.WORKBOOK_TOO_LARGE, reason="texts")
        self._check()

    def _add(self, text: str) -> None:
        if "_x" in text:
            text = unescaped(text)
        self._text += text.encode()
        self._ends.append(len(self._text))
        self._unchecked.append(text)
        if len(self._unchecked) >= CHECKED_TOGETHER:
            self._check()

    def _check(self) -> None:
        """Look through the texts added lately, all at once; one by one only after a find."""
        texts, self._unchecked = self._unchecked, []
        first = len(self) - len(texts)
        whole = "\n".join(texts)
        if (trouble := self._script.trouble(whole, legacy=False)) is None:
            return
        starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
        found = bisect_right(starts, trouble.at) - 1
        for index in range(found, len(texts)):
            if (one := self._script.trouble(texts[index], legacy=False)) is not None:
                self.troubles[first + index] = one
        if len(self.troubles) > MOST_TROUBLES:
            raise IntakeError(trouble.problem, reason=trouble.reason)


def unescaped(text: str) -> str:
    """Line ends and tabs that Excel writes as _x000D_ and the like; others stay as they are."""
    return _ESCAPE.sub(lambda found: _UNESCAPED.get(found[1].upper(), found[0]), text)
