"""A classifier that is given the whole database and guesses which records are canaries.

    rows = await everything(session)            # every column, size and order, as numbers
    accuracy = guesses(rows, answers)           # trained on one half, scored on the other

Two learners, both small enough to be believed: the best single threshold over all features
(a decision stump), and logistic regression over all of them. Plain Python.
"""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.schema import metadata

Features = dict[str, float]
EDGE = 12  # bytes looked at one by one at either end of a value
MODULI = (2, 3, 5, 8)


async def everything(session: AsyncSession, list_id: str) -> dict[int, Features]:
    """Line -> all that the database says of its record: its row, where that row lies and when
    it was written, and wherever else in any table its values turn up."""
    rows = (
        await session.execute(
            text(
                "SELECT *, (ctid::text::point)[0]::int AS page,"
                " (ctid::text::point)[1]::int AS slot, xmin::text::bigint AS written,"
                " cmin::text::bigint AS command,"
                " pg_column_size(records.*) AS size"
                " FROM records WHERE list_id = :list ORDER BY ctid"
            ),
            {"list": list_id},
        )
    ).mappings()
    elsewhere = await _elsewhere(session)
    found: dict[int, Features] = {}
    before: Mapping[str, Any] | None = None
    for place, row in enumerate(rows):
        features = {"place": float(place)}
        for name, value in row.items():
            features |= _numbers(name, value)
            features[f"{name} elsewhere"] = float(elsewhere[_key(value)])
            if before is not None:
                features[f"{name} as before"] = float(value == before[name])
        found[row["line"]], before = features, row
    return found


async def _elsewhere(session: AsyncSession) -> Counter[str]:
    """How often each value stands in the tables besides the records."""
    found: Counter[str] = Counter()
    for table in metadata.sorted_tables:
        if table.name != "records":
            for row in await session.execute(table.select()):
                found.update(_key(value) for value in row)
    return found


def _key(value: object) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _numbers(name: str, value: object) -> Features:
    """One value in every way a number can be made of it."""
    match value:
        case None:
            return {f"{name} none": 1.0}
        case bool() | int() | float():
            found = {name: float(value)}
            return found | {f"{name} mod {m}": float(value % m) for m in MODULI}
        case datetime():
            return {name: value.timestamp()}
        case bytes() | memoryview():
            data = bytes(value)
            found = {f"{name} size": float(len(data)), f"{name} ones": float(_ones(data))}
            for at in range(-EDGE, EDGE):
                byte = data[at] if -len(data) <= at < len(data) else -1
                found |= {f"{name}[{at}]": float(byte), f"{name}[{at}] odd": float(byte & 1)}
            return found
        case _:
            return {f"{name} is {value}": 1.0, f"{name} size": float(len(str(value)))}


def _ones(data: bytes) -> int:
    return int.from_bytes(data, "big").bit_count()


def guesses(rows: Mapping[int, Features], canaries: set[int], seed: int = 1) -> dict[str, float]:
    """Share of right guesses of each learner on the half it has not seen."""
    lines = sorted(rows)
    random.Random(seed).shuffle(lines)
    names = sorted({name for features in rows.values() for name in features})
    table = [[rows[line].get(name, 0.0) for name in names] for line in lines]
    answers = [line in canaries for line in lines]
    half = len(lines) // 2
    train, test = (table[:half], answers[:half]), (table[half:], answers[half:])
    return {"stump": _stump(train, test), "regression": _regression(train, test)}


Half = tuple[list[list[float]], list[bool]]


def _right(said: Sequence[bool], answers: Sequence[bool]) -> float:
    return sum(a == b for a, b in zip(said, answers, strict=True)) / len(answers)


def _stump(train: Half, test: Half) -> float:
    """The threshold that is right most often on the first half, whatever feature it is of."""
    table, answers = train
    best = (0.0, 0, 0.0, False)
    positive = sum(answers)
    for column in range(len(table[0])):
        order = sorted(range(len(table)), key=lambda at: table[at][column])
        below = 0
        for rank, at in enumerate(order[:-1], start=1):
            below += answers[at]
            if table[at][column] == table[order[rank]][column]:
                continue
            others_above = len(answers) - rank - (positive - below)
            right = (below + others_above) / len(answers)
            for share, low in ((right, True), (1 - right, False)):
                if share > best[0]:
                    best = (share, column, table[at][column], low)
    _, column, edge, low = best
    return _right([(row[column] <= edge) == low for row in test[0]], test[1])


def _regression(train: Half, test: Half, rounds: int = 20, rate: float = 0.05) -> float:
    """Logistic regression by stochastic gradient, on standardised features."""
    columns = list(zip(*train[0], strict=True))
    means = [sum(column) / len(column) for column in columns]
    spread = [
        math.sqrt(sum((value - mean) ** 2 for value in column) / len(column)) or 1.0
        for column, mean in zip(columns, means, strict=True)
    ]

    def standard(row: list[float]) -> list[float]:
        return [(v - m) / s for v, m, s in zip(row, means, spread, strict=True)]

    weights, bias, shuffled = [0.0] * len(means), 0.0, random.Random(2)
    rows = [(standard(row), answer) for row, answer in zip(*train, strict=True)]
    for _ in range(rounds):
        shuffled.shuffle(rows)
        for row, answer in rows:
            total = bias + sum(w * v for w, v in zip(weights, row, strict=True))
            error = answer - 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
            bias += rate * error
            weights = [w + rate * (error * v - 0.01 * w) for w, v in zip(weights, row, strict=True)]
    said = [
        bias + sum(w * v for w, v in zip(weights, standard(row), strict=True)) > 0
        for row in test[0]
    ]
    return _right(said, test[1])
