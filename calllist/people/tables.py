"""Accounts of natural persons. Second factors and shifts live in the keeper, not here."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped

from retention.tables import Base, kept


class Person(Base):
    """One natural person with one role. Never shared, never re-enabled once stopped."""

    __tablename__ = "people"

    id: Mapped[str] = kept(primary_key=True, why="the principal in the ledger")
    login: Mapped[str] = kept(unique=True, why="what the person types to sign in", personal=True)
    name: Mapped[str] = kept(why="shown to colleagues and overseers", personal=True)
    role: Mapped[str] = kept(String(16), why="manager, operator, entrustor, auditor, administrator")
    party_id: Mapped[str | None] = kept(ForeignKey("parties.id"), why="employer: approved or not")
    site_id: Mapped[str | None] = kept(ForeignKey("sites.id"), why="where the person works")
    entrustor_id: Mapped[str | None] = kept(
        ForeignKey("entrustors.id"), why="for an entrustor's officer: the only tenant it sees"
    )
    password: Mapped[str | None] = kept(why="Argon2id hash; empty until enrolled", personal=True)
    enrolled_at: Mapped[datetime | None] = kept(why="second factor confirmed in the keeper")
    failures: Mapped[int] = kept(default=0, why="wrong passwords in a row: throttling")
    locked_until: Mapped[datetime | None] = kept(why="throttling per account")
    created_at: Mapped[datetime] = kept(why="audit")
    stopped_at: Mapped[datetime | None] = kept(why="no sign-in afterwards")


class Invitation(Base):
    """A single-use link with which a person sets a password and registers a factor."""

    __tablename__ = "invitations"

    token_hash: Mapped[bytes] = kept(LargeBinary, primary_key=True, why="SHA-256 of the link")
    person_id: Mapped[str] = kept(ForeignKey("people.id"), index=True, why="for whom")
    expires_at: Mapped[datetime] = kept(why="not usable afterwards")
    used_at: Mapped[datetime | None] = kept(why="single use")


class SignIn(Base):
    """A browser's session, or a command's. The cookie's secret is not in here."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[bytes] = kept(LargeBinary, primary_key=True, why="SHA-256 of the cookie")
    person_id: Mapped[str] = kept(ForeignKey("people.id"), index=True, why="who")
    complete: Mapped[bool] = kept(default=False, why="false: password right, code still missing")
    command: Mapped[bool] = kept(
        default=False, why="of the command line: uploads and receipts only; incomplete: its code"
    )
    lent_grant: Mapped[bytes | None] = kept(
        LargeBinary, why="of a command's code: the shift's grant, sealed under the code itself"
    )
    grant_hash: Mapped[bytes | None] = kept(
        LargeBinary, why="SHA-256 of the shift's grant: no session goes with another's"
    )
    created_at: Mapped[datetime] = kept(why="audit")
    expires_at: Mapped[datetime] = kept(why="end of the shift")


class Stranger(Base):
    """Wrong passwords for a login that does not exist: throttled like one that does."""

    __tablename__ = "strangers"

    login_hash: Mapped[bytes] = kept(
        LargeBinary, primary_key=True, why="first 8 bytes of SHA-256: counts without the login"
    )
    failures: Mapped[int] = kept(default=0, why="wrong passwords in a row")
    locked_until: Mapped[datetime | None] = kept(why="throttling")
    heard_at: Mapped[datetime] = kept(index=True, why="forgotten a day later")
