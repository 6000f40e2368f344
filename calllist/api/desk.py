"""The desk, as JSON: lease, look, match, reveal, record. One masked person per answer.

A supervisor speaks with the person who was handed over, and leases nobody.
"""

from fastapi import APIRouter

from calllist.api.result_shapes import ResultAmended, ResultAsked, ResultTold, result_told
from calllist.api.shapes import (
    CodeTold,
    DeskTold,
    HitsTold,
    LeaseTold,
    MatchTold,
    NumberAsked,
    RevealTold,
    Said,
    Why,
    desk_told,
)
from calllist.clock import JST
from calllist.dialing import amending, inbound, notes
from calllist.dialing.remarks import Remarks
from calllist.floor import seats
from calllist.web import slips
from calllist.web.seat import OwnDesk, SpeakersDesk

router = APIRouter(tags=["desk"])


@router.post("/jobs/{job_id}/leases", status_code=201)
async def take(job_id: str, desk: OwnDesk) -> LeaseTold:
    """Lease the next record. It is shown by a request of its own: GET /leases/{lease}.

    409 `lease_held` names the lease in hand; 404 `nobody_left` and 409 `outside_hours` say
    when to come again.
    """
    await seats.ready(desk.session, desk.person, desk.now)
    lease = await desk.take(job_id)
    return LeaseTold(lease=lease.id, job=lease.job_id, expires_at=lease.expires_at)


@router.post("/jobs/{job_id}/find")
async def find(job_id: str, asked: NumberAsked, desk: OwnDesk) -> HitsTold:
    """Somebody calls back: whether anybody of this job has the number, letter or code, and
    the lease.

    Costs one person of the budget, also if nobody has. Of a household nobody is leased until
    `nth` says which one.
    """
    hits = await inbound.find(desk, job_id, asked.number, by=asked.by, nth=asked.nth)
    return HitsTold(hits=hits.count, lease=hits.lease.id if hits.lease else None)


@router.get("/leases/{lease_id}")
async def show(lease_id: str, desk: SpeakersDesk) -> DeskTold:
    """The masked person in hand at the current stage; the same as often as asked."""
    return desk_told(*await desk.show(lease_id))


@router.post("/leases/{lease_id}/match")
async def match(lease_id: str, asked: Said, desk: SpeakersDesk) -> MatchTold:
    """Whether what the callee said is what the record says."""
    hand, matched = await desk.match(lease_id, asked.kind, asked.said)
    return MatchTold(same=matched.same, desk=desk_told(hand, matched.view))


@router.post("/leases/{lease_id}/reveal")
async def reveal(lease_id: str, asked: Why, desk: SpeakersDesk) -> RevealTold:
    """One field in full, for some seconds, if the contract permits it. Kept in the ledger."""
    _, revealed = await desk.reveal(lease_id, asked.kind, asked.reason)
    return RevealTold(text=revealed.text, seconds=revealed.seconds)


@router.post("/leases/{lease_id}/code")
async def code(lease_id: str, desk: SpeakersDesk) -> CodeTold:
    """Six digits for the callee: the entrustor can tell by them that the call is genuine."""
    _, given = await desk.code(lease_id)
    return CodeTold(code=given.code, until=given.until)


@router.post("/leases/{lease_id}/result")
async def record(lease_id: str, asked: ResultAsked, desk: SpeakersDesk) -> ResultTold:
    """The result of the call: sealed to the entrustor. Repeated: the first one again.

    422 `note_blocked` names places of the note, `slip_unreadable` fields of the slip: nothing was
    recorded.
    """
    slip = slips.read(asked.slip, desk.now.astimezone(JST).date())
    outcome = await desk.record(
        lease_id,
        asked.code,
        call_back_at=asked.call_back_at,
        for_me=asked.for_me,
        also=asked.also,
        said=Remarks(notes.tidy(asked.note), slip, asked.read_back),
        changeable=asked.changeable,
    )
    return result_told(outcome)


@router.post("/leases/{lease_id}/amend")
async def amend(lease_id: str, asked: ResultAmended, desk: OwnDesk) -> ResultTold:
    """Another result in place of one that may still be changed; 409 `result_final`: it stands."""
    outcome = await amending.amend(
        desk, lease_id, asked.code, call_back_at=asked.call_back_at, for_me=asked.for_me
    )
    return result_told(outcome)
