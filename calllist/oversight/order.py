"""The entrustor's order (委託元の指示): destroy this list of ours now.

No grace, no second thought on our side: the order freezes in its own transaction, the worker
does the rest. Whoever is on the telephone with somebody of the list sees nobody from here on.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs.lists import end_by_order
from calllist.oversight.held import Held, one
from calllist.people.tables import Person
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event
from retention.custody import Custody
from retention.states import State


async def choose(
    session: AsyncSession,
    keeper: KeeperClient,
    custody: Custody,
    person: Person,
    holding_id: str,
    *,
    results_first: bool,
    now: datetime,
) -> Held:
    """消去 or 返還後消去 for one list of the officer's entrustor, until it ends.

    Raises HoldingUnknown for a holding of somebody else, HoldingOver for one that has ended.
    """
    await one(session, person, holding_id, now)
    if await custody.choose(session, holding_id, results_first=results_first):
        choice = "results_first" if results_first else "erase_at_once"
        refs = {"list": holding_id, "by": person.id, "choice": choice}
        await keeper.call(Event("ending_chosen", refs))
    return await one(session, person, holding_id, now)


async def destroy(
    session: AsyncSession,
    keeper: KeeperClient,
    custody: Custody,
    person: Person,
    holding_id: str,
    now: datetime,
    *,
    grant: str,
) -> Held:
    """End a holding of the officer's entrustor and say who ordered it in the ledger.

    grant: the officer's. The keeper looks at it, so a session that somebody has written into
    our tables orders nothing.

    Ordered before, or already on its way: nothing more. Raises HoldingUnknown for a holding of
    somebody else, ListNotReady, and what the keeper refuses the grant with.
    """
    before = await one(session, person, holding_id, now)
    await end_by_order(session, custody, holding_id, now, grant=grant)
    if before.state == State.OPEN:
        refs = {"list": holding_id, "by": person.id}
        await keeper.call(Event("destruction_ordered", refs))
    return await one(session, person, holding_id, now)
