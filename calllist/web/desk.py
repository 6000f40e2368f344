"""The operator's desk: one masked person at a time, what was said, and the result.

Every unsafe step answers with 303 to a page that may be reloaded as often as wanted: it
shows the same person, never a second one. Only a revealed field is answered directly, so
that nothing but asking again brings it back. Addresses carry ids and codes, never a value.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import JSONResponse, Response

from calllist.clock import JST
from calllist.dialing import amending, copying, hand, skipping
from calllist.dialing.desk import Desk
from calllist.dialing.errors import (
    CallBackMissing,
    CallBackRefused,
    CodeRefused,
    LeaseUnknown,
    NoteBlocked,
    NoteNeedless,
    NumberInUse,
    ReasonUnknown,
    RecordWithdrawn,
    ResultGiven,
    SlipNotReadBack,
    SlipUnreadable,
    TransferOver,
)
from calllist.errors import CalllistError
from calllist.floor import seats, transferring
from calllist.floor.seats import Reason
from calllist.jobs.tables import Job
from calllist.people.roles import Role
from calllist.web import card, remarks, transfers, words
from calllist.web.access import Keeper, Visitor
from calllist.web.between import onward
from calllist.web.frame import page, to
from calllist.web.grouping import grouped
from calllist.web.i18n import clock, translate
from calllist.web.remarks import Typed
from calllist.web.seat import OwnDesk, Speaker, SpeakersDesk, between_calls
from crypto.errors.base import Refusal
from crypto.errors.records import InOtherHand, ResultFinal
from crypto.records.fields import FieldKind
from crypto.records.slips import Slip

router = APIRouter(include_in_schema=False)
REFUSED = (
    *(CallBackMissing, CallBackRefused, CodeRefused),
    *(NoteBlocked, NoteNeedless, SlipUnreadable),
)
AFTERWARDS = {"rest": Reason.WRAP_UP, **{why.value: why for why in Reason}}  # nobody comes next
IN_HAND = frozenset(
    {
        *("tries_used", "tries_used_today", "not_matchable", "not_understood"),
        *("not_revealable", "reveals_used", "not_in_hand"),
    }
)


@router.get("/leases/{lease_id}")
async def show(request: Request, visitor: Speaker, desk: SpeakersDesk, lease_id: str) -> Response:
    """The person in hand, masked at the stage the keeper holds."""
    try:
        in_hand, view = await desk.show(lease_id)
    except (NumberInUse, RecordWithdrawn) as over:  # nobody was shown; the next is a key away
        return to(between_calls(visitor, over.job_id), problem=over.code)
    except ResultGiven as over:
        return to(between_calls(visitor, over.job_id))
    except TransferOver as over:
        return to("/floor", problem=over.code)
    except (LeaseUnknown, InOtherHand) as error:
        return await transfers.onward(visitor, desk, lease_id, error)
    return page(
        request,
        "desk.html",
        visitor,
        **await card.facts(visitor, desk, in_hand, view),
        verdict=card.verdict(request.query_params),
        revealed=None,
        code=None,
        callee=await card.callee(request, in_hand),
    )


@router.get("/leases/{lease_id}/still")
async def still(
    *,
    request: Request,
    visitor: Speaker,
    desk: SpeakersDesk,
    lease_id: str,
    asked: Annotated[bool, Query()] = False,
) -> Response:
    """Whether the person is still in hand: 204. Asked by the page itself while somebody looks at
    it; on anything else it goes to where the reason is said, and loses what it shows. Without
    the keeper nobody is shown, not even who was there already. asked: 409 once the supervisor who
    was asked to take over has not."""
    held = await hand.still(desk.session, visitor.person, lease_id)
    await request.app.state.pulse.check()
    if held and asked and not await transferring.stands(desk.session, lease_id, desk.now):
        return Response(status_code=409)
    return Response(status_code=204 if held else 410)


@router.get("/leases/{lease_id}/elsewhere")
async def elsewhere(request: Request, visitor: Speaker, lease_id: str) -> Response:
    """What a tab shows while another one shows the person: nobody."""
    return page(request, "elsewhere.html", visitor, lease=lease_id)


@router.post("/leases/{lease_id}/longer")
async def longer(desk: SpeakersDesk, lease_id: str) -> JSONResponse:
    """The person stays in hand for as long as at first, from now: until when, and for how many
    seconds. The page stays as it is, with what was typed."""
    held, _ = await desk.show(lease_id)
    until = held.lease.expires_at - desk.grace
    return JSONResponse({"until": clock(until), "left": int((until - desk.now).total_seconds())})


@router.post("/leases/{lease_id}/copied")
async def copied(desk: SpeakersDesk, keeper: Keeper, visitor: Speaker, lease_id: str) -> Response:
    """Something was copied from the person's page: counted, what it was is not said."""
    await copying.copied(desk.session, keeper, visitor.person, lease_id)
    return Response(status_code=204)


