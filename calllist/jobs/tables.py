"""Jobs, their lists, and the records of a list: ciphertext, states, counts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped

from retention.tables import Base, kept


class Job(Base):
    """One piece of work under one contract version. It has a code, never a speaking title."""

    __tablename__ = "jobs"
    __table_args__ = (
        ForeignKeyConstraint(
            ["contract_id", "version"],
            ["contract_versions.contract_id", "contract_versions.version"],
        ),
    )

    id: Mapped[str] = kept(primary_key=True, why="names the job")
    code: Mapped[str] = kept(unique=True, why="what people call it: letters, digits, hyphens")
    entrustor_id: Mapped[str] = kept(ForeignKey("entrustors.id"), index=True, why="tenant")
    contract_id: Mapped[str] = kept(why="under which contract")
    version: Mapped[int] = kept(why="under which version of it")
    state: Mapped[str] = kept(String(16), why="open or closed")
    created_at: Mapped[datetime] = kept(why="period on the certificate")
    closed_at: Mapped[datetime | None] = kept(why="period on the certificate")
    paused_at: Mapped[datetime | None] = kept(why="since when a manager lets nobody be called")
    wrap_up: Mapped[int | None] = kept(why="seconds that wrap-up may take; empty: what it needs")


class Assignment(Base):
    """An operator may lease records of this job."""

    __tablename__ = "assignments"

    job_id: Mapped[str] = kept(ForeignKey("jobs.id"), primary_key=True, why="which job")
    person_id: Mapped[str] = kept(ForeignKey("people.id"), primary_key=True, why="which operator")
    since: Mapped[datetime] = kept(why="audit")


class CallList(Base):
    """One uploaded file. Its name is not kept: names of lists are personal-sensitive."""

    __tablename__ = "lists"
    __table_args__ = (Index(None, "job_id", "number", unique=True),)

    id: Mapped[str] = kept(primary_key=True, why="names keys, rows and holding")
    job_id: Mapped[str] = kept(ForeignKey("jobs.id"), why="which job")
    entrustor_id: Mapped[str] = kept(ForeignKey("entrustors.id"), index=True, why="tenant")
    number: Mapped[int] = kept(why="1, 2, 3 within the job: what people call it")
    state: Mapped[str] = kept(String(16), index=True, why="receiving, open, failed or over")
    uploaded_by: Mapped[str] = kept(ForeignKey("people.id"), why="who brought it", personal=True)
    started_at: Mapped[datetime] = kept(why="when the upload began")
    heard_at: Mapped[datetime] = kept(why="last sign of life of the upload: stale ones are swept")
    received_at: Mapped[datetime | None] = kept(why="when the receipt was complete")
    failure: Mapped[dict[str, Any] | None] = kept(why="code, line, column of a refused file")
    rows_seen: Mapped[int] = kept(default=0, why="progress while receiving; rows at the end")
    bytes_read: Mapped[int] = kept(default=0, why="progress while receiving: of the file")
    receipt: Mapped[dict[str, Any] | None] = kept(why="counts, columns, encoding; never a value")
    for_entrustor: Mapped[bytes | None] = kept(
        LargeBinary, why="result and trace keys, sealed to the entrustor"
    )
    turn: Mapped[int] = kept(SmallInteger, default=1, why="called first (0), as usual, last (2)")
    remaining: Mapped[int] = kept(default=0, why="records without a final result: completion")
    resting: Mapped[int] = kept(default=0, why="people never reached who may still call back")
    rest_ends: Mapped[datetime | None] = kept(why="when the first of them is to be emptied")
    exposure: Mapped[int] = kept(default=0, why="person-seconds of those whose content is gone")
    recognition: Mapped[bytes | None] = kept(
        LargeBinary,
        why="slow hash of the file: the same one again continues a list whose keys were lost",
        personal=True,
    )
    attempt: Mapped[bytes | None] = kept(
        LargeBinary,
        unique=True,
        why="hash of the client's token: sent again after a lost answer it is no second list",
    )
    continued_by: Mapped[str | None] = kept(
        ForeignKey("lists.id"), why="its keys were lost: this list has the same file and its states"
    )


class Finding(Base):
    """One line of the receipt: a row that was rejected, repeated or restored."""

    __tablename__ = "findings"

    list_id: Mapped[str] = kept(
        ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True, why="which list"
    )
    line: Mapped[int] = kept(primary_key=True, autoincrement=False, why="line in the file")
    code: Mapped[str] = kept(String(32), primary_key=True, why="what was found")
    column: Mapped[int] = kept(
        SmallInteger, primary_key=True, autoincrement=False, why="column in the file, from 1"
    )
    repeats: Mapped[int | None] = kept(why="for a duplicate: the line it repeats")


class Segment(Base):
    """A group of people on a list: those with the same value in a segment column.

    Code 0 is その他: no value, or one that fewer than 20 people share. The label goes with
    the list; code and count stay.
    """

    __tablename__ = "segments"

    list_id: Mapped[str] = kept(
        ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True, why="which list"
    )
    column: Mapped[int] = kept(
        SmallInteger, primary_key=True, autoincrement=False, why="1 or 2: of the contract's terms"
    )
    code: Mapped[int] = kept(
        SmallInteger, primary_key=True, autoincrement=False, why="what the records carry"
    )
    label: Mapped[str] = kept(String(30), why="what at least 20 people share: screens, reports")
    people: Mapped[int] = kept(why="counts by group survive destruction")
    turn: Mapped[int] = kept(SmallInteger, default=1, why="called first (0), as usual, last (2)")


class OwnGroup(Base):
    """A group of a list that this operator calls; one without any calls all of them."""

    __tablename__ = "own_groups"

    list_id: Mapped[str] = kept(
        ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True, why="which list"
    )
    person_id: Mapped[str] = kept(ForeignKey("people.id"), primary_key=True, why="which operator")
    column: Mapped[int] = kept(
        SmallInteger, primary_key=True, autoincrement=False, why="of the group"
    )
    code: Mapped[int] = kept(
        SmallInteger, primary_key=True, autoincrement=False, why="of the group"
    )


class ColumnTemplate(Base):
    """A mapping of columns that a manager has confirmed, for files with the same header row."""

    __tablename__ = "templates"
    __table_args__ = (UniqueConstraint("entrustor_id", "party_id", "header_key"),)

    id: Mapped[str] = kept(primary_key=True, why="names it in receipts")
    entrustor_id: Mapped[str] = kept(ForeignKey("entrustors.id"), why="tenant")
    party_id: Mapped[str] = kept(ForeignKey("parties.id"), why="whose managers use it")
    header_key: Mapped[str] = kept(String(64), why="hash of the header row: same row, same columns")
    places: Mapped[dict[str, Any]] = kept(why="field kind to column numbers")
    words: Mapped[dict[str, Any]] = kept(why="known header words of these columns, to tell it by")
    width: Mapped[int] = kept(SmallInteger, why="columns of the header row, to tell it by")
    saved_at: Mapped[datetime] = kept(why="which one is newer, for people")


class Chunk(Base):
    """The key of about 1,000 records, sealed to the list: only the keeper opens it."""

    __tablename__ = "chunks"

    list_id: Mapped[str] = kept(primary_key=True, why="which list")
    chunk: Mapped[int] = kept(primary_key=True, autoincrement=False, why="0, 1, 2, ...")
    sealed_key: Mapped[bytes] = kept(LargeBinary, why="HPKE-sealed chunk key")
    references: Mapped[bytes | None] = kept(
        LargeBinary,
        why="8-byte keyed hashes of the reference numbers, record by record: withdrawals",
        personal=True,
    )


class Record(Base):
    """One person on a list, sealed. A final result empties `sealed` and `token` at once.

    Every list has a table of its own, a partition made when its upload begins and dropped
    when it is destroyed (`calllist.migrations.routines`, which also has the indexes). So say
    the list's id as a constant: a join would look into every list's table.
    """

    __tablename__ = "records"
    __table_args__ = ({"postgresql_partition_by": "LIST (list_id)"},)

    list_id: Mapped[str] = kept(why="which list")
    chunk: Mapped[int] = kept(Integer, why="which chunk key")
    index: Mapped[int] = kept(SmallInteger, why="nonce within the chunk")
    line: Mapped[int] = kept(Integer, why="line in the file: receipts and results")
    sealed: Mapped[bytes | None] = kept(LargeBinary, why="the person's data", personal=True)
    token: Mapped[bytes | None] = kept(
        LargeBinary, why="keyed hash of the number: duplicates, households", personal=True
    )
    state: Mapped[str] = kept(String(8), why="waiting, leased or done")
    attempts: Mapped[int] = kept(SmallInteger, why="calls so far, against the contract's limit")
    rung: Mapped[int] = kept(SmallInteger, why="calls to this number, whoever they were for")
    rung_that_day: Mapped[int | None] = kept(SmallInteger, why="of these on the last such day")
    rung_on: Mapped[date | None] = kept(why="which day that was: the limit of one day")
    due_at: Mapped[datetime | None] = kept(why="not before: retry or call-back")
    due_for: Mapped[str | None] = kept(why="which operator promised to call back")
    last_code: Mapped[int | None] = kept(SmallInteger, why="last result, for the operator")
    segment1: Mapped[int | None] = kept(SmallInteger, why="group by the first segment column")
    segment2: Mapped[int | None] = kept(SmallInteger, why="group by the second segment column")

    # Unique in each list's own table.
    __mapper_args__ = {"primary_key": [list_id, chunk, index]}  # noqa: RUF012
