"""The desk: one masked person at a time.

    take -> show (as often as needed) -> match, reveal -> record -> take ...
                `-> withdrawn by the entrustor: closed as such, nobody shown -> take ...
    record -> also: somebody else at this number, in the same call -> show ...

`take` only leases; the person is opened by `show`, in a request of its own, when the lease
is already committed: a crash between the two leaves a lease that shows the same person, and
never an open record that nobody holds. A lease lives as long as the keeper's hold and a
grace, and every look at it lengthens it, though not by a few seconds, for which nothing is
written. Foreign and unknown leases are not told apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist import ids
from calllist.dialing import (
    calling_hours,
    closing,
    elsewhere,
    numbers,
    parking,
    provisional,
    queue,
    remarks,
    resting,
    returning,
)
from calllist.dialing.closing import Outcome
from calllist.dialing.errors import (
    LeaseHeld,
    LeaseUnknown,
    NobodyLeft,
    NumberInUse,
    OutsideHours,
    RecordOver,
    RecordWithdrawn,
    ResultGiven,
    TransferOver,
)
from calllist.dialing.giving_up import give_up
from calllist.dialing.hand import InHand, in_hand
from calllist.dialing.numbers import Filed
from calllist.dialing.remarks import Remarks
from calllist.dialing.tables import Lease, Result
from calllist.entrustors import rehearsal
from calllist.entrustors.codes import SILENT
from calllist.entrustors.purposes import Purpose
from calllist.jobs.errors import JobOver, JobPaused
from calllist.jobs.scope import job_and_terms
from calllist.jobs.states import JobState, RecordState
from calllist.jobs.tables import Record
from calllist.people.roles import Role
from calllist.people.tables import Person
from crypto.errors.records import NotInHand, RecordClosed, Withdrawn
from crypto.records.fields import FieldKind
from crypto.signed.terms import ContractTerms
from crypto.wire.calls import Given
from crypto.wire.records import Closed, Matched, Revealed, View
from retention.custody import Custody
from retention.states import State
from retention.tables import Holding

WORTH_WRITING = timedelta(seconds=5)  # a look sooner after the last one lengthens nothing

_OPERATOR = select(Person.id).where(Person.id == bindparam("person_id")).with_for_update()
_LIVE = (
    select(Lease, Holding.state, Holding.deadline)
    .join(Holding, Holding.id == Lease.list_id)
    .where(Lease.person_id == bindparam("person_id"), Lease.parked_at.is_(None))
    .with_for_update(of=Lease)
)


@dataclass(frozen=True)
class Desk:
    """One operator's desk, for one request: in whose transaction, with which grant, at what time.

    grace: how much longer than the keeper's hold a lease lives.
    """

    session: AsyncSession
    custody: Custody
    person: Person
    grant: str = field(repr=False)
    grace: timedelta
    now: datetime

    async def take(self, job_id: str) -> Lease:
        """Lease the next record, first whoever was put aside. Shows nothing; redirect to `show`.

        Raises JobUnknown, JobOver, JobPaused, HandoverUntested, OutsideHours (with the next
        opening), LeaseHeld (one live lease per operator, with its id), NobodyLeft (with the
        time when somebody is due).
        """
        job, terms = await job_and_terms(self.session, self.person, job_id)
        if job.state != JobState.OPEN:
            raise JobOver(job_id)
        if job.paused_at is not None:
            raise JobPaused(job_id)
        await rehearsal.check(self.session, terms)
        if not calling_hours.permitted(terms.conduct, self.now):
            raise OutsideHours(calling_hours.next_opening(terms.conduct, self.now))
        await self.alone()
        aside = await parking.back(
            *(self.session, self.custody, self.person, job_id),
            until=self.until(terms),
            now=self.now,
        )
        if aside is not None:
            return aside
        only_due = terms.purpose == Purpose.INBOUND  # they call us, unless they asked to be called
        caller = queue.Caller(self.person.id, self.now, only_due=only_due)
        while picked := await queue.pick(self.session, job_id, caller):
            lease = await self.leased(job_id, terms, picked.record, others=picked.others)
            if not numbers.spent(terms, picked.record):
                return lease
            await give_up(
                self.session,
                self.custody,
                lease,
                person=self.person,
                grant=self.grant,
                now=self.now,
            )
        raise NobodyLeft(await queue.next_due(self.session, job_id, self.now))

    async def alone(self) -> None:
        """Two tabs of one operator come one after the other. Raises LeaseHeld."""
        held = await self.locked()
        if held is not None:
            raise LeaseHeld(held.id)

    async def locked(self) -> Lease | None:
        """The live lease, if any; nobody else takes one for this operator before the commit. Who
        asks for the next person has nothing to change about the last: that result is final."""
        await self.session.execute(_OPERATOR, {"person_id": self.person.id})
        return await self.lease(settle=True)

    def until(self, terms: ContractTerms) -> datetime:
        """When a lease taken or looked at now expires."""
        return self.now + timedelta(seconds=terms.hold_seconds) + self.grace

    async def leased(
        self,
        job_id: str,
        terms: ContractTerms,
        record: Record,
        *,
        rang: bool = True,
        others: int = 0,
    ) -> Lease:
        """The lease of a record that has just left the queue; as `fresh`."""
        place = record.list_id, record.chunk, record.index
        lease = self.fresh(job_id, terms, place, rang=rang, others=others)
        self.session.add(lease)
        await self.session.flush()
        return lease

    def fresh(
        self,
        job_id: str,
        terms: ContractTerms,
        place: tuple[str, int, int],
        *,
        rang: bool,
        others: int,
    ) -> Lease:
        """A lease of this record as it begins now; not written. rang: its number is rung by us.
        others: how many more people have it."""
        list_id, chunk, index = place
        return Lease(
            id=ids.new_lease(),
            person_id=self.person.id,
            job_id=job_id,
            list_id=list_id,
            chunk=chunk,
            index=index,
            taken_at=self.now,
            expires_at=self.until(terms),
            rang=rang,
            others=others,
            call_back_mine=False,
        )

    async def lease(self, *, settle: bool = False) -> Lease | None:
        """The operator's live lease, if any. One that is over is given back on the way.

        Over: expired, or its list released or past its deadline, so that nothing of it opens. One
        that has its result is nobody in hand; settle: it is over, too.
        """
        found = (await self.session.execute(_LIVE, {"person_id": self.person.id})).first()
        if found is None:
            return None
        lease, state, deadline = found
        if state == State.OPEN and self.now < min(deadline, lease.expires_at):
            if lease.given_at is None:
                return lease
            if not settle:
                return None
        await returning.give_back(self.session, self.custody, lease, self.now)
        return None

    async def show(self, lease_id: str) -> tuple[InHand, View]:
        """The masked person in hand, at the stage the keeper holds. The same as often as asked.

        Raises LeaseUnknown, HoldingOver, RecordOver, RecordWithdrawn, NumberInUse, TransferOver,
        and what the keeper refuses with (budget_hour, list_over, grant_over, hand_full, ...).
        """
        hand = await in_hand(self.session, self.person, lease_id)
        try:
            view = await self.custody.disclose(self.session, self.grant, hand.sealed, now=self.now)
        except Withdrawn as refused:
            raise await self._withdrawn(hand) from refused
        except RecordClosed as refused:
            await returning.conclude(self.session, self.custody, hand, self.person, self.now)
            raise RecordOver(lease_id) from refused
        except NotInHand as refused:  # what was handed over does not open a second time
            await returning.give_back(self.session, self.custody, hand.lease, self.now)
            raise TransferOver(lease_id) from refused
        if not await elsewhere.may_ring(self.session, hand, view.elsewhere, self.now):
            await returning.give_back(self.session, self.custody, hand.lease, self.now)
            raise NumberInUse(lease_id, hand.job.id)
        until = self.until(hand.terms)
        if until - hand.lease.expires_at >= WORTH_WRITING:
            hand.lease.expires_at = until
        return hand, view

    async def match(self, lease_id: str, kind: FieldKind, said: str) -> tuple[InHand, Matched]:
        """Whether what the callee said is what the record says: 一致 or 不一致, and the new view.

        Raises LeaseUnknown, HoldingOver, and the keeper's tries_used, not_matchable, ...
        """
        hand = await in_hand(self.session, self.person, lease_id)
        hand.lease.dialled_at = hand.lease.dialled_at or self.now
        return hand, await self.custody.match(
            self.session, self.grant, hand.sealed, kind, said, now=self.now
        )

    async def reveal(self, lease_id: str, kind: FieldKind, reason: str) -> tuple[InHand, Revealed]:
        """One field in full for some seconds. `reason`: "manual_dial" or "read_back".

        Raises LeaseUnknown, HoldingOver, and the keeper's not_revealable, ...
        """
        hand = await in_hand(self.session, self.person, lease_id)
        hand.lease.dialled_at = hand.lease.dialled_at or self.now
        return hand, await self.custody.reveal(
            self.session, self.grant, hand.sealed, kind, reason, now=self.now
        )

    async def code(self, lease_id: str) -> tuple[InHand, Given]:
        """Six digits for the callee, by which the entrustor knows this call for a day.

        The same as often as asked. Raises LeaseUnknown, HoldingOver, the keeper's not_in_hand, ...
        """
        hand = await in_hand(self.session, self.person, lease_id)
        hand.lease.dialled_at = hand.lease.dialled_at or self.now
        return hand, await self.custody.give_code(
            self.session, self.grant, hand.sealed, hand.lease.id, now=self.now
        )

    async def record(
        self,
        lease_id: str,
        code: int,
        *,
        call_back_at: datetime | None = None,
        for_me: bool = False,
        also: bool = False,
        said: Remarks = remarks.NONE,
        changeable: bool = False,
    ) -> Outcome:
        """Record the result of the call and let go of the person; exactly once per lease.

        for_me: this operator calls back. also: whoever answered passes the telephone on, so that
        somebody else with this number comes next, if there is one; a silent line has nobody, and
        nobody comes next for a supervisor.
        said: a note and a slip that go with it. changeable: it stays provisional for a minute, if
        it is an operator's.
        A second time with the same lease: the first outcome again. Raises LeaseUnknown,
        CodeRefused, CallBackMissing, CallBackRefused, NoteBlocked, NoteNeedless, SlipNotReadBack,
        HoldingOver, RecordOver, RecordWithdrawn, and the keeper's refusals.
        """
        try:
            hand = await in_hand(self.session, self.person, lease_id)
        except (LeaseUnknown, ResultGiven):
            return await self._recorded(lease_id)
        lease, token = hand.lease, hand.record.token or b""
        number = [(lease.list_id, token), *numbers.filed_elsewhere(lease)]
        rule = closing.check(hand, code, call_back_at, self.now)
        remarks.check(said, hand, code)
        sealed_code = closing.counted(hand, rule)
        try:
            closed = await self._close(hand, sealed_code, said)
        except Withdrawn as refused:
            raise await self._withdrawn(hand) from refused
        except RecordClosed as refused:
            await returning.conclude(self.session, self.custody, hand, self.person, self.now)
            raise RecordOver(lease_id) from refused
        calls_on = self.person.role == Role.OPERATOR
        if changeable and calls_on:
            return provisional.hold(
                hand, closed, sealed_code, call_back_at=call_back_at, for_me=for_me, now=self.now
            )
        outcome = await closing.settle(
            self.session,
            self.custody,
            hand,
            self.person,
            sealed_code,
            closed,
            call_back_at=call_back_at,
            for_me=for_me,
            now=self.now,
        )
        if also and calls_on and hand.lease.others and code not in SILENT:
            return replace(outcome, also=await self._also(hand, number))
        return outcome

    async def _also(self, hand: InHand, number: Sequence[Filed]) -> str | None:
        """The lease of somebody else at this number: no call of its own, whenever they are due."""
        lists = await queue.callable_lists(self.session, hand.job.id, self.now)
        for list_id, token in number:
            if list_id not in lists or not await numbers.free(self.session, list_id, token):
                continue
            record = await numbers.beside(self.session, list_id, token, hand.record)
            if record is None:
                continue
            record.state = RecordState.LEASED
            others = sum([await numbers.waiting(self.session, one) for one in number])
            lease = await self.leased(hand.job.id, hand.terms, record, rang=False, others=others)
            lease.elsewhere = {one: filed.hex() for one, filed in number if one != list_id}
            return lease.id
        return None

    async def _close(self, hand: InHand, code: int, said: Remarks) -> Closed:
        """Close in the keeper; after a new sign-in or an expired hold, open once more before."""

        async def close() -> Closed:
            return await self.custody.close(
                self.grant,
                hand.sealed,
                hand.lease.id,
                code,
                findable_until=resting.window(hand.terms, code, self.now),
                note=said.note,
                slip=said.slip,
            )

        try:
            return await close()
        except NotInHand:
            await self.custody.disclose(self.session, self.grant, hand.sealed, now=self.now)
            return await close()

    async def _withdrawn(self, hand: InHand) -> RecordWithdrawn:
        """Close as 対象外: the result goes to the entrustor like any other."""
        await returning.withdraw(
            self.session, self.custody, self.grant, hand, self.person, self.now
        )
        return RecordWithdrawn(hand.lease.id, hand.job.id)

    async def _recorded(self, lease_id: str) -> Outcome:
        """The outcome of a lease that has its result: a double click, a second tab."""
        given = await provisional.standing(self.session, self.custody, self.person, lease_id)
        if given is not None:
            return given.outcome
        result = await self.session.get(Result, lease_id)
        if result is None or result.person_id != self.person.id:
            raise LeaseUnknown(lease_id)
        return Outcome(result.job_id, result.code, final=result.final, due_at=None)
