"""What people have decided by signature, as far as the keeper enforces it.

Pinned keys say who may decide what: an entrustor all that concerns its data, the centre's
privacy officer the roster; a legal hold needs both, and so does a change of a certificate. A
statement is accepted once; where two are due, the first signature waits for the second.
Contract versions leave no gap. What was issued before what is in force does not replace it,
whenever it is handed in.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

import msgspec

from crypto.errors.statements import (
    BadStatement,
    IssuerApproves,
    ReplayedStatement,
    UnknownContract,
    UnpinnedEntrustor,
    UnpinnedKey,
)
from crypto.records.sealing import Recipient
from crypto.signed import policy
from crypto.signed.orders import BudgetRaise, CertificateRevocation, Hold, PartyDecision, Reissue
from crypto.signed.statements import fingerprint, read, verify
from crypto.signed.terms import (
    ContractTerms,
    RosterEntry,
    SignedStatement,
    Statement,
    StatementBody,
)
from crypto.standards.canonical import canonical_json, micros

CENTRE = "centre"  # pinned under this id: the privacy officer, who signs the roster

SCHEMA = """
CREATE TABLE IF NOT EXISTS pins (
    approver TEXT PRIMARY KEY,   -- an entrustor's id, or "centre"
    signing_key BLOB NOT NULL,   -- Ed25519, public
    recipient BLOB NOT NULL,     -- what results and list keys are sealed to, public
    since INTEGER NOT NULL       -- when it was pinned, or issued: no earlier one replaces it
) STRICT;
CREATE TABLE IF NOT EXISTS statements (
    nonce TEXT PRIMARY KEY,      -- no statement is accepted twice
    accepted_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS signatures (
    nonce TEXT NOT NULL,
    approver TEXT NOT NULL,      -- who signed: replay is refused per approver
    payload BLOB NOT NULL,       -- the evidence, as signed
    key TEXT NOT NULL,
    signature BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (nonce, approver)
) STRICT;
CREATE TABLE IF NOT EXISTS contracts (
    contract TEXT NOT NULL,
    version INTEGER NOT NULL,
    entrustor TEXT NOT NULL,
    terms BLOB NOT NULL,         -- canonical JSON of the ContractTerms
    issued INTEGER NOT NULL,     -- decisions issued earlier say nothing of this version
    PRIMARY KEY (contract, version)
) STRICT;
"""


@dataclass(frozen=True)
class Taken:
    """A statement whose signature counts, and whose signatures are still due."""

    statement: Statement
    approver: str  # who has signed now
    missing: tuple[str, ...]


class Approvals:
    """Pinned keys, accepted statements, contract versions."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def pin(self, approver: str, signing_key: bytes, recipient: bytes, at: int = 0) -> str:
        """Pin, or replace, an approver's keys; the fingerprint. Raises BadStatement.

        at: in microseconds; no change of the recipient that was issued earlier replaces it.
        """
        try:
            if approver != CENTRE or recipient:
                Recipient(recipient)
        except ValueError:
            raise BadStatement("recipient") from None
        if len(signing_key) != 32:
            raise BadStatement("signing key")
        self._db.execute(
            "INSERT INTO pins VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET signing_key = excluded.signing_key, recipient = excluded.recipient,"
            " since = max(since, excluded.since)",
            (approver, signing_key, recipient, at),
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

    def replace_recipient(self, entrustor: str, recipient: bytes, issued: datetime) -> None:
        """Seal to another key from now on. Raises BadStatement, also for an earlier one's."""
        try:
            Recipient(recipient)
        except ValueError:
            raise BadStatement("recipient") from None
        row = self._db.execute(
            "UPDATE pins SET recipient = ?, since = ? WHERE approver = ? AND since <= ?"
            " RETURNING approver",
            (recipient, micros(issued), entrustor, micros(issued)),
        ).fetchone()
        if row is None:
            raise BadStatement("not issued after the recipient in force")

    def accept(self, signed: SignedStatement, now: datetime) -> Taken:
        """Check and remember a signature; whether others are still due.

        Raises BadStatement, UnpinnedKey, StatementExpired, IssuerApproves, ReplayedStatement.
        """
        due = approvers(read(signed.payload).body)
        approver, pinned = self._signer(due, signed.key)
        statement = verify(signed, pinned, now=now)
        if statement.issuer in due or self._of_one_house(statement, due):
            raise IssuerApproves(statement.issuer)
        missing = self._sign(statement, approver, signed, due, now)
        if not missing:
            self._db.execute("INSERT INTO statements VALUES (?, ?)", (statement.nonce, micros(now)))
        return Taken(statement, approver, missing)

    def awaited(self, now: datetime) -> list[tuple[Statement, tuple[str, ...]]]:
        """What is signed by one and waits for another, in its time; who is missing."""
        rows = self._db.execute(
            "SELECT payload FROM signatures WHERE nonce NOT IN (SELECT nonce FROM statements)"
            " GROUP BY nonce ORDER BY min(at)"
        ).fetchall()
        waiting = [read(payload) for (payload,) in rows]
        return [
            (
                statement,
                tuple(d for d in approvers(statement.body) if d not in self._given(statement)),
            )
            for statement in waiting
            if now <= statement.valid_until
        ]

    def terms(self, contract: str, version: int) -> ContractTerms:
        """Raises UnknownContract."""
        row = self._db.execute(
            "SELECT terms FROM contracts WHERE contract = ? AND version = ?", (contract, version)
        ).fetchone()
        if row is None:
            raise UnknownContract(f"{contract} version {version}")
        return msgspec.json.decode(row[0], type=ContractTerms)

    def issued(self, contract: str, version: int) -> int:
        """When a version was issued, in microseconds. Raises UnknownContract."""
        row = self._db.execute(
            "SELECT issued FROM contracts WHERE contract = ? AND version = ?",
            (contract, version),
        ).fetchone()
        if row is None:
            raise UnknownContract(f"{contract} version {version}")
        return int(row[0])

    def entrustor_of(self, contract: str) -> str | None:
        """Whose contract it is; None if no version of it is signed."""
        row = self._db.execute(
            "SELECT entrustor FROM contracts WHERE contract = ? LIMIT 1", (contract,)
        ).fetchone()
        return None if row is None else str(row[0])

    def latest(self, contract: str) -> int:
        """The version in force; 0 if there is none."""
        (version,) = self._db.execute(
            "SELECT coalesce(max(version), 0) FROM contracts WHERE contract = ?", (contract,)
        ).fetchone()
        return int(version)

    # -- signatures ------------------------------------------------------------------------

    def _signer(self, due: tuple[str, ...], key: str) -> tuple[str, bytes]:
        """Which of those whose signature is due has this key, and the key: always the same one,
        so that a key pinned for two signs for one. Raises UnpinnedKey."""
        for approver in due:
            row = self._db.execute(
                "SELECT signing_key FROM pins WHERE approver = ?", (approver,)
            ).fetchone()
            if row is not None and fingerprint(row[0]) == key:
                return approver, bytes(row[0])
        raise UnpinnedKey(due[0])

    def _of_one_house(self, statement: Statement, due: tuple[str, ...]) -> bool:
        """Whether somebody of an approver's own house has asked for what widens or keeps."""
        if not isinstance(
            statement.body,
            ContractTerms | BudgetRaise | PartyDecision | Hold | Reissue | CertificateRevocation,
        ):
            return False
        row = self._db.execute(
            "SELECT party FROM roster WHERE person = ?", (statement.issuer,)
        ).fetchone()
        return row is not None and row[0] in due

    def _sign(
        self,
        statement: Statement,
        approver: str,
        signed: SignedStatement,
        due: tuple[str, ...],
        now: datetime,
    ) -> tuple[str, ...]:
        """Keep one signature; whose are missing. Raises BadStatement, ReplayedStatement."""
        others = self._db.execute(
            "SELECT payload FROM signatures WHERE nonce = ? AND approver <> ?",
            (statement.nonce, approver),
        ).fetchall()
        if any(payload != signed.payload for (payload,) in others):
            raise BadStatement("another text under this number")
        try:
            self._db.execute(
                "INSERT INTO signatures VALUES (?, ?, ?, ?, ?, ?)",
                (
                    statement.nonce,
                    approver,
                    signed.payload,
                    signed.key,
                    signed.signature,
                    micros(now),
                ),
            )
        except sqlite3.IntegrityError:
            raise ReplayedStatement(statement.nonce) from None
        given = self._given(statement)
        return tuple(name for name in due if name not in given)

    def _given(self, statement: Statement) -> set[str]:
        """Who has signed it with the key that is pinned today."""
        rows = self._db.execute(
            "SELECT approver, key, signing_key FROM signatures JOIN pins USING (approver)"
            " WHERE nonce = ?",
            (statement.nonce,),
        ).fetchall()
        return {name for name, key, pinned in rows if fingerprint(pinned) == key}

    # -- contracts -------------------------------------------------------------------------

    def check_newer(self, contract: str, issued: datetime) -> None:
        """Raises BadStatement if the contract version in force was issued later."""
        latest = self.latest(contract)
        if latest and micros(issued) < self.issued(contract, latest):
            raise BadStatement("not issued after the contract version in force")

    def add_version(self, terms: ContractTerms, now: datetime, issued: datetime) -> None:
        """Raises BadStatement unless it is the next version of this entrustor's contract.

        issued: by its statement; nothing issued before counts beside it.
        """
        latest = self.latest(terms.contract)
        (entrustor,) = self._db.execute(
            "SELECT max(entrustor) FROM contracts WHERE contract = ?", (terms.contract,)
        ).fetchone()
        if latest and terms.version != latest + 1:  # the first may be any: D42
            raise BadStatement(f"version {terms.version} does not follow {latest}")
        if entrustor not in (None, terms.entrustor):
            raise BadStatement(f"{terms.contract} is another entrustor's contract")
        self.check_newer(terms.contract, issued)
        _check(terms, now)
        self._db.execute(
            "INSERT INTO contracts VALUES (?, ?, ?, ?, ?)",
            (
                terms.contract,
                terms.version,
                terms.entrustor,
                canonical_json(terms),
                micros(issued),
            ),
        )


def approvers(body: StatementBody) -> tuple[str, ...]:
    """Whose signatures it takes."""
    if isinstance(body, RosterEntry):
        return (CENTRE,)
    if isinstance(body, Hold | Reissue | CertificateRevocation):
        return (body.entrustor, CENTRE)
    return (body.entrustor,)


def _check(terms: ContractTerms, now: datetime) -> None:
    """Raises BadStatement if the terms contradict themselves."""
    identity = terms.identity
    matchable = {kind for kind, rule in terms.fields.items() if rule.match}
    problems = {
        "version": terms.version < 1,
        "expires": terms.expires <= now,
        "identity.of": not set(identity.of) <= matchable,
        "identity.count": not 1 <= identity.count <= len(set(identity.of)),
        "identity.tries": identity.tries < 1,
        "codes": True not in terms.codes.values(),
        "parties": not terms.parties,
        "people_per_hour": not 1 <= terms.people_per_hour <= terms.people_per_day,
        "people_per_30_days": terms.people_per_30_days < 1,
        "people_per_job": terms.people_per_job < 1,
        "people_per_list": terms.people_per_list < 1,
        "people_per_entrustor_day": terms.people_per_entrustor_day < 1,
        "hold_seconds": terms.hold_seconds < 1,
        "reveal_seconds": terms.reveal_seconds < 1,
        "identity.tries_per_day": identity.tries_per_day < identity.tries,
        "reveals_per_hour": terms.reveals_per_hour < 1,
    }
    found = [name for name, wrong in problems.items() if wrong] + policy.contradictions(terms)
    if found:
        raise BadStatement(", ".join(found))
