"""A result is provisional for a minute: whoever gave it may give another one in its place.

    result, and rest ─► sealed by the keeper; its lease stays, as given: nobody else is leased the
         │              person or the number, and nobody is shown
         ├─ another result within the minute ─► in its place (`amending`)
         └─ the next person, the minute's end, whatever ends a lease ─► written down, as it stands

Which result it is, the keeper alone remembers; the lease says that there is one, until when it may
be changed, and when to call back. What crashes, or goes home, in between is written down by the
next sweep (`returning`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.dialing.closing import Outcome
from calllist.dialing.hand import InHand
from calllist.dialing.tables import Lease
from calllist.people.tables import Person
from crypto.wire.records import Closed
from retention.custody import Custody

CHANGEABLE = timedelta(seconds=60)  # as long as the keeper lets it be changed


def hold(
    hand: InHand,
    closed: Closed,
    code: int,
    *,
    call_back_at: datetime | None,
    for_me: bool,
    now: datetime,
) -> Outcome:
    """The keeper has closed this call; for a minute from its first result nothing follows."""
    lease = hand.lease
    if lease.given_at is None:
        lease.given_at, lease.expires_at = now, now + CHANGEABLE
    lease.call_back_at, lease.call_back_mine = call_back_at, for_me
    return Outcome(hand.job.id, code, closed.final, due_at=None, until=lease.expires_at)


@dataclass(frozen=True)
class Given:
    """A result that can still be changed."""

    lease_id: str
    job_id: str
    code: int
    final: bool
    until: datetime

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.job_id, self.code, self.final, due_at=None, until=self.until)


async def standing(
    session: AsyncSession, custody: Custody, person: Person, lease_id: str | None = None
) -> Given | None:
    """What this operator gave last, or for this lease; None: it has ended, as it stands."""
    query = select(Lease).where(Lease.person_id == person.id, Lease.given_at.is_not(None))
    lease = await session.scalar(query if lease_id is None else query.where(Lease.id == lease_id))
    if lease is None:
        return None
    result = await custody.recall(lease.id)
    return Given(lease.id, lease.job_id, result.code, result.final, lease.expires_at)
