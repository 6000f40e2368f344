"""The desk, as JSON: lease, look, match, reveal, record. One masked person per answer."""

from typing import Annotated

from fastapi import APIRouter, Depends

from calllist.api.shapes import (
    DeskTold,
    HitsTold,
    LeaseTold,
    MatchTold,
    NumberAsked,
    ResultAsked,
    ResultTold,
    RevealTold,
    Said,
    Why,
    desk_told,
    result_told,
)
from calllist.dialing import desk, inbound
from calllist.people.roles import Role
from calllist.web.access import Config, Custody, Now, Session, Visitor, signed_in

router = APIRouter(tags=["desk"])

Operator = Annotated[Visitor, Depends(signed_in(Role.OPERATOR))]


@router.post("/jobs/{job_id}/leases", status_code=201)
async def take(
    job_id: str, visitor: Operator, session: Session, custody: Custody, config: Config, at: Now
) -> LeaseTold:
    """Lease the next record. It is shown by a request of its own: GET /leases/{lease}.

    409 `lease_held` names the lease in hand; 404 `nobody_left` and 409 `outside_hours` say
    when to come again.
    """
    lease = await desk.take(
        session, custody, visitor.person, job_id, grace=config.lease_grace, now=at
    )
    return LeaseTold(lease=lease.id, job=lease.job_id, expires_at=lease.expires_at)


@router.post("/jobs/{job_id}/find")
async def find(
    job_id: str,
    asked: NumberAsked,
    visitor: Operator,
    session: Session,
    custody: Custody,
    config: Config,
    at: Now,
) -> HitsTold:
    """Somebody calls back: whether anybody of this job has the number, and the lease.

    Costs one person of the budget, also if nobody has. Of a household nobody is leased until
    `nth` says which one.
    """
    hits = await inbound.find(
        session,
        custody,
        visitor.person,
        visitor.grant,
        job_id,
        asked.number,
        nth=asked.nth,
        grace=config.lease_grace,
        now=at,
    )
    return HitsTold(hits=hits.count, lease=hits.lease.id if hits.lease else None)


@router.get("/leases/{lease_id}")
async def show(
    lease_id: str,
    visitor: Operator,
    session: Session,
    custody: Custody,
    config: Config,
    at: Now,
) -> DeskTold:
    """The masked person in hand at the current stage; the same as often as asked."""
    hand, view = await desk.show(
        session,
        custody,
        visitor.person,
        visitor.grant,
        lease_id,
        grace=config.lease_grace,
        now=at,
    )
    return desk_told(hand, view)


@router.post("/leases/{lease_id}/match")
async def match(
    lease_id: str, asked: Said, visitor: Operator, session: Session, custody: Custody, at: Now
) -> MatchTold:
    """Whether what the callee said is what the record says."""
    hand, matched = await desk.match(
        session, custody, visitor.person, visitor.grant, lease_id, asked.kind, asked.said, now=at
    )
    return MatchTold(same=matched.same, desk=desk_told(hand, matched.view))


@router.post("/leases/{lease_id}/reveal")
async def reveal(
    lease_id: str, asked: Why, visitor: Operator, session: Session, custody: Custody, at: Now
) -> RevealTold:
    """One field in full, for some seconds, if the contract permits it. Kept in the ledger."""
    _, revealed = await desk.reveal(
        session, custody, visitor.person, visitor.grant, lease_id, asked.kind, asked.reason, now=at
    )
    return RevealTold(text=revealed.text, seconds=revealed.seconds)


@router.post("/leases/{lease_id}/result")
async def record(
    lease_id: str,
    asked: ResultAsked,
    visitor: Operator,
    session: Session,
    custody: Custody,
    at: Now,
) -> ResultTold:
    """The result of the call: sealed to the entrustor. Repeated: the first one again."""
    outcome = await desk.record(
        session,
        custody,
        visitor.person,
        visitor.grant,
        lease_id,
        asked.code,
        call_back_at=asked.call_back_at,
        now=at,
    )
    return result_told(outcome)
