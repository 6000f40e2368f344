"""Tables of the retention floor, and the base that every table of ours shares.

Each column carries a comment that says why it is kept, and `info["personal"]`: whether its
content concerns a natural person. `tests/test_house.py` holds both.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of ours."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSON,
        int: BigInteger,
    }


def kept(*args: Any, why: str, personal: bool = False, **kwargs: Any) -> MappedColumn[Any]:
    """A column with the reason for which it is kept."""
    return mapped_column(*args, comment=why, info={"personal": personal}, **kwargs)


class Holding(Base):
    """A list as something that we owe the destruction of. Outlives the list."""

    __tablename__ = "holdings"
    __table_args__ = (UniqueConstraint("entrustor_id", "number"),)

    id: Mapped[str] = kept(primary_key=True, why="the list's id; names the keys in the keeper")
    entrustor_id: Mapped[str] = kept(index=True, why="whose data it is; certificates are theirs")
    reference: Mapped[str] = kept(why="job code and list number, as the certificate names it")
    basis: Mapped[str] = kept(why="contract and version: the clause we destroy under")
    people: Mapped[int] = kept(why="records held at receipt, for the certificate")
    facts: Mapped[dict[str, Any]] = kept(
        why="receipt facts the certificate repeats: counts, hashes"
    )
    opened_at: Mapped[datetime] = kept(why="when we began to hold it")
    deadline: Mapped[datetime] = kept(index=True, why="nothing opens after it, whatever happens")
    state: Mapped[str] = kept(String(16), index=True, why="how far its destruction has come")
    trigger: Mapped[str | None] = kept(String(16), why="why it ended: completed, deadline, ...")
    due_at: Mapped[datetime | None] = kept(why="from when the worker may shred (grace hours)")
    results_first: Mapped[bool] = kept(
        default=False, why="返還後消去: a completed list waits until the entrustor has its results"
    )
    held_at: Mapped[datetime | None] = kept(why="legal hold: kept from destruction since")
    lost_at: Mapped[datetime | None] = kept(why="the keys were lost with the keeper's disk")
    frozen_at: Mapped[datetime | None] = kept(why="certificate: nothing opened from here on")
    shredded_at: Mapped[datetime | None] = kept(why="certificate: when the keys were destroyed")
    shred_seq: Mapped[int | None] = kept(why="the keeper's ledger line that says so")
    erased_at: Mapped[datetime | None] = kept(why="certificate: when the rows were erased")
    erased_rows: Mapped[int | None] = kept(why="certificate: how many rows were erased")
    verified_at: Mapped[datetime | None] = kept(why="certificate: when every store was checked")
    marks: Mapped[bytes | None] = kept(
        why="pieces of its ciphertext: what every store is searched for, until it is certified"
    )
    checks: Mapped[dict[str, Any] | None] = kept(why="result of each store's check")
    number: Mapped[int | None] = kept(
        why="certificate number, set aside before signing: a crash neither burns nor repeats it"
    )
    certified_at: Mapped[datetime | None] = kept(why="when the certificate was signed")
    failure: Mapped[str | None] = kept(why="code of the last failed step, for the overseers")


class Certificate(Base):
    """A signed deletion certificate, in one edition. Never deleted or overwritten; a PDF joins it,
    to that a timestamp, and a revocation if it comes to that."""

    __tablename__ = "certificates"
    __table_args__ = (
        UniqueConstraint("entrustor_id", "number", "edition"),
        UniqueConstraint("holding_id", "edition"),
    )

    id: Mapped[str] = kept(primary_key=True, why="certificate id, as printed")
    entrustor_id: Mapped[str] = kept(why="to whom it is owed")
    number: Mapped[int] = kept(why="gap-free per entrustor: a missing one is noticed")
    holding_id: Mapped[str] = kept(
        ForeignKey("holdings.id"), why="what was destroyed; each edition exactly once"
    )
    edition: Mapped[int] = kept(default=1, why="1, or a later one that replaces the one before")
    replaces: Mapped[str | None] = kept(
        ForeignKey("certificates.id"), unique=True, why="the edition before: no longer in force"
    )
    envelope: Mapped[str] = kept(why="the DSSE envelope the keeper signed")
    issued_at: Mapped[datetime] = kept(why="date of issue")
    revocation: Mapped[str | None] = kept(why="失効: the DSSE envelope that revokes it")
    revoked_at: Mapped[datetime | None] = kept(why="how long the revocation is told on screens")
    pdf: Mapped[bytes | None] = kept(
        why="the certificate for people, signed (PAdES)", deferred=True
    )
    pdf_signed_at: Mapped[datetime | None] = kept(why="since when there is a PDF to download")
    pdf_stamped_at: Mapped[datetime | None] = kept(
        why="the time in its RFC 3161 timestamp; none yet: the worker asks again"
    )
    viewed_at: Mapped[datetime | None] = kept(why="first seen by the entrustor: delivered")
    acknowledged_at: Mapped[datetime | None] = kept(why="受領: the entrustor confirmed receipt")
    acknowledged_by: Mapped[str | None] = kept(why="which officer confirmed", personal=True)
