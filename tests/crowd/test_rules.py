"""A ledger in which a rule is broken is found out, each by the rule that it breaks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest

from calllist.clock import JST
from crypto.signed.terms import Conduct
from crypto.standards.canonical import micros
from tests.crowd.rules import Broken, Line, broken

MORNING = datetime(2026, 11, 24, 10, tzinfo=JST)  # a Tuesday
HOLD = timedelta(minutes=20)
PEOPLE = {"alone": 1, "other": 1, "house": 2}
ONCE_A_DAY = Conduct(attempts=2, attempts_a_day=1)


class Book:
    """Lines as a ledger would have them, a second apart."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.now = MORNING
        self._attempts = count(1)

    def __call__(self, kind: str, who: str, tag: str = "", **facts: str | int) -> "Book":
        self.now += timedelta(seconds=1)
        at = micros(self.now)
        self.lines.append(Line(len(self.lines), at, kind, "lst_1", who, tag, **facts))  # type: ignore[arg-type]
        return self

    def call(self, who: str, tag: str, code: int = 10) -> "Book":
        """A person is opened and closed again."""
        name, final = f"lea_{next(self._attempts)}", int(code in (10, 41, 50))
        return self("open", who, tag)("close", who, tag, attempt=name, code=code, final=final)

    def later(self, by: timedelta) -> "Book":
        self.now += by
        return self

    def worked_off(self) -> "Book":
        """Everybody whom nobody has called yet."""
        for tag, people in PEOPLE.items():
            if all(line.tag != tag for line in self.lines):
                for _ in range(people):
                    self.call("p9", tag)
        return self

    def broken(self) -> list[Broken]:
        return broken(self.lines, PEOPLE, ONCE_A_DAY, HOLD)


def test_a_day_as_it_should_be_breaks_no_rule() -> None:
    book = Book().call("p1", "alone", 12).call("p2", "alone", 12).call("p1", "alone", 43)
    book.call("p2", "alone", 30)("open", "p1", "other")("let_go", "p1")("open", "p2", "other")
    book.later(HOLD)("open", "p1", "other")("transferred", "p3", "other")
    book("close", "p3", "other", attempt="lea_x", code=30, final=0)
    book("amend", "p3", "other", attempt="lea_x", code=90, final=0).call("p1", "other", 50)
    book.call("p1", "house", 20).call("p1", "house", 10).later(timedelta(days=1))
    assert book.call("p2", "house", 50).call("p1", "alone", 90).broken() == []


def test_a_promise_stands_again_when_the_call_that_kept_it_turns_out_to_be_none() -> None:
    book = Book().call("p1", "alone", 12).call("p2", "alone", 10)
    book("amend", "p2", "alone", attempt="lea_2", code=43, final=0).call("p1", "alone", 10)
    assert book.worked_off().broken() == []


def test_a_call_that_was_permitted_anyway_leaves_a_promise_to_the_one_who_has_it() -> None:
    book = Book().call("p1", "house", 12).later(timedelta(days=1)).call("p2", "house", 30)
    assert book.call("p3", "house", 10).worked_off().broken() == []
    assert book.call("p2", "house", 10).broken()[0].rule == "too often", "one promise, one call"


Crime = Callable[[Book], Book]
CRIMES: list[tuple[str, int, Crime]] = [
    ("two hands", 1, lambda b: b("open", "p1", "alone").call("p2", "alone")),
    ("two hands", 1, lambda b: b("open", "p1", "house").call("p2", "house").call("p2", "house")),
    ("two hands", 1, lambda b: b("open", "p1", "alone").call("p1", "other").call(
        "p1", "alone")),
    ("not in hand", 2, lambda b: b("open", "p1", "alone")("let_go", "p1")(
        "close", "p1", "alone", attempt="lea_x", code=10, final=1)),
    ("not in hand", 2, lambda b: b("open", "p1", "alone").later(HOLD)("open", "p2", "alone")(
        "close", "p1", "alone", attempt="lea_x", code=30, final=0).call("p2", "alone", 90)),
    ("twice", 3, lambda b: b.call("p1", "alone", 90)("open", "p1", "other")(
        "close", "p1", "other", attempt="lea_1", code=10, final=1)),
    ("twice", 2, lambda b: b.call("p1", "alone", 30)(
        "amend", "p2", "alone", attempt="lea_1", code=10, final=1)),
    ("final", 2, lambda b: b.call("p1", "alone", 50).call("p2", "alone", 90)),
    ("final", 4, lambda b: b.call("p1", "house", 50).call("p1", "house", 10).call(
        "p2", "house", 90)),
    ("final", 0, lambda b: b.call("p1", "nobody's", 90)),
    ("too often", 3, lambda b: b.call("p1", "alone", 30).call("p2", "alone", 30)),
    ("too often", 3, lambda b: b.call("p1", "house", 30).call("p1", "house", 30)),
    ("too often", 5, lambda b: b.call("p1", "alone", 30).later(timedelta(days=1)).call(
        "p1", "alone", 30).later(timedelta(days=1)).call("p1", "alone", 30)),
    ("too often", 4, lambda b: b.call("p1", "alone", 30).call("p2", "alone", 43)(
        "amend", "p2", "alone", attempt="lea_2", code=30, final=0)),
    ("hours", 0, lambda b: b.later(timedelta(hours=11)).call("p1", "alone").later(
        timedelta(hours=12))),
    ("still in hand", -1, lambda b: b.call("p1", "alone", 90)("open", "p1", "alone")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "at", "crime"), CRIMES)
def test_whatever_is_planted_is_found_by_its_rule_in_its_line(
    rule: str, at: int, crime: Crime
) -> None:
    assert crime(Book()).worked_off().broken() == [Broken(rule, at)]


def test_whoever_was_never_called_is_missed() -> None:
    assert Book().call("p1", "alone").call("p1", "house").broken() == [Broken("never called", -1)]
