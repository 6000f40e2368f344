"""Certificates after their issue: replaced by a later edition (差替), or revoked (失効).

    in force --signed by the entrustor and the privacy officer--> replaced, by the next edition
                                                             `--> revoked

Nothing is deleted or overwritten: an edition names the one that it replaces, a revocation the
one that it revokes, and both are documents of their own with a ledger line each. What the
keeper states of a destruction comes anew from its own state, what the worker claimed is
repeated word for word; only the names and counts of a receipt that were signed for change.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from crypto.bookkeeping.journal import Act, Journal, Verbs
from crypto.certificates import dsse
from crypto.certificates.signers import Signers
from crypto.errors.lists import NotCertified
from crypto.errors.statements import BadStatement
from crypto.keeper.certifying import EDITION, Notary
from crypto.keeper.decided import Effect
from crypto.lists.lifecycle import ListFacts, Lists
from crypto.signed.orders import CertificateRevocation, Reissue
from crypto.signed.terms import Statement
from crypto.standards.canonical import canonical_json
from crypto.wire.lists import CertificateTold, LookAtCertificate

REVOCATION_TYPE = "application/vnd.calllist.revocation+json"
EDITIONS = 20  # of one certificate, ever
NAME_CHARACTERS = 64  # crypto.ids

SCHEMA = """
CREATE TABLE IF NOT EXISTS certificate_changes (
    certificate TEXT PRIMARY KEY REFERENCES certificates (certificate),  -- no longer in force
    successor TEXT,              -- NULL: revoked
    envelope BLOB                -- the signed revocation
) STRICT;
"""


class Editions:
    """What comes of statements about certificates, and the verb that shows it."""

    def __init__(self, journal: Journal, lists: Lists, notary: Notary, signers: Signers) -> None:
        self._journal, self._lists = journal, lists
        self._notary, self._signers = notary, signers
        self.verbs: Verbs = {LookAtCertificate: self.look_at}
        self.effects: Mapping[type[Any], Callable[[Any, Statement, datetime], Effect]] = {
            Reissue: self._replace,
            CertificateRevocation: self._revoke,
        }

    def look_at(self, request: LookAtCertificate, _now: datetime) -> Act:
        """Raises NotCertified."""
        db, name = self._journal.db, request.certificate
        row = db.execute("SELECT envelope FROM certificates WHERE certificate = ?", (name,))
        found = row.fetchone()
        if found is None:
            raise NotCertified(name)
        change = db.execute(
            "SELECT successor, envelope FROM certificate_changes WHERE certificate = ?", (name,)
        ).fetchone()
        successor, revocation = change or (None, None)
        return lambda: CertificateTold(found[0], successor or "", revocation or b"")

    def _replace(self, body: Reissue, statement: Statement, now: datetime) -> Effect:
        facts, envelope = self._in_force(body)
        before = _payload_of(envelope)
        edition = before.get("edition", 1) + 1
        if edition > EDITIONS:
            raise BadStatement(f"more than {EDITIONS} editions")
        name = f"{body.certificate.partition(EDITION)[0]}{EDITION}{edition}"
        if len(name) > NAME_CHARACTERS:
            raise BadStatement("certificate")
        self._notary.state(
            facts,
            name,
            _corrected(before["claims"], body),
            now,
            edition=edition,
            replaces=_named(body, before, envelope, statement),
        )
        self._over(body.certificate, name, None)
        self._journal.append(
            "reissue",
            now,
            list_id=body.list,
            certificate=name,
            replaces=body.certificate,
            reason=body.reason,
        )
        return Effect(f"certificate {body.certificate} replaced", (body.list,))

    def _revoke(self, body: CertificateRevocation, statement: Statement, now: datetime) -> Effect:
        facts, envelope = self._in_force(body)
        payload = {
            **_named(body, _payload_of(envelope), envelope, statement),
            "list": facts.list,
            "entrustor": facts.entrustor,
            "revoked_at": now.isoformat(),
        }
        signed = dsse.envelope(canonical_json(payload), REVOCATION_TYPE, self._signers.certificate)
        self._over(body.certificate, None, signed)
        self._journal.append(
            "revoke_certificate",
            now,
            list_id=body.list,
            certificate=body.certificate,
            reason=body.reason,
        )
        return Effect(f"certificate {body.certificate} revoked", (body.list,))

    def _in_force(self, body: Reissue | CertificateRevocation) -> tuple[ListFacts, bytes]:
        """The list, and the certificate's envelope. Raises UnknownList; BadStatement for what is
        another's, or was replaced or revoked before."""
        facts = self._lists.facts(body.list)
        row = self._journal.db.execute(
            "SELECT certificates.envelope, c.certificate IS NOT NULL FROM certificates"
            " LEFT JOIN certificate_changes c USING (certificate)"
            " WHERE certificate = ? AND list = ?",
            (body.certificate, body.list),
        ).fetchone()
        if row is None or facts.entrustor != body.entrustor:
            raise BadStatement(f"{body.certificate} is no certificate of this list")
        if row[1]:
            raise BadStatement(f"{body.certificate} is no longer in force")
        return facts, row[0]

    def _over(self, certificate: str, successor: str | None, revocation: bytes | None) -> None:
        self._journal.db.execute(
            "INSERT INTO certificate_changes VALUES (?, ?, ?)",
            (certificate, successor, revocation),
        )


def _payload_of(envelope: bytes) -> dict[str, Any]:
    """Of one that this keeper has signed."""
    outer = msgspec.json.decode(envelope, type=dict[str, Any])
    return msgspec.json.decode(base64.b64decode(outer["payload"]), type=dict[str, Any])


def _named(
    body: Reissue | CertificateRevocation,
    before: Mapping[str, Any],
    envelope: bytes,
    statement: Statement,
) -> dict[str, object]:
    """Which certificate it is about, to the byte, why, and by which signed statement."""
    return {
        "certificate": body.certificate,
        "edition": before.get("edition", 1),
        "digest": hashlib.sha256(envelope).hexdigest(),
        "reason": body.reason,
        "statement": statement.nonce,
    }


def _corrected(claims: Mapping[str, Any], body: Reissue) -> dict[str, object]:
    """The claims, with what was signed for in the receipt's part of them."""
    corrected = msgspec.to_builtins(body.corrected)
    if not corrected:
        raise BadStatement("nothing is corrected")
    return {**claims, "received": {**claims.get("received", {}), **corrected}}
