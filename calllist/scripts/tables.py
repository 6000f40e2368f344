"""The versions of a job's script."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped

from retention.tables import Base, kept


class ScriptVersion(Base):
    """What is said under one job, from `saved_at` until the next version. Never changed."""

    __tablename__ = "scripts"

    job_id: Mapped[str] = kept(ForeignKey("jobs.id"), primary_key=True, why="of which job")
    version: Mapped[int] = kept(primary_key=True, autoincrement=False, why="1, 2, 3, ...")
    content: Mapped[dict[str, Any]] = kept(why="what operators say; its hash is in the ledger")
    saved_by: Mapped[str] = kept(ForeignKey("people.id"), why="who wrote it", personal=True)
    saved_at: Mapped[datetime] = kept(why="from when it was in force")
