"""Names and their readings: stored as received but for a trailing honorific.

様 and the like are said, never stored: a mask would show 山田 様 as a family name and a given
name. Only behind a name, and never so that nearly nothing is left: 鵜殿 and 五十殿 are names.
Half-width kana stays half-width here; only the compared forms are folded (`persons`).
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from calllist.intake.fields import Parsed, Verdict
from calllist.intake.problems import Code

SPACE = "\u3000"  # between 姓 and 名, as Japanese forms have it; a plain one in Latin names

# 殿 ends surnames (鵜殿, 真殿, 五十殿), サン ends given names (キムサン): these only behind a
# space, or 殿 behind three characters. The rest ends no name.
_HONORIFIC = re.compile(
    r"(?<=\S)[ \u3000]*(?:様|さま|さん|御中|ｻﾏ|サマ)[ \u3000]*$"
    r"|(?<=\S)[ \u3000]+(?:殿|どの|サン|ｻﾝ)[ \u3000]*$"
    r"|(?<=[^\s]{3})殿[ \u3000]*$"
)
_LAST = re.compile(r"[様殿まん御中のﾏﾝマン][ \u3000]*$", re.MULTILINE)  # a quick look at all
_KATAKANA = re.compile("[\u30a1-\u30fc\u3000 \n]*")  # a quick look at all
_NO_READING = re.compile(
    r"[^\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9fA-Za-zＡ-Ｚａ-ｚ\u00c0-\u024f"
    r"\s.,'’\-‐−－()（）&＆・･/／ｰー~〜～．，゛゜]"
)


def names(cells: Sequence[str], _today: date) -> Parsed:
    """A column of names of people or organisations."""
    return _without_honorifics(cells)


def readings(cells: Sequence[str], _today: date) -> Parsed:
    """A column of kana readings; kanji and digits in it are remarked."""
    values, verdicts = _without_honorifics(cells)
    if _KATAKANA.fullmatch("\n".join(values)):
        return Parsed(values, verdicts)
    doubtful = [
        Verdict(at, Code.KANA_DOUBTFUL)
        for at, value in enumerate(values)
        if _NO_READING.search(unicodedata.normalize("NFKC", value))
    ]
    return Parsed(values, sorted([*verdicts, *doubtful]))


def join(families: Sequence[str], givens: Sequence[str]) -> list[str]:
    """One name of 姓 and 名 in two columns: as received, without outer spaces, one space between.

    A full-width space; a plain one if both parts are ASCII. One part alone stands alone.
    """
    return [
        _joined(family.strip(), given.strip())
        for family, given in zip(families, givens, strict=True)
    ]


def _joined(family: str, given: str) -> str:
    if not family or not given:
        return family or given
    return f"{family}{' ' if family.isascii() and given.isascii() else SPACE}{given}"


def _without_honorifics(cells: Sequence[str]) -> Parsed:
    if not _LAST.search("\n".join(cells)):
        return Parsed(cells, ())
    values = [_HONORIFIC.sub("", cell) for cell in cells]
    stripped = [
        Verdict(at, Code.HONORIFIC_STRIPPED)
        for at, (cell, value) in enumerate(zip(cells, values, strict=True))
        if cell != value
    ]
    return Parsed(values if stripped else cells, stripped)
