"""What overseers must be told, and whether they were."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from retention.tables import Base, kept


class Notice(Base):
    """Something that somebody must hear of: on the screens until it is over, and by mail."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "entrustor_id", "over_at"),)

    id: Mapped[str] = kept(primary_key=True, why="hash of what it is about: told once, not twice")
    code: Mapped[str] = kept(String(32), why="what happened (calllist.oversight.notices)")
    entrustor_id: Mapped[str | None] = kept(
        ForeignKey("entrustors.id"), why="whose lists; none: the platform as a whole"
    )
    list_id: Mapped[str | None] = kept(index=True, why="which list, where it is one")
    facts: Mapped[dict[str, Any]] = kept(why="counts, times, codes of stores; never a value")
    raised_at: Mapped[datetime] = kept(why="since when")
    over_at: Mapped[datetime | None] = kept(why="its reason has gone: no longer on the screens")


class Sweep(Base):
    """The latest sweep: the worker's only sign of life that the web can see."""

    __tablename__ = "sweeps"

    id: Mapped[str] = kept(String(16), primary_key=True, why="one row: LATEST")
    ended_at: Mapped[datetime] = kept(why="by the database's clock: how long nobody has swept")
    facts: Mapped[dict[str, Any]] = kept(why="how often each step has failed, messages that wait")


LATEST = "latest"
