"""How far a clock may be off, and for how long it is doubted, to the second: found by mutants."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from crypto.host.clocks import SCHEMA, Clocks
from tests.crypto.world import START

DAY, MINUTE, SECOND = timedelta(hours=24), timedelta(minutes=1), timedelta(seconds=1)
TICK = timedelta(microseconds=1)


@dataclass
class Hands:
    """Both clocks of one machine: the one that can be set, and the one that cannot."""

    db: sqlite3.Connection
    ahead: timedelta = timedelta(0)
    gone: timedelta = timedelta(0)

    def start(self) -> Clocks:
        """A keeper is started now."""
        return Clocks(self.db, lambda: START + self.gone + self.ahead, self.steady)

    def steady(self) -> float:
        return self.gone.total_seconds()

    def noted(self) -> object:
        return self.db.execute("SELECT seen_at FROM clock").fetchone()[0]

    def doubt(self) -> object:
        return self.db.execute("SELECT doubt FROM clock").fetchone()[0]


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[Hands]:
    db = sqlite3.connect(tmp_path / "clock.db", isolation_level=None)
    db.executescript(SCHEMA)
    yield Hands(db)
    db.close()


@pytest.mark.parametrize(
    ("ahead", "doubted"),
    [(MINUTE, False), (-MINUTE, False), (MINUTE + TICK, True), (-MINUTE - TICK, True)],
)
def test_a_minute_either_way_is_no_jump(hands: Hands, ahead: timedelta, doubted: bool) -> None:
    clocks = hands.start()
    hands.ahead = ahead
    assert clocks.now() == START + ahead
    assert clocks.doubted is doubted
    assert clocks.highest() == (START if doubted else max(START, START + ahead))


@pytest.mark.parametrize(("seconds", "doubted"), [(103, False), (104, True)])
def test_a_clock_may_be_slewed_by_half_a_thousandth(
    hands: Hands, seconds: int, doubted: bool
) -> None:
    """43.2 seconds in a day, besides the minute."""
    clocks = hands.start()
    hands.gone, hands.ahead = DAY, seconds * SECOND
    clocks.now()
    assert clocks.doubted is doubted


def test_what_is_not_in_doubt_counts_by_the_wall_clock(hands: Hands) -> None:
    clocks = hands.start()
    hands.ahead = 30 * SECOND
    assert clocks.counted(clocks.now()) == START + 30 * SECOND


def test_a_doubt_is_over_after_a_day_and_not_before(hands: Hands) -> None:
    clocks = hands.start()
    hands.ahead = timedelta(hours=5)
    clocks.now()
    clocks.unsaid = None  # the ledger has said so
    clocks.note_doubt("jump")
    hands.gone = DAY - SECOND
    now = clocks.now()
    assert clocks.doubted
    assert not clocks.settled()
    assert hands.doubt() == "jump"
    assert (clocks.counted(now), clocks.highest()) == (START + DAY - SECOND, START)
    hands.gone = DAY
    now = clocks.now()
    assert not clocks.doubted
    assert clocks.settled()
    assert hands.doubt() is None
    assert clocks.counted(now) == clocks.highest() == START + DAY + hands.ahead


def test_a_doubt_that_the_ledger_has_not_said_is_not_over(hands: Hands) -> None:
    clocks = hands.start()
    hands.ahead = timedelta(hours=5)
    clocks.now()
    hands.gone = 2 * DAY
    assert clocks.doubted
    assert not clocks.settled()
    clocks.unsaid = None
    assert clocks.settled()


@pytest.mark.parametrize("sign", [1, -1])
def test_the_database_agrees_within_five_minutes(hands: Hands, sign: int) -> None:
    clocks = hands.start()
    assert clocks.agree(START + sign * 5 * MINUTE, START)
    assert not clocks.agree(START + sign * (5 * MINUTE + TICK), START)
    assert not clocks.agree(None, START)


def test_the_time_is_written_down_once_a_minute_also_after_a_start(hands: Hands) -> None:
    before = hands.start()
    before.note(before.now())
    first, after = hands.noted(), hands.start()
    hands.gone = MINUTE - SECOND
    for clocks in (before, after):
        clocks.note(clocks.now())
        assert hands.noted() == first
    hands.gone = MINUTE
    after.note(after.now())
    assert hands.noted() != first


@pytest.mark.parametrize(
    ("away", "doubted"),
    [
        (-MINUTE, False),
        (-MINUTE - TICK, True),
        (DAY, False),
        (DAY + TICK, True),
    ],
)
def test_a_start_is_doubted_beyond_a_minute_back_or_a_day_on(
    hands: Hands, away: timedelta, doubted: bool
) -> None:
    clocks = hands.start()
    clocks.note(clocks.now())
    hands.ahead = away
    assert hands.start().doubted is doubted


def test_what_has_expired_does_not_come_back_with_a_restart(hands: Hands) -> None:
    """The clock is set back by less than a doubt begins with."""
    clocks = hands.start()
    clocks.note(clocks.now())
    hands.ahead = -30 * SECOND
    assert hands.start().highest() == START
