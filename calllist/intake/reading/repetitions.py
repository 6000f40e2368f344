"""Which row came first with the same number, or with the same person: millions of rows.

A number is looked up in a table of 4 bytes a slot, at most half of them filled; what stands
behind a slot is kept row by row (28 bytes). Only a number that comes again needs a look at
the person: the first who had it is at hand, further ones (couples, families) are in a second
table. Two million rows stay below 150 MB; a dictionary would take 115 bytes an entry.

Numbers and persons are compared by 64-bit hashes under a key that is new in every process
(SipHash), so nobody can prepare a file whose rows collide, and among 10**6 rows an accidental
repetition has odds of 1 to 10**7.
"""

from array import array
from collections.abc import Sequence

FIRST_SLOTS = 1 << 15
GROWTH = 4  # so many times as large: every row is moved a third of a time on average

_NAME, _REFERENCE = 1, 2


class Repetitions:
    """The rows of one list, in the order of the file."""

    def __init__(self) -> None:
        self._slots = array("I", bytes(4 * FIRST_SLOTS))  # row + 1, 0 where there is none
        self._filled = 0
        self._numbers = array("q")
        self._names = array("q")
        self._references = array("q")
        self._lines = array("I")
        self._further = Pairs()

    def of_numbers(self, numbers: Sequence[int], lines: Sequence[int]) -> list[tuple[int, int]]:
        """The rows whose number came before: index, and the line that was first with it.

        numbers: hashes. lines: where the rows stand, to be told of later.
        """
        base = len(self._lines)
        self._lines.extend(array("I", lines))
        return [(row - base, self._lines[first]) for row, first in self._again(numbers)]

    def of_persons(
        self,
        numbers: Sequence[int],
        names: Sequence[int],
        references: Sequence[int],
        lines: Sequence[int],
    ) -> list[tuple[int, int]]:
        """The rows whose person came before, as above. Hashes, 0 for what a row has not.

        The same person: the same number, and the same name or reference, or neither of both.
        """
        base = len(self._lines)
        self._lines.extend(array("I", lines))  # twice as fast as item by item
        self._names.extend(array("q", names))
        self._references.extend(array("q", references))
        found = []
        for row, first in self._again(numbers):
            index = row - base
            line = self._repeats(names[index], references[index], first)
            if line is None:
                line = self._further.first(
                    *_pair(numbers[index], names[index], references[index]), lines[index]
                )
            if line is not None:
                found.append((index, line))
        return found

    def _repeats(self, name: int, reference: int, first: int) -> int | None:
        """The line of the row that was first with this number, if it is the same person."""
        known, filed = self._names[first], self._references[first]
        same = (name and name == known) or (reference and reference == filed)
        if same or not (name or reference or known or filed):
            return self._lines[first]
        return None

    def _again(self, numbers: Sequence[int]) -> list[tuple[int, int]]:
        """Rows (counted from the file's first) whose number an earlier row had, and that row."""
        self._reserve(len(numbers))
        slots, mask = self._slots, len(self._slots) - 1
        before = len(self._numbers)
        self._numbers.extend(array("q", numbers))
        known = self._numbers
        again = []
        # One loop without a call in it: it runs for every row of every file.
        for row, number in enumerate(numbers, before + 1):
            slot = number & mask
            while held := slots[slot]:
                if known[held - 1] == number:
                    again.append((row - 1, held - 1))
                    break
                slot = (slot + 1) & mask
            else:
                slots[slot] = row
        self._filled += len(numbers) - len(again)
        return again

    def _reserve(self, more: int) -> None:
        """Room for so many numbers, at most half of the slots filled."""
        size = len(self._slots)
        while (self._filled + more) * 2 > size:
            size *= GROWTH
        if size == len(self._slots):
            return
        held, mask, known = filter(None, self._slots), size - 1, self._numbers
        self._slots = slots = array("I", bytes(4 * size))
        for row in held:
            slot = known[row - 1] & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = row


def _pair(number: int, name: int, reference: int) -> tuple[int, int]:
    """Two keys of a person: whoever shares one is the same. Equal if there is only one."""
    keys = [
        hash((number, kind, what)) or 1
        for kind, what in ((_REFERENCE, reference), (_NAME, name))
        if what
    ] or [number or 1]
    return keys[0], keys[-1]


class Pairs:
    """Keys, two of each row, to the line that was first: 12 bytes a slot, two thirds filled."""

    def __init__(self) -> None:
        self._filled = 0
        self._make(FIRST_SLOTS >> 3)

    def first(self, key: int, other: int, line: int) -> int | None:
        """The first line with either key; without any, this line is noted for both. Not 0."""
        slot, place = self._slot(key), self._slot(other)
        for found in (slot, place):
            if self._keys[found]:
                return self._lines[found]
        self._note(key, line)
        if other != key:
            self._note(other, line)
        return None

    def _note(self, key: int, line: int) -> None:
        if (self._filled + 1) * 3 > len(self._keys) * 2:
            self._grow()
        slot = self._slot(key)
        self._keys[slot], self._lines[slot] = key, line
        self._filled += 1

    def _slot(self, key: int) -> int:
        """Where the key is, or the empty slot where it belongs: linear probing."""
        keys, mask = self._keys, len(self._keys) - 1
        slot = key & mask
        while (held := keys[slot]) and held != key:
            slot = (slot + 1) & mask
        return slot

    def _make(self, slots: int) -> None:
        self._keys = array("q", bytes(8 * slots))
        self._lines = array("I", bytes(4 * slots))

    def _grow(self) -> None:
        keys, lines = self._keys, self._lines
        self._make(2 * len(keys))
        for key, line in zip(keys, lines, strict=True):
            if key:
                slot = self._slot(key)
                self._keys[slot], self._lines[slot] = key, line
