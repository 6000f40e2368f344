"""Deletion certificates: delivered, read, verified offline, acknowledged (受領); and what has
become of them (差替・失効)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from calllist.entrustors.tables import Entrustor
from calllist.oversight import certificates, editions, held
from calllist.people.roles import Role
from calllist.web.access import Keeper, Now, Session, Visitor, signed_in
from calllist.web.frame import page, to
from crypto.signed.statements import fingerprint
from crypto.wire.ledger import Head, LedgerHead
from retention.certificates import change, document
from retention.editions import Standing, Status
from retention.verify import verify

router = APIRouter(include_in_schema=False)
Overseer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR, Role.AUDITOR))]
Looker = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR, Role.AUDITOR, Role.MANAGER))]
Officer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR))]


@router.get("/certificates")
async def issued(
    request: Request, session: Session, keeper: Keeper, now: Now, visitor: Looker
) -> Response:
    """All certificates in all their editions, the latest first; a manager opens none of them."""
    lists = {row.list_id: row for row in await held.seen(session, visitor.person, now)}
    found = await certificates.issued(session, visitor.person)
    standings = await editions.standings(session, keeper, found)
    rows = [
        {
            "certificate": one,
            "held": lists[one.holding_id],
            "standing": standings[one.id],
            "why": _why(standings[one.id], visitor.lang),
        }
        for one in found
        if one.holding_id in lists
    ]
    return page(
        request,
        "certificates.html",
        visitor,
        rows=rows,
        everyone=visitor.person.role != Role.ENTRUSTOR,
        opens=visitor.person.role != Role.MANAGER,
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
    certificate = await certificates.view(session, keeper, visitor.person, certificate_id, now)
    entrustor = await session.get_one(Entrustor, certificate.entrustor_id)
    head = await keeper.call(Head())
    assert isinstance(head, LedgerHead)  # noqa: S101 - the wire's schema
    standing = await editions.standing(keeper, certificate)
    family = await certificates.editions_of(session, certificate)
    facts = verify(certificate.envelope.encode(), head.certificate_key)
    return page(
        request,
        "certificate.html",
        visitor,
        certificate=certificate,
        entrustor=entrustor.name,
        facts=facts,
        document=document(facts, visitor.lang),
        standing=standing,
        why=_why(standing, visitor.lang),
        family=family,
        standings={**await editions.standings(session, keeper, family), certificate.id: standing},
        may_acknowledge=visitor.person.role == Role.ENTRUSTOR
        and standing.status is Status.IN_FORCE,
        file_name=f"{certificate.id}.json",
        fingerprint=fingerprint(head.certificate_key),
    )


@router.get("/certificates/{certificate_id}/file")
async def file(
    session: Session, keeper: Keeper, now: Now, visitor: Overseer, certificate_id: str
) -> Response:
    """The signed original."""
    certificate = await certificates.view(session, keeper, visitor.person, certificate_id, now)
    name = f'attachment; filename="{certificate.id}.json"'
    return Response(
        certificate.envelope,
        media_type="application/json",
        headers={"Content-Disposition": name},
    )


@router.get("/certificates/{certificate_id}/revocation")
async def revoked(
    session: Session, keeper: Keeper, visitor: Overseer, certificate_id: str
) -> Response:
    """The signed revocation: it goes with the original and the PDF, which stay as they are."""
    document = await certificates.revocation(session, keeper, visitor.person, certificate_id)
    name = f'attachment; filename="{certificate_id}.revocation.json"'
    return Response(document, media_type="application/json", headers={"Content-Disposition": name})


@router.get("/certificates/{certificate_id}/pdf")
async def paper(
    session: Session, keeper: Keeper, now: Now, visitor: Overseer, certificate_id: str
) -> Response:
    """The same for people."""
    certificate, content = await certificates.pdf(
        session, keeper, visitor.person, certificate_id, now
    )
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


def _why(standing: Standing, lang: str) -> str:
    """The reason of a change, in words; of what is in force there is none."""
    return change(standing.reason, lang) if standing.reason else ""
