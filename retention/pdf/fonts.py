"""The typeface that travels with us: BIZ UDPGothic (SIL Open Font License, `fonts/OFL.txt`).

No font of the machine is used. A character that the typeface lacks would print as nothing; it
becomes 〓 with its code point, so that a name can be read and the PDF is made at all.
"""

import struct
from functools import cache
from pathlib import Path
from typing import Any

import typst

FOLDER = Path(__file__).parent / "fonts"
REGULAR, BOLD = FOLDER / "BIZUDPGothic-Regular.ttf", FOLDER / "BIZUDPGothic-Bold.ttf"
GETA = "〓"  # U+3013: a printer's sign for type that is missing
UNICODE_FULL = 12  # cmap format: segmented coverage (OpenType 1.9, cmap)


def legible(text: str) -> str:
    """The text with a sign for every character that the typeface lacks."""
    known = covered()
    return "".join(
        char if ord(char) in known or char == "\n" else f"{GETA}(U+{ord(char):04X})"
        for char in text
    )


def legible_in(said: Any) -> Any:
    """The same for every text in lists, tuples and dicts."""
    match said:
        case str():
            return legible(said)
        case list() | tuple():
            return [legible_in(one) for one in said]
        case dict():
            return {key: legible_in(one) for key, one in said.items()}
    return said


@cache
def typeface() -> typst.Fonts:
    """Both weights, and nothing else, for a compiler."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(FOLDER)],
    )


@cache
def covered() -> frozenset[int]:
    """Code points with a glyph, in both weights."""
    return frozenset(_cmap(REGULAR)) & frozenset(_cmap(BOLD))


def _cmap(path: Path) -> set[int]:
    """What the font's Unicode table maps to a glyph. Raises ValueError if it has none."""
    font = path.read_bytes()
    (tables,) = struct.unpack_from(">H", font, 4)
    for at in range(12, 12 + 16 * tables, 16):
        tag, _, start, _ = struct.unpack_from(">4sIII", font, at)
        if tag == b"cmap":
            return _subtable(font, start)
    raise ValueError(path.name)


def _subtable(font: bytes, start: int) -> set[int]:
    (count,) = struct.unpack_from(">H", font, start + 2)
    for number in range(count):
        _, _, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * number)
        at = start + offset
        (form,) = struct.unpack_from(">H", font, at)
        if form == UNICODE_FULL:
            (groups,) = struct.unpack_from(">I", font, at + 12)
            found: set[int] = set()
            for group in range(groups):
                first, last, glyph = struct.unpack_from(">III", font, at + 16 + 12 * group)
                found.update(range(first + (glyph == 0), last + 1))
            return found
    raise ValueError("no full Unicode table")
