"""The letterbox of a job: files that the entrustor encrypted to it, which nobody else can read.

    address: an age identity, made on first demand, wrapped in the keystore -> signed statement
    unwrap:  the header of a file -> its file key, for the one intake that was minted for it

The identity ends with the job's last list: the epoch that ends that takes it along no further. One
of a job without a list ends with the first epoch after its contract. So a sealed file that
stays behind in somebody's mail opens no longer than the list that was made of it.
"""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from crypto.bookkeeping.journal import Act, Journal, Verbs
from crypto.certificates.recipients import UploadRecipient, stated
from crypto.certificates.signers import Signers
from crypto.errors.lists import ListOver, UnknownList
from crypto.errors.statements import ForeignJob
from crypto.errors.uploads import (
    HeaderUnreadable,
    SealedElsewhere,
    SealedOnly,
    SecondHeader,
    TakenInBefore,
    TooManyAddresses,
)
from crypto.keys import inventory
from crypto.keys.keystore import Keystore
from crypto.signed.approvals import Approvals
from crypto.signed.terms import ContractTerms
from crypto.standards.age import header
from crypto.standards.age.keys import AgeIdentity
from crypto.standards.canonical import micros
from crypto.wire.uploads import Address, Addressed, Part, Unwrap, Unwrapped

WITHOUT_LIST = 100  # addresses of one contract whose job has no list yet: no flood of keys

SCHEMA = """
CREATE TABLE IF NOT EXISTS letterboxes (
    job TEXT PRIMARY KEY,
    contract TEXT NOT NULL,
    entrustor TEXT NOT NULL,
    expires INTEGER NOT NULL,    -- of the contract
    recipient TEXT NOT NULL      -- as age writes it: public
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS letters (
    job TEXT NOT NULL,
    header BLOB NOT NULL,        -- SHA-256 of a header that has become, or belongs to, a list
    list TEXT NOT NULL,
    PRIMARY KEY (job, header)
) STRICT, WITHOUT ROWID;
"""

Headers = dict[tuple[str, Part], bytes]
"""What an upload has shown so far: list and part -> SHA-256 of the header."""


