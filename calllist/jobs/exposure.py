"""Exposure: people held x time, for each list; it grows slower with everybody who is done.

Counted exactly: when a person's content is emptied, the time for which it was held is added to
the list; whoever is still held adds up to now, or to the moment the keys were destroyed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from calllist.jobs.tables import CallList
from retention.tables import Holding

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Exposure:
    """Of one list, or of several together."""

    people: int  # whose content, or key, is still there
    person_days: float

    def __add__(self, other: "Exposure") -> "Exposure":
        return Exposure(self.people + other.people, self.person_days + other.person_days)


NONE = Exposure(0, 0.0)


def emptied(call_list: CallList, people: int, now: datetime) -> None:
    """So many people's content has just been emptied. Takes the locked row of the list."""
    call_list.exposure += people * _seconds(call_list, now)


def exposure(call_list: CallList, holding: Holding, now: datetime) -> Exposure:
    """How much of a list lies with us now, and how much has so far."""
    held = 0 if call_list.continued_by else call_list.remaining + call_list.resting
    until = holding.shredded_at or holding.erased_at or now
    seconds = call_list.exposure + held * _seconds(call_list, until)
    gone = holding.shredded_at is not None or holding.erased_at is not None
    return Exposure(0 if gone else held, seconds / DAY.total_seconds())


def _seconds(call_list: CallList, until: datetime) -> int:
    since = call_list.received_at or until
    return max(0, int((until - since).total_seconds()))
