"""Plots as SVG text, drawn by the server: no script, no inline style, no picture files.

Colours are classes of app.css. Every plot carries its figures in words for those who do not
see it; none is about fewer people than the whole list.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 600  # SVG units
BAR = 12
COLUMNS_WIDTH = 380  # about the pixels of half a page: letters keep their size
COLUMNS_HEIGHT = 150
WIDE = 820
COURSE_HEIGHT = 190
BROADEST = 46  # of one column


@dataclass(frozen=True)
class Part:
    """One stretch of a bar: its colour class, what it is, how many."""

    colour: str
    label: str
    count: int


@dataclass(frozen=True)
class Bar:
    """One column: its name below, its words above, and the dark part of the whole."""

    name: str
    words: str
    whole: float
    part: float


def bar(parts: Sequence[Part], total: int | None = None) -> Markup:
    """A stacked bar as wide as its box; `total` leaves room at the end."""
    whole = max(total or sum(part.count for part in parts), 1)
    label = escape(", ".join(f"{part.label} {part.count:,}" for part in parts))
    pieces, x = [], 0.0
    for part in parts:
        width = WIDTH * part.count / whole
        if width:
            pieces.append(_rect(x, 0, width, BAR, part.colour))
        x += width
    rest = _rect(x, 0, WIDTH - x, BAR, "bar-fresh") if WIDTH - x > 0.5 else Markup("")
    return Markup(
        '<svg class="bar" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}{}</svg>'
    ).format(WIDTH, BAR, label, Markup("").join(pieces), rest)


def legend(parts: Sequence[Part]) -> Markup:
    """The key to a bar, with the figures."""
    items = Markup("").join(
        _sign(part.colour, Markup("{} <b>{}</b>").format(part.label, f"{part.count:,}"))
        for part in parts
    )
    return Markup('<ul class="legend">{}</ul>').format(items)


def key(colours: Sequence[tuple[str, str]]) -> Markup:
    """What the colours of a plot mean, without figures."""
    items = Markup("").join(_sign(colour, escape(label)) for colour, label in colours)
    return Markup('<ul class="legend">{}</ul>').format(items)


def _sign(colour: str, words: Markup) -> Markup:
    return Markup(
        '<li><svg viewBox="0 0 11 11" aria-hidden="true">'
        '<rect width="11" height="11" rx="2" class="{}"/></svg>{}</li>'
    ).format(colour, words)


def columns(bars: Sequence[Bar], label: str, *, wide: bool = False) -> Markup:
    """Columns side by side. wide: as broad as the page instead of half of it."""
    width = WIDE if wide else COLUMNS_WIDTH
    top = max((one.whole for one in bars), default=0) or 1
    slot, base = width / max(len(bars), 1), COLUMNS_HEIGHT - 22
    thick = min(slot * 0.6, BROADEST)
    pieces = [_line(0, base, width, base, "axis")]
    for place, one in enumerate(bars):
        middle, high = (place + 0.5) * slot, (base - 18) * one.whole / top
        dark = high * one.part / one.whole if one.whole else 0.0
        pieces.append(_rect(middle - thick / 2, base - high, thick, high - dark, "bar-pale"))
        pieces.append(_rect(middle - thick / 2, base - dark, thick, dark, "bar-hand"))
        pieces.append(_text(middle, COLUMNS_HEIGHT - 6, one.name, ""))
        if one.whole:
            pieces.append(_text(middle, base - high - 5, one.words, "value"))
    figures = ", ".join(f"{one.name}: {one.words}" for one in bars)
    return _plot(width, COLUMNS_HEIGHT, f"{label} {figures}", pieces)


def course(
    left: Sequence[tuple[float, float]],
    even: Sequence[tuple[float, float]],
    *,
    until: float,
    top: int,
    names: Sequence[str],
    closes: bool,
) -> Markup:
    """People left over time: as it was, filled, and the even pace, a broken line.

    Points are (seconds, people). until: where the plot ends. names: of its first and last day.
    closes: the deadline is there.
    """
    begins, base, high = left[0][0], COURSE_HEIGHT - 20, COURSE_HEIGHT - 38

    def place(point: tuple[float, float]) -> str:
        x = WIDE * (point[0] - begins) / max(until - begins, 1)
        return f"{x:.1f},{base - high * point[1] / max(top, 1):.1f}"

    now = left[-1][0]
    area = " ".join(map(place, [(begins, 0), *left, (now, 0)]))
    shown = _until(even, until)
    x = WIDE * (now - begins) / max(until - begins, 1)
    pieces = [
        Markup('<polygon class="course-left" points="{}"/>').format(area),
        Markup('<polyline class="course-line" points="{}"/>').format(" ".join(map(place, left))),
        Markup('<polyline class="course-even" points="{}"/>').format(" ".join(map(place, shown))),
        _line(0, base, WIDE, base, "axis"),
        _line(x, 8, x, base, "course-now"),
        _text(2, COURSE_HEIGHT - 5, names[0], "from"),
        _text(WIDE - 2, COURSE_HEIGHT - 5, names[-1], "to"),
        _text(2, 12, f"{top:,}", "from value"),
    ]
    if closes:
        pieces.append(_line(WIDE - 1, 8, WIDE - 1, base, "course-end"))
    return _plot(
        WIDE, COURSE_HEIGHT, f"{names[0]}–{names[-1]}: {left[-1][1]:,.0f} / {top:,}", pieces
    )


def _until(points: Sequence[tuple[float, float]], end: float) -> list[tuple[float, float]]:
    """The points of a line as far as `end`, where it is cut."""
    shown = [one for one in points if one[0] <= end]
    beyond = next((one for one in points if one[0] > end), None)
    if shown and beyond is not None:
        (x1, y1), (x2, y2) = shown[-1], beyond
        shown.append((end, y1 + (y2 - y1) * (end - x1) / (x2 - x1)))
    return shown


def _plot(width: float, height: float, label: str, pieces: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(width, height, label, Markup("").join(pieces))


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
        kind, x1, y1, x2, y2
    )


def _rect(x: float, y: float, width: float, height: float, colour: str) -> Markup:
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>').format(
        x, y, width, height, colour
    )


def _text(x: float, y: float, text: str, kind: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle" class="{}">{}</text>').format(
        x, y, kind, text
    )
