"""Copies from the screen of one person: the page says that there was one, the ledger counts it.

What was copied is not said. Nobody is stopped by it: whoever can read can write it down.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.hand import in_hand
from calllist.people.tables import Person
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event

COPIED = "screen_copied"


async def copied(
    session: AsyncSession, keeper: KeeperClient, person: Person, lease_id: str
) -> None:
    """One more, of the list whose record this person has in hand. Raises LeaseUnknown."""
    hand = await in_hand(session, person, lease_id)
    refs = {"job": hand.job.id, "list": hand.call_list.id, "by": person.id}
    await keeper.call(Event(COPIED, refs))
