"""Signed files that concern holdings too: the keeper decides, our books follow.

Contract versions and parties are kept in `calllist.entrustors`, the roster in the keeper
alone; an extension and a legal hold change what we owe, so the holding's row says so.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs import lists
from calllist.people import statements
from calllist.people.statements import HandedIn
from crypto.signed.orders import Extension, Hold
from crypto.wire.client import KeeperClient
from retention.custody import Custody


async def hand_in(
    session: AsyncSession,
    keeper: KeeperClient,
    custody: Custody,
    file: bytes,
    now: datetime,
    *,
    of: str | None = None,
) -> HandedIn:
    """Give a signed file to the keeper, and let our books say what was decided.

    of: only statements that concern this entrustor. Raises what
    `calllist.people.statements.hand_in` does.
    """
    taken = await statements.hand_in(session, keeper, file, now, of=of)
    if taken.missing:
        return taken
    match taken.body:
        case Extension(list=list_id, until=until):
            await lists.extend(session, custody, list_id, until)
        case Hold(list=list_id, held=held):
            await custody.hold(session, list_id, held=held, now=now)
    return taken
