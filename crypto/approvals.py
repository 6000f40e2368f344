"""What people have decided by signature, as far as the keeper enforces it.

Pinned keys say who may decide what: an entrustor its contracts, the centre's privacy officer
the roster. A statement is accepted once; contract versions follow each other without a gap.
"""

import sqlite3
from datetime import datetime

import msgspec

from crypto.canonical import canonical_json, micros
from crypto.errors import (
    BadStatement,
    ReplayedStatement,
    UnknownContract,
    UnpinnedEntrustor,
    UnpinnedKey,
)
from crypto.sealing import Recipient
from crypto.statements import fingerprint, read, verify
from crypto.terms import ContractTerms, SignedStatement, Statement

CENTRE = "centre"  # pinned under this id: the privacy officer, who signs the roster

SCHEMA = """
CREATE TABLE IF NOT EXISTS pins (
    approver TEXT PRIMARY KEY,   -- an entrustor's id, or "centre"
    signing_key BLOB NOT NULL,   -- Ed25519, public
    recipient BLOB NOT NULL      -- what results and list keys are sealed to, public
) STRICT;
CREATE TABLE IF NOT EXISTS statements (
    nonce TEXT PRIMARY KEY,      -- no statement is accepted twice
    payload BLOB NOT NULL,       -- the evidence, as signed
    key TEXT NOT NULL,
    signature BLOB NOT NULL,
    accepted_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS contracts (
    contract TEXT NOT NULL,
    version INTEGER NOT NULL,
    entrustor TEXT NOT NULL,
    terms BLOB NOT NULL,         -- canonical JSON of the ContractTerms
    PRIMARY KEY (contract, version)
) STRICT;
"""


class Approvals:
    """Pinned keys, accepted statements, contract versions."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def pin(self, approver: str, signing_key: bytes, recipient: bytes) -> str:
        """Pin, or replace, an approver's keys; the fingerprint. Raises BadStatement."""
        try:
            if approver != CENTRE or recipient:
                Recipient(recipient)
        except ValueError:
            raise BadStatement("recipient") from None
        if len(signing_key) != 32:
            raise BadStatement("signing key")
        self._db.execute(
            "INSERT INTO pins VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET signing_key = excluded.signing_key, recipient = excluded.recipient",
            (approver, signing_key, recipient),
        )
        return fingerprint(signing_key)

    def recipient(self, entrustor: str) -> Recipient:
        """Raises UnpinnedEntrustor."""
        row = self._db.execute(
            "SELECT recipient FROM pins WHERE approver = ?", (entrustor,)
        ).fetchone()
        if row is None:
            raise UnpinnedEntrustor(entrustor)
        return Recipient(row[0])

    def accept(self, signed: SignedStatement, now: datetime) -> Statement:
        """Check and remember a statement.

        Raises BadStatement, UnpinnedKey, StatementExpired, ReplayedStatement.
        """
        body = read(signed.payload).body
        approver = body.entrustor if isinstance(body, ContractTerms) else CENTRE
        statement = verify(signed, self._pinned_key(approver, signed.key), now=now)
        try:
            self._db.execute(
                "INSERT INTO statements VALUES (?, ?, ?, ?, ?)",
                (statement.nonce, signed.payload, signed.key, signed.signature, micros(now)),
            )
        except sqlite3.IntegrityError:
            raise ReplayedStatement(statement.nonce) from None
        if isinstance(body, ContractTerms):
            self._add_version(body, now)
        return statement

    def terms(self, contract: str, version: int) -> ContractTerms:
        """Raises UnknownContract."""
        row = self._db.execute(
            "SELECT terms FROM contracts WHERE contract = ? AND version = ?", (contract, version)
        ).fetchone()
        if row is None:
            raise UnknownContract(f"{contract} version {version}")
        return msgspec.json.decode(row[0], type=ContractTerms)

    def latest(self, contract: str) -> int:
        """The version in force; 0 if there is none."""
        (version,) = self._db.execute(
            "SELECT coalesce(max(version), 0) FROM contracts WHERE contract = ?", (contract,)
        ).fetchone()
        return int(version)

    def _pinned_key(self, approver: str, key: str) -> bytes:
        row = self._db.execute(
            "SELECT signing_key FROM pins WHERE approver = ?", (approver,)
        ).fetchone()
        if row is None or fingerprint(row[0]) != key:
            raise UnpinnedKey(approver)
        return bytes(row[0])

    def _add_version(self, terms: ContractTerms, now: datetime) -> None:
        latest = self.latest(terms.contract)
        (entrustor,) = self._db.execute(
            "SELECT max(entrustor) FROM contracts WHERE contract = ?", (terms.contract,)
        ).fetchone()
        if terms.version != latest + 1:
            raise BadStatement(f"version {terms.version} does not follow {latest}")
        if entrustor not in (None, terms.entrustor):
            raise BadStatement(f"{terms.contract} is another entrustor's contract")
        _check(terms, now)
        self._db.execute(
            "INSERT INTO contracts VALUES (?, ?, ?, ?)",
            (terms.contract, terms.version, terms.entrustor, canonical_json(terms)),
        )


def _check(terms: ContractTerms, now: datetime) -> None:
    """Raises BadStatement if the terms contradict themselves."""
    identity = terms.identity
    matchable = {kind for kind, rule in terms.fields.items() if rule.match}
    problems = {
        "expires": terms.expires <= now,
        "identity.of": not set(identity.of) <= matchable,
        "identity.count": not 1 <= identity.count <= len(set(identity.of)),
        "identity.tries": identity.tries < 1,
        "codes": True not in terms.codes.values(),
        "parties": not terms.parties,
        "people_per_hour": not 1 <= terms.people_per_hour <= terms.people_per_day,
        "hold_seconds": terms.hold_seconds < 1,
        "reveal_seconds": terms.reveal_seconds < 1,
    }
    found = [name for name, wrong in problems.items() if wrong]
    if found:
        raise BadStatement(", ".join(found))
