"""Whether decoded text can be what somebody wrote: a clean decode is no proof.

Some characters never stand in a list, some tell of damage, and some sequences come about in
one way only: text was read in the wrong encoding and saved again (文字化け).

    佐藤  UTF-8 read as CP932     菴占陸
    佐藤  UTF-8 read as Latin-1   ä½\\x90è\\x97¤
    佐藤  CP932 read as Latin-1   \\x8d²\\x93¡

Such a run of characters is undone here, and if that gives Japanese the file is refused
(GARBLED_TEXT): its names would be other people's. All text passes through one search at C
speed; what it stops at is rare and looked at closely. Nothing is changed.
"""

import re
from typing import NamedTuple

from calllist.intake.problems import Code, Problem

RUN_CHARACTERS = 24  # looked at from a suspect character on; eight kanji and more in UTF-8
LOOK_BACK = 5  # characters: bytes before a suspect one may have become quotes or dashes
LEAST_UNDONE = 2  # characters of Japanese that undoing must give: one alone may be chance
DOUBTFUL_IN = 20_000  # characters, about 300 rows: one doubtful cell in so many is no chance
LEAST_HALFWIDTH = 4  # the same of half-width kana, which are one byte each

UTF8_AS_CP932 = "utf8_as_cp932"
UTF8_AS_LATIN1 = "utf8_as_latin1"
CP932_AS_LATIN1 = "cp932_as_latin1"

FORMULA_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#CALC!")


def _heads() -> str:
    """Kanji whose CP932 bytes begin a kana or kanji of UTF-8: E3 to E9, then 80 to BF."""
    pairs = (bytes([lead, trail]) for lead in range(0xE3, 0xEA) for trail in range(0x80, 0xC0))
    return "".join(pair.decode("cp932") for pair in pairs)


def _latin() -> dict[int, int]:
    """Characters that Latin-1 and Windows-1252 read from the bytes 80 to FF, to these bytes."""
    table = {code: code for code in range(0x80, 0x100)}
    for code in range(0x80, 0xA0):
        character = bytes([code]).decode("cp1252", "ignore")
        if character:
            table[ord(character)] = code
    return table


_LATIN = _latin()
_LETTERS = "".join(map(chr, (*range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x100))))
# Of their further characters those that Japanese text has little use for.
_WINDOWS = "€‚ƒ„†‡ˆŠ‹ŒŽ•˜™š›œžŸ¡¤¦©ª«®¯²³µ·¸¹º»¼½¾¿"
_HEADS = _heads()
_SUSPECT = re.compile(
    f"[\x00-\x08\x0e-\x1f\x80-\x9f\ue000-\uf8ff\ufffd{_HEADS}{_LETTERS}{_WINDOWS}]"
)
_CONTROL = frozenset(map(chr, (*range(0x09), *range(0x0E, 0x20))))
_HEAD = frozenset(_HEADS)
_FROM_LATIN = frozenset((*map(chr, range(0x80, 0xA0)), *_LETTERS, *_WINDOWS))
_DAMAGED = re.compile(r"[\x80-\x84\x86-\x9f\ufffd]")
_UNREAL = frozenset("\uf8f0\uf8f1\uf8f2\uf8f3")  # Python's cp932 for A0, FD, FE and FF
_LOST = "・".encode("cp932")  # what Excel writes for bytes that CP932 does not have
_CELL = re.compile(r'[^,\t;"\r\n]*')
# Kana, and kanji of ordinary use: JIS X 0208 level 1 is 亜 (889F) to 腕 (9872) in CP932.
_LEVEL_1 = frozenset(
    bytes([lead, trail]).decode("cp932", "ignore")
    for lead in range(0x88, 0x99)
    for trail in (*range(0x40, 0x7F), *range(0x80, 0xFD))
    if 0x889F <= (lead << 8 | trail) <= 0x9872
) - {""}
_KANA = frozenset(map(chr, (*range(0x3041, 0x3097), *range(0x30A1, 0x30FD))))
_PLAIN = _LEVEL_1 | _KANA
_MARKS = frozenset("ー・々〆〇㈱㈲㈹№①②③④⑤⑥⑦⑧⑨⑩ⅠⅡⅢ―－〜～×÷±※☆★○●◎□■△▲→←↑↓・髙﨑")
_HALFWIDTH = frozenset(map(chr, range(0xFF66, 0xFFA0)))


class Trouble(NamedTuple):
    """What no list contains, and where in the text it stands. `reason` belongs to it."""

    at: int
    problem: Problem
    reason: str = ""


