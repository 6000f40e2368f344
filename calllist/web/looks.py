"""A preview in words: classes of characters, lengths, how many cells read as what."""

from dataclasses import dataclass

from calllist.intake.preview import Preview, Run, Seen, Shape
from calllist.intake.problems import REJECTIONS
from calllist.web import words
from calllist.web.i18n import N_, number, translate
from calllist.web.sentences import sentence

BAD = frozenset({*(code.value for code in REJECTIONS), "other_form", "mixed"})
SILENT = {"dash": "-"}  # drawn, not named, where there is one
SINGLE = frozenset({"space", "mark"})  # named without a figure, where there is one


@dataclass(frozen=True)
class Look:
    """One column as the screen shows it."""

    number: int
    header: str
    said: str  # the value of its select: "", "phone", "name:1"
    how: str
    segment: int
    values: int
    likely: str  # what it looks like, if it is not taken for that
    percent: int
    lengths: str
    shapes: list[tuple[str, str]]  # a shape in words, how many cells
    parsed: list[tuple[str, str, bool]]  # what cells read as, how many, whether that is bad


@dataclass(frozen=True)
class Looks:
    """A file as the screen shows it."""

    told: Preview
    facts: list[tuple[str, str]]
    kept: list[Look]
    dropped: list[Look]
    trouble: dict[str, object] | None


def looks(told: Preview, lang: str) -> Looks:
    """What the screen shows of a preview."""
    columns = [_look(one, lang) for one in told.columns]
    return Looks(
        told,
        _facts(told, lang),
        kept=[one for one in columns if one.said or one.segment],
        dropped=[one for one in columns if not one.said and not one.segment],
        trouble=_trouble(told, lang),
    )


def _look(one: Seen, lang: str) -> Look:
    said = one.kind.value if one.kind else ""
    return Look(
        number=one.number,
        header=one.header,
        said=f"{said}:{one.place}" if one.place else said,
        how=one.how,
        segment=one.segment,
        values=one.values,
        likely=one.looks_like.value if one.looks_like and one.looks_like != one.kind else "",
        percent=round(100 * one.filled),
        lengths=_range(one.shortest, one.longest),
        shapes=[(_shape(shape, lang), number(shape.count)) for shape in one.shapes],
        parsed=[
            (translate(lang, words.read_as(code)), number(count), code in BAD)
            for code, count in sorted(one.parsed.items(), key=lambda item: -item[1])
        ],
    )


def _shape(shape: Shape, lang: str) -> str:
    if not shape.runs:
        return translate(lang, N_("ほかの形"))
    return " ".join(_run(run, lang) for run in shape.runs).replace(" - ", "-")


def _run(run: Run, lang: str) -> str:
    if run.what in SILENT and run.most == 1:
        return SILENT[run.what]
    word = translate(lang, words.of("shape", run.what))
    if run.what in SINGLE and run.most == 1:
        return word
    return f"{word}{'' if lang == 'ja' else ' '}{_range(run.least, run.most)}"


def _range(least: int, most: int) -> str:
    return f"{least}" if least == most else f"{least}–{most}"


def _facts(told: Preview, lang: str) -> list[tuple[str, str]]:
    """(label, text) of what is known about the file."""
    rows = number(told.rows) + ("" if told.complete else "+")
    facts = [
        (N_("見た行"), rows),
        (N_("文字コード"), words.encoding(told.encoding)),
        (
            N_("見出しの行"),
            number(told.header_line) if told.header_line else translate(lang, N_("なし")),
        ),
    ]
    if told.sheet:
        facts.append((N_("シート"), f"{told.sheet} / {told.sheets}"))
    else:
        facts.append((N_("区切り"), translate(lang, words.of("delimiter", told.delimiter))))
    if told.titles or told.vocabulary:
        facts.append((N_("表題・説明の行"), number(told.titles + told.vocabulary)))
    return [(translate(lang, label), text) for label, text in facts]


def _trouble(told: Preview, lang: str) -> dict[str, object] | None:
    if told.trouble is None:
        return None
    found = told.trouble
    return {
        "code": found.code,
        "sentence": sentence(found.code, lang, found.reason),
        "line": found.line,
        "column": found.column,
        "reason": found.reason,
    }
