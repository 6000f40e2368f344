"""Which line came first with the same key: a small table for millions of rows.

A dictionary would take about 115 bytes an entry; this takes 12 bytes a slot, at most two
thirds of them filled, so that two million rows stay below 150 MB.
"""

from array import array

FIRST_SLOTS = 1 << 14
_MIX = 0x9E3779B97F4A7C15  # 2**64 divided by the golden ratio: spreads consecutive numbers
_WORD = (1 << 64) - 1


class Repetitions:
    """Key to the first line that had it. Keys are 64-bit integers other than 0."""

    def __init__(self) -> None:
        self._make(FIRST_SLOTS)

    def first(self, key: int) -> int | None:
        """The line noted for this key."""
        slot = self._slot(key)
        return self._lines[slot] if self._keys[slot] else None

    def note(self, key: int, line: int) -> None:
        """Note the line of a key, unless one is noted."""
        slot = self._slot(key)
        if self._keys[slot]:
            return
        self._keys[slot], self._lines[slot] = key, line
        self._filled += 1
        if self._filled * 3 > len(self._keys) * 2:
            self._grow()

    def _slot(self, key: int) -> int:
        """Where the key is, or the empty slot where it belongs: linear probing."""
        keys, mask = self._keys, self._mask
        slot = ((key * _MIX) & _WORD) >> self._shift
        while (found := keys[slot]) and found != key:
            slot = (slot + 1) & mask
        return slot

    def _make(self, slots: int) -> None:
        self._keys = array("q", bytes(8 * slots))
        self._lines = array("I", bytes(4 * slots))
        self._mask = slots - 1
        self._shift = 65 - slots.bit_length()
        self._filled = 0

    def _grow(self) -> None:
        keys, lines = self._keys, self._lines
        self._make(2 * len(keys))
        for key, line in zip(keys, lines, strict=True):
            if key:
                slot = self._slot(key)
                self._keys[slot], self._lines[slot] = key, line
                self._filled += 1
