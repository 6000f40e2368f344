"""When a job runs out of people to call, if the work goes on as it has: a forecast from counts.

    calls still needed   each person who waits is called until finished, at most as often as the
                         contract permits; how often a call finishes somebody is taken from the
                         calls made so far, turn by turn (`Turn`)
    calls an hour        of the calling hours of late
    the last ones        whoever is called first today cannot be called for the last time today:
                         the contract's limit a day and other parts of the day take their time

Nothing of a person goes in: people by the number of calls made, calls by their turn.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from calllist.clock import JST
from calllist.dialing import calling_hours
from crypto.signed.terms import Conduct

HOUR = timedelta(hours=1)
FEWEST = 30  # people finished; before, a forecast is a guess
LEAST_MARGIN = 0.1  # of the time that is left: nobody works evenly
FURTHEST = 365  # days; what takes longer has no date


@dataclass(frozen=True)
class Turn:
    """All calls that were somebody's first, second, ... one."""

    calls: int
    finished: int


@dataclass(frozen=True)
class Forecast:
    """at: nobody is left to be called; between the other two moments with fair certainty."""

    at: datetime
    earliest: datetime
    latest: datetime


def forecast(
    conduct: Conduct,
    waiting: Mapping[int, int],
    turns: Mapping[int, Turn],
    *,
    recent: int,
    worked: timedelta,
    now: datetime,
) -> Forecast | None:
    """waiting: people by the calls made to them. turns: from 1. recent: calls made in the last
    `worked` of calling hours. None: nobody waits, too little has happened, or too far away."""
    finished = sum(turn.finished for turn in turns.values())
    if not sum(waiting.values()) or finished < FEWEST or not recent or worked < HOUR:
        return None
    needed = calls_needed(conduct.attempts, waiting, turns) / recent * worked
    fresh = waiting.get(0, 0) / recent * worked
    margin = max(LEAST_MARGIN, 1 / math.sqrt(finished))
    ends = [
        _end(conduct, now, needed * share, fresh * share) for share in (1, 1 - margin, 1 + margin)
    ]
    found = [end for end in ends if end is not None]
    return Forecast(*found) if len(found) == len(ends) else None


def calls_needed(attempts: int, waiting: Mapping[int, int], turns: Mapping[int, Turn]) -> float:
    """How many calls whoever waits still takes, on average. attempts: at most, for each."""
    left = [0.0] * (attempts + 1)  # by the calls made
    for made in range(attempts - 1, -1, -1):
        left[made] = 1 + (1 - _share(made + 1, turns)) * left[made + 1]
    return sum(people * left[min(made, attempts)] for made, people in waiting.items())


def after(conduct: Conduct, at: datetime, worked: timedelta) -> datetime | None:
    """The moment when so many calling hours have passed; None: too far away."""
    at = calling_hours.next_opening(conduct, at)
    for _ in range(FURTHEST):
        closes = _closing(conduct, at)
        if worked <= closes - at:
            return at + worked
        worked -= closes - at
        at = calling_hours.next_opening(conduct, closes)
    return None


def between(conduct: Conduct, first: datetime, last: datetime) -> timedelta:
    """The calling hours from one moment to another."""
    worked, at = timedelta(0), calling_hours.next_opening(conduct, first)
    while at < last and at - first < timedelta(days=FURTHEST):
        closes = _closing(conduct, at)
        worked += max(timedelta(0), min(closes, last) - at)
        at = calling_hours.next_opening(conduct, closes)
    return worked


def _share(turn: int, turns: Mapping[int, Turn]) -> float:
    """How many of the calls of this turn finish somebody: of its own calls as far as they go, for
    the rest as all calls together."""
    calls = sum(one.calls for one in turns.values())
    overall = sum(one.finished for one in turns.values()) / calls
    own = turns.get(turn, Turn(0, 0))
    return (own.finished + FEWEST * overall) / (own.calls + FEWEST)


def _end(conduct: Conduct, now: datetime, needed: timedelta, fresh: timedelta) -> datetime | None:
    """Whichever comes last: all the calls, or the last call to whoever is called first last."""
    worked, began = after(conduct, now, needed), after(conduct, now, fresh)
    if worked is None or began is None:
        return None
    return max(worked, _last_call(conduct, began)) if fresh else worked


def _last_call(conduct: Conduct, first: datetime) -> datetime:
    """When somebody first called at this moment is called for the last time, at the soonest."""
    at, today = first, 1
    for _ in range(conduct.attempts - 1):
        due = calling_hours.retry(conduct, at)
        same = due.astimezone(JST).date() == at.astimezone(JST).date()
        if same and today >= conduct.calls_a_day:
            midnight = datetime.combine(at.astimezone(JST).date(), time(), tzinfo=JST)
            due = calling_hours.next_opening(conduct, midnight + timedelta(days=1))
            same = False
        today = today + 1 if same else 1
        at = due
    return at


def _closing(conduct: Conduct, at: datetime) -> datetime:
    """The end of the calling hours in which `at` lies."""
    day = at.astimezone(JST).date()
    _, last = calling_hours.hours(conduct, day)
    return datetime.combine(day, time(), tzinfo=JST) + timedelta(hours=last)
