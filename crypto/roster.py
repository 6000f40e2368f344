"""Who may work: people named by signed statements, their second factors, their shifts.

A person signs in with a TOTP code (RFC 6238) that only the keeper can check, and gets one
*grant*: a secret for one shift. The keeper keeps its hash; the browser keeps the secret.
"""

import base64
import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from crypto.canonical import injective, micros, moment
from crypto.errors import (
    AlreadyEnrolled,
    BadStatement,
    DoesNotOpen,
    GrantOver,
    Locked,
    NotEnrolled,
    RosterOver,
    UnknownGrant,
    UnknownPerson,
    WrongCode,
)
from crypto.sealing import NONCE_BYTES
from crypto.terms import RosterEntry, Statement

SHIFT = timedelta(hours=12)  # the longest grant
SEED_BYTES = 20  # RFC 4226, 4, R6: 160 bits recommended
STEP_SECONDS = 30  # RFC 6238, 5.2
DIGITS = 6
DRIFT_STEPS = 1  # RFC 6238, 5.2: one step of network and typing delay, either way
WRONG_CODES = 5
LOCK = timedelta(minutes=15)
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
CREATE TABLE IF NOT EXISTS factors (
    person TEXT PRIMARY KEY REFERENCES roster (person),
    statement TEXT NOT NULL,     -- the roster statement it was registered under
    seed BLOB NOT NULL,          -- TOTP seed, wrapped under the keystore's factor key
    confirmed INTEGER NOT NULL,  -- a right code has been seen
    step INTEGER NOT NULL,       -- last TOTP step accepted: never this one or an earlier again
    wrong INTEGER NOT NULL,      -- wrong codes in a row
    locked_until INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS grants (
    person TEXT PRIMARY KEY REFERENCES roster (person),  -- one live grant per person
    hash BLOB NOT NULL UNIQUE,   -- SHA-256 of the secret
    until INTEGER NOT NULL
) STRICT;
"""


@dataclass(frozen=True)
class Bearer:
    """Whom a live grant belongs to, as the roster names them now."""

    person: str
    party: str
    site: str
    role: str
    grant: bytes  # hash of the secret


class Roster:
    """The people, their factors and grants. `factor_key` wraps TOTP seeds at rest."""

    def __init__(self, db: sqlite3.Connection, factor_key: bytes) -> None:
        self._db = db
        self._cipher = AESGCM(factor_key)

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

    def enrol(self, person: str, now: datetime) -> str:
        """A fresh TOTP seed, base32. Raises UnknownPerson, RosterOver, AlreadyEnrolled."""
        self._entry(person, now)
        seed = secrets.token_bytes(SEED_BYTES)
        row = self._db.execute(
            "INSERT INTO factors SELECT person, statement, ?, 0, 0, 0, 0 FROM roster"
            " WHERE person = ? ON CONFLICT DO UPDATE SET"
            " statement = excluded.statement, seed = excluded.seed, confirmed = 0, step = 0"
            " WHERE confirmed = 0 OR (statement <> excluded.statement"
            " AND (SELECT new_factor FROM roster WHERE person = excluded.person))"
            " RETURNING person",
            (self._wrapped(person, seed), person),
        ).fetchone()
        if row is None:
            raise AlreadyEnrolled(person)
        return base64.b32encode(seed).decode()

    def check_code(self, person: str, code: str, now: datetime) -> None:
        """Use up one TOTP step.

        Raises UnknownPerson, RosterOver, NotEnrolled, Locked, and WrongCode, which the caller
        must make durable with `remember_wrong_code`: the step that raises is undone.
        """
        self._entry(person, now)
        row = self._db.execute(
            "SELECT seed, step, locked_until FROM factors WHERE person = ?", (person,)
        ).fetchone()
        if row is None:
            raise NotEnrolled(person)
        wrapped, used, locked_until = row
        if micros(now) < locked_until:
            raise Locked(moment(locked_until).isoformat(timespec="seconds"))
        step = _matching_step(self._unwrapped(person, wrapped), code, now)
        if step is None or step <= used:
            raise WrongCode(person)
        self._db.execute(
            "UPDATE factors SET confirmed = 1, step = ?, wrong = 0 WHERE person = ?",
            (step, person),
        )

    def remember_wrong_code(self, person: str, now: datetime) -> bool:
        """Count it; True if the person is locked from now on."""
        (wrong,) = self._db.execute(
            "UPDATE factors SET wrong = wrong + 1 WHERE person = ? RETURNING wrong", (person,)
        ).fetchone()
        if wrong < WRONG_CODES:
            return False
        self._db.execute(
            "UPDATE factors SET wrong = 0, locked_until = ? WHERE person = ?",
            (micros(now + LOCK), person),
        )
        return True

    def grant(self, person: str, now: datetime) -> tuple[str, datetime, Bearer]:
        """A new shift: secret, end, bearer. The earlier one must have been ended."""
        party, site, role = self._entry(person, now)
        (until,) = self._db.execute(
            "SELECT min(until, ?) FROM roster WHERE person = ?", (micros(now + SHIFT), person)
        ).fetchone()
        secret = secrets.token_urlsafe(GRANT_BYTES)
        bearer = Bearer(person, party, site, role, _hash(secret))
        self._db.execute("INSERT INTO grants VALUES (?, ?, ?)", (person, bearer.grant, until))
        return secret, moment(until), bearer

    def end_grant(self, person: str) -> bytes | None:
        """The hash of the grant that ended; None if there was none."""
        row = self._db.execute(
            "DELETE FROM grants WHERE person = ? RETURNING hash", (person,)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def bearer(self, secret: str, now: datetime) -> Bearer:
        """Raises UnknownGrant, GrantOver."""
        grant = _hash(secret)
        row = self._db.execute(
            "SELECT person, party, site, role, min(grants.until, roster.until)"
            " FROM grants JOIN roster USING (person) WHERE hash = ?",
            (grant,),
        ).fetchone()
        if row is None:
            raise UnknownGrant
        person, party, site, role, until = row
        if micros(now) >= until:
            raise GrantOver(person)
        return Bearer(person, party, site, role, grant)

    def _entry(self, person: str, now: datetime) -> tuple[str, str, str]:
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

    def _wrapped(self, person: str, seed: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)  # one wrap per enrolment: random is safe
        return nonce + self._cipher.encrypt(nonce, seed, _seed_place(person))

    def _unwrapped(self, person: str, wrapped: bytes) -> bytes:
        nonce, body = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, body, _seed_place(person))
        except InvalidTag:
            raise DoesNotOpen(person) from None


def _seed_place(person: str) -> bytes:
    return injective("calllist/factor/1", person)


def _hash(secret: str) -> bytes:
    """A plain hash will do: the secret has 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def _matching_step(seed: bytes, code: str, now: datetime) -> int | None:
    current = micros(now) // 1_000_000 // STEP_SECONDS
    hotp = HOTP(seed, DIGITS, SHA1())  # noqa: S303  # RFC 6238: what authenticators speak
    matching = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if constant_time.bytes_eq(hotp.generate(step), code.encode()):
            matching = step
    return matching
