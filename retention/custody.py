"""The web's power over a holding: open it, disclose through it one person at a time, release it.

Whatever is shown passes here: a holding that is released or past its deadline shows nothing
more, even if no worker ever ran. The keeper asks the same questions again with its own clock;
this side exists so that neither of the two can be talked round alone.

`Custody` cannot destroy anything: `release` freezes the keys, the worker does the rest.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crypto.client import KeeperClient
from crypto.fields import FieldKind
from crypto.wire.lists import Freeze
from crypto.wire.records import (
    Close,
    Closed,
    Match,
    Matched,
    Open,
    Recall,
    Recalled,
    Reveal,
    Revealed,
    SealedRecord,
    View,
)
from retention.errors import HoldingOver, HoldingUnknown
from retention.states import State, Trigger
from retention.tables import Holding

WITH_GRACE = frozenset({Trigger.COMPLETED, Trigger.MANAGER})  # an order or a deadline has none


class Custody:
    """Disclosure under a deadline. Takes the session of the caller's transaction; never commits."""

    def __init__(self, keeper: KeeperClient) -> None:
        self._keeper = keeper

    async def open(
        self,
        session: AsyncSession,
        *,
        id: str,  # noqa: A002 - the list's id is the holding's id
        entrustor_id: str,
        reference: str,
        basis: str,
        people: int,
        facts: dict[str, Any],
        deadline: datetime,
        now: datetime,
    ) -> Holding:
        """From here on we owe the destruction of this list.

        `facts` holds counts, hashes, ids and names of fields (see `retention.facts.Received`),
        never a value of the list; they are repeated on the certificate.
        """
        holding = Holding(
            id=id,
            entrustor_id=entrustor_id,
            reference=reference,
            basis=basis,
            people=people,
            facts=facts,
            opened_at=now,
            deadline=deadline,
            state=State.OPEN,
        )
        session.add(holding)
        await session.flush()
        return holding

    async def disclose(
        self, session: AsyncSession, grant: str, record: SealedRecord, *, now: datetime
    ) -> View:
        """The masked view of one record at the stage the keeper holds it at.

        Raises HoldingUnknown, HoldingOver, and what the keeper refuses with.
        """
        await self._require_open(session, record, now)
        return await self._keeper.call(Open(grant, record))

    async def match(
        self,
        session: AsyncSession,
        grant: str,
        record: SealedRecord,
        kind: FieldKind,
        said: str,
        *,
        now: datetime,
    ) -> Matched:
        """Whether what the callee said is what the record says of one field."""
        await self._require_open(session, record, now)
        return await self._keeper.call(Match(grant, record, kind, said))

    async def reveal(
        self,
        session: AsyncSession,
        grant: str,
        record: SealedRecord,
        kind: FieldKind,
        reason: str,
        *,
        now: datetime,
    ) -> Revealed:
        """One field in full for the seconds the contract grants; `reason` is a code."""
        await self._require_open(session, record, now)
        return await self._keeper.call(Reveal(grant, record, kind, reason))

    async def close(self, grant: str, record: SealedRecord, attempt: str, code: int) -> Closed:
        """Seal the result to the entrustor and let go of the record; once per `attempt`.

        It shows nothing, so a release or the deadline does not stop it: the result of a call
        in hand is lost only when the keys are shredded (the keeper's ListOver).
        """
        return await self._keeper.call(Close(grant, record, attempt, code))

    async def recall(self, attempt: str) -> Recalled:
        """The sealed result of a call that was closed and never stored. Opens nothing.

        Raises UnknownAttempt.
        """
        return await self._keeper.call(Recall(attempt))

    async def release(
        self, session: AsyncSession, holding_id: str, trigger: str, *, now: datetime
    ) -> None:
        """End the holding: from this call on nothing of it opens; repeated: nothing to do.

        Only a grace that still runs is ended by a trigger that has none.

        The keeper freezes before the caller commits. If that commit fails, the list stays
        frozen, and releasing again or the deadline ends the holding here too.
        """
        reason = Trigger(trigger)
        holding = await session.get(
            Holding, holding_id, with_for_update=True, populate_existing=True
        )
        if holding is None:
            raise HoldingUnknown(holding_id)
        if holding.state != State.OPEN:
            if holding.state == State.FROZEN and reason not in WITH_GRACE:
                holding.due_at = min(now, holding.due_at or now)
            return
        await self._keeper.call(Freeze(holding_id, reason.value))
        hours = holding.facts.get("grace_hours", 0) if reason in WITH_GRACE else 0
        holding.state = State.FROZEN
        holding.trigger = reason
        holding.frozen_at = now
        holding.due_at = max(now, min(now + timedelta(hours=hours), holding.deadline))
        await session.flush()

    async def _require_open(
        self, session: AsyncSession, record: SealedRecord, now: datetime
    ) -> None:
        """One indexed read without a lock: the keeper's own freeze decides every race."""
        row = (
            await session.execute(
                select(Holding.state, Holding.deadline).where(Holding.id == record.list)
            )
        ).one_or_none()
        if row is None:
            raise HoldingUnknown(record.list)
        if row.state != State.OPEN or now >= row.deadline:
            raise HoldingOver(record.list)