@router.post("/leases/{lease_id}/match")
async def match(
    desk: SpeakersDesk,
    lease_id: str,
    kind: Annotated[FieldKind, Form()],
    said: Annotated[str, Form(max_length=200)],
) -> Response:
    """What the callee said: same or not. The answer is on the page of the person."""
    try:
        _, matched = await desk.match(lease_id, kind, said)
    except Refusal as refused:
        if refused.code not in IN_HAND:
            raise
        return to(f"/leases/{lease_id}", problem=refused.code)
    return to(f"/leases/{lease_id}", checked=kind.value, same=int(matched.same))


@router.post("/leases/{lease_id}/reveal")
async def reveal(
    *,
    request: Request,
    visitor: Speaker,
    desk: SpeakersDesk,
    lease_id: str,
    kind: Annotated[FieldKind, Form()],
    reason: Annotated[str, Form(pattern="^(manual_dial|read_back)$")],
) -> Response:
    """One field in full, for some seconds; reloading the person's page masks it again."""
    try:
        _, revealed = await desk.reveal(lease_id, kind, reason)
    except Refusal as refused:
        if refused.code not in IN_HAND:
            raise
        return to(f"/leases/{lease_id}", problem=refused.code)
    in_hand, view = await desk.show(lease_id)
    text = grouped(revealed.text) if kind is FieldKind.PHONE else revealed.text
    return page(
        request,
        "desk.html",
        visitor,
        **await card.facts(visitor, desk, in_hand, view),
        verdict=None,
        revealed={"kind": kind.value, "text": text, "seconds": revealed.seconds},
        code=None,
        callee=await card.callee(request, in_hand),
    )


@router.post("/leases/{lease_id}/code")
async def code(request: Request, visitor: Speaker, desk: SpeakersDesk, lease_id: str) -> Response:
    """The call's six digits, to be said; asked again, the same."""
    try:
        _, given = await desk.code(lease_id)
    except Refusal as refused:
        if refused.code not in IN_HAND:
            raise
        return to(f"/leases/{lease_id}", problem=refused.code)
    in_hand, view = await desk.show(lease_id)
    return page(
        request,
        "desk.html",
        visitor,
        **await card.facts(visitor, desk, in_hand, view),
        verdict=None,
        revealed=None,
        code={"digits": given.code, "until": given.until},
        callee=await card.callee(request, in_hand),
    )


@router.post("/leases/{lease_id}/result")
async def record(
    *,
    request: Request,
    visitor: Speaker,
    desk: SpeakersDesk,
    lease_id: str,
    code: Annotated[int, Form()],
    call_back_at: Annotated[str, Form(max_length=30)] = "",
    call_back_by: Annotated[str, Form(pattern="^(me|anybody)$")] = "anybody",
    then: Annotated[str, Form(max_length=10)] = "next",
    typed: Annotated[Typed, Depends(remarks.typed)],
) -> Response:
    """Record the result and, if wanted, lease the next person in the same breath: anybody, or
    (`also`) somebody else who has the same number; or wrap up (`rest`), or leave the seat for a
    reason: then it may be changed for a minute. A slip is read back first."""
    chosen = {"code": code, "call_back_at": call_back_at, "call_back_by": call_back_by}
    if typed.read_back == "edit":
        return await _again(request, visitor, desk, lease_id, typed, None, chosen)
    try:
        outcome = await desk.record(
            lease_id,
            code,
            call_back_at=_moment(call_back_at),
            for_me=call_back_by == "me",
            also=then == "also",
            said=typed.said(desk.now),
            changeable=then in AFTERWARDS,
        )
    except RecordWithdrawn as over:
        return to(between_calls(visitor, over.job_id), problem=over.code)
    except SlipNotReadBack:
        return await _read_back(request, visitor, desk, lease_id, typed, {**chosen, "then": then})
    except REFUSED as error:
        return await _again(request, visitor, desk, lease_id, typed, error, chosen)
    if outcome.also is not None:
        return to(f"/leases/{outcome.also}")
    if visitor.person.role != Role.OPERATOR:
        return to(between_calls(visitor, outcome.job_id), recorded=outcome.code)
    if then in AFTERWARDS:
        job = await desk.session.get_one(Job, outcome.job_id)
        await seats.pause(
            desk.session, visitor.person, AFTERWARDS[then], desk.now, wrap_up=job.wrap_up
        )
        return to(f"/desk/{outcome.job_id}", recorded=outcome.code)
    return await onward(visitor, desk, outcome.job_id, recorded=outcome.code)


