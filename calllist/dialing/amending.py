"""Another result in place of the one that was just given; nobody is shown again."""

from datetime import datetime

from calllist.dialing import closing, provisional, resting
from calllist.dialing.closing import Outcome
from calllist.dialing.desk import Desk
from calllist.dialing.errors import LeaseUnknown
from calllist.dialing.hand import in_hand
from calllist.dialing.tables import Result
from crypto.errors.records import ResultFinal


async def amend(
    desk: Desk,
    lease_id: str,
    code: int,
    *,
    call_back_at: datetime | None = None,
    for_me: bool = False,
) -> Outcome:
    """Within the minute after the first result, before the next person.

    A note and a slip that were given stay. Raises LeaseUnknown, ResultFinal (it stands as it is),
    RecordWithdrawn, CodeRefused, CallBackMissing, CallBackRefused: then it stays as it was.
    """
    try:
        hand = await in_hand(desk.session, desk.person, lease_id, given=True)
    except LeaseUnknown:
        await _result(desk, lease_id)
        raise ResultFinal from None
    if hand.lease.given_at is None:  # there is nothing to change yet
        raise LeaseUnknown(lease_id)
    if desk.now >= hand.lease.expires_at:
        raise ResultFinal
    code = closing.counted(hand, closing.check(hand, code, call_back_at, desk.now))
    closed = await desk.custody.close(
        desk.grant,
        hand.sealed,
        lease_id,
        code,
        findable_until=resting.window(hand.terms, code, desk.now),
        amends=True,
    )
    return provisional.hold(
        hand, closed, code, call_back_at=call_back_at, for_me=for_me, now=desk.now
    )


async def job_of(desk: Desk, lease_id: str) -> str:
    """Of this operator's call, whether its result is final or not. Raises LeaseUnknown."""
    given = await provisional.standing(desk.session, desk.custody, desk.person, lease_id)
    return given.job_id if given else (await _result(desk, lease_id)).job_id


async def _result(desk: Desk, lease_id: str) -> Result:
    """The operator's own, final. Raises LeaseUnknown."""
    result = await desk.session.get(Result, lease_id)
    if result is None or result.person_id != desk.person.id:
        raise LeaseUnknown(lease_id)
    return result
