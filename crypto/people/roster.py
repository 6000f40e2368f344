"""Who may work: people named by signed statements, and their shifts.

Whom a second factor (`crypto.people.factors`) lets in gets one *grant*: a secret for one shift at
one site. The keeper keeps its hash; the browser keeps the secret; nobody else has either.
"""

import hashlib
import secrets
import sqlite3
from datetime import datetime, timedelta

import msgspec

from crypto.errors.people import GrantOver, RosterOver, UnknownGrant, UnknownPerson
from crypto.errors.statements import BadStatement
from crypto.signed.terms import RosterEntry, Statement
from crypto.standards.canonical import micros, moment

SHIFT = timedelta(hours=12)  # the longest grant
GRANT_BYTES = 32

SCHEMA = """
CREATE TABLE IF NOT EXISTS roster (
    person TEXT PRIMARY KEY,
    party TEXT NOT NULL,
    site TEXT NOT NULL,
    role TEXT NOT NULL,
    until INTEGER NOT NULL,      -- last working day, end
    statement TEXT NOT NULL,     -- nonce of the statement that says so
    issued INTEGER NOT NULL,     -- when it was: no earlier one overrules it
    new_factor INTEGER NOT NULL  -- it lets a confirmed factor be replaced, once
) STRICT;
CREATE TABLE IF NOT EXISTS grants (
    person TEXT PRIMARY KEY REFERENCES roster (person),  -- one live grant per person
    hash BLOB NOT NULL UNIQUE,   -- SHA-256 of the secret
    site TEXT NOT NULL,          -- where the shift is
    until INTEGER NOT NULL
) STRICT;
"""


class Bearer(msgspec.Struct, frozen=True):
    """Whom a live grant belongs to, as the roster names them now."""

    person: str
    party: str
    site: str
    role: str
    grant: bytes  # hash of the secret


class Roster:
    """The people and their grants."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def name(self, entry: RosterEntry, statement: Statement) -> None:
        """Take up what a roster statement says; it replaces what an earlier one said.

        Raises BadStatement if it was not issued after the one in force.
        """
        row = self._db.execute(
            "INSERT INTO roster VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " party = excluded.party, site = excluded.site, role = excluded.role,"
            " until = excluded.until, statement = excluded.statement,"
            " issued = excluded.issued, new_factor = excluded.new_factor"
            " WHERE issued < excluded.issued RETURNING person",
            (
                entry.person,
                entry.party,
                entry.site,
                entry.role,
                micros(entry.until),
                statement.nonce,
                micros(statement.issued),
                entry.new_factor,
            ),
        ).fetchone()
        if row is None:
            raise BadStatement("not issued after the statement in force")

    def grant(self, person: str, now: datetime) -> tuple[str, datetime, Bearer]:
        """A new shift: secret, end, bearer. The earlier one must have been ended."""
        party, site, role = self.entry(person, now)
        (until,) = self._db.execute(
            "SELECT min(until, ?) FROM roster WHERE person = ?", (micros(now + SHIFT), person)
        ).fetchone()
        secret = secrets.token_urlsafe(GRANT_BYTES)
        bearer = Bearer(person, party, site, role, _hash(secret))
        self._db.execute(
            "INSERT INTO grants VALUES (?, ?, ?, ?)", (person, bearer.grant, site, until)
        )
        return secret, moment(until), bearer

    def end_grant(self, person: str) -> bytes | None:
        """The hash of the grant that ended; None if there was none."""
        row = self._db.execute(
            "DELETE FROM grants WHERE person = ? RETURNING hash", (person,)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def bearer(self, secret: str, now: datetime) -> Bearer:
        """Raises UnknownGrant, GrantOver (also for somebody who was moved to another site)."""
        grant = _hash(secret)
        row = self._db.execute(
            "SELECT person, party, roster.site, role, min(grants.until, roster.until), grants.site"
            " FROM grants JOIN roster USING (person) WHERE hash = ?",
            (grant,),
        ).fetchone()
        if row is None:
            raise UnknownGrant
        person, party, site, role, until, granted_at = row
        if micros(now) >= until or site != granted_at:
            raise GrantOver(person)
        return Bearer(person, party, site, role, grant)

    def is_of(self, secret: str, person: str) -> bool:
        """Whether this is the secret of the person's grant."""
        row = self._db.execute(
            "SELECT 1 FROM grants WHERE hash = ? AND person = ?", (_hash(secret), person)
        ).fetchone()
        return row is not None

    def whereabouts(self, person: str) -> tuple[str, str]:
        """Party and site, also of somebody who has left. Raises UnknownPerson."""
        row = self._db.execute(
            "SELECT party, site FROM roster WHERE person = ?", (person,)
        ).fetchone()
        if row is None:
            raise UnknownPerson(person)
        return row[0], row[1]

    def entry(self, person: str, now: datetime) -> tuple[str, str, str]:
        """Party, site, role. Raises UnknownPerson, RosterOver."""
        row = self._db.execute(
            "SELECT party, site, role, until FROM roster WHERE person = ?", (person,)
        ).fetchone()
        if row is None:
            raise UnknownPerson(person)
        party, site, role, until = row
        if micros(now) >= until:
            raise RosterOver(person)
        return party, site, role


def end_every_grant(db: sqlite3.Connection) -> int:
    """Every shift ends at once. How many there were."""
    return db.execute("DELETE FROM grants").rowcount


def _hash(secret: str) -> bytes:
    """A plain hash will do: the secret has 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()