class Letterboxes:
    """The addresses of jobs, and what was taken out of them."""

    def __init__(
        self,
        journal: Journal,
        approvals: Approvals,
        keystore: Keystore,
        signers: Signers,
        highest: Callable[[], datetime],
    ) -> None:
        self._journal, self._db = journal, journal.db
        self._approvals, self._keystore, self._signers = approvals, keystore, signers
        self._highest = highest
        self.verbs: Verbs = {Address: self.address}

    def address(self, request: Address, now: datetime) -> Act:
        """A step that may stage a key (`Epochs.change`).

        Raises UnknownContract, ListOver (the contract has ended), ForeignJob, TooManyAddresses.
        """
        terms = self._approvals.terms(request.contract, self._approvals.latest(request.contract))
        if terms.expires <= max(now, self._highest()):
            raise ListOver(request.contract)
        row = self._db.execute(
            "SELECT contract, recipient FROM letterboxes WHERE job = ?", (request.job,)
        ).fetchone()
        for contract in {*self._contracts(request.job), *([row[0]] if row else [])}:
            if contract != request.contract:
                raise ForeignJob(request.job)
        if row is not None and request.job in self._keystore.boxes:
            return self._addressed(terms, request.job, row[1], now)
        return self._made(terms, request.job, now)

    def _made(self, terms: ContractTerms, job: str, now: datetime) -> Act:
        self._check_room(terms.contract)
        identity = AgeIdentity.generate()
        recipient = str(identity.recipient)
        digest = self._keystore.stage_box(job, terms.entrustor, identity.secret)
        self._db.execute(
            "INSERT OR REPLACE INTO letterboxes VALUES (?, ?, ?, ?, ?)",
            (job, terms.contract, terms.entrustor, micros(terms.expires), recipient),
        )
        seq = self._journal.append(
            "letterbox",
            now,
            job=job,
            contract=terms.contract,
            entrustor=terms.entrustor,
            recipient=recipient,
            keystore=digest.hex(),
        )
        inventory.note(self._db, digest, seq)
        act = self._addressed(terms, job, recipient, now)

        def committed() -> Addressed:
            self._keystore.commit()
            told: Addressed = act()
            return told

        return committed

    def _addressed(self, terms: ContractTerms, job: str, recipient: str, now: datetime) -> Act:
        said = UploadRecipient(terms.entrustor, terms.contract, job, recipient, now)
        return lambda: Addressed(stated(said, self._signers.certificate))

    def unwrap(self, request: Unwrap, job: str, shown: Headers, now: datetime) -> Act:
        """For a list that was minted for this job, on a connection that has shown these headers.

        Raises HeaderUnreadable, SealedElsewhere, SecondHeader, TakenInBefore.
        """
        digest, place = sha256(request.header).digest(), (request.list, request.part)
        if place in shown or digest in shown.values():  # one file is not both parts
            raise SecondHeader(request.list)
        if self._taken_in(job, digest):
            raise TakenInBefore(job)
        file_key = self._file_key(job, request.header)
        self._journal.append(
            "unwrap", now, list_id=request.list, job=job, part=request.part, header=digest.hex()
        )

        def act() -> Unwrapped:
            shown[place] = digest
            return Unwrapped(file_key)

        return act

    def _file_key(self, job: str, data: bytes) -> bytes:
        """Raises HeaderUnreadable, SealedElsewhere."""
        row = self._db.execute("SELECT entrustor FROM letterboxes WHERE job = ?", (job,)).fetchone()
        try:
            parsed = header.parse(data)
            if row is None:
                raise SealedElsewhere(job)
            return header.file_key(parsed, AgeIdentity(self._keystore.box(job, row[0])))
        except header.HeaderRefused:
            raise HeaderUnreadable from None
        except (header.NotForThisKey, UnknownList):
            raise SealedElsewhere(job) from None

    def take_in(self, list_id: str, job: str, terms: ContractTerms, shown: Headers) -> None:
        """Inside the manifest of a list: what it was made of is used up.

        Raises SealedOnly; TakenInBefore if another upload of the same file was faster.
        """
        used = {part: digest for (name, part), digest in shown.items() if name == list_id}
        if terms.conduct.sealed_only and "list" not in used:
            raise SealedOnly(terms.contract)
        if any(self._taken_in(job, digest) for digest in used.values()):
            raise TakenInBefore(job)
        self._db.executemany(
            "INSERT OR REPLACE INTO letters VALUES (?, ?, ?)",
            ((job, digest, list_id) for digest in used.values()),
        )

    def survivors(self) -> set[str]:
        """The jobs whose identity a new epoch takes along: those with a list that lives, and
        those that wait for their first one under a contract that has not ended."""
        rows = self._db.execute(
            "SELECT job FROM letterboxes WHERE EXISTS"
            " (SELECT 1 FROM lists WHERE lists.job = letterboxes.job"
            "  AND epoch IS NULL AND lost_at IS NULL)"
            " OR (expires > ? AND NOT EXISTS"
            " (SELECT 1 FROM lists WHERE lists.job = letterboxes.job AND lost_at IS NULL))",
            (micros(self._highest()),),
        ).fetchall()
        return {job for (job,) in rows if job in self._keystore.boxes}

    def _taken_in(self, job: str, digest: bytes) -> bool:
        """Whether a list was made of it whose keys were not lost with a disk."""
        row = self._db.execute(
            "SELECT 1 FROM letters JOIN lists USING (list)"
            " WHERE letters.job = ? AND header = ? AND lost_at IS NULL",
            (job, digest),
        ).fetchone()
        return row is not None

    def _contracts(self, job: str) -> set[str]:
        rows = self._db.execute("SELECT DISTINCT contract FROM lists WHERE job = ?", (job,))
        return {contract for (contract,) in rows.fetchall()}

    def _check_room(self, contract: str) -> None:
        (waiting,) = self._db.execute(
            "SELECT count(*) FROM letterboxes WHERE contract = ? AND job NOT IN"
            " (SELECT job FROM lists)",
            (contract,),
        ).fetchone()
        if waiting >= WITHOUT_LIST:
            raise TooManyAddresses(contract)


def lose(db: sqlite3.Connection) -> None:
    """Inside a step: the keystore was lost, and every identity with it."""
    db.execute("DELETE FROM letterboxes")
