"""What the cells of a column look like, without a cell: classes of characters and lengths.

    山田 花子        ► 漢字 2, space 1, 漢字 2
    03-0001-2345    ► digits 2, dash 1, digits 4, dash 1, digits 4

Cells of the same sequence of classes are one shape; of each run the shortest and the longest
length is told. A shape that few cells have is told as "other": one person's oddity is not
drawn.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from calllist.intake.preview import Run, Shape, What

MOST_SHAPES = 4  # of a column; the others are counted together
MOST_RUNS = 7  # of a shape: longer ones are texts, told as "mixed"
FEWEST_CELLS = 3  # of a shape
READ_CHARACTERS = 200  # of a cell

MIXED: What = "mixed"
_CLASSES: dict[str, What] = {
    "J": "kanji",
    "H": "hiragana",
    "K": "katakana",
    "h": "half_kana",
    "A": "latin",
    "a": "wide_latin",
    "9": "digits",
    "n": "wide_digits",
    "_": "space",
    "-": "dash",
    "m": "mark",
    "g": "gaiji",
    "?": "other",
}
_RUN = re.compile(r"(.)\1*")
_DASHES = frozenset("-‐‑‒–—―−⁻₋－─━ｰ﹣﹘˗")


class _Table(dict[int, str]):
    """Code point to class letter, found when first met."""

    def __missing__(self, code: int) -> str:
        letter = _letter(chr(code))
        if len(self) < 100_000:
            self[code] = letter
        return letter


def _letter(char: str) -> str:
    code = ord(char)
    if char in _DASHES:
        return "-"
    if char.isspace():
        return "_"
    if "0" <= char <= "9":
        return "9"
    if char.isascii():
        return "A" if char.isalpha() else "m"
    if "０" <= char <= "９":
        return "n"
    if "Ａ" <= char <= "Ｚ" or "ａ" <= char <= "ｚ":
        return "a"
    if 0x3041 <= code <= 0x309F:
        return "H"
    if 0x30A0 <= code <= 0x30FF or 0x31F0 <= code <= 0x31FF:
        return "K"
    if 0xFF66 <= code <= 0xFF9F:
        return "h"
    if 0xE000 <= code <= 0xF8FF:
        return "g"
    if char in "々〆ヶヵ" or unicodedata.name(char, "").startswith("CJK"):
        return "J"
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return "J"  # a variation selector belongs to the kanji before it
    return "m" if unicodedata.category(char)[0] in "PSN" else "?"


_table = _Table()


def shapes(cells: Iterable[str]) -> tuple[Shape, ...]:
    """The commonest shapes of the filled cells, the others together at the end."""
    seen: dict[str, list[tuple[int, ...]]] = {}
    for cell in cells:
        if text := cell[:READ_CHARACTERS].strip():
            runs = [match[0] for match in _RUN.finditer(text.translate(_table))]
            letters = "".join(run[0] for run in runs)
            if len(runs) > MOST_RUNS:
                seen.setdefault("", []).append((len(text),))
            else:
                seen.setdefault(letters, []).append(tuple(map(len, runs)))
    common = sorted(seen.items(), key=lambda shape: -len(shape[1]))
    told = [
        Shape(len(lengths), tuple(_runs(letters, lengths)))
        for letters, lengths in common[:MOST_SHAPES]
        if len(lengths) >= FEWEST_CELLS
    ]
    rest = sum(len(lengths) for lengths in seen.values()) - sum(one.count for one in told)
    return (*told, Shape(rest)) if rest else tuple(told)


def _runs(letters: str, lengths: list[tuple[int, ...]]) -> Iterable[Run]:
    for letter, counts in zip(letters or [MIXED], zip(*lengths, strict=True), strict=True):
        yield Run(_CLASSES.get(letter, MIXED), min(counts), max(counts))


def lengths(cells: Iterable[str]) -> tuple[int, int]:
    """Characters of the shortest and of the longest filled cell; 0, 0 if none is filled."""
    counts = [len(cell.strip()) for cell in cells if cell.strip()]
    return (min(counts), max(counts)) if counts else (0, 0)


def written(cells: Iterable[str]) -> Counter[str]:
    """How a reading is written: classes over whole cells, the marks between words apart."""
    found: Counter[str] = Counter()
    for cell in cells:
        letters = {letter for letter in cell.strip().translate(_table) if letter not in "_-m"}
        found[_CLASSES[letters.pop()] if len(letters) == 1 else MIXED] += 1
    return found
