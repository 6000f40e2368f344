"""The desk as a state machine: what operators may do in any order, and what must never be seen.

Each example is a new job with a list of households and people alone. Rules ask the real verbs,
against the real database and keeper; the model remembers only what the outside knows: who was
leased whom, with which result, and which calls were made. Time passes by hand, for the platform.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import select

from calllist.clock import JST
from calllist.db import transaction
from calllist.dialing import amending, calling_hours, inbound, resting, returning
from calllist.dialing.errors import (
    CallBackRefused,
    InOtherHand,
    LeaseHeld,
    LeaseUnknown,
    NobodyLeft,
    OutsideHours,
    RecordWithdrawn,
)
from calllist.dialing.tables import Lease, Result
from calllist.dialing.withdrawals import Asked, Withdrawals
from calllist.jobs import work
from calllist.jobs.states import RecordState
from calllist.jobs.tables import CallList, Job, Record
from crypto.errors.records import ResultFinal
from crypto.signed.terms import Conduct
from tests.calllist.dialing.hall import (
    ALL_NUMBERS,
    CODES,
    NUMBERS,
    OPERATORS,
    PAUSES,
    SECOND,
    TAKEN_OUT,
    Hall,
    Seen,
)

operators = st.integers(0, OPERATORS - 1)


class Shift(RuleBasedStateMachine):
    """One job, worked on in any order."""

    hall: Hall

    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()

    # -- the world -------------------------------------------------------------------------

    @initialize()
    def open(self) -> None:
        self.hall.jobs += 1
        self.hall.later = timedelta(0)
        self.job, self.list_id = self.hall.ask(self._open(f"M-{self.hall.season}-{self.hall.jobs}"))

    async def _open(self, code: str) -> tuple[Job, str]:
        centre = self.hall.centre
        job = await centre.job(code)
        assert centre.manager
        for someone in self.hall.people:
            async with transaction(centre.sessions) as session:
                who, whom = centre.manager.person, someone.person.id
                await work.assign(session, centre.keeper, who, job.id, whom, self.now)
        lines = ["氏名,フリガナ,電話番号,電話番号2,整理番号"] + [
            f"架空{row},カクウ{row},{_phone(number)},{_phone(SECOND.get(row))},{code}-{row}"
            for row, number in enumerate(NUMBERS)
        ]
        return job, (await centre.send(job, "\r\n".join(lines))).list_id

    @property
    def now(self) -> datetime:
        return self.hall.centre.now(self.hall.later)

    @property
    def today(self) -> date:
        return self.now.astimezone(JST).date()

    @property
    def _permitted_soon(self) -> datetime:
        """When a call-back is permitted."""
        return calling_hours.next_opening(Conduct(), self.now + timedelta(hours=1))

    @rule(pause=st.sampled_from(PAUSES))
    def time_passes(self, pause: timedelta) -> None:
        """And whoever sweeps, sweeps."""
        self.hall.later += pause
        self.hall.ask(self._sweep())

    async def _sweep(self) -> None:
        centre = self.hall.centre
        async with transaction(centre.sessions) as session:
            await returning.sweep_leases(session, centre.custody, self.now)
        async with transaction(centre.sessions) as session:
            await resting.sweep_rested(session, centre.custody, self.now)
        async with centre.sessions() as session:
            live = set(await session.scalars(select(Lease.id)))
        for who in [*self.seen.given]:  # every pause is longer than a minute
            self.seen.final(who, self.today)
        self.seen.hand = {who: one for who, one in self.seen.hand.items() if one in live}
        self.seen.aside &= live

    # -- the desk --------------------------------------------------------------------------

    @rule(who=operators)
    def takes_the_next(self, who: int) -> None:
        self.hall.ask(self._take(who))

    async def _take(self, who: int) -> None:
        seen, conduct = self.seen, Conduct()
        try:
            async with self._desk(who) as desk:
                lease = await desk.take(self.job.id)
        except LeaseHeld as refused:
            self._check_held(who, refused)
        except OutsideHours:
            assert not calling_hours.permitted(conduct, self.now)
        except NobodyLeft:
            seen.final(who, self.today)
            await self._note_given_up()
            assert not await self._callable(), "somebody was lost"
        else:
            seen.final(who, self.today)
            await self._note_given_up()
            row = await self._note(who, lease)
            today = self.today
            calls = seen.calls[seen.at[row]]
            assert calling_hours.permitted(conduct, self.now)
            assert row in seen.promised or calls[today] < conduct.calls_a_day
            assert row in seen.promised or calls.total() < conduct.attempts

    @rule(who=operators, number=st.integers(0, ALL_NUMBERS), nth=st.integers(0, 2))
    def somebody_calls_back(self, who: int, number: int, nth: int) -> None:
        self.hall.ask(self._find(who, number, nth))

    async def _find(self, who: int, number: int, nth: int) -> None:
        try:
            async with self._desk(who) as desk:
                hits = await inbound.find(desk, self.job.id, _phone(number), nth=nth)
        except LeaseHeld as refused:
            self._check_held(who, refused)
        except InOtherHand:
            assert number in {self.seen.at[self.seen.rows[one]] for one in self.seen.held}
        else:
            self.seen.final(who, self.today)
            if hits.lease is not None:
                await self._note(who, hits.lease)

    @rule(who=operators, code=st.sampled_from(CODES), mine=st.booleans(), also=st.booleans())
    def records_a_result(self, who: int, code: int, mine: bool, also: bool) -> None:
        if who in self.seen.hand:
            self.hall.ask(self._record(who, code, mine, also))

    async def _record(self, who: int, code: int, mine: bool, also: bool) -> None:
        seen, lease = self.seen, self.seen.hand[who]
        at = self._permitted_soon
        try:
            async with self._desk(who) as desk:
                await desk.show(lease)
                outcome = await desk.record(lease, code, call_back_at=at, for_me=mine, also=also)
        except (RecordWithdrawn, LeaseUnknown):
            assert seen.closed[seen.rows[lease]] == 80
            del seen.hand[who]
            return
        except CallBackRefused:
            return
        row = seen.rows[lease]
        number = seen.at[row]
        del seen.hand[who]
        seen.note(lease, row, outcome.code, self.today)
        async with self._desk(who) as desk:  # a double click
            again = await desk.record(lease, 90)
        assert (again.code, again.final) == (outcome.code, outcome.final)
        if outcome.also is not None:
            async with self.hall.centre.sessions() as session:
                passed_on = await session.get_one(Lease, outcome.also)
            assert seen.at[await self._note(who, passed_on)] == number

    @rule(who=operators, code=st.sampled_from(CODES), mine=st.booleans())
    def gives_a_result_and_rests(self, who: int, code: int, mine: bool) -> None:
        if who in self.seen.hand:
            self.hall.ask(self._give(who, code, mine))

    async def _give(self, who: int, code: int, mine: bool) -> None:
        seen, lease = self.seen, self.seen.hand[who]
        try:
            async with self._desk(who) as desk:
                await desk.show(lease)
                outcome = await desk.record(
                    lease, code, call_back_at=self._permitted_soon, for_me=mine, changeable=True
                )
        except (RecordWithdrawn, LeaseUnknown):
            assert seen.closed[seen.rows[lease]] == TAKEN_OUT
            del seen.hand[who]
            return
        except CallBackRefused:
            return
        del seen.hand[who]
        seen.given[who] = lease, outcome.code

    @rule(who=operators, code=st.sampled_from(CODES), mine=st.booleans())
    def changes_the_result(self, who: int, code: int, mine: bool) -> None:
        if who in self.seen.given:
            self.hall.ask(self._amend(who, code, mine))

    async def _amend(self, who: int, code: int, mine: bool) -> None:
        lease, before = self.seen.given[who]
        try:
            async with self._desk(who) as desk:
                outcome = await amending.amend(
                    desk, lease, code, call_back_at=self._permitted_soon, for_me=mine
                )
        except RecordWithdrawn:
            assert before == TAKEN_OUT
            del self.seen.given[who]
        except (CallBackRefused, ResultFinal):  # as it was
            return
        else:
            self.seen.given[who] = lease, outcome.code

    @precondition(lambda self: self.seen.results)
    @rule(row=st.integers(0, len(NUMBERS) - 1))
    def the_entrustor_takes_somebody_out(self, row: int) -> None:
        self.hall.ask(self._withdraw(row))

    async def _withdraw(self, row: int) -> None:
        centre = self.hall.centre
        assert centre.manager
        taken_out = Withdrawals(centre.sessions, centre.custody, lambda: self.now)
        reference = [Asked(2, f"{self.job.code}-{row}")]
        done = await taken_out.take_out(
            centre.manager.person, centre.manager.grant, self.job.id, reference
        )
        if done.withdrawn:
            for who, (lease, code) in self.seen.given.items():
                if self.seen.rows[lease] == row and code != TAKEN_OUT:  # both are written down
                    self.seen.note(lease, row, code, self.today)
                    self.seen.given[who] = lease, TAKEN_OUT
            assert self.seen.closed.get(row, 70) == 70, "closed twice"
            self.seen.closed[row] = 80
            self.seen.results += 1

    # -- what must hold --------------------------------------------------------------------

    @invariant()
    def nothing_is_lost_or_in_two_hands(self) -> None:
        if hasattr(self, "job"):
            self.hall.steps += 1
            self.hall.ask(self._check())

    async def _check(self) -> None:
        async with self.hall.centre.sessions() as session:
            leases = list(await session.scalars(select(Lease).where(Lease.job_id == self.job.id)))
            rows = await self._rows()
            codes = Counter(
                await session.scalars(select(Result.code).where(Result.list_id == self.list_id))
            )
            call_list = await session.get_one(CallList, self.list_id)
        assert {lease.id for lease in leases} == set(self.seen.held)
        held = [self.seen.rows[lease.id] for lease in leases]
        assert len(set(held)) == len(held), "one person in two hands"
        # The lease of somebody who was taken out only waits to tell its operator.
        numbers = [self.seen.at[row] for row in held if self.seen.closed.get(row) != 80]
        assert len(set(numbers)) == len(numbers), "one number in two hands"
        states = Counter(row.state for row in rows)
        assert states.total() == len(NUMBERS)
        leased = {n for n, row in enumerate(rows) if row.state == RecordState.LEASED}
        assert leased == {row for row in held if self.seen.closed.get(row) != 80}
        for place, row in enumerate(rows):
            assert (row.sealed is None) == (row.state == RecordState.DONE)
            if self.seen.closed.get(place, 70) != 70:
                assert row.state == RecordState.DONE, "whoever is done stays so"
        resting = [row for row in rows if row.last_code == 70 and row.sealed is not None]
        assert call_list.resting == len(resting)
        assert call_list.remaining == len(NUMBERS) - len(resting) - states[RecordState.DONE]
        assert codes.total() == self.seen.results, "a result was lost, or is there twice"

    def teardown(self) -> None:
        if hasattr(self, "job"):
            self.hall.ask(self._work_off())

    async def _work_off(self) -> None:
        """Everybody who is left comes up within some days, and then nobody is."""
        for _ in range(12):
            self.hall.later += timedelta(hours=1)
            opens = calling_hours.next_opening(Conduct(), self.now + timedelta(hours=12))
            self.hall.later += opens - self.now
            await self._sweep()
            await self._take(0)
            while self.seen.hand:
                for who in list(self.seen.hand):
                    await self._record(who, 10, mine=False, also=False)
                await self._take(0)
        async with self.hall.centre.sessions() as session:
            assert (await session.get_one(CallList, self.list_id)).remaining == 0, "lost"

    # -- asking ----------------------------------------------------------------------------

    def _desk(self, who: int) -> Any:
        return self.hall.centre.desk(self.hall.people[who], self.hall.later)

    async def _rows(self) -> list[Record]:
        async with self.hall.centre.sessions() as session:
            query = select(Record).where(Record.list_id == self.list_id)
            return list(await session.scalars(query.order_by(Record.line)))

    async def _callable(self) -> list[int]:
        """Rows that an operator without a promise to keep should have been given."""
        rows = await self._rows()
        held = {self.seen.at[self.seen.rows[one]] for one in self.seen.held}
        due = self.now - timedelta(minutes=15)
        return [
            place
            for place, row in enumerate(rows)
            if row.state == RecordState.WAITING
            and self.seen.at[place] not in held
            and (row.due_at is None or row.due_at <= due)
        ]

    async def _note(self, who: int, lease: Lease) -> int:
        """A lease was given: to nobody who is done. Returns its row."""
        at = [(row.chunk, row.index) for row in await self._rows()]
        place = at.index((lease.chunk, lease.index))
        again = lease.id in self.seen.rows  # put aside before
        assert again or self.seen.closed.get(place, 70) == 70, "called although done"
        if place in self.seen.closed and not again:
            assert not lease.rang, "given up: only whoever calls back is found"
        if self.seen.hand.get(who, lease.id) != lease.id:
            self.seen.aside.add(self.seen.hand[who])
        self.seen.aside.discard(lease.id)
        self.seen.hand[who] = lease.id
        self.seen.rows[lease.id], self.seen.rang[lease.id] = place, lease.rang
        return place

    def _check_held(self, who: int, refused: LeaseHeld) -> None:
        assert self.seen.hand[who] == refused.lease_id

    async def _note_given_up(self) -> None:
        """Whom nobody could be called for any more is closed by the way."""
        for place, row in enumerate(await self._rows()):
            if row.last_code == 70 and place not in self.seen.closed:
                assert self.seen.calls[self.seen.at[place]].total() >= Conduct().attempts
                self.seen.closed[place] = 70
                self.seen.results += 1


def _phone(number: int | None) -> str:
    return "" if number is None else f"03-0000-0{100 + number}"
