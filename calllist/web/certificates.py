"""Deletion certificates: delivered, read, verified offline, acknowledged (受領)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from calllist.entrustors.tables import Entrustor
from calllist.oversight import certificates, held
from calllist.people.roles import Role
from calllist.web.access import Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to
from crypto.statements import fingerprint
from crypto.wire.ledger import Head, LedgerHead
from retention.certificates import document, reason
from retention.errors import NotAuthentic
from retention.verify import verify

router = APIRouter(include_in_schema=False)
Overseer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR, Role.AUDITOR))]
Officer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR))]


@router.get("/certificates")
async def issued(request: Request, session: Session, now: Now, visitor: Overseer) -> Response:
    """All certificates, the latest first."""
    lists = {row.list_id: row for row in await held.held(session, visitor.person, now)}
    rows = [
        {"certificate": one, "held": lists[one.holding_id]}
        for one in await certificates.issued(session, visitor.person)
        if one.holding_id in lists
    ]
    return page(
        request,
        "certificates.html",
        visitor,
        rows=rows,
        everyone=visitor.person.role == Role.AUDITOR,
    )


@router.get("/certificates/{certificate_id}")
async def view(
    *,
    request: Request,
    session: Session,
    keeper: Keeper,
    now: Now,
    visitor: Overseer,
    certificate_id: str,
) -> Response:
    """One certificate in words; the entrustor's first look counts as delivery."""
    certificate = await certificates.view(session, visitor.person, certificate_id, now)
    entrustor = await session.get_one(Entrustor, certificate.entrustor_id)
    head = await keeper.call(Head())
    assert isinstance(head, LedgerHead)  # noqa: S101 - the wire's schema
    facts, refused = None, None
    try:
        facts = verify(certificate.envelope.encode(), head.certificate_key)
    except NotAuthentic as error:
        refused = reason(error.reason, visitor.lang)
    return page(
        request,
        "certificate.html",
        visitor,
        certificate=certificate,
        entrustor=entrustor.name,
        facts=facts,
        document=document(facts, visitor.lang) if facts else None,
        error=refused,
        may_acknowledge=visitor.person.role == Role.ENTRUSTOR and facts is not None,
        file_name=f"{certificate.id}.json",
        fingerprint=fingerprint(head.certificate_key),
    )


@router.get("/certificates/{certificate_id}/file")
async def file(session: Session, now: Now, visitor: Overseer, certificate_id: str) -> Response:
    """The signed original."""
    certificate = await certificates.view(session, visitor.person, certificate_id, now)
    name = f'attachment; filename="{certificate.id}.json"'
    return Response(
        certificate.envelope,
        media_type="application/json",
        headers={"Content-Disposition": name},
    )


@router.get("/certificates/{certificate_id}/pdf")
async def paper(session: Session, now: Now, visitor: Overseer, certificate_id: str) -> Response:
    """The same for people."""
    certificate, content = await certificates.pdf(session, visitor.person, certificate_id, now)
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{certificate.id}.pdf"'},
    )


@router.post("/certificates/{certificate_id}/acknowledge")
async def acknowledge(
    session: Session, keeper: Keeper, now: Now, visitor: Officer, certificate_id: str
) -> Response:
    """受領."""
    await certificates.acknowledge(session, keeper, visitor.person, certificate_id, now)
    return to(f"/certificates/{certificate_id}")
