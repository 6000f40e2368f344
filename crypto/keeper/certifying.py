"""What the keeper states and signs about a list: certificates of destruction (DSSE), counts,
and the PDFs in which people read those certificates.

In a certificate the keeper states what it knows itself; what the worker did and checked
stands beside it as the worker's claim, word for word. Checked offline by `retention.verify`.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from crypto.bookkeeping.journal import Act, Journal, Verbs, refusing
from crypto.bookkeeping.quotas import CERTIFIED, Quotas
from crypto.certificates import dsse
from crypto.certificates.signers import Signers
from crypto.errors.base import Refusal
from crypto.errors.keeper import BadFrame
from crypto.errors.lists import (
    AlreadyCertified,
    CertificateTaken,
    ClaimsContradict,
    NotAttested,
    NotCertified,
    NotShredded,
    TooManyDocuments,
)
from crypto.keeper.attesting import Attested, attested
from crypto.keeper.claimed import Claimed, Known, contradicted
from crypto.keeper.logbook import Logbook
from crypto.keys.inventory import PROVEN
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.lists.progress import Records
from crypto.standards.canonical import canonical_json, iso, moment, time_of
from crypto.wire.lists import (
    Certified,
    Certify,
    DocumentSigned,
    Issued,
    IssuedNames,
    OpenCounts,
    Opens,
    SignDocument,
)

PAYLOAD_TYPE = "application/vnd.calllist.certificate+json"

CLAIMS_BYTES = 128 * 1024  # of the worker's counts and checks: some kilobytes in fact
EDITION = "."  # between a certificate's number and that of a later edition: the keeper's alone
DOCUMENTS_EACH = 5  # PDFs of one certificate, ever: one is due, and another after each change

SCHEMA = """
CREATE TABLE IF NOT EXISTS certificates (
    certificate TEXT PRIMARY KEY,  -- asked for again: the same envelope
    list TEXT NOT NULL REFERENCES lists (list),
    envelope BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS documents (
    certificate TEXT NOT NULL REFERENCES certificates (certificate),
    digest BLOB NOT NULL,          -- of a PDF's signed bytes
    signature BLOB NOT NULL,       -- asked for again: the same
    PRIMARY KEY (certificate, digest)
) STRICT;
"""


class Notary:
    """The verbs that state and sign. Each is a step of the journal."""

    def __init__(
        self,
        journal: Journal,
        lists: Lists,
        logbook: Logbook,
        root_kind: str,
        signers: Signers,
        quotas: Quotas,
    ) -> None:
        self._journal, self._lists, self._logbook = journal, lists, logbook
        self._quotas = quotas
        self._root_kind, self._signers = root_kind, signers
        self._records = Records(journal.db)
        self.verbs: Verbs = {
            Certify: self.certify,
            SignDocument: self.sign_document,
            Issued: self.issued,
            Opens: self.opens,
        }

    def certify(self, request: Certify, now: datetime) -> Act:
        """Raises NotShredded, UnknownList, CertificateTaken, AlreadyCertified, NotAttested,
        ClaimsContradict, LineQuota; BadFrame if the claims are not `Claimed`, or too long, or the
        name is not of this list's entrustor and their number."""
        row = self._journal.db.execute(
            "SELECT list, envelope FROM certificates WHERE certificate = ?", (request.certificate,)
        ).fetchone()
        if row is not None:
            if row[0] != request.list:
                raise CertificateTaken(request.certificate)
            return lambda: Certified(row[1])
        facts = self._lists.facts(request.list)
        if facts.shred_seq is None:
            raise NotShredded(request.list)
        if len(request.claims) > CLAIMS_BYTES:
            raise BadFrame("claims")
        claims = _claimed(request.claims)
        if request.certificate != f"{facts.entrustor}-{claims.number:06d}":
            raise BadFrame("certificate")
        refusal = self._refusal(facts, claims)
        if refusal:
            return self._refused(facts.list, refusal, now)
        over = self._quotas.spend("certify", CERTIFIED, now)
        if over:
            return over
        said = msgspec.json.decode(request.claims, type=dict[str, object])
        signed = self.state(facts, request.certificate, said, now)
        self._journal.append("certify", now, list_id=request.list, certificate=request.certificate)
        return lambda: Certified(signed)

    def sign_document(self, request: SignDocument, now: datetime) -> Act:
        """Raises NotCertified, TooManyDocuments."""
        db, name, digest = self._journal.db, request.certificate, request.digest
        row = db.execute("SELECT list FROM certificates WHERE certificate = ?", (name,)).fetchone()
        if row is None:
            raise NotCertified(name)
        signed = dict(
            db.execute("SELECT digest, signature FROM documents WHERE certificate = ?", (name,))
        )
        if digest in signed:
            return lambda: DocumentSigned(signed[digest])
        if len(signed) >= DOCUMENTS_EACH:
            raise TooManyDocuments(str(DOCUMENTS_EACH))
        signature = self._signers.document.sign(digest)
        db.execute("INSERT INTO documents VALUES (?, ?, ?)", (name, digest, signature))
        self._journal.append("document", now, list_id=row[0], certificate=name, digest=digest.hex())
        return lambda: DocumentSigned(signature)

    def issued(self, request: Issued, _now: datetime) -> Act:
        """Of a list that nobody knows: none."""
        names = self._journal.db.execute(
            "SELECT certificate FROM certificates WHERE list = ? ORDER BY rowid", (request.list,)
        ).fetchall()
        return lambda: IssuedNames(tuple(name for (name,) in names))

    def _refusal(self, facts: ListFacts, claims: Claimed) -> Refusal | None:
        """Why this list gets no certificate with these claims."""
        db = self._journal.db
        if db.execute("SELECT 1 FROM certificates WHERE list = ?", (facts.list,)).fetchone():
            return AlreadyCertified(facts.list)
        steps = attested(db, facts.list)
        if "erased" not in steps or "verified" not in steps:
            return NotAttested(facts.list)
        wrong = contradicted(claims, self._known(facts, steps))
        return ClaimsContradict(wrong) if wrong else None

    def _refused(self, list_id: str, refusal: Refusal, now: datetime) -> Act:
        """The ledger says so once an hour: a worker asks every minute."""
        over = self._quotas.spend(
            f"claims {list_id}",
            0,
            now,
            refusal=refusal,
            kind="certify_refused",
            list_id=list_id,
            code=refusal.code,
        )
        return over or refusing(refusal)

    def _known(self, facts: ListFacts, steps: Mapping[str, Attested]) -> Known:
        return Known(
            rows=self._lists.rows(facts.list),
            file_hash=facts.file_hash.hex(),
            purpose=self._lists.terms(facts).purpose,
            parties=len(self._lists.parties(facts)),
            trigger=facts.trigger,
            expires=moment(facts.expires),
            frozen_at=time_of(facts.frozen_at),
            shredded_at=time_of(facts.shredded_at),
            erased=steps["erased"].facts or {},
            verified=steps["verified"].facts or {},
        )

    def state(
        self,
        facts: ListFacts,
        certificate: str,
        claims: Mapping[str, object],
        now: datetime,
        **edition: object,
    ) -> bytes:
        """Sign what the keeper knows itself, the worker's claims beside it; kept under its name.

        edition: what a later edition says of itself. Raises NotShredded.
        """
        if facts.shred_seq is None:
            raise NotShredded(facts.list)
        said = self._payload(facts, facts.shred_seq, now)
        payload = canonical_json({"certificate": certificate, "claims": claims, **said, **edition})
        signed = dsse.envelope(payload, PAYLOAD_TYPE, self._signers.certificate)
        self._journal.db.execute(
            "INSERT INTO certificates VALUES (?, ?, ?)", (certificate, facts.list, signed)
        )
        return signed

    def _payload(self, facts: ListFacts, shred_seq: int, now: datetime) -> dict[str, object]:
        counts, steps = self._counts(facts), attested(self._journal.db, facts.list)
        return {
            "issued_at": now.isoformat(),
            "list": facts.list,
            "entrustor": facts.entrustor,
            "contract": facts.contract,
            "version": facts.version,
            "purpose": self._lists.terms(facts).purpose,
            "parties": self._lists.parties(facts),
            "rows": self._lists.rows(facts.list),
            "file_hash": facts.file_hash.hex(),
            "manifested_at": iso(facts.manifested_at),
            "key": facts.fingerprint,
            "minted_at": iso(facts.minted_at),
            "expires": iso(facts.expires),
            "frozen_at": iso(facts.frozen_at),
            "trigger": facts.trigger,
            "shredded_at": iso(facts.shredded_at),
            "shred_seq": shred_seq,
            "attested": {step: one.seq for step, one in steps.items()},
            "epoch_destroyed": facts.epoch,
            "root_kind": self._root_kind,
            "root_proof": PROVEN,
            "opens": counts.opens,
            "people_opened": counts.people,
            "operators": counts.operators,
            "matches": counts.matches,
            "reveals": counts.reveals,
            **self._logbook.anchor(shred_seq),
        }

    def opens(self, request: Opens, _now: datetime) -> Act:
        """Raises UnknownList."""
        counts = self._counts(self._lists.facts(request.list))
        return lambda: counts

    def _counts(self, facts: ListFacts) -> OpenCounts:
        return OpenCounts(
            opens=facts.opens,
            people=self._records.people(facts.list),
            reveals=facts.reveals,
            matches=facts.matches,
            operators=self._records.operators(facts.list),
        )


def _claimed(given: bytes) -> Claimed:
    try:
        return msgspec.json.decode(given, type=Claimed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadFrame("claims") from None
