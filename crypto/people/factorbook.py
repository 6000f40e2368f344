"""Which factor each person has, row by row, and when it may be replaced (D14, D30)."""

import sqlite3
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from crypto.errors.people import AlreadyEnrolled, FactorTaken
from crypto.standards.canonical import micros
from crypto.standards.oath import Generator
from crypto.wire.people import FactorKind

WRONG_ANSWERS = 5
LOCK = timedelta(minutes=15)

SCHEMA = """
CREATE TABLE IF NOT EXISTS factors (
    person TEXT PRIMARY KEY REFERENCES roster (person),
    statement TEXT NOT NULL,     -- the roster statement it was registered under
    kind TEXT NOT NULL,          -- app, token, key
    held BLOB NOT NULL,          -- MessagePack: `Codes`, or `Key`; empty: lost with the keystore
    name TEXT UNIQUE,            -- token's serial, key's credential id: one person's
    confirmed INTEGER NOT NULL,  -- it has let the person in
    used INTEGER NOT NULL,       -- last TOTP step, HOTP counter or signature count accepted
    drift INTEGER NOT NULL,      -- steps by which a TOTP token's clock runs ahead
    wrong INTEGER NOT NULL,      -- wrong answers in a row
    locked_until INTEGER NOT NULL
) STRICT;
"""


class Codes(msgspec.Struct, frozen=True, array_like=True):
    """An application or a token."""

    seed: bytes  # wrapped
    generator: Generator


class Key(msgspec.Struct, frozen=True, array_like=True):
    """A security key. Nothing of it is secret."""

    credential: bytes
    public_key: bytes
    model: str  # AAGUID


class Held(NamedTuple):
    """What one person has."""

    kind: FactorKind
    held: bytes
    name: str | None
    confirmed: bool
    used: int
    drift: int
    locked_until: int

    @property
    def codes(self) -> Codes:
        """Of an application or a token."""
        return msgspec.msgpack.decode(self.held, type=Codes)

    @property
    def key(self) -> Key:
        """Of a security key."""
        return msgspec.msgpack.decode(self.held, type=Key)


class Factorbook:
    """The table of factors. It knows no seed and judges no answer."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def register(
        self, person: str, kind: FactorKind, held: Codes | Key, name: str | None, *, used: int
    ) -> None:
        """Raises AlreadyEnrolled. The count of wrong answers stays: nobody registers it away."""
        if not self.replaceable(person, by_token=kind is FactorKind.TOKEN):
            raise AlreadyEnrolled(person)
        self._db.execute(
            "INSERT INTO factors SELECT person, statement, ?, ?, ?, 0, ?, 0, 0, 0 FROM roster"
            " WHERE person = ? ON CONFLICT (person) DO UPDATE SET"
            " statement = excluded.statement, kind = excluded.kind, held = excluded.held,"
            " name = excluded.name, confirmed = 0, used = excluded.used, drift = 0",
            (kind, msgspec.msgpack.encode(held), name, used, person),
        )

    def replaceable(self, person: str, *, by_token: bool = False) -> bool:
        """Whether the person may register a factor now (D14, D30)."""
        row = self._db.execute(
            "SELECT kind, confirmed, factors.statement <> roster.statement AND new_factor"
            " FROM factors JOIN roster USING (person) WHERE person = ?",
            (person,),
        ).fetchone()
        if row is None:
            return True
        kind, confirmed, allowed = row
        handed_over = kind == FactorKind.TOKEN and not by_token
        return bool(allowed) or not (confirmed or handed_over)

    def refuse_taken(self, name: str, person: str, now: datetime) -> None:
        """A token or key is one person's. Who has left gives it back. Raises FactorTaken."""
        self._db.execute(
            "DELETE FROM factors WHERE name = ? AND person <> ?"
            " AND (SELECT until FROM roster WHERE roster.person = factors.person) <= ?",
            (name, person, micros(now)),
        )
        others = "SELECT 1 FROM factors WHERE name = ? AND person <> ?"
        if self._db.execute(others, (name, person)).fetchone():
            raise FactorTaken

    def find(self, person: str) -> Held | None:
        """None if there is nothing."""
        row = self._db.execute(
            "SELECT kind, held, name, confirmed, used, drift, locked_until FROM factors"
            " WHERE person = ?",
            (person,),
        ).fetchone()
        if row is None:
            return None
        kind, held, name, confirmed, used, drift, locked_until = row
        return Held(FactorKind(kind), held, name, bool(confirmed), used, drift, locked_until)

    def accept(self, person: str, used: int, drift: int) -> None:
        """It has let the person in, which forgives the wrong answers before."""
        self._db.execute(
            "UPDATE factors SET confirmed = 1, used = ?, drift = ?, wrong = 0 WHERE person = ?",
            (used, drift, person),
        )

    def remember_wrong(self, person: str, now: datetime) -> bool:
        """Count a wrong answer; True if the person is locked from now on."""
        (wrong,) = self._db.execute(
            "UPDATE factors SET wrong = wrong + 1 WHERE person = ? RETURNING wrong", (person,)
        ).fetchone()
        if wrong < WRONG_ANSWERS:
            return False
        self._db.execute(
            "UPDATE factors SET wrong = 0, locked_until = ? WHERE person = ?",
            (micros(now + LOCK), person),
        )
        return True


def lose_seeds(db: sqlite3.Connection) -> int:
    """No seed opens any more. How many there were."""
    lost = "UPDATE factors SET held = x'' WHERE kind <> ? AND held <> x''"
    return db.execute(lost, (FactorKind.KEY,)).rowcount
