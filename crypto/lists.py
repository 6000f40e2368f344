"""The lists whose keys are here: what they were minted for, and how they end.

    pending (memory only) -> open -> frozen -> shredding -> shredded (no way back)

Freezing works at once and even when the ledger cannot be written. Shredding first writes down
the intent, then begins a new epoch, then writes down that it is done; each part returns if it
has been done already, so a crash is healed by shredding again.
"""

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from crypto.approvals import Approvals
from crypto.canonical import canonical_json, micros, moment
from crypto.errors import DoesNotOpen, ListOver, NotFrozen, UnknownList
from crypto.keystore import Binding, Keystore, KeystoreRefused, ListSecrets
from crypto.opening import OpenList
from crypto.terms import ContractTerms
from crypto.wire.lists import Manifest

SCHEMA = """
CREATE TABLE IF NOT EXISTS lists (
    list TEXT PRIMARY KEY,
    entrustor TEXT NOT NULL,
    contract TEXT NOT NULL,
    version INTEGER NOT NULL,
    job TEXT NOT NULL,
    policy BLOB NOT NULL,        -- SHA-256 of the terms; the keys are wrapped for it
    expires INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,   -- of the list's public key, for the certificate
    minted_at INTEGER NOT NULL,
    manifested_at INTEGER NOT NULL,
    file_hash BLOB NOT NULL,
    index_key BLOB NOT NULL,     -- sealed to the list
    frozen_at INTEGER,
    trigger TEXT,
    epoch INTEGER,               -- which epoch's root dies with it: the intent to shred
    shredded_at INTEGER,
    shred_seq INTEGER,           -- ledger line of the completion
    opens INTEGER NOT NULL DEFAULT 0,
    matches INTEGER NOT NULL DEFAULT 0,
    reveals INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (contract, version) REFERENCES contracts (contract, version)
) STRICT;
CREATE TABLE IF NOT EXISTS chunks (
    list TEXT NOT NULL REFERENCES lists (list),
    chunk INTEGER NOT NULL,
    commitment BLOB NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (list, chunk)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Minting:
    """A list between `Mint` and `Manifest`: its keys are in memory only."""

    binding: Binding
    contract: str
    version: int
    job: str
    keys: ListSecrets
    fingerprint: str
    at: datetime


@dataclass(frozen=True)
class ListFacts:
    """One row of `lists`; times in microseconds since 1970."""

    list: str
    entrustor: str
    contract: str
    version: int
    job: str
    policy: bytes
    expires: int
    fingerprint: str
    minted_at: int
    manifested_at: int
    frozen_at: int | None
    trigger: str | None
    epoch: int | None
    shredded_at: int | None
    shred_seq: int | None
    opens: int
    matches: int
    reveals: int

    @property
    def binding(self) -> Binding:
        return Binding(self.entrustor, self.list, self.policy, self.expires)


_COLUMNS = ", ".join(ListFacts.__dataclass_fields__)


class Lists:
    """The table of lists, and the keystore behind it."""

    def __init__(self, db: sqlite3.Connection, keystore: Keystore, approvals: Approvals) -> None:
        self._db, self._keystore, self._approvals = db, keystore, approvals
        self._frozen: set[str] = set()  # asked for, whether or not the ledger could say so
        self._open: dict[str, OpenList] = {}
        self._terms: dict[tuple[str, int], ContractTerms] = {}
        self._check_keystore()

    # -- looking up ------------------------------------------------------------------------

    def find(self, list_id: str) -> ListFacts | None:
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM lists WHERE list = ?",  # noqa: S608  # names of ours
            (list_id,),
        ).fetchone()
        return None if row is None else ListFacts(*row)

    def facts(self, list_id: str) -> ListFacts:
        """Raises UnknownList."""
        facts = self.find(list_id)
        if facts is None:
            raise UnknownList(list_id)
        return facts

    def terms(self, facts: ListFacts) -> ContractTerms:
        """The contract version the list was minted under. Raises DoesNotOpen if altered since."""
        name = (facts.contract, facts.version)
        if name not in self._terms:
            terms = self._approvals.terms(*name)
            if policy_digest(terms) != facts.policy:
                raise DoesNotOpen(facts.list)
            self._terms[name] = terms
        return self._terms[name]

    def state(self, facts: ListFacts, now: datetime) -> str:
        """ "open", "frozen" or "shredded"; an expired list is frozen whether anybody said so."""
        if facts.shredded_at is not None:
            return "shredded"
        over = facts.frozen_at is not None or facts.list in self._frozen
        return "frozen" if over or micros(now) >= facts.expires else "open"

    def opened(self, facts: ListFacts, now: datetime) -> OpenList:
        """The keys of a living list. Raises ListOver, and DoesNotOpen if its row was altered."""
        if self.state(facts, now) != "open":
            self._open.pop(facts.list, None)
            raise ListOver(facts.list)
        if facts.list not in self._open:
            keys = self._keystore.secrets(facts.binding)
            self._open[facts.list] = OpenList(facts.entrustor, facts.list, keys)
        return self._open[facts.list]

    def closing(self, facts: ListFacts, now: datetime) -> OpenList:
        """The keys with which a call in hand is still closed: also of a frozen or expired list,
        until it is shredded. Kept nowhere. Raises ListOver."""
        if self.state(facts, now) == "shredded":
            raise ListOver(facts.list)
        return OpenList(facts.entrustor, facts.list, self._keystore.secrets(facts.binding))

    def manifested(self, list_id: str, chunk: int) -> tuple[bytes, int]:
        """Commitment and number of rows. Raises DoesNotOpen: the manifest knows no such chunk."""
        row = self._db.execute(
            "SELECT commitment, rows FROM chunks WHERE list = ? AND chunk = ?", (list_id, chunk)
        ).fetchone()
        if row is None:
            raise DoesNotOpen
        return row[0], row[1]

    def count(self, list_id: str, what: str) -> None:
        """One more of "opens", "matches" or "reveals"."""
        self._db.execute(
            f"UPDATE lists SET {what} = {what} + 1 WHERE list = ?",  # noqa: S608  # ours
            (list_id,),
        )

    # -- beginning -------------------------------------------------------------------------

    def add(self, minting: Minting, manifest: Manifest, now: datetime) -> None:
        """Make a minted list durable: its keys first, so that no row is without keys."""
        self._keystore.put(minting.binding, minting.keys)
        binding = minting.binding
        self._db.execute(
            "INSERT INTO lists (list, entrustor, contract, version, job, policy, expires,"
            " fingerprint, minted_at, manifested_at, file_hash, index_key)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                binding.list,
                binding.entrustor,
                minting.contract,
                minting.version,
                minting.job,
                binding.policy,
                binding.expires,
                minting.fingerprint,
                micros(minting.at),
                micros(now),
                manifest.file_hash,
                manifest.index_key,
            ),
        )
        self._db.executemany(
            "INSERT INTO chunks VALUES (?, ?, ?, ?)",
            (
                (binding.list, chunk, committed, rows)
                for chunk, (committed, rows) in enumerate(
                    zip(manifest.commitments, manifest.rows, strict=True)
                )
            ),
        )

    # -- ending ----------------------------------------------------------------------------

    def hold(self, list_id: str) -> None:
        """Stop opening at once, in memory, before anything is written."""
        if self.find(list_id) is not None:
            self._frozen.add(list_id)
            self._open.pop(list_id, None)

    def freeze(self, facts: ListFacts, trigger: str, now: datetime) -> bool:
        """From here on nothing opens, durably; False if that was so before."""
        self.hold(facts.list)
        row = self._db.execute(
            "UPDATE lists SET frozen_at = ?, trigger = ? WHERE list = ? AND frozen_at IS NULL"
            " RETURNING list",
            (micros(now), trigger, facts.list),
        ).fetchone()
        return row is not None

    def intend_shred(self, facts: ListFacts, now: datetime) -> bool:
        """Note which epoch will die with it; False if that has been noted before.

        Raises NotFrozen.
        """
        if self.state(facts, now) == "open":
            raise NotFrozen(facts.list)
        if facts.epoch is not None:
            return False
        self._db.execute(
            "UPDATE lists SET epoch = ? WHERE list = ?", (self._keystore.epoch, facts.list)
        )
        return True

    def shred(self, list_id: str) -> None:
        """Destroy the keys of this list and of every other one that waits for it.

        When this returns they are gone from the keystore, and the root that wrapped them too.
        """
        if list_id in self._keystore:
            self._keystore.rotate(self._survivors())

    def note_shredded(self, list_id: str, seq: int, now: datetime) -> None:
        self._db.execute(
            "UPDATE lists SET shredded_at = ?, shred_seq = ? WHERE list = ?",
            (micros(now), seq, list_id),
        )

    def _survivors(self) -> set[str]:
        rows = self._db.execute("SELECT list FROM lists WHERE epoch IS NULL").fetchall()
        return {list_id for (list_id,) in rows}

    def _check_keystore(self) -> None:
        """Raises KeystoreRefused if it is older than what has been shredded, or lacks a list."""
        (ended,) = self._db.execute(
            "SELECT coalesce(max(epoch), 0) FROM lists WHERE shredded_at IS NOT NULL"
        ).fetchone()
        if self._keystore.epoch <= ended:
            raise KeystoreRefused(f"epoch {ended} was destroyed: this keystore is a copy of it")
        missing = {list_id for list_id in self._survivors() if list_id not in self._keystore}
        if missing:
            raise KeystoreRefused(f"keys are missing: {', '.join(sorted(missing))}")


def binding_of(terms: ContractTerms, list_id: str, expires: datetime) -> Binding:
    """What the keys of a new list are to be wrapped for."""
    return Binding(terms.entrustor, list_id, policy_digest(terms), micros(expires))


def policy_digest(terms: ContractTerms) -> bytes:
    """SHA-256 of the terms in canonical JSON."""
    return hashlib.sha256(canonical_json(terms)).digest()


def iso(at: int | None) -> str | None:
    """A time of `ListFacts` as certificates write it."""
    return None if at is None else moment(at).isoformat()
