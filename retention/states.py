"""How far the destruction of a holding has come, what ended it, what a check found."""

from enum import StrEnum
from typing import cast, get_args

from crypto.wire.lists import Ending


class State(StrEnum):
    """The states of a holding, in their only order."""

    OPEN = "OPEN"
    FROZEN = "FROZEN"  # nothing opens; the keys still exist
    SHREDDED = "SHREDDED"  # the point of no return: the keys are gone
    ERASED = "ERASED"  # the rows are gone
    VERIFIED = "VERIFIED"  # every store was checked; the certificate's number is set aside
    CERTIFIED = "CERTIFIED"

    # Beside that order, from any state before CERTIFIED: the keeper's disk was lost (crypto D42).
    LOST = "LOST"  # nothing opens; nobody destroyed the keys, so nothing is certified
    LOST_ERASED = "LOST_ERASED"  # the rows are gone too, every store was checked: the end


class Trigger(StrEnum):
    """What ended a holding; the values the keeper's `Freeze` takes."""

    COMPLETED = "completed"  # intake closed and the last final result recorded
    MANAGER = "manager"  # the manager closed the job
    DEADLINE = "deadline"
    ENTRUSTOR = "entrustor"  # the entrustor's order
    RESTORED = "restored"  # ended before; our database is a copy from earlier
    CANARY = "canary"  # the keeper itself: somebody touched what no honest desk touches


def said(trigger: Trigger) -> Ending:
    """The trigger as the keeper's `Freeze` takes it. Raises ValueError for the keeper's own."""
    for ending in get_args(Ending):
        if ending == trigger:
            return cast("Ending", ending)
    raise ValueError(trigger)


class Outcome(StrEnum):
    """What the check of one store found. Only PASS is certified."""

    PASS = "PASS"  # noqa: S105
    FAILED = "FAILED"  # something of the list is still there
    UNKNOWN = "UNKNOWN"  # it could not be checked
    OUTSIDE = "OUTSIDE"  # beyond our reach; named as remaining, and no obstacle
