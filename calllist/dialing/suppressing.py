"""Somebody has moved or died (60): the entrustor's other records of that person are closed (81).

    keeper: where to look ─► rows with that number ─► keeper: this very person? ─► row emptied,
                                                                                   result kept

The worker asks with every sweep, and again for a day: what a crash, a lost commit or a late row
leaves out comes with the next one. A household's others are looked at by the keeper and stay. At
the desk nothing tells that it was asked for, or why somebody is taken out.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import taking_out
from calllist.dialing.closing import suppression_of
from calllist.dialing.tables import Result
from calllist.dialing.taking_out import Taken
from calllist.entrustors.codes import SUPPRESSED
from calllist.jobs.states import CALLED, RecordState
from calllist.jobs.tables import CallList, Record
from crypto.errors.records import AnotherPerson, RecordClosed
from crypto.wire.client import KeeperClient
from crypto.wire.suppressions import Suppress, Suppression
from retention.custody import Custody


async def follow(
    session: AsyncSession,
    keeper: KeeperClient,
    custody: Custody,
    said: Suppression,
    now: datetime,
) -> int:
    """Close whoever of this list is the person; how many records. Repeated: nothing to do.

    Before the call that said so is written down here, nobody is looked for.
    """
    cause = await session.get(Result, said.because)
    call_list = await session.get(CallList, said.list)
    if cause is None or call_list is None or call_list.state not in CALLED:
        return 0
    rows = await session.execute(
        select(Record.chunk, Record.index).where(
            Record.list_id == said.list,
            Record.token.in_(said.tokens),
            Record.state != RecordState.DONE,
        )
    )
    places = [(chunk, index) for chunk, index in rows]
    taken: list[Taken] = []
    for record, sealed in await taking_out.locked(session, said.list, places):
        attempt = suppression_of(said.list, record.chunk, record.index)
        try:
            closed = await keeper.call(Suppress(sealed, said.because, attempt))
        except (AnotherPerson, RecordClosed):  # or its own result is on its way to us
            continue
        taken.append(Taken(record, attempt, cause.person_id, SUPPRESSED, closed))
    await taking_out.write_down(session, custody, said.list, taken, now)
    return len(taken)
