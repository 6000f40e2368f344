"""Plots as SVG text, drawn by the server: no script, no inline style, no picture files.

Colours are classes of app.css. Every plot carries its figures in words for those who do not
see it; none is about fewer people than the whole list.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 600  # SVG units
BAR = 12
HOURS_WIDTH = 380  # about the pixels of half a page: letters keep their size
HOURS_HEIGHT = 150


@dataclass(frozen=True)
class Part:
    """One stretch of a bar: its colour class, what it is, how many."""

    colour: str
    label: str
    count: int


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
        Markup(
            '<li><svg viewBox="0 0 11 11" aria-hidden="true">'
            '<rect width="11" height="11" rx="2" class="{}"/></svg>{} <b>{}</b></li>'
        ).format(part.colour, part.label, f"{part.count:,}")
        for part in parts
    )
    return Markup('<ul class="legend">{}</ul>').format(items)


def hours(columns: Sequence[tuple[int, int]], label: str) -> Markup:
    """Calls by hour of the day: columns of (hour, calls)."""
    top = max((calls for _, calls in columns), default=0) or 1
    slot, base = HOURS_WIDTH / max(len(columns), 1), HOURS_HEIGHT - 22
    pieces = [
        Markup('<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>').format(
            HOURS_WIDTH, base, base
        )
    ]
    for place, (hour, calls) in enumerate(columns):
        x, width = place * slot + slot * 0.2, slot * 0.6
        high = (base - 18) * calls / top
        pieces.append(_rect(x, base - high, width, high, "bar-hand"))
        pieces.append(_text(x + width / 2, HOURS_HEIGHT - 6, f"{hour}", ""))
        if calls:
            pieces.append(_text(x + width / 2, base - high - 5, f"{calls:,}", "value"))
    return Markup(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(HOURS_WIDTH, HOURS_HEIGHT, label, Markup("").join(pieces))


def _rect(x: float, y: float, width: float, height: float, colour: str) -> Markup:
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>').format(
        x, y, width, height, colour
    )


def _text(x: float, y: float, text: str, kind: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle" class="{}">{}</text>').format(
        x, y, kind, text
    )
