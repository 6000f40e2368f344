"""Codes by which a call is proven: six digits, kept as a keyed hash for a day.

    GiveCode: the call in hand -> a code    CheckCode: genuine or not    FindCall: whose call

A code is drawn by the keeper from its own key and the id of the call, so it need not be kept to
be said twice. Six digits are tried in no time by whoever has the key: it is made of the factor
key, which lies in no backup and in no database. Codes are told apart per entrustor: none of
another one's is genuine.
"""

import hmac
import sqlite3
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from crypto.lists.lifecycle import ListFacts
from crypto.lists.progress import RecordId
from crypto.standards.canonical import injective, micros

VALID = timedelta(hours=24)  # who was called in the evening asks in the morning
DIGITS = 6
KEY_BYTES, HASH_BYTES = 32, 16

SCHEMA = """
CREATE TABLE IF NOT EXISTS call_codes (
    hash BLOB PRIMARY KEY,       -- of entrustor and code, keyed
    attempt TEXT NOT NULL,       -- the call that gave it
    job TEXT NOT NULL,
    list TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    tag TEXT NOT NULL,           -- of the person, under the list's trace key
    at INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


class Call(NamedTuple):
    """The call that gave a code."""

    job: str
    record: RecordId
    tag: str
    at: int
    until: int


class Codes:
    """Draws codes and knows them again as long as they are valid."""

    def __init__(self, db: sqlite3.Connection, factor_key: bytes) -> None:
        self._db = db
        self._key = HKDFExpand(SHA256(), KEY_BYTES, b"calllist/call-code/1").derive(factor_key)

    def draw(
        self, facts: ListFacts, record: RecordId, attempt: str, tag: str, now: datetime
    ) -> tuple[str, int, bool]:
        """The code of this call, until when it is valid (microseconds), whether it is new."""
        at, until = micros(now), micros(now + VALID)
        self._db.execute("DELETE FROM call_codes WHERE until <= ?", (at,))
        nth = 0
        while True:
            code = self._nth(facts.list, attempt, nth)
            key = self._hash(facts.entrustor, code)
            row = self._db.execute(
                "SELECT attempt, until FROM call_codes WHERE hash = ?", (key,)
            ).fetchone()
            if row is None:
                self._db.execute(
                    "INSERT INTO call_codes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (key, attempt, facts.job, *record, tag, at, until),
                )
                return code, until, True
            if row[0] == attempt:
                return code, row[1], False
            nth += 1  # another call has it: one in thousands

    def call(self, entrustor: str, code: str, now: datetime) -> Call | None:
        """Which call of this entrustor gave this code."""
        row = self._db.execute(
            "SELECT job, list, chunk, idx, tag, at, until FROM call_codes"
            " WHERE hash = ? AND until > ?",
            (self._hash(entrustor, code), micros(now)),
        ).fetchone()
        if row is None:
            return None
        job, list_id, chunk, idx, tag, at, until = row
        return Call(job, RecordId(list_id, chunk, idx), tag, at, until)

    def _nth(self, list_id: str, attempt: str, nth: int) -> str:
        drawn = self._mac("calllist/call-code/draw/1", list_id, attempt, nth)
        return f"{int.from_bytes(drawn) % 10**DIGITS:0{DIGITS}}"

    def _hash(self, entrustor: str, code: str) -> bytes:
        return self._mac("calllist/call-code/hash/1", entrustor, code)[:HASH_BYTES]

    def _mac(self, *parts: str | int) -> bytes:
        return hmac.digest(self._key, injective(*parts), "sha256")
