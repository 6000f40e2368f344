"""What a security key is asked to sign: random, made here, good once and for five minutes.

One per person, so nobody fills the disk with them; a later one ends the earlier one.
"""

import secrets
import sqlite3
from datetime import datetime, timedelta

from crypto.errors.people import ChallengeOver
from crypto.standards.canonical import micros

CHALLENGE_BYTES = 32  # WebAuthn Level 2, 13.4.3: 16 at least
CHALLENGE_LIFE = timedelta(minutes=5)  # Level 2, 15.1: what browsers wait with a PIN asked for

SCHEMA = """
CREATE TABLE IF NOT EXISTS challenges (
    person TEXT PRIMARY KEY REFERENCES roster (person),
    registers INTEGER NOT NULL,  -- a key; or lets one sign in
    challenge BLOB NOT NULL,
    until INTEGER NOT NULL
) STRICT;
"""


class Challenges:
    """Those that have not been answered."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def make(self, person: str, now: datetime, *, registers: bool) -> bytes:
        """A fresh one, for registering a key or for signing in with one."""
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        self._db.execute(
            "INSERT OR REPLACE INTO challenges VALUES (?, ?, ?, ?)",
            (person, registers, challenge, micros(now + CHALLENGE_LIFE)),
        )
        return challenge

    def use_up(self, person: str, now: datetime, *, registers: bool) -> bytes:
        """The person's, which is good no more. Raises ChallengeOver."""
        row = self._db.execute(
            "DELETE FROM challenges WHERE person = ? AND registers = ? AND until > ?"
            " RETURNING challenge",
            (person, registers, micros(now)),
        ).fetchone()
        if row is None:
            raise ChallengeOver
        return bytes(row[0])
