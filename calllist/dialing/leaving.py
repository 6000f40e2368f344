"""Nobody is at the desk any more: who has not been dialled is called by others, a call goes on."""

from calllist.dialing import returning
from calllist.dialing.desk import Desk
from calllist.dialing.errors import LeaseHeld


async def leave(desk: Desk) -> None:
    """The person in hand, if any, goes back into the queue. Raises LeaseHeld during a call."""
    lease = await desk.locked()
    if lease is None:
        return
    if lease.dialled_at is not None:
        raise LeaseHeld(lease.id)
    await returning.give_back(desk.session, desk.custody, lease, desk.now)
