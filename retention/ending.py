"""How the books say that a holding has ended, and from when it is due to be shredded."""

from datetime import datetime, timedelta

from retention.states import State, Trigger
from retention.tables import Holding

WITH_GRACE = frozenset({Trigger.COMPLETED, Trigger.MANAGER})  # an order or a deadline has none


def due(holding: Holding, now: datetime) -> datetime:
    """After the grace of its trigger, and not after the deadline."""
    hours = holding.facts.get("grace_hours", 0) if holding.trigger in WITH_GRACE else 0
    return max(now, min(now + timedelta(hours=hours), holding.deadline))


def end(holding: Holding, reason: Trigger, now: datetime) -> None:
    """As our books say it. Ended before: only a grace that still runs is ended, by a reason that
    has none; of lost keys the rows are due."""
    if holding.state == State.OPEN:
        holding.state = State.FROZEN
        holding.trigger = reason
        holding.frozen_at = now
        holding.due_at = due(holding, now)
        if holding.results_first and reason in WITH_GRACE:
            holding.due_at = max(now, holding.deadline)
    elif holding.state == State.LOST or (
        holding.state == State.FROZEN and reason not in WITH_GRACE
    ):
        holding.due_at = min(now, holding.due_at or now)
