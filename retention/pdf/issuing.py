"""The worker's step: a certificate that has no PDF gets one; one without a timestamp gets that.

After CERTIFIED and apart from it: the signed JSON is the certificate, and waits for nothing
here. Each step asks first and then takes the row's lock to store what came back, so a slow
authority holds up nobody, and two workers on one certificate do the work of one: the same
facts give the same PDF, and for the same PDF the keeper gives the same signature.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import undefer

from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head, LedgerHead
from crypto.wire.lists import SignDocument
from retention.errors import CertificateMissing, NotAuthentic, NotStamped
from retention.facts import CertificateFacts
from retention.pdf import cms, timestamps
from retention.pdf.hole import taken_apart
from retention.pdf.signing import sign
from retention.pdf.timestamps import Stamp
from retention.pdf.typesetting import typeset
from retention.tables import Certificate
from retention.verify import verify

STAMP_SECONDS = 5  # an authority that is silent for longer is asked again with the next sweep
SIGNED, STAMPED = 50, 2  # nudged at once


@dataclass(frozen=True)
class Authority:
    """A timestamping authority (RFC 3161 over HTTP), and the roots that may vouch for it."""

    url: str
    roots: tuple[bytes, ...]  # DER

    async def stamp(self, value: bytes) -> tuple[bytes, Stamp]:
        """A verified token over a signature value. Raises NotStamped."""
        asked = HTTPTimeStamper(self.url, timeout=STAMP_SECONDS)
        try:
            answer = await asked.async_timestamp(hashlib.sha256(value).digest(), "sha256")
            token = timestamps.completed(answer.dump(), self.roots)
            return token, timestamps.check(token, value, self.roots)
        except NotAuthentic as refused:
            raise NotStamped(refused.reason) from None
        except (TimestampRequestError, OSError, TimeoutError, ValueError, TypeError) as error:
            raise NotStamped(type(error).__name__) from None


class Issuer:
    """Makes the PDFs that are owed. `authority`: says who timestamps; None: nobody.

    check_page: URL for the QR code; None: the PDF has none.
    """

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        keeper: KeeperClient,
        check_page: str | None,
        authority: Callable[[], Authority | None],
    ) -> None:
        self._sessions, self._keeper = sessions, keeper
        self._check_page, self._authority = check_page, authority

    async def owed(self, session: AsyncSession) -> list[str]:
        """Certificates that `issue` would do something about, the longest waiting first: SIGNED
        of those without a PDF, and STAMPED of those without a timestamp: their authority may be
        down, and a worker waits for it each time."""
        unsigned = Certificate.pdf_signed_at.is_(None)
        found = list(await session.scalars(_oldest(unsigned).limit(SIGNED)))
        if self._authority() is not None:
            waiting = _oldest(and_(~unsigned, Certificate.pdf_stamped_at.is_(None)))
            found += await session.scalars(waiting.limit(STAMPED))
        return found

    async def issue(self, certificate_id: str, now: datetime) -> None:
        """Sign, then stamp. Done before: nothing to do.

        Raises CertificateMissing; NotAuthentic if the stored original is not the keeper's;
        NotStamped, the PDF is there then; and what the keeper refuses with.
        """
        certificate = await self._read(certificate_id)
        if certificate.pdf is None:
            made = await self._signed(certificate)
            async with self._locked(certificate_id) as row:
                if row.pdf is None:
                    row.pdf, row.pdf_signed_at = made, now
            certificate = await self._read(certificate_id)
        authority = self._authority() if certificate.pdf_stamped_at is None else None
        if authority is not None:
            await self._stamp(certificate, authority)

    async def _signed(self, certificate: Certificate) -> bytes:
        envelope = certificate.envelope.encode()
        head: LedgerHead = await self._keeper.call(Head())
        facts: CertificateFacts = verify(envelope, head.certificate_key)
        if facts.certificate != certificate.id:
            raise NotAuthentic("contents")
        page = await asyncio.to_thread(typeset, envelope, facts, self._check_page)

        async def ask(digest: bytes) -> bytes:
            return (await self._keeper.call(SignDocument(certificate.id, digest))).signature

        return await sign(page, facts.issued_at, head.document_chain, ask)

    async def _stamp(self, certificate: Certificate, authority: Authority) -> None:
        """Into the room beside the signature: nothing that is signed changes."""
        assert certificate.pdf is not None  # noqa: S101 - `issue`
        signed = taken_apart(certificate.pdf)
        value, _ = cms.values_of(signed.content)
        token, stamp = await authority.stamp(value)
        chain = cms.chain_of(signed.content)
        stamped = signed.holding(cms.signature_of(signed.digest, chain, value, token))
        async with self._locked(certificate.id) as row:
            if row.pdf == certificate.pdf:
                row.pdf, row.pdf_stamped_at = stamped, stamp.at

    async def _read(self, certificate_id: str) -> Certificate:
        async with self._sessions() as session:
            found = await session.get(
                Certificate, certificate_id, options=[undefer(Certificate.pdf)]
            )
        if found is None:
            raise CertificateMissing(certificate_id)
        return found

    @asynccontextmanager
    async def _locked(self, certificate_id: str) -> AsyncIterator[Certificate]:
        """One transaction, under the row's lock."""
        async with self._sessions.begin() as session:
            yield await session.get_one(
                Certificate,
                certificate_id,
                options=[undefer(Certificate.pdf)],
                with_for_update=True,
            )


def _oldest(which: ColumnElement[bool]) -> Select[str]:
    return select(Certificate.id).where(which).order_by(Certificate.issued_at, Certificate.id)
