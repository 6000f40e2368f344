"""What the model of a shift shares and remembers; see `tests.calllist.dialing.model`."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from tests.calllist.centre import Centre, Someone

Answer = TypeVar("Answer")
HOUSEHOLDS = (3, 2, 1, 1, 1)  # people at each number
NUMBERS = tuple(n for n, people in enumerate(HOUSEHOLDS) for _ in range(people))  # by row
SECOND = {0: len(HOUSEHOLDS), 5: len(HOUSEHOLDS) + 1}  # row -> another number, nobody else's
ALL_NUMBERS = len(HOUSEHOLDS) + len(SECOND)
OPERATORS = 3
MANY = 1_000_000
CODES = (10, 12, 20, 30, 31, 32, 40, 41, 43, 50, 60, 90)
AGAIN = frozenset({43, 90})  # no call has come about: due at once, and what was promised still is
TAKEN_OUT = 80
NOT_IN_SERVICE = 40
FINAL = frozenset({10, 40, 41, 50, 60, 70, 80})
PAUSES = (timedelta(minutes=16), timedelta(hours=2, minutes=5), timedelta(hours=9))


@dataclass
class Hall:
    """What all examples share: the centre, its people, and the loop that the verbs run in."""

    centre: Centre
    loop: asyncio.AbstractEventLoop
    people: list[Someone]
    steps: int = 0
    jobs: int = 0
    season: int = 0
    later: timedelta = timedelta(0)

    def ask(self, coroutine: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)


@dataclass
class Seen:
    """What one example's outside knows. Rows are counted from 0."""

    hand: dict[int, str] = field(default_factory=dict)  # operator -> lease
    aside: set[str] = field(default_factory=set)  # leases put aside for somebody who called
    rows: dict[str, int] = field(default_factory=dict)  # lease -> row
    rang: dict[str, bool] = field(default_factory=dict)  # lease -> it is a call of ours
    at: list[int] = field(default_factory=lambda: list(NUMBERS))  # row -> the number to be rung
    calls: dict[int, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))
    closed: dict[int, int] = field(default_factory=dict)  # row -> final code
    promised: set[int] = field(default_factory=set)
    given: dict[int, tuple[str, int]] = field(default_factory=dict)  # operator -> lease, code: 60 s
    results: int = 0

    @property
    def held(self) -> list[str]:
        """The leases that operators have, in hand, aside or with a result that may be changed."""
        return [*self.hand.values(), *self.aside, *(lease for lease, _ in self.given.values())]

    def final(self, who: int, day: date) -> None:
        """What this operator gave last stands, if anything; of whoever was taken out it did."""
        if who in self.given:
            lease, code = self.given.pop(who)
            if code != TAKEN_OUT:
                self.note(lease, self.rows[lease], code, day)

    def note(self, lease: str, row: int, code: int, day: date) -> None:
        """A result was recorded: one, and one final one for each person."""
        self.results += 1
        if code in AGAIN:
            return
        if self.rang[lease]:
            self.calls[self.at[row]][day] += 1
        self.promised.discard(row)
        if code == 12:
            self.promised.add(row)
        if code == NOT_IN_SERVICE and row not in self.closed and self.at[row] == NUMBERS[row]:
            self.at[row] = SECOND.get(row, NUMBERS[row])
            if row in SECOND:
                return
        if code in FINAL:
            assert self.closed.get(row, 70) == 70, "two final results"
            self.closed[row] = code
