"""Figures too small to stand alone stand together, and can't be had by subtraction either."""

from collections.abc import Sequence
from typing import TypeVar

Key = TypeVar("Key")
FEW = 5  # calls: fewer could tell what one person answered


def folded(cells: Sequence[tuple[Key, int]], least: int) -> tuple[list[Key], list[Key]]:
    """Which keys stand alone, in their order, and which stand together.

    Those together are at least `least` in sum, so the next larger one goes with them until they
    are; one alone that is small enough to be told is never the only one left out. If all are
    together their sum is the total, which is known.
    """
    ranked = sorted(cells, key=lambda cell: cell[1])
    together = [key for key, count in ranked if count < least]
    weight = sum(count for _, count in ranked[: len(together)])
    while together and len(together) < len(ranked) and (weight < least or len(together) == 1):
        key, count = ranked[len(together)]
        together.append(key)
        weight += count
    apart = set(together)
    return [key for key, _ in cells if key not in apart], together
