"""What is told of a file before it is taken: shapes, not people (decision I50).

Made by the reader process (`reading.previewing`) out of bytes that anybody may have written;
`belief.preview` says whether it can be what it claims to be: words of ours, nothing else.
"""

from typing import Annotated, Literal

import msgspec

from crypto.records.fields import FieldKind

What = Literal[
    "kanji", "hiragana", "katakana", "half_kana", "latin", "wide_latin", "digits",
    "wide_digits", "space", "dash", "mark", "gaiji", "other", "mixed",
]  # fmt: skip
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]
Word = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_ -]{0,40}$")]  # a code of ours
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Run(msgspec.Struct, frozen=True):
    """So many characters of one class."""

    what: What
    least: Count
    most: Count


class Shape(msgspec.Struct, frozen=True):
    """Cells that look alike. Without runs: cells of other shapes."""

    count: Count
    runs: tuple[Run, ...] = ()


class Trouble(msgspec.Struct, frozen=True):
    """What would refuse the file: code and place."""

    code: Word
    line: Count | None = None
    column: Count | None = None
    reason: Word = ""


class Seen(msgspec.Struct, frozen=True):
    """One column. `filled` is a share of the rows; `parsed` counts its filled cells."""

    number: Count
    header: str  # a word that we know, or empty
    kind: FieldKind | None
    how: Word  # hand, template, synonym, content; empty for a column that is dropped
    place: Count  # of a name in two columns: 1 or 2; else 0
    looks_like: FieldKind | None  # what it would be by its cells
    segment: Count
    values: Count  # of a segment column: how many different ones
    filled: Share
    shortest: Count
    longest: Count
    shapes: tuple[Shape, ...]
    parsed: dict[Word, Count]


class Preview(msgspec.Struct, frozen=True):
    """What is known of a file from its beginning. `complete`: its end was seen, too."""

    rows: Count
    complete: bool
    encoding: Word
    delimiter: Annotated[str, msgspec.Meta(max_length=8)]
    sheet: Count | None
    sheets: Count
    header_line: Count
    titles: Count
    vocabulary: Count
    template: str | None
    columns: tuple[Seen, ...]
    trouble: Trouble | None = None