@router.post("/leases/{lease_id}/amend")
async def amend(
    *,
    desk: OwnDesk,
    lease_id: str,
    code: Annotated[int, Form()],
    call_back_at: Annotated[str, Form(max_length=30)] = "",
    call_back_by: Annotated[str, Form(pattern="^(me|anybody)$")] = "anybody",
) -> Response:
    """Another result in place of the one that was just given; nobody is shown again."""
    try:
        outcome = await amending.amend(
            desk,
            lease_id,
            code,
            call_back_at=_moment(call_back_at),
            for_me=call_back_by == "me",
        )
    except RecordWithdrawn as over:
        return to(f"/desk/{over.job_id}", problem=over.code)
    except (CallBackMissing, CallBackRefused, CodeRefused, ResultFinal) as error:
        job = await amending.job_of(desk, lease_id)
        return to(f"/desk/{job}", problem=error.code)
    return to(f"/desk/{outcome.job_id}", recorded=outcome.code)


@router.post("/leases/{lease_id}/skip")
async def skip(
    desk: OwnDesk, keeper: Keeper, lease_id: str, reason: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """The person in hand is not called now, for a reason; nobody comes in their place unasked."""
    try:
        job = await skipping.skip(desk, keeper, lease_id, reason)
    except RecordWithdrawn as over:
        return to(f"/desk/{over.job_id}", problem=over.code)
    except ReasonUnknown as error:
        return to(f"/leases/{lease_id}", problem=error.code)
    return to(f"/desk/{job}")


@router.get("/leases/{lease_id}/{_verb}")
async def back(_visitor: Speaker, lease_id: str, _verb: str) -> Response:
    """An address that was a form's: the person's own page instead."""
    return to(f"/leases/{lease_id}")


def _moment(text: str) -> datetime | None:
    """The time of a datetime-local field, meant in Japan."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=JST) if text else None
    except ValueError:
        return None


async def _again(
    request: Request,
    visitor: Visitor,
    desk: Desk,
    lease_id: str,
    typed: Typed,
    error: CalllistError | None,
    chosen: dict[str, Any],
) -> Response:
    """The person's page with the form as it was sent: nothing was recorded."""
    in_hand, view = await desk.show(lease_id)
    facts = await card.facts(visitor, desk, in_hand, view)
    return page(
        request,
        "desk.html",
        visitor,
        status=200 if error is None else 422,
        **{**facts, **remarks.again(typed, error, visitor.lang, **chosen)},
        verdict=None,
        revealed=None,
        code=None,
        callee=await card.callee(request, in_hand),
    )


async def _read_back(
    request: Request,
    visitor: Visitor,
    desk: Desk,
    lease_id: str,
    typed: Typed,
    chosen: dict[str, Any],
) -> Response:
    """What the slip says, once, to be read to the person. Only the page carries it."""
    in_hand = await hand.in_hand(desk.session, desk.person, lease_id)
    slip = typed.said(desk.now).slip or Slip()
    said = remarks.lines(slip)
    return page(
        request,
        "desk_slip.html",
        visitor,
        shown_at=desk.now,
        calling=True,
        lease=lease_id,
        said=said,
        hidden={
            **chosen,
            "note": typed.note,
            **{f"slip_{kind}": value for kind, value in said},
        },
        result=translate(visitor.lang, words.result(chosen["code"], in_hand.terms.purpose)),
    )
