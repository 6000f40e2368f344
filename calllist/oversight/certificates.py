"""Certificates as the entrustor sees them: delivered, viewed, acknowledged (受領)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs.scope import jobs_of
from calllist.jobs.tables import CallList
from calllist.oversight import delivery, editions, notices
from calllist.oversight.errors import (
    CertificateChanged,
    CertificateUnknown,
    NotInForce,
    NotRevoked,
    PdfNotYet,
)
from calllist.people.roles import Role
from calllist.people.tables import Person
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event, Head, LedgerHead
from retention.editions import Status, fits, standing
from retention.errors import NotAuthentic
from retention.pdf import checking
from retention.tables import Certificate


async def issued(session: AsyncSession, person: Person) -> list[Certificate]:
    """An officer's own certificates, an auditor's all, a manager's those of the jobs that it sees;
    every edition, the latest first."""
    query = select(Certificate).order_by(Certificate.issued_at.desc(), Certificate.id)
    if person.role == Role.ENTRUSTOR:
        query = query.where(Certificate.entrustor_id == person.entrustor_id)
    elif person.role == Role.MANAGER:
        jobs = [job.id for job in await jobs_of(session, person)]
        lists = select(CallList.id).where(CallList.job_id.in_(jobs))
        query = query.where(Certificate.holding_id.in_(lists))
    elif person.role != Role.AUDITOR:
        return []
    return list(await session.scalars(query))


async def view(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    certificate_id: str,
    now: datetime,
) -> Certificate:
    """One certificate; the entrustor's first look is remembered as delivery.

    Raises CertificateUnknown; CertificateChanged, like all that follow, if what is kept under
    this name is not the certificate that was issued under it: whose it is nobody knows.
    """
    certificate, _ = await _one(session, keeper, person, certificate_id)
    if person.role == Role.ENTRUSTOR and certificate.viewed_at is None:
        certificate.viewed_at = now
    return certificate


async def pdf(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    certificate_id: str,
    now: datetime,
) -> tuple[Certificate, bytes]:
    """The certificate for people; the entrustor's first look is remembered as delivery.

    Raises CertificateUnknown; PdfNotYet until the worker has made it.
    """
    certificate, head = await _one(session, keeper, person, certificate_id)
    query = select(Certificate.pdf).where(Certificate.id == certificate_id)
    content = await session.scalar(query)
    if content is None:
        raise PdfNotYet(certificate_id)
    try:
        held = checking.check(content, head.certificate_key, head.document_chain)
    except NotAuthentic:
        raise CertificateChanged(certificate_id) from None
    if held.envelope != certificate.envelope.encode():
        raise CertificateChanged(certificate_id)
    if person.role == Role.ENTRUSTOR and certificate.viewed_at is None:
        certificate.viewed_at = now
    return certificate, content


async def revocation(
    session: AsyncSession, keeper: KeeperClient, person: Person, certificate_id: str
) -> str:
    """The signed document that revokes it. Raises CertificateUnknown, NotRevoked."""
    certificate, head = await _one(session, keeper, person, certificate_id)
    if certificate.revocation is None:
        raise NotRevoked(certificate_id)
    original, document = certificate.envelope.encode(), certificate.revocation.encode()
    told = standing(original, head.certificate_key, revoked=document)
    if told.status is not Status.REVOKED:
        raise CertificateChanged(certificate_id)
    return certificate.revocation


async def editions_of(session: AsyncSession, certificate: Certificate) -> list[Certificate]:
    """Every edition of a certificate that this person was shown, the latest first."""
    found = await session.scalars(
        select(Certificate)
        .where(
            Certificate.holding_id == certificate.holding_id,
            Certificate.entrustor_id == certificate.entrustor_id,
        )
        .order_by(Certificate.edition.desc())
    )
    return list(found)


async def acknowledge(
    session: AsyncSession,
    keeper: KeeperClient,
    person: Person,
    certificate_id: str,
    now: datetime,
) -> Certificate:
    """受領 by the entrustor's officer. Acknowledged before: nothing to do.

    Raises CertificateUnknown; NotInForce if it was replaced or revoked.
    """
    certificate, _ = await _one(session, keeper, person, certificate_id)
    if person.role != Role.ENTRUSTOR:
        raise CertificateUnknown(certificate_id)
    if certificate.acknowledged_at is None:
        if (await editions.standing(keeper, certificate)).status is not Status.IN_FORCE:
            raise NotInForce(certificate_id)
        certificate.viewed_at = certificate.viewed_at or now
        certificate.acknowledged_at = now
        certificate.acknowledged_by = person.id
        for code in delivery.UNACKNOWLEDGED:
            await notices.over(session, code, list_id=certificate.holding_id, now=now)
        refs = {"certificate": certificate_id, "by": person.id}
        await keeper.call(Event("certificate_acknowledged", refs))
    return certificate


async def _one(
    session: AsyncSession, keeper: KeeperClient, person: Person, certificate_id: str
) -> tuple[Certificate, LedgerHead]:
    """A row that holds what the keeper has signed of this list, for this entrustor, under this
    name; and the keys of that keeper."""
    certificate = await session.get(Certificate, certificate_id, with_for_update=True)
    if certificate is None:
        raise CertificateUnknown(certificate_id)
    own = person.role == Role.ENTRUSTOR and certificate.entrustor_id == person.entrustor_id
    if not own and person.role != Role.AUDITOR:
        raise CertificateUnknown(certificate_id)
    head = await keeper.call(Head())
    if not fits(certificate, head.certificate_key):
        raise CertificateChanged(certificate_id)
    return certificate, head
