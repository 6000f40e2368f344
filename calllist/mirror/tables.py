"""The mirrored ledger. The worker only inserts, the web only reads."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped

from retention.tables import Base, kept

LOG = "which log: a keeper that begins anew has another key, and a log of its own"
MONTH = "which month's tree"


class LedgerLine(Base):
    """One line of the keeper's ledger, with what is looked for beside it."""

    __tablename__ = "ledger_lines"
    __table_args__ = (
        Index(None, "log", "list_id", "seq"),
        Index(None, "principal", "at"),
        Index(
            "ix_ledger_lines_budgets",
            "at",
            postgresql_where=text("kind IN ('budget_warning', 'refused')"),
        ),
        Index("ix_ledger_lines_events", "at", postgresql_where=text("kind = 'event'")),
        Index("ix_ledger_lines_shards", "log", "seq", postgresql_where=text("kind = 'shard'")),
        Index(
            "ix_ledger_lines_signed",
            "log",
            "seq",
            postgresql_where=text("kind IN ('pin', 'signature', 'statement')"),
        ),
        Index(
            "ix_ledger_lines_certificates",
            "log",
            "seq",
            postgresql_where=text("kind IN ('certify', 'reissue', 'revoke_certificate')"),
        ),
    )

    log: Mapped[str] = kept(String(64), primary_key=True, why=LOG)
    seq: Mapped[int] = kept(
        primary_key=True, autoincrement=False, why="number of the line through all months"
    )
    at: Mapped[datetime] = kept(why="when, by the keeper's clock: to search by")
    kind: Mapped[str] = kept(String(64), why="what happened: to search by")
    list_id: Mapped[str | None] = kept(why="about which list: entrustors get theirs")
    principal: Mapped[str | None] = kept(why="who did it: to search by", personal=True)
    n: Mapped[int | None] = kept(why="number of the line among those of its list, without a gap")
    salt: Mapped[bytes] = kept(LargeBinary, why="in front of the leaf when it is hashed")
    leaf: Mapped[bytes] = kept(
        LargeBinary, why="the line itself, byte for byte: proofs are made of it", personal=True
    )


class LedgerTile(Base):
    """One full hash tile (C2SP tlog-tiles): 256 hashes, and the one they lead to."""

    __tablename__ = "ledger_tiles"

    log: Mapped[str] = kept(String(64), primary_key=True, why=LOG)
    month: Mapped[str] = kept(String(7), primary_key=True, why=MONTH)
    level: Mapped[int] = kept(SmallInteger, primary_key=True, autoincrement=False, why="its level")
    number: Mapped[int] = kept(primary_key=True, autoincrement=False, why="its place in the level")
    hashes: Mapped[bytes] = kept(LargeBinary, why="shown to everybody: proofs are made of it")
    root: Mapped[bytes] = kept(LargeBinary, why="its hash one level up")


class LedgerHead(Base):
    """A signed head that the mirrored lines lead to."""

    __tablename__ = "ledger_heads"

    log: Mapped[str] = kept(String(64), primary_key=True, why=LOG)
    month: Mapped[str] = kept(String(7), primary_key=True, why=MONTH)
    size: Mapped[int] = kept(primary_key=True, autoincrement=False, why="leaves of the month")
    first: Mapped[int] = kept(why="number of the month's first line")
    note: Mapped[str] = kept(why="the keeper's signature: what it is held to from now on")
    key: Mapped[bytes] = kept(
        LargeBinary, why="the log's public key, whose hash names it: cosigned heads are checked"
    )
    seen_at: Mapped[datetime] = kept(why="when we got it: the newest log is the one that counts")


class LedgerWitness(Base):
    """A head that a witness outside has cosigned; each is kept."""

    __tablename__ = "ledger_witnesses"

    log: Mapped[str] = kept(String(64), primary_key=True, why=LOG)
    witness: Mapped[str] = kept(String(128), primary_key=True, why="name of the pinned witness")
    month: Mapped[str] = kept(String(7), primary_key=True, why=MONTH)
    size: Mapped[int] = kept(primary_key=True, autoincrement=False, why="leaves it has seen")
    note: Mapped[str] = kept(why="both signatures: shown to everybody")
    seen_at: Mapped[datetime] = kept(why="how old the last look from outside is")
