"""Leases and results."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from retention.tables import Base, kept


class Lease(Base):
    """One record in one operator's hand: a row, not a lock. Ended leases are deleted."""

    __tablename__ = "leases"
    __table_args__ = (
        UniqueConstraint("list_id", "chunk", "index"),
        Index(
            "ix_leases_live", "person_id", unique=True, postgresql_where=text("parked_at IS NULL")
        ),
    )

    id: Mapped[str] = kept(primary_key=True, why="unguessable handle for the browser")
    person_id: Mapped[str] = kept(
        ForeignKey("people.id"), why="one live lease per operator, beside parked ones"
    )
    job_id: Mapped[str] = kept(ForeignKey("jobs.id"), index=True, why="the desk it belongs to")
    list_id: Mapped[str] = kept(why="which record")
    chunk: Mapped[int] = kept(why="which record")
    index: Mapped[int] = kept(why="which record")
    taken_at: Mapped[datetime] = kept(why="shown to supervisors: stuck leases")
    expires_at: Mapped[datetime] = kept(index=True, why="then the record goes back to the queue")
    rang: Mapped[bool] = kept(default=True, why="a call of ours: it counts for the number")
    others: Mapped[int] = kept(SmallInteger, default=0, why="how many more have this number")
    elsewhere: Mapped[dict[str, Any] | None] = kept(
        JSON(none_as_null=True),
        why="how its number is filed in other lists of the job: token by list; none: not asked",
    )
    dialled_at: Mapped[datetime | None] = kept(why="a call has begun: it is not put aside any more")
    parked_at: Mapped[datetime | None] = kept(why="put aside for somebody who called meanwhile")
    offered_to: Mapped[str | None] = kept(
        ForeignKey("people.id"), index=True, why="the supervisor who is asked to take over"
    )
    offer: Mapped[str | None] = kept(why="by what the keeper knows that offer")
    offered_until: Mapped[datetime | None] = kept(why="then nobody can accept it any more")
    handed_by: Mapped[str | None] = kept(
        ForeignKey("people.id"), why="who has handed the person over, and is told so"
    )
    given_at: Mapped[datetime | None] = kept(
        why="its result was given: until `expires_at` another may take its place, then it is final"
    )
    call_back_at: Mapped[datetime | None] = kept(why="asked for with that result")
    call_back_mine: Mapped[bool] = kept(default=False, why="promised by this operator with it")


class Result(Base):
    """The result of one call, sealed to the entrustor. Survives the list's destruction."""

    __tablename__ = "results"
    __table_args__ = (
        Index(None, "entrustor_id", "acknowledged_at"),
        Index(None, "job_id", "at"),
    )

    id: Mapped[str] = kept(primary_key=True, why="the attempt: a repeated close adds nothing")
    entrustor_id: Mapped[str] = kept(ForeignKey("entrustors.id"), why="who alone can open it")
    job_id: Mapped[str] = kept(ForeignKey("jobs.id"), why="counts per job")
    list_id: Mapped[str] = kept(index=True, why="counts per list; names the result key")
    person_id: Mapped[str] = kept(ForeignKey("people.id"), why="who called", personal=True)
    code: Mapped[int] = kept(SmallInteger, why="counts by result survive destruction")
    final: Mapped[bool] = kept(why="counts: done or to be called again")
    nth: Mapped[int] = kept(
        SmallInteger, default=0, why="which call to the person it was, from 1; 0: nobody was called"
    )
    at: Mapped[datetime] = kept(why="when, by the keeper's clock")
    sealed: Mapped[bytes] = kept(LargeBinary, why="reference, line, code, time for the entrustor")
    slip: Mapped[bool] = kept(why="whether a hand-over slip is in it: counted")
    revised_at: Mapped[datetime | None] = kept(why="given another code later: shown, and counted")
    first_code: Mapped[int | None] = kept(
        SmallInteger, why="what the call had then: shown beside the code to who revised it"
    )
    acknowledged_at: Mapped[datetime | None] = kept(why="handed over: may be deleted afterwards")
