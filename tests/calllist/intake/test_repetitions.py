"""Repetitions: what a dictionary would say, in a fraction of its memory."""

import random

from calllist.intake.repetitions import Repetitions


def test_it_says_what_a_dictionary_would_say() -> None:
    chance = random.Random(7)
    table, known = Repetitions(), dict[int, int]()
    keys = [chance.randrange(-(2**63), 2**63) or 1 for _ in range(20_000)]
    keys += [819_000_000_000 + number for number in range(20_000)]
    for line, key in enumerate(keys + keys[::7], start=2):
        assert table.first(key) == known.get(key)
        table.note(key, line)
        known.setdefault(key, line)
    assert all(table.first(key) == line for key, line in known.items())
