"""Pauses: an operator leaves the seat for a reason, and comes back.

    at work -> wrap-up (後処理), after a call -> at work
        `----> paused, for a reason <----'  `-> at work

Wrap-up is work: its time is counted apart, and a job may say how long it should take; past that
nothing is taken from the operator; the page and the board say so. Never with a person in hand:
whoever calls `pause` has seen to it (`Desk.alone`), or has just let go of that person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.clock import JST
from calllist.floor.tables import Seat
from calllist.people.tables import Person


class Reason(StrEnum):
    """Why nobody calls from a seat."""

    WRAP_UP = "wrap_up"  # what is left to do after a call
    BREAK = "break"
    MEAL = "meal"
    TRAINING = "training"
    MEETING = "meeting"
    AWAY = "away"


@dataclass(frozen=True)
class Standing:
    """One seat now. paused, wrapped: of this day, the running one included.

    until: when wrap-up should be done, if the job says."""

    reason: Reason | None
    since: datetime | None
    until: datetime | None
    paused: timedelta
    wrapped: timedelta


async def pause(
    session: AsyncSession,
    person: Person,
    reason: Reason,
    now: datetime,
    *,
    wrap_up: int | None = None,
) -> None:
    """Leave the seat. Paused before: the reason changes, and the time goes on counting.

    wrap_up: seconds within which that should be done."""
    seat = await _ended(session, person, now)
    seat.reason = reason
    if reason == Reason.WRAP_UP and wrap_up is not None:
        seat.until = now + timedelta(seconds=wrap_up)


async def ready(session: AsyncSession, person: Person, now: datetime) -> None:
    """Back at work. Not paused: nothing to do."""
    seat = await session.get(Seat, person.id)
    if seat is not None and seat.reason is not None:
        await _ended(session, person, now)


async def standing(session: AsyncSession, person: Person, now: datetime) -> Standing:
    """How this seat stands."""
    seat = await session.get(Seat, person.id)
    if seat is None:
        return Standing(None, None, None, timedelta(0), timedelta(0))
    paused, wrapped = (timedelta(seconds=count) for count in _seconds(seat, now))
    if seat.reason is None:
        return Standing(None, None, None, paused, wrapped)
    return Standing(Reason(seat.reason), seat.since, seat.until, paused, wrapped)


async def _ended(session: AsyncSession, person: Person, now: datetime) -> Seat:
    """The seat without a pause, the running one added to its day."""
    today = now.astimezone(JST).date()
    seat = await session.get(Seat, person.id, with_for_update=True)
    if seat is None:
        seat = Seat(person_id=person.id, reason=None, since=now, day=today, paused=0, wrapped=0)
        session.add(seat)
    seat.paused, seat.wrapped = _seconds(seat, now)
    seat.since, seat.until, seat.day, seat.reason = now, None, today, None
    return seat


def _seconds(seat: Seat, now: datetime) -> tuple[int, int]:
    """Pauses and wrap-ups of this day, in Japan; what was before midnight is of the day before."""
    local = now.astimezone(JST)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    paused, wrapped = (seat.paused, seat.wrapped) if seat.day == local.date() else (0, 0)
    if seat.reason is None:
        return paused, wrapped
    running = max(0, int((now - max(seat.since, midnight)).total_seconds()))
    if seat.reason == Reason.WRAP_UP:
        return paused, wrapped + running
    return paused + running, wrapped
