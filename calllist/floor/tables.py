"""What an operator says of the own seat."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from retention.tables import Base, kept


class Seat(Base):
    """The last pause of one operator, and how long the pauses of that day were. No history."""

    __tablename__ = "seats"

    person_id: Mapped[str] = kept(ForeignKey("people.id"), primary_key=True, why="whose seat")
    reason: Mapped[str | None] = kept(String(16), why="why nobody calls there; empty: at work")
    since: Mapped[datetime] = kept(why="shown on the board: how long")
    until: Mapped[datetime | None] = kept(why="when wrap-up should be done; empty: no such time")
    day: Mapped[date] = kept(why="of which day these seconds are")
    paused: Mapped[int] = kept(default=0, why="seconds of that day's ended pauses: own figures")
    wrapped: Mapped[int] = kept(default=0, why="seconds of that day's wrap-up: own figures")
