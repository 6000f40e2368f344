"""Call-backs that were promised: when, by whom, under which handle; never whom.

A handle is four signs that say nothing of the person. It stands in the list of the day and on the
page of whoever is in hand, so that both can be told to be the same.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing import queue
from calllist.dialing.numbers import PROMISED, WAITING
from calllist.jobs.tables import Record
from calllist.people.tables import Person

MOST = 12  # of a list that an operator reads at a glance
SIGNS = 4  # of a handle


@dataclass(frozen=True)
class Promise:
    """One call-back that waits. mine: this operator has promised it; else it is anybody's."""

    at: datetime
    handle: str
    mine: bool


async def promised(
    session: AsyncSession, job_id: str, person: Person, now: datetime
) -> list[Promise]:
    """The next ones that this operator may be given, the earliest first, at most MOST."""
    found: list[Promise] = []
    mine = Record.due_for == person.id
    for list_id in await queue.callable_lists(session, job_id, now):
        rows = await session.execute(
            select(Record.chunk, Record.index, Record.due_at, Record.due_for)
            .where(
                Record.list_id == list_id,
                Record.state == WAITING,
                Record.last_code == PROMISED,
                or_(mine, Record.due_for.is_(None), Record.due_at <= now - queue.AWAY),
            )
            .order_by(Record.due_at)
            .limit(MOST)
        )
        found += [
            Promise(at, handle(list_id, chunk, index), whose == person.id)
            for chunk, index, at, whose in rows
            if at is not None
        ]
    return sorted(found, key=lambda one: one.at)[:MOST]


def handle(list_id: str, chunk: int, index: int) -> str:
    """Four signs for one record: the same whenever it is asked for."""
    place = f"{list_id}:{chunk}:{index}".encode()
    return hashlib.sha256(place).hexdigest()[:SIGNS].upper()
