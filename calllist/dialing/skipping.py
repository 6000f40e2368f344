"""Nobody is passed over without a reason: a person in hand who is not called now.

The reason is a code, in the ledger with the operator's name; the person waits a quarter of an hour,
as whose turn it was, and no call is counted. It is no result: nothing goes to the entrustor.
"""

from datetime import timedelta
from enum import StrEnum

from calllist.dialing import queue, resting
from calllist.dialing.desk import Desk
from calllist.dialing.errors import ReasonUnknown
from calllist.dialing.hand import in_hand
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event

PUT_OFF = timedelta(minutes=15)


class Reason(StrEnum):
    """Why somebody in hand is not called now."""

    ACQUAINTED = "acquainted"  # the operator knows this person
    EQUIPMENT = "equipment"  # telephone or line out of order
    INSTRUCTED = "instructed"  # the supervisor says so


async def skip(desk: Desk, keeper: KeeperClient, lease_id: str, reason: str) -> str:
    """Give the person in hand back. Returns the job. Raises LeaseUnknown, RecordWithdrawn,
    ReasonUnknown."""
    if reason not in set(Reason):
        raise ReasonUnknown
    hand = await in_hand(desk.session, desk.person, lease_id)
    record, lease = hand.record, hand.lease
    await desk.custody.let_go(lease.list_id, (lease.chunk, lease.index))
    place = (lease.list_id, lease.chunk, lease.index)
    await queue.put_back(desk.session, [place])
    if not resting.given_up(record):
        until = desk.now + PUT_OFF
        record.due_at, record.due_for = max(record.due_at or until, until), None
    await desk.session.delete(lease)
    await desk.session.flush()
    refs = {"list": lease.list_id, "by": desk.person.id, "reason": reason}
    await keeper.call(Event("person_skipped", refs))
    return hand.job.id
