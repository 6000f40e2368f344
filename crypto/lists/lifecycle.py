"""The lists whose keys are here: what they were minted for, and how they end.

    pending (memory only) -> open -> frozen -> shredding -> shredded (no way back)
                                  `-> lost, with the keeper's disk (`crypto.keeper.recovery`)

Freezing works at once and even when the ledger cannot be written. Shredding first writes down
the intent, then begins a new epoch, then writes down that it is done; each part returns if it
has been done already, so a crash is healed by shredding again.
"""

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from crypto.errors.lists import KeysLost, ListOver, NotFrozen, UnknownList
from crypto.errors.records import DoesNotOpen
from crypto.errors.statements import BadStatement, WiderThanContract
from crypto.keys.keystore import Keystore
from crypto.keys.opening import OpenList
from crypto.keys.vault import Binding, KeystoreRefused, ListSecrets
from crypto.signed.approvals import Approvals
from crypto.signed.mandates import Mandates
from crypto.signed.terms import ContractTerms
from crypto.standards.canonical import canonical_json, micros
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
    intended_at INTEGER,         -- since when: so many an hour
    shredded_at INTEGER,
    shred_seq INTEGER,           -- ledger line of the completion
    lost_at INTEGER,             -- the keystore was lost with its disk: nobody destroyed the keys
    extension_issued INTEGER,    -- of the extension in force: no earlier statement undoes it
    opens INTEGER NOT NULL DEFAULT 0,
    matches INTEGER NOT NULL DEFAULT 0,
    reveals INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (contract, version) REFERENCES contracts (contract, version)
) STRICT;
CREATE INDEX IF NOT EXISTS lists_job ON lists (job);
CREATE INDEX IF NOT EXISTS lists_living ON lists (expires)
    WHERE shredded_at IS NULL AND lost_at IS NULL;
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


class ListFacts(msgspec.Struct, frozen=True):
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
    file_hash: bytes
    frozen_at: int | None
    trigger: str | None
    epoch: int | None
    intended_at: int | None
    shredded_at: int | None
    shred_seq: int | None
    lost_at: int | None
    extension_issued: int | None
    opens: int
    matches: int
    reveals: int

    @property
    def binding(self) -> Binding:
        return Binding(self.entrustor, self.list, self.policy, self.expires)


_COLUMNS = ", ".join(ListFacts.__struct_fields__)


