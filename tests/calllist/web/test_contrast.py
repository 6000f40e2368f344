"""What stands on what can be read: WCAG 2.2, 1.4.3 (text 4.5 : 1) and 1.4.11 (focus 3 : 1)."""

from __future__ import annotations

import re

import pytest

from calllist.web.assets import FOLDER

CSS = (FOLDER / "app.css").read_text()
COLOURS = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", CSS))
TEXTS = ("ink", "ink-2", "ink-3", "accent", "accent-deep", "good", "warn", "bad")
SOFT = ("accent", "good", "warn", "bad")


def luminance(colour: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted(luminance(COLOURS[name]) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", ["paper", "ground"])
def test_every_ink_is_read_on_both_grounds(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("text", SOFT)
def test_a_badge_is_read_on_its_own_tint(text: str) -> None:
    assert contrast(text, f"{text}-soft") >= 4.5


@pytest.mark.parametrize("ground", ["paper", "ground", "night"])
def test_the_focus_is_seen_wherever_it_falls(ground: str) -> None:
    assert contrast("focus", ground) >= 3
