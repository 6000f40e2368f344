"""The web's power over a holding: open it, disclose through it one person at a time, release it.

Whatever is shown passes here: a holding that is released or past its deadline shows nothing
more, even if no worker ever ran. The keeper asks the same questions again with its own clock;
this side exists so that neither of the two can be talked round alone.

`Custody` cannot destroy anything: `release` freezes the keys, the worker does the rest.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crypto.records.fields import FieldKind
from crypto.records.slips import Slip
from crypto.wire.calls import FindCall, FindReference, FoundCall, GiveCode, Given
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Event
from crypto.wire.lists import Freeze, Inspect
from crypto.wire.records import (
    Close,
    Closed,
    Find,
    Found,
    LetGo,
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
from crypto.wire.withdrawals import Locate, Withdraw
from retention.ending import WITH_GRACE, due, end
from retention.errors import HoldingOver, HoldingUnknown
from retention.states import State, Trigger, said
from retention.tables import Holding

KEYLESS = frozenset({"unknown", "lost"})  # states of a list in a keeper that lost its disk
FINISHED = frozenset({State.CERTIFIED, State.LOST_ERASED})


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
        results_first: bool = False,
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
            results_first=results_first,
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

    async def find(self, grant: str, job: str, phone: str) -> Found:
        """How one number (E.164) is filed in each living list of a job. Costs one person.

        No holding is asked about here: whoever looks the tokens up leaves those out that are
        over, and opening what was found asks again.
        """
        return await self._keeper.call(Find(grant, job, phone))

    async def find_reference(self, grant: str, job: str, reference: str) -> Found:
        """`find` by the reference number of a letter: as `references.ReferenceTokens` files it."""
        return await self._keeper.call(FindReference(grant, job, reference))

    async def find_call(self, grant: str, job: str, code: str) -> FoundCall:
        """`find` by the code of an earlier call: where its record lies, if it is of this job."""
        return await self._keeper.call(FindCall(grant, job, code))

    async def give_code(
        self,
        session: AsyncSession,
        grant: str,
        record: SealedRecord,
        attempt: str,
        *,
        now: datetime,
    ) -> Given:
        """Six digits by which the entrustor knows this call; the same as often as asked."""
        await self._require_open(session, record, now)
        return await self._keeper.call(GiveCode(grant, record, attempt))

    async def close(
        self,
        grant: str,
        record: SealedRecord,
        attempt: str,
        code: int,
        *,
        findable_until: datetime | None = None,
        note: str = "",
        slip: Slip | None = None,
        amends: bool = False,
    ) -> Closed:
        """Seal the result to the entrustor and let go of the record; once per `attempt`.

        findable_until: who was never reached may still be found, calling back before. note: for
        the next call, kept by the keeper. slip: sealed to the entrustor with the result. amends:
        in place of this attempt's earlier result, within a minute. Raises ResultFinal.

        It shows nothing, so a release or the deadline does not stop it: the result of a call
        in hand is lost only when the keys are shredded (the keeper's ListOver).
        """
        return await self._keeper.call(
            Close(grant, record, attempt, code, findable_until, note, slip, amends)
        )

    async def locate(self, grant: str, list_id: str, references: Sequence[str]) -> bytes:
        """How reference numbers are filed in one list: `references.REFERENCE_BYTES` each.

        grant: of a manager, or of the entrustor's officer. Raises what the keeper refuses with.
        """
        return (await self._keeper.call(Locate(grant, list_id, tuple(references)))).tokens

    async def withdraw(
        self, grant: str, record: SealedRecord, attempt: str, reference: str
    ) -> Closed:
        """The entrustor takes one person out: closed for ever, the result sealed; nobody is shown.

        reference: by which the record was asked for, or the number of its line. Repeated with the
        same attempt: the same result. Raises RecordClosed, ListOver, AnotherPerson.
        """
        return await self._keeper.call(Withdraw(grant, record, attempt, reference))

    async def recall(self, attempt: str) -> Recalled:
        """The sealed result of a call that was closed and never stored. Opens nothing.

        Raises UnknownAttempt.
        """
        return await self._keeper.call(Recall(attempt))

    async def let_go(self, list_id: str, record: tuple[int, int] | None = None) -> None:
        """No lease of this record (chunk, index; None: of the list) stands any more: the keeper's
        hold on it ends too, or the next operator would wait for that. Opens nothing."""
        await self._keeper.call(LetGo(list_id, record))

    async def release(
        self, session: AsyncSession, holding_id: str, trigger: str, *, grant: str, now: datetime
    ) -> None:
        """End the holding: from this call on nothing of it opens; repeated: nothing to do.

        Only a grace that still runs is ended by a trigger that has none.

        grant: of the manager, or of the entrustor's officer, who says so; empty when nobody
        does (completion, deadline). Without it the list is frozen all the same; to shred it
        the keeper wants another reason (crypto D33). Raises HoldingUnknown, and what the
        keeper refuses a grant with (unknown_grant, grant_over, not_authorised).

        The keeper freezes before the caller commits. If that commit fails, the list stays
        frozen, and releasing again or the deadline ends the holding here too.
        """
        reason = Trigger(trigger)
        holding = await session.get(
            Holding, holding_id, with_for_update=True, populate_existing=True
        )
        if holding is None:
            raise HoldingUnknown(holding_id)
        ordered = holding.state == State.FROZEN and reason not in WITH_GRACE
        if ordered or holding.state == State.OPEN:
            await self._keeper.call(Freeze(holding_id, said(reason), grant))
        end(holding, reason, now)
        await session.flush()

    async def choose(self, session: AsyncSession, holding_id: str, *, results_first: bool) -> bool:
        """The entrustor's choice 消去 / 返還後消去; whether it is another than before.

        Raises HoldingUnknown; HoldingOver once the list has ended.
        """
        holding = await session.get(
            Holding, holding_id, with_for_update=True, populate_existing=True
        )
        if holding is None:
            raise HoldingUnknown(holding_id)
        if holding.state != State.OPEN:
            raise HoldingOver(holding_id)
        changed = holding.results_first != results_first
        holding.results_first = results_first
        await session.flush()
        return changed

    async def returned(self, session: AsyncSession, holding_id: str, *, now: datetime) -> None:
        """The entrustor has every result of a list that waited for that: it is due, after its
        grace. Of any other: nothing to do."""
        holding = await session.get(
            Holding, holding_id, with_for_update=True, populate_existing=True
        )
        if holding is None or holding.state != State.FROZEN or not holding.results_first:
            return
        if holding.trigger in WITH_GRACE:
            holding.results_first = False  # waited for
            holding.due_at = due(holding, now)
            await session.flush()

    async def extend(self, session: AsyncSession, holding_id: str, until: datetime) -> bool:
        """Follow a signed extension; whether the holding is open again after a freeze that
        nobody had a right to. The keeper's own state decides. Unknown here: nothing to do."""
        holding = await session.get(
            Holding, holding_id, with_for_update=True, populate_existing=True
        )
        if holding is None or holding.state not in (State.OPEN, State.FROZEN):
            return False
        holding.deadline = max(holding.deadline, until)
        if holding.state == State.OPEN:
            return False
        if (await self._keeper.call(Inspect(holding_id))).state != "open":
            return False
        holding.state = State.OPEN
        holding.trigger = holding.frozen_at = holding.due_at = holding.failure = None
        await session.flush()
        return True

    async def hold(
        self, session: AsyncSession, holding_id: str, *, held: bool, now: datetime
    ) -> None:
        """Follow a signed legal hold, or its release: meanwhile nothing is shown or shredded."""
        holding = await session.get(
            Holding, holding_id, with_for_update=True, populate_existing=True
        )
        if holding is not None:
            holding.held_at = (holding.held_at or now) if held else None
            await session.flush()

    async def halt(self, session: AsyncSession, holding_id: str, *, now: datetime) -> None:
        """The keeper froze this list because a canary was touched: the books follow.

        It stays frozen until its entrustor orders the destruction, or the deadline.
        """
        holding = await session.get(
            Holding, holding_id, with_for_update=True, populate_existing=True
        )
        if holding is None or holding.state != State.OPEN:
            return
        holding.state = State.FROZEN
        holding.trigger = Trigger.CANARY
        holding.frozen_at = now
        holding.due_at = holding.deadline
        await session.flush()

    async def catch_up(self, session: AsyncSession, holding_id: str, *, now: datetime) -> bool:
        """Whether our books said less than the keeper knows of this list, and follow it now.

        Shredded, and our books call it open, or frozen until later: they are a restored copy. Then
        they say frozen, and due: the worker does the rest once more, and the certificate is the
        one that was signed. Ended by somebody with the right to it, and our books call it open,
        or do not have the officer's order: whoever was to write that down could not.
        """
        keys = await self._keeper.call(Inspect(holding_id))
        if keys.state != "shredded" and not keys.ended:
            return False
        holding = await session.get(
            Holding, holding_id, with_for_update=True, populate_existing=True
        )
        if holding is None or holding.state not in (State.OPEN, State.FROZEN):
            return False
        before = holding.state, holding.due_at
        if keys.state == "shredded":
            end(holding, Trigger(holding.trigger or Trigger.RESTORED), now)
            holding.due_at = min(now, holding.due_at or now)
        else:
            end(holding, Trigger(keys.ended), now)
        if (holding.state, holding.due_at) == before:
            return False
        followed = "books_restored" if keys.state == "shredded" else "books_followed"
        await self._keeper.call(Event(followed, {"list": holding_id}))
        await session.flush()
        return True

    async def has_keys(self, holding_id: str) -> bool:
        """Whether the keeper knows this list's keys, or of their destruction; False: a keeper
        that began again after its disk was lost."""
        return (await self._keeper.call(Inspect(holding_id))).state not in KEYLESS

    async def lose(self, session: AsyncSession, holding_id: str, *, now: datetime) -> None:
        """Its keys were lost with the keeper's disk: nothing opens, nothing will be certified.

        The rows stay until it is released or past its deadline. What was released before is
        due at once. Lost before, or certified: nothing to do.
        """
        holding = await session.get(
            Holding, holding_id, with_for_update=True, populate_existing=True
        )
        if holding is None:
            raise HoldingUnknown(holding_id)
        if holding.state in FINISHED or holding.state == State.LOST:
            return
        if holding.state != State.OPEN:
            holding.due_at = min(now, holding.due_at or now)
        holding.state = State.LOST
        holding.lost_at = now
        holding.number = None  # set aside for a certificate that nobody can sign any more
        holding.failure = None
        await self._keeper.call(Event("keys_lost", {"list": holding_id}))
        await session.flush()

    async def find_again(self, session: AsyncSession, holding_id: str) -> bool:
        """The keeper has the keys after all (it had begun on another disk): open as before.

        False if the holding was released in the meantime: then it stays lost.
        """
        holding = await session.get(
            Holding, holding_id, with_for_update=True, populate_existing=True
        )
        if holding is None or holding.state != State.LOST or holding.due_at is not None:
            return False
        holding.state = State.OPEN
        holding.lost_at = None
        await self.let_go(holding_id)  # its leases were given back when the keys were missing
        await self._keeper.call(Event("keys_found", {"list": holding_id}))
        await session.flush()
        return True

    async def _require_open(
        self, session: AsyncSession, record: SealedRecord, now: datetime
    ) -> None:
        """One indexed read without a lock, or none if this transaction has read the holding
        already: the keeper's own freeze decides every race."""
        holding = await session.get(Holding, record.list)
        if holding is None:
            raise HoldingUnknown(record.list)
        over = holding.state != State.OPEN or now >= holding.deadline
        if over or holding.held_at is not None:
            raise HoldingOver(record.list)
