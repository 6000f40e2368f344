"""What is held, results, certificates: for the entrustor's officer and the auditor."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from calllist.api.shapes import (
    Acknowledged,
    Batch,
    CallCode,
    CallTold,
    CertificateTold,
    Ending,
    HandoverTested,
    TestCode,
)
from calllist.entrustors import rehearsal
from calllist.oversight import calls, certificates, editions, handover, held, order
from calllist.people.roles import Role
from calllist.web.access import Custody, Keeper, Now, Session, Visitor, signed_in
from retention.editions import Standing
from retention.tables import Certificate

router = APIRouter(tags=["oversight"])

Officer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR))]
Overseer = Annotated[Visitor, Depends(signed_in(Role.ENTRUSTOR, Role.AUDITOR))]


@router.get("/holdings")
async def holdings(visitor: Overseer, session: Session, at: Now) -> list[dict[str, Any]]:
    """Lists that are held, and those that are gone: counts and deadlines."""
    return [asdict(one) for one in await held.held(session, visitor.person, at)]


@router.put("/holdings/{holding_id}/ending")
async def choose(
    *,
    holding_id: str,
    asked: Ending,
    visitor: Officer,
    session: Session,
    keeper: Keeper,
    custody: Custody,
    at: Now,
) -> dict[str, Any]:
    """消去, or 返還後消去: whether the list waits for its results to be received; until it ends."""
    first = asked.results_first
    told = await order.choose(
        session, keeper, custody, visitor.person, holding_id, results_first=first, now=at
    )
    return asdict(told)


@router.post("/holdings/{holding_id}/destroy")
async def destroy(
    *,
    holding_id: str,
    visitor: Officer,
    session: Session,
    keeper: Keeper,
    custody: Custody,
    at: Now,
) -> dict[str, Any]:
    """委託元の指示: nothing of this list opens from now on, and the worker destroys it."""
    found = await order.destroy(
        session, keeper, custody, visitor.person, holding_id, at, grant=visitor.grant
    )
    return asdict(found)


@router.get("/results/file", response_class=Response)
async def results_file(visitor: Officer, session: Session, keeper: Keeper) -> Response:
    """The next batch of results, sealed: only the entrustor's key opens it.

    X-Batch and X-Count are what POST /results/acknowledge asks for.
    """
    file = await handover.results_file(session, keeper, visitor.person)
    return Response(
        file.content,
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="results-{file.batch[:12]}.json"',
            "X-Batch": file.batch,
            "X-Count": str(file.count),
        },
    )


@router.get("/results/test", response_class=Response)
async def test_file(visitor: Officer, session: Session, keeper: Keeper, at: Now) -> Response:
    """A file with one invented result, sealed like the others: its reference is a code."""
    test = await rehearsal.begin(session, keeper, visitor.person.entrustor_id or "", at)
    return Response(
        test.content,
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="test.json"'},
    )


@router.post("/results/test")
async def confirm_test(
    asked: TestCode, visitor: Officer, session: Session, keeper: Keeper, at: Now
) -> HandoverTested:
    """The code that stood in the test file: from now on desks of this entrustor may open."""
    person = visitor.person
    test = await rehearsal.confirm(
        session, keeper, person.entrustor_id or "", asked.code, by=person.id, now=at
    )
    return HandoverTested(opened_at=test.opened_at or at)


@router.post("/results/acknowledge")
async def acknowledge_results(
    asked: Batch, visitor: Officer, session: Session, keeper: Keeper, at: Now
) -> Acknowledged:
    """The file of this batch arrived and opened: its results are emptied here."""
    done = await handover.acknowledge(
        session, keeper, visitor.person, batch=asked.batch, count=asked.count, now=at
    )
    return Acknowledged(acknowledged=done)


@router.get("/certificates")
async def issued(visitor: Overseer, session: Session, keeper: Keeper) -> list[CertificateTold]:
    """Deletion certificates in all their editions, the latest first."""
    found = await certificates.issued(session, visitor.person)
    standings = await editions.standings(session, keeper, found)
    return [_told(one, standings[one.id]) for one in found]


@router.get("/certificates/{certificate_id}.pdf", response_class=Response)
async def certificate_pdf(
    certificate_id: str, visitor: Overseer, session: Session, keeper: Keeper, at: Now
) -> Response:
    """The certificate for people (PAdES, PDF/A-3u, the signed JSON attached)."""
    found, content = await certificates.pdf(session, keeper, visitor.person, certificate_id, at)
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{found.id}.pdf"'},
    )


@router.get("/certificates/{certificate_id}/revocation", response_class=Response)
async def certificate_revocation(
    certificate_id: str, visitor: Overseer, session: Session, keeper: Keeper
) -> Response:
    """失効: the signed revocation (DSSE, JSON): `calllist verify CERTIFICATE --with FILE`."""
    document = await certificates.revocation(session, keeper, visitor.person, certificate_id)
    name = f'attachment; filename="{certificate_id}.revocation.json"'
    return Response(document, media_type="application/json", headers={"Content-Disposition": name})


@router.get("/certificates/{certificate_id}", response_class=Response)
async def certificate(
    certificate_id: str, visitor: Overseer, session: Session, keeper: Keeper, at: Now
) -> Response:
    """The signed certificate itself (DSSE, JSON), byte for byte: `calllist verify FILE`."""
    found = await certificates.view(session, keeper, visitor.person, certificate_id, at)
    return Response(
        found.envelope,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{found.id}.json"'},
    )


@router.post("/certificates/{certificate_id}/acknowledge")
async def acknowledge_certificate(
    certificate_id: str, visitor: Officer, session: Session, keeper: Keeper, at: Now
) -> CertificateTold:
    """受領: the certificate was received."""
    found = await certificates.acknowledge(session, keeper, visitor.person, certificate_id, at)
    return _told(found, await editions.standing(keeper, found))


def _told(certificate: Certificate, standing: Standing) -> CertificateTold:
    return CertificateTold(
        id=certificate.id,
        number=certificate.number,
        edition=certificate.edition,
        list=certificate.holding_id,
        issued_at=certificate.issued_at,
        status=standing.status.value,
        reason=standing.reason,
        changed_at=standing.at,
        successor=standing.successor,
        pdf=certificate.pdf_signed_at is not None,
        pdf_stamped_at=certificate.pdf_stamped_at,
        viewed_at=certificate.viewed_at,
        acknowledged_at=certificate.acknowledged_at,
    )


@router.post("/calls/check")
async def check_call(
    asked: CallCode, visitor: Officer, session: Session, keeper: Keeper
) -> CallTold:
    """「本当に市からの電話ですか」: whether a call gave this code within a day; not to whom."""
    told = await calls.check(session, keeper, visitor.person, asked.code, grant=visitor.grant)
    return CallTold(genuine=told.genuine, job=told.job, at=told.at)
