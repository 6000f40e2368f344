"""Certificates as the entrustor sees them: delivered, viewed, acknowledged (受領)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.oversight import notices
from calllist.oversight.errors import CertificateUnknown, PdfNotYet
from calllist.people.roles import Role
from calllist.people.tables import Person
from crypto.client import KeeperClient
from crypto.wire.ledger import Event
from retention.tables import Certificate


async def issued(session: AsyncSession, person: Person) -> list[Certificate]:
    """An officer's own certificates, an auditor's all; the latest first."""
    query = select(Certificate).order_by(Certificate.issued_at.desc(), Certificate.id)
    if person.role == Role.ENTRUSTOR:
        query = query.where(Certificate.entrustor_id == person.entrustor_id)
    elif person.role != Role.AUDITOR:
        return []
    return list(await session.scalars(query))


async def view(
    session: AsyncSession, person: Person, certificate_id: str, now: datetime
) -> Certificate:
    """One certificate; the entrustor's first look is remembered as delivery.

    Raises CertificateUnknown.
    """
    certificate = await _one(session, person, certificate_id)
    if person.role == Role.ENTRUSTOR and certificate.viewed_at is None:
        certificate.viewed_at = now
    return certificate


async def pdf(
    session: AsyncSession, person: Person, certificate_id: str, now: datetime
) -> tuple[Certificate, bytes]:
    """The certificate for people; the entrustor's first look is remembered as delivery.

    Raises CertificateUnknown; PdfNotYet until the worker has made it.
    """
    certificate = await _one(session, person, certificate_id)
    query = select(Certificate.pdf).where(Certificate.id == certificate_id)
    content = await session.scalar(query)
    if content is None:
        raise PdfNotYet(certificate_id)
    if person.role == Role.ENTRUSTOR and certificate.viewed_at is None:
        certificate.viewed_at = now
    return certificate, content


async def acknowledge(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    certificate_id: str,
    now: datetime,
) -> Certificate:
    """受領 by the entrustor's officer. Acknowledged before: nothing to do.

    Raises CertificateUnknown.
    """
    certificate = await _one(session, person, certificate_id)
    if person.role != Role.ENTRUSTOR:
        raise CertificateUnknown(certificate_id)
    if certificate.acknowledged_at is None:
        certificate.viewed_at = certificate.viewed_at or now
        certificate.acknowledged_at = now
        certificate.acknowledged_by = person.id
        for code in ("certificate_issued", "certificate_waits"):
            await notices.over(session, code, list_id=certificate.holding_id, now=now)
        refs = {"certificate": certificate_id, "by": person.id}
        await keeper.call(Event("certificate_acknowledged", refs))
    return certificate


async def _one(session: AsyncSession, person: Person, certificate_id: str) -> Certificate:
    certificate = await session.get(Certificate, certificate_id, with_for_update=True)
    if certificate is None:
        raise CertificateUnknown(certificate_id)
    own = person.role == Role.ENTRUSTOR and certificate.entrustor_id == person.entrustor_id
    if not own and person.role != Role.AUDITOR:
        raise CertificateUnknown(certificate_id)
    return certificate
