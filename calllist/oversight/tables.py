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
    party_id: Mapped[str | None] = kept(
        ForeignKey("parties.id"), why="whose operators; none: it is about nobody's staff"
    )
    list_id: Mapped[str | None] = kept(index=True, why="which list, where it is one")
    facts: Mapped[dict[str, Any]] = kept(why="counts, times, codes of stores; never a value")
    raised_at: Mapped[datetime] = kept(why="since when")
    over_at: Mapped[datetime | None] = kept(why="its reason has gone: no longer on the screens")


class Mail(Base):
    """A notice on its way to one mailbox: sent once."""

    __tablename__ = "mails"

    id: Mapped[str] = kept(primary_key=True, why="hash of occasion and mailbox: never sent twice")
    notice_id: Mapped[str] = kept(ForeignKey("notices.id"), index=True, why="what it says")
    recipient: Mapped[str] = kept(String(16), why="whose mailbox: a role")
    address: Mapped[str] = kept(String(64), why="hash of the address when it was written")
    tries: Mapped[int] = kept(why="how often the server was asked: the waits grow")
    next_at: Mapped[datetime] = kept(index=True, why="not before this")
    sent_at: Mapped[datetime | None] = kept(why="when the server took it")
    failure: Mapped[str | None] = kept(String(64), why="code of the last failure")


class Sweep(Base):
    """The latest sweep: the worker's only sign of life that the web can see."""

    __tablename__ = "sweeps"

    id: Mapped[str] = kept(String(16), primary_key=True, why="one row: LATEST")
    ended_at: Mapped[datetime] = kept(why="by the database's clock: how long nobody has swept")
    facts: Mapped[dict[str, Any]] = kept(why="how often each step has failed, messages that wait")


LATEST = "latest"
