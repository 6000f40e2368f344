"""Repetitions: what a dictionary would say, in a fraction of its memory."""

import random
import tracemalloc

import pytest

from calllist.intake.reading.repetitions import Repetitions


@pytest.mark.parametrize("spread", [2**62, 40_000], ids=["rare", "crowded"])
def test_numbers_repeat_as_a_dictionary_would_say(spread: int) -> None:
    chance = random.Random(7)
    table, known, line = Repetitions(), dict[int, int](), 2
    for _ in range(60):
        numbers = [chance.randrange(-spread, spread) for _ in range(1000)]
        lines = list(range(line, line + 1000))
        expected = [
            (index, known[number])
            for index, number in enumerate(numbers)
            if known.setdefault(number, lines[index]) != lines[index]
        ]
        assert table.of_numbers(numbers, lines) == expected
        line += 1000


@pytest.mark.parametrize("households", [50, 5000])
def test_persons_repeat_if_they_share_a_number_and_a_name_or_reference(households: int) -> None:
    """Against every earlier row that was not itself a repetition."""
    chance = random.Random(8)
    table, line = Repetitions(), 2
    kept: dict[int, list[tuple[int, int, int]]] = {}
    for _ in range(6):
        rows = [
            (chance.randrange(1, households), *(chance.randrange(9) for _ in range(2)))
            for _ in range(1000)
        ]
        lines = list(range(line, line + 1000))
        expected = {}
        for index, (number, name, reference) in enumerate(rows):
            same = [
                first
                for known, filed, first in kept.setdefault(number, [])
                if (name and name == known)
                or (reference and reference == filed)
                or not (name or reference or known or filed)
            ]
            if same:
                expected[index] = same
            else:
                kept[number].append((name, reference, lines[index]))
        told = dict(table.of_persons(*(list(column) for column in zip(*rows, strict=True)), lines))
        assert set(told) == set(expected)
        assert all(first in expected[index] for index, first in told.items())
        line += 1000


def test_a_row_takes_some_forty_bytes() -> None:
    chance = random.Random(9)
    tracemalloc.start()
    table, rows = Repetitions(), 60_000
    for first in range(0, rows, 1000):
        numbers = [chance.randrange(2**62) for _ in range(1000)]
        table.of_persons(numbers, numbers, numbers, range(first, first + 1000))
    del numbers
    taken = tracemalloc.get_traced_memory()[0] / rows
    tracemalloc.stop()
    assert taken < 50