class Script:
    """What a file's text is made of, seen piece by piece.

    `damaged` turns true when a piece held characters or formula errors for which each cell has
    to be looked at (`damage`), `gaiji` when one held characters of somebody's own (外字).

    lenient: somebody named the encoding by hand, so two kanji that could be undone are chance.
    """

    def __init__(self, *, lenient: bool = False) -> None:
        self.damaged = False
        self.gaiji = False
        self._lenient = lenient
        self._seen = 0  # characters
        self._doubtful = 0  # cells of two kanji that could be undone

    def trouble(self, text: str, *, legacy: bool) -> Trouble | None:
        """The first place for which the file is refused.

        legacy: decoded as CP932, where damage is a byte that the encoding does not have.
        """
        if not self.damaged and "#" in text and any(map(text.__contains__, FORMULA_ERRORS)):
            self.damaged = True
        for found in _SUSPECT.finditer(text):
            if (trouble := self._suspect(text, found.start(), found[0], legacy)) is not None:
                return trouble
        self._seen += len(text)
        return None

    def _suspect(self, text: str, at: int, character: str, legacy: bool) -> Trouble | None:
        if character in _CONTROL:
            return Trouble(at, Problem.BINARY_FILE)
        if character in _HEAD:
            return self._rare(text, at)
        if "\ue000" <= character <= "\uf8ff":
            if legacy and character in _UNREAL:
                return Trouble(at, Problem.UNKNOWN_ENCODING)
            self.gaiji = True
            return None
        if character in _FROM_LATIN:
            for begin in range(at, max(at - LOOK_BACK, -1), -1):
                if (found := _from_latin(text, begin)) is not None:
                    return found
            if legacy and character <= "\x9f":
                return Trouble(at, Problem.UNKNOWN_ENCODING)
        if _DAMAGED.match(character):
            self.damaged = True
        return None

    def _rare(self, text: str, at: int) -> Trouble | None:
        """A kanji that may be there because UTF-8 was read as CP932, or because it is a name's.

        Garbled text is so from the start of its cell. Three characters undone are proof; two
        are, in a short text or if there are many: 莉 and 茉 begin names that look the same.
        """
        near = text[at : at + 4].encode("cp932", "ignore")
        if near[2:3] >= b"\xc0" or not b"\xe3" <= near[3:4] < b"\xf0":
            return None  # the rule
        if at and text[at - 1] >= "\u3000":
            return None
        known, ended = _undone(_as_cp932(text[at : at + RUN_CHARACTERS]))
        if known == LEAST_UNDONE and ended and not self._lenient:
            self._doubtful += 1
            known += self._doubtful * DOUBTFUL_IN >= self._seen + at
        return Trouble(at, Problem.GARBLED_TEXT, UTF8_AS_CP932) if known > LEAST_UNDONE else None


def damage(cell: str) -> Code | None:
    """What is wrong with a cell that no reading can mend; None is the rule."""
    if _DAMAGED.search(cell):
        return Code.DAMAGED_TEXT
    if cell.startswith("#") and cell.strip() in FORMULA_ERRORS:
        return Code.FORMULA_ERROR
    return None


def _undone(data: bytes) -> tuple[int, bool]:
    """How many characters of Japanese these bytes begin with, read as UTF-8, three bytes each.

    And whether the text ends there, or what follows was lost when it was garbled.
    """
    undone = data[: _sound(data)].decode("utf-8", "ignore")
    known = 0
    for character in undone:
        if character not in _PLAIN and not written(character):
            break
        known += 1
    if _PLAIN.isdisjoint(undone[:known]):
        return 0, False
    size = len(undone[:known].encode())
    after = data[size : size + 4]
    return known, len(after) < 3 or after < b"\x80" or _LOST in after


def written(character: str) -> bool:
    """Whether Japanese writes it: further kanji of CP932, full-width forms and marks."""
    if not "\u3000" <= character <= "\uff5e":
        return False
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _sound(data: bytes) -> int:
    """How many of the first bytes are UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _as_cp932(run: str) -> bytes:
    """The bytes that were read as these characters, as far as CP932 has them."""
    try:
        return run.encode("cp932")
    except UnicodeEncodeError as error:
        return run[: error.start].encode("cp932")


def _from_latin(text: str, at: int) -> Trouble | None:
    """Bytes read as Latin-1 or Windows-1252: were they UTF-8, or CP932?"""
    if text[at] <= "\x7f":
        return None
    cell = _CELL.match(text, at, at + RUN_CHARACTERS)
    run = cell[0] if cell else ""
    data = bytearray()
    for character in run:
        code = ord(character)
        byte = code if code < 0x80 else _LATIN.get(code)
        if byte is None:
            break
        data.append(byte)
    if not data:
        return None
    if 0xE3 <= data[0] <= 0xEF and _undone(bytes(data))[0] >= LEAST_UNDONE:
        return Trouble(at, Problem.GARBLED_TEXT, UTF8_AS_LATIN1)
    undone = bytes(data).decode("cp932", "replace")
    plain = sum(1 for character in undone if character in _PLAIN)
    halfwidth = sum(1 for character in undone if character in _HALFWIDTH)
    odd = sum(1 for character in undone if character > "\x7f") - plain - halfwidth
    letters = sum(map(str.isalpha, filter(str.isascii, undone)))
    kana = halfwidth >= LEAST_HALFWIDTH and halfwidth > letters and not odd
    if odd <= plain and (plain >= LEAST_UNDONE or kana):
        return Trouble(at, Problem.GARBLED_TEXT, CP932_AS_LATIN1)
    return None


def common(character: str) -> bool:
    """Whether Japanese writes this often: kana, kanji of level 1, full-width forms, marks."""
    return (
        character in _PLAIN
        or "\uff01" <= character <= "\uff5e"
        or "\u3000" <= character <= "\u301f"
        or character in _MARKS
    )