class Lists:
    """The table of lists, and the keystore behind it."""

    def __init__(
        self,
        db: sqlite3.Connection,
        keystore: Keystore,
        approvals: Approvals,
        highest: Callable[[], datetime],
    ) -> None:
        """highest: the latest moment beyond doubt; what had expired by then does not come back."""
        self._db, self._keystore, self._approvals = db, keystore, approvals
        self._highest = highest
        self._mandates = Mandates(db)
        self._frozen: set[str] = set()  # asked for, whether or not the ledger could say so
        self._open: dict[str, OpenList] = {}
        self._terms: dict[tuple[str, int], ContractTerms] = {}
        self._issued: dict[tuple[str, int], int] = {}
        self._check_keystore()

    # -- looking up ------------------------------------------------------------------------

    def find(self, list_id: str) -> ListFacts | None:
        return next(iter(self._found("list = ?", list_id)), None)

    def facts(self, list_id: str) -> ListFacts:
        """Raises UnknownList."""
        facts = self.find(list_id)
        if facts is None:
            raise UnknownList(list_id)
        return facts

    def of_job(self, job: str) -> list[ListFacts]:
        """Every list that was minted for a job, living or not, the earliest first."""
        return self._found("job = ? ORDER BY minted_at, list", job)

    def of_entrustor(self, entrustor: str, now: datetime) -> list[ListFacts]:
        """Every list of an entrustor that opens."""
        kept = "entrustor = ? AND shredded_at IS NULL AND lost_at IS NULL ORDER BY list"
        return [one for one in self._found(kept, entrustor) if self.state(one, now) == "open"]

    def _found(self, which: str, of: str) -> list[ListFacts]:
        query = f"SELECT {_COLUMNS} FROM lists WHERE {which}"  # noqa: S608  # ours
        return [ListFacts(*row) for row in self._db.execute(query, (of,)).fetchall()]

    def index_key(self, facts: ListFacts, now: datetime) -> bytes:
        """Of a living list. Raises ListOver, DoesNotOpen."""
        keys = self.opened(facts, now)
        (sealed,) = self._db.execute(
            "SELECT index_key FROM lists WHERE list = ?", (facts.list,)
        ).fetchone()
        return keys.index_key(sealed)

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
        """ "open", "frozen", "shredded" or "lost"; an expired or held list is frozen whether
        anybody said so."""
        if facts.lost_at is not None:
            return "lost"
        if facts.shredded_at is not None:
            return "shredded"
        over = facts.frozen_at is not None or facts.list in self._frozen
        latest = max(now, self._highest())
        over = over or micros(latest) >= facts.expires or self._mandates.held(facts.list)
        return "frozen" if over else "open"

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
        until it is shredded; those are then kept nowhere. Raises ListOver."""
        state = self.state(facts, now)
        if state == "open":
            return self.opened(facts, now)
        if state in ("shredded", "lost"):
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

    def approves(self, facts: ListFacts, party: str) -> bool:
        """Whether this party's people may touch the list: its contract, and decisions since."""
        name = (facts.contract, facts.version)
        if name not in self._issued:  # what is signed does not change
            self._issued[name] = self._approvals.issued(*name)
        terms, issued = self.terms(facts), self._issued[name]
        return self._mandates.approves(terms, issued, party, facts.minted_at)

    def parties(self, facts: ListFacts) -> tuple[str, ...]:
        """Whose people were let at the list when it was minted."""
        issued = self._approvals.issued(facts.contract, facts.version)
        return self._mandates.approved(self.terms(facts), issued, facts.minted_at)

    def rows(self, list_id: str) -> int:
        """Records of the manifest."""
        (rows,) = self._db.execute(
            "SELECT coalesce(sum(rows), 0) FROM chunks WHERE list = ?", (list_id,)
        ).fetchone()
        return int(rows)

    def count(self, list_id: str, what: str) -> None:
        """One more of "opens", "matches" or "reveals"."""
        self._db.execute(
            f"UPDATE lists SET {what} = {what} + 1 WHERE list = ?",  # noqa: S608  # ours
            (list_id,),
        )

    # -- beginning -------------------------------------------------------------------------

    def add(self, minting: Minting, manifest: Manifest, now: datetime) -> bytes:
        """Take a minted list up. Its keys are staged, to be in force when the row is durable;
        the keystore's digest then."""
        digest = self._keystore.stage_lists({minting.binding: minting.keys})
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
        return digest

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

    def extend(
        self, facts: ListFacts, until: datetime, issued: datetime, now: datetime
    ) -> tuple[bytes, Callable[[], None]]:
        """Let a living list live longer, within its contract; its freeze ends (who has a right
        to that: `Authority.spare`).

        Its keys are wrapped again, staged: the keystore's digest then, and what is to be done
        once that is durable. Raises ListOver, WiderThanContract, BadStatement.
        """
        self._check_extensible(facts, until, now)
        if micros(issued) < max(facts.frozen_at or 0, facts.extension_issued or 0):
            raise BadStatement("not issued after the freeze or extension in force")
        after = msgspec.structs.replace(facts, expires=micros(until)).binding
        digest = self._keystore.stage_rebound(facts.binding, after)
        self._db.execute(
            "UPDATE lists SET expires = ?, frozen_at = NULL, trigger = NULL,"
            " extension_issued = ? WHERE list = ?",
            (after.expires, micros(issued), facts.list),
        )

        def act() -> None:
            self._keystore.commit()
            self._open.pop(facts.list, None)
            self._frozen.discard(facts.list)

        return digest, act

    def _check_extensible(self, facts: ListFacts, until: datetime, now: datetime) -> None:
        ended = facts.epoch is not None or facts.lost_at is not None
        if ended or micros(now) >= facts.expires:
            raise ListOver(facts.list)
        if micros(until) < facts.expires or until > self.terms(facts).expires:
            raise WiderThanContract(facts.list)

    def to_be_shredded(self, facts: ListFacts, now: datetime) -> bool:
        """Whether the intent has yet to be noted. Raises NotFrozen, KeysLost."""
        if facts.lost_at is not None:
            raise KeysLost(facts.list)
        if facts.epoch is None and self.state(facts, now) == "open":
            raise NotFrozen(facts.list)
        return facts.epoch is None

    def intend_shred(self, list_id: str, trigger: str, now: datetime) -> None:
        """Note which epoch will die with it, since when it is meant to, and on what right:
        the certificate says that, whatever the freeze was called."""
        self._db.execute(
            "UPDATE lists SET epoch = ?, intended_at = ?, trigger = ? WHERE list = ?",
            (self._keystore.epoch, micros(now), trigger, list_id),
        )

    def note_shredded(self, list_id: str, seq: int, now: datetime) -> None:
        self._db.execute(
            "UPDATE lists SET shredded_at = ?, shred_seq = ? WHERE list = ?",
            (micros(now), seq, list_id),
        )

    def survivors(self) -> set[str]:
        """The lists whose keys a new epoch takes along."""
        rows = self._db.execute(
            "SELECT list FROM lists WHERE epoch IS NULL AND lost_at IS NULL"
        ).fetchall()
        return {list_id for (list_id,) in rows}

    def _check_keystore(self) -> None:
        """Raises KeystoreRefused if it is older than what has been shredded, or lacks a list."""
        (ended,) = self._db.execute(
            "SELECT coalesce(max(epoch), 0) FROM lists"
            " WHERE shredded_at IS NOT NULL OR lost_at IS NOT NULL"
        ).fetchone()
        if self._keystore.epoch <= ended:
            raise KeystoreRefused(f"epoch {ended} was destroyed: this keystore is a copy of it")
        missing = {list_id for list_id in self.survivors() if list_id not in self._keystore}
        if missing:
            raise KeystoreRefused(f"keys are missing: {', '.join(sorted(missing))}")


def lose_all(db: sqlite3.Connection, at: int) -> tuple[list[str], int]:
    """Mark every list that was not shredded as lost with the keystore, at a time in microseconds;
    their ids, and the last epoch that this journal knows of: no keystore of it starts again."""
    (epoch,) = db.execute("SELECT coalesce(max(epoch), 1) FROM lists").fetchone()
    lost = db.execute(
        "UPDATE lists SET lost_at = ?, epoch = ? WHERE shredded_at IS NULL AND lost_at IS NULL"
        " RETURNING list",
        (at, epoch),
    ).fetchall()
    return sorted(list_id for (list_id,) in lost), epoch


def binding_of(terms: ContractTerms, list_id: str, expires: datetime) -> Binding:
    """What the keys of a new list are to be wrapped for."""
    return Binding(terms.entrustor, list_id, policy_digest(terms), micros(expires))


def policy_digest(terms: ContractTerms) -> bytes:
    """SHA-256 of the terms in canonical JSON."""
    return hashlib.sha256(canonical_json(terms)).digest()
