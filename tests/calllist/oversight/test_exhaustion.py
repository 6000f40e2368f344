"""At half of a simulated week the forecast is right within a tenth of what is left."""

import heapq
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from calllist.clock import JST
from calllist.dialing import calling_hours
from calllist.oversight import exhaustion
from calllist.oversight.exhaustion import Turn, after, between, calls_needed, forecast
from crypto.signed.terms import Conduct

CONDUCT = Conduct()
MONDAY = datetime(2026, 11, 9, 9, tzinfo=JST)
AT_HOME = {9: 0.22, 12: 0.18, 17: 0.42}  # who answers, from this hour on
PEOPLE, AN_HOUR = 1500, 60


class Week:
    """People called one after another as the queue does: fresh ones first, then who is due."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.calls: list[tuple[datetime, int, bool]] = []  # when, which to the person, finished
        fresh, due = PEOPLE, list[tuple[datetime, int, int, int]]()
        at, number = MONDAY, 0
        while fresh or due:
            at = calling_hours.next_opening(CONDUCT, at)
            if fresh:
                fresh, made, today = fresh - 1, 0, 0
            elif due[0][0] <= at:
                _, _, made, today = heapq.heappop(due)
            else:
                at = due[0][0]
                continue
            finished, made = self._finishes(at, made + 1), made + 1
            self.calls.append((at, made, finished))
            if not finished:
                number += 1
                again = calling_hours.retry(CONDUCT, at)
                day = again.astimezone(JST).date()
                today = today + 1 if day == at.astimezone(JST).date() else 0
                if today >= CONDUCT.calls_a_day:
                    midnight = datetime(day.year, day.month, day.day, tzinfo=JST)
                    again = calling_hours.next_opening(CONDUCT, midnight + timedelta(days=1))
                    today = 0
                heapq.heappush(due, (again, number, made, today))
            at += self._pause(at)
        self.end = self.calls[-1][0]

    def _finishes(self, at: datetime, made: int) -> bool:
        hour = at.astimezone(JST).hour
        home = AT_HOME[max(from_ for from_ in AT_HOME if from_ <= hour)]
        return made >= CONDUCT.attempts or self.chance.random() < home

    def _pause(self, at: datetime) -> timedelta:
        """Until the next call: half of the operators are at table between twelve and one."""
        noon = at.astimezone(JST).hour == 12
        return timedelta(hours=1) / AN_HOUR * self.chance.uniform(0.5, 1.5) * (2 if noon else 1)

    def told(self, now: datetime) -> exhaustion.Forecast | None:
        """The forecast from what is known at this moment."""
        past = [one for one in self.calls if one[0] <= now]
        waiting = Counter({0: PEOPLE})
        turns = {
            turn: Turn(
                sum(made == turn for _, made, _ in past),
                sum(made == turn and finished for _, made, finished in past),
            )
            for turn in (1, 2, 3)
        }
        for _, made, finished in past:
            waiting[made - 1] -= 1
            waiting[made] += not finished
        worked = between(CONDUCT, MONDAY, now)
        return forecast(CONDUCT, waiting, turns, recent=len(past), worked=worked, now=now)


@pytest.mark.parametrize("seed", range(8))
def test_at_half_of_a_simulated_week_the_error_is_a_tenth_at_most(seed: int) -> None:
    week = Week(seed)
    whole = between(CONDUCT, MONDAY, week.end)
    assert timedelta(hours=40) < whole < timedelta(hours=70), "about a week's calling hours"
    half = after(CONDUCT, MONDAY, whole / 2)
    assert half is not None
    told = week.told(half)
    assert told is not None
    left = between(CONDUCT, half, week.end)
    error = between(CONDUCT, half, told.at) - left
    assert abs(error) <= left / 10, error
    assert told.earliest <= week.end <= told.latest


def test_so_many_calls_as_turn_by_turn_finish_somebody() -> None:
    plenty = {1: Turn(3000, 1500), 2: Turn(3000, 1500), 3: Turn(3000, 3000)}
    needed = calls_needed(3, {0: 100, 1: 40, 2: 8}, plenty)
    assert needed == pytest.approx(100 * 1.75 + 40 * 1.5 + 8, rel=0.02)


def test_whoever_is_called_first_last_is_not_called_three_times_on_that_day() -> None:
    turns = {1: Turn(400, 100), 2: Turn(0, 0), 3: Turn(0, 0)}
    evening = datetime(2026, 11, 9, 19, tzinfo=JST)  # ten people left, an hour of work
    told = forecast(CONDUCT, {0: 10}, turns, recent=400, worked=timedelta(hours=10), now=evening)
    assert told is not None
    assert told.at.astimezone(JST).date() > evening.date()


@pytest.mark.parametrize(
    ("waiting", "turns", "recent"),
    [
        ({0: 0}, {1: Turn(400, 100)}, 400),
        ({0: 5}, {1: Turn(400, exhaustion.FEWEST - 1)}, 400),
        ({0: 5}, {1: Turn(400, 100)}, 0),
    ],
    ids=["nobody waits", "too few are finished", "nobody calls"],
)
def test_without_a_ground_there_is_no_forecast(
    waiting: dict[int, int], turns: dict[int, Turn], recent: int
) -> None:
    now = MONDAY.astimezone(UTC)
    worked = timedelta(hours=10)
    assert forecast(CONDUCT, waiting, turns, recent=recent, worked=worked, now=now) is None


def test_what_takes_longer_than_a_year_has_no_date() -> None:
    turns = {1: Turn(400, 100)}
    hours = timedelta(hours=10)
    assert forecast(CONDUCT, {0: 2_000_000}, turns, recent=400, worked=hours, now=MONDAY) is None
