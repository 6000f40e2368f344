"""Runs of digits in a text, in any writing: 090, 〇九〇, ゼロキュウゼロ, zero nine, 0 9 0.

A run is what somebody reads as one number: four digits and more, or the three that a mobile
number begins with; marks between them do not end it. Syllables that are also digits (に, し, ご,
く, よ) count only beside digits that are nothing else: 山田さんに is no number.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

LEAST = 4  # digits of a run: an hour or a day has two
SURE_LEAST = 3  # of them, such as are nothing else
BEGINNINGS = frozenset({"090", "080", "070", "060", "050"})

_KANJI = dict(zip("〇零一二三四五六七八九壱弐参", "00123456789123", strict=True))
_WORDS = {  # without voicing marks and in katakana, as `_folded` writes them
    "セロ": "0",
    "レイ": "0",
    "マル": "0",
    "イチ": "1",
    "ニイ": "2",
    "サン": "3",
    "ヨン": "4",
    "コウ": "5",
    "ロク": "6",
    "ナナ": "7",
    "シチ": "7",
    "ハチ": "8",
    "キュウ": "9",
    "キュ": "9",
    "zero": "0",
    "oh": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
}
_SYLLABLES = {"ニ": "2", "シ": "4", "ヨ": "4", "コ": "5", "ク": "9", "o": "0"}
_SAID_BETWEEN = ("ハイフン", "ハイホン", "タッシュ", "スヘース", "マイナス", "カッコ")
_LONGEST_FIRST = sorted((*_WORDS, *_SYLLABLES, *_SAID_BETWEEN), key=len, reverse=True)
_TOKEN = re.compile(
    rf"(?P<digit>[0-9]|[{''.join(_KANJI)}])|(?P<word>{'|'.join(_LONGEST_FIRST)})"
    r"|(?P<between>[\s\-‐‑‒–—―−─ー~〜.,、。・/\\|()\[\]「」:;+*#'\"_>→⇒…_ノト十百千万]+)"
)


class _Digit(NamedTuple):
    value: str
    sure: bool
    start: int
    end: int


def numerals(text: str) -> Iterator[tuple[int, int]]:
    """From and to (exclusive) of each run. text: in compatibility form (NFKC)."""
    run: list[_Digit] = []
    at = 0
    folded = _folded(text)
    while at < len(folded):
        seen = _TOKEN.match(folded, at)
        if seen is None:
            yield from _judged(run)
            run, at = [], at + 1
            continue
        digit = _digit(seen)
        if digit is not None:
            run.append(digit)
        at = seen.end()
    yield from _judged(run)


def _folded(text: str) -> str:
    """In katakana without voicing marks, Latin letters small; place for place."""
    return "".join(map(_fold, text))


def _fold(one: str) -> str:
    base = unicodedata.normalize("NFD", one)[0]
    if "ぁ" <= base <= "ゖ":
        base = chr(ord(base) + 0x60)
    return base.lower() if base.isascii() else base


def _digit(seen: re.Match[str]) -> _Digit | None:
    """None: only something between digits."""
    if seen["digit"]:
        value = _KANJI.get(seen["digit"], seen["digit"])
        return _Digit(value, True, *seen.span())
    word = seen["word"]
    if word is None or word in _SAID_BETWEEN:
        return None
    sure = word in _WORDS
    return _Digit(_WORDS[word] if sure else _SYLLABLES[word], sure, *seen.span())


def _judged(run: list[_Digit]) -> Iterator[tuple[int, int]]:
    while run and not run[-1].sure:  # 〇九〇に: the particle is none of it
        run = run[:-1]
    while run and not run[0].sure:
        run = run[1:]
    value = "".join(digit.value for digit in run)
    sure = sum(digit.sure for digit in run)
    long = len(run) >= LEAST and sure >= SURE_LEAST and set(value) != {"0"}  # 〇〇〇〇様
    if long or (len(run) == SURE_LEAST == sure and value in BEGINNINGS):
        yield run[0].start, run[-1].end
