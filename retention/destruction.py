"""The worker's power: freeze, shred, erase, verify, certify.

    OPEN -> FROZEN -> SHREDDED (no way back) -> ERASED -> VERIFIED -> CERTIFIED
                    LOST (no keys to shred, nothing to certify) -> LOST_ERASED

Every step is its own transaction, takes the holding's row lock and returns if it has been
done: a crash anywhere is healed by running again, and two workers on one holding do the
work of one. A failed check sends the holding back to SHREDDED, so that the next run erases
and checks again; only when everything passed is a certificate asked for. The keeper signs none
that says more than it was told step by step: that too sends the holding back.

Trusted with nothing that opens: the keeper alone shreds and signs.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.errors.lists import (
    AlreadyCertified,
    CertificateTaken,
    ClaimsContradict,
    NotAttested,
)
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head
from crypto.wire.lists import Attest, Certified, Certify, Freeze, Inspect, Issued, Shred, Step
from retention import claims, marks
from retention.errors import HoldingUnknown, NotDue, NotVerified
from retention.facts import Check
from retention.states import State, Trigger
from retention.tables import Certificate, Holding
from retention.verify import verify

STOPPED = "stopped"  # a failure that nobody foresaw: the worker's log names its place

Erase = Callable[[AsyncSession, str], Awaitable[int]]
"""Delete one batch of a list's rows; how many *people's* rows that were, 0 when none is left.

It returns 0 only after everything else of the list (chunks, leases) is deleted too."""

DatabaseTime = Callable[[AsyncSession], Awaitable[datetime]]
"""What the database's clock says now: a list expires only if the keeper's clock agrees."""

TakeMarks = Callable[[AsyncSession, str], Awaitable[bytes]]
"""Before anything is erased: by what a copy of the list would be known (`retention.marks`)."""

InspectStores = Callable[[AsyncSession, str, Sequence[bytes]], Awaitable[list[Check]]]
"""Look into every store for something of the list, by these marks; one check for each."""


class Destroyer:
    """Destroys holdings that are due. What erases and what looks is handed in, never found."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        keeper: KeeperClient,
        erase: Erase,
        inspect: InspectStores,
        database_time: DatabaseTime,
        take_marks: TakeMarks,
    ) -> None:
        self._sessions = sessions
        self._keeper = keeper
        self._erase_batch = erase
        self._inspect = inspect
        self._database_time = database_time
        self._take_marks = take_marks

    async def due(self, session: AsyncSession, now: datetime) -> list[str]:
        """The holdings that `run` would take further, the longest due first."""
        begun = Holding.state.in_([State.SHREDDED, State.ERASED, State.VERIFIED])
        released = and_(Holding.state == State.FROZEN, Holding.due_at <= now)
        expired = and_(Holding.state == State.OPEN, Holding.deadline <= now)
        over = or_(Holding.due_at <= now, Holding.deadline <= now)
        lost = and_(Holding.state == State.LOST, over)
        found = await session.scalars(
            select(Holding.id)
            .where(or_(begun, released, expired, lost))
            .order_by(func.coalesce(Holding.due_at, Holding.deadline), Holding.id)
        )
        return list(found)

    async def run(self, holding_id: str, now: datetime) -> State:
        """Take one holding as far as it goes: CERTIFIED (LOST_ERASED), unless this raises.

        Raises HoldingUnknown; NotDue if nobody released it and its deadline is to come;
        NotVerified if a store still holds something; and what the keeper refuses with. The
        last two, and whatever else goes wrong, are also noted as the holding's `failure`.
        """
        clock = _clock(now)
        try:
            await self._freeze(holding_id, clock)
            await self._shred(holding_id, clock)
            while not await self._erase(holding_id, clock):
                pass
            await self._verify(holding_id, clock)
            return await self._certify(holding_id, clock)
        except Refusal as refused:
            await self._note(holding_id, f"keeper:{refused.code}", again=_unfounded(refused))
            raise
        except KeeperUnavailable:
            await self._note(holding_id, "keeper_unavailable")
            raise
        except (HoldingUnknown, NotDue, NotVerified):
            raise
        except Exception:  # whatever it is: those who wait for the certificate are told
            await self._note(holding_id, STOPPED)
            raise

    async def _freeze(self, holding_id: str, clock: "Clock") -> None:
        """Past the deadline we freeze by ourselves; before it, only those who may release."""
        async with self._locked(holding_id) as (_, holding):
            now = clock()
            if holding.state == State.OPEN:
                if now < holding.deadline:
                    raise NotDue(holding_id)
                await self._keeper.call(Freeze(holding_id, "deadline"))
                holding.state = State.FROZEN
                holding.trigger = Trigger.DEADLINE
                holding.frozen_at = now
                holding.due_at = holding.deadline
            if holding.state == State.FROZEN and (holding.due_at is None or now < holding.due_at):
                raise NotDue(holding_id)
            if holding.state == State.LOST and now < min(
                holding.deadline, holding.due_at or holding.deadline
            ):
                raise NotDue(holding_id)

    async def _shred(self, holding_id: str, clock: "Clock") -> None:
        """The point of no return is inside the keeper; asked twice, it answers as before."""
        async with self._locked(holding_id) as (session, holding):
            if holding.state != State.FROZEN:
                return
            database_time = await self._database_time(session)
            shredded = await self._keeper.call(Shred(holding_id, database_time))
            holding.state = State.SHREDDED
            holding.shredded_at = clock()
            holding.shred_seq = shredded.seq
            holding.failure = None

    async def _erase(self, holding_id: str, clock: "Clock") -> bool:
        """One batch, counted in the transaction that deletes it; True when none is left."""
        async with self._locked(holding_id) as (session, holding):
            lost = holding.state == State.LOST and holding.erased_at is None
            if not lost and holding.state != State.SHREDDED:
                return True
            # Anew each time, from rows that are still there: what stands in the column already
            # may be anybody's.
            holding.marks = await self._take_marks(session, holding_id) or holding.marks or b""
            rows = await self._erase_batch(session, holding_id)
            holding.erased_rows = (holding.erased_rows or 0) + rows
            if rows:
                return False
            if not lost:
                await self._attest(holding, "erased", {"rows": str(holding.erased_rows)})
                holding.state = State.ERASED
            holding.erased_at = clock()
            return True

    async def _verify(self, holding_id: str, clock: "Clock") -> None:
        """Check every store; set the certificate's number aside only if all of them pass.

        Of lost keys the keeper can say nothing: the rows' stores are checked all the same.
        """
        async with self._locked(holding_id) as (session, holding):
            lost = holding.state == State.LOST
            if not lost and holding.state != State.ERASED:
                return
            checks = [
                *(
                    []
                    if lost
                    else claims.keeper_checks(await self._keeper.call(Inspect(holding_id)))
                ),
                claims.rows_check(holding),
                *await self._inspect(session, holding_id, marks.split(holding.marks or b"")),
            ]
            holding.checks = claims.checks_column(checks)
            holding.failure = claims.failure(checks)
            if lost:
                holding.erased_at = holding.erased_at if holding.failure is None else None
                holding.verified_at = clock()
                holding.state = State.LOST_ERASED if holding.failure is None else State.LOST
            elif holding.failure is None:
                await self._attest(holding, "verified", claims.outcomes(checks))
                holding.state = State.VERIFIED
                holding.verified_at = clock()
                holding.number = await self._number(session, holding)
            else:
                holding.state = State.SHREDDED
            failure = holding.failure
        if failure is not None:
            raise NotVerified(holding_id, failure)

    async def _certify(self, holding_id: str, clock: "Clock") -> State:
        """The keeper signs the same bytes for the same number, however often it is asked."""
        async with self._locked(holding_id) as (session, holding):
            if holding.state != State.VERIFIED:
                return State(holding.state)
            signed = await self._signed(holding)
            certificate = claims.identifier(holding)
            head = await self._keeper.call(Head())
            facts = verify(signed.envelope, head.certificate_key)
            session.add(
                Certificate(
                    id=certificate,
                    entrustor_id=holding.entrustor_id,
                    number=holding.number,
                    holding_id=holding_id,
                    envelope=signed.envelope.decode(),
                    issued_at=facts.issued_at,
                )
            )
            holding.state = State.CERTIFIED
            holding.marks = None
            holding.certified_at = clock()
            holding.failure = None
            return State.CERTIFIED

    async def _number(self, session: AsyncSession, holding: Holding) -> int:
        """The next one; the number that it has already if our database was restored since."""
        next_one = await _next_number(session, holding.entrustor_id)
        names = (await self._keeper.call(Issued(holding.id))).names
        return claims.number_of(names[-1]) if names else next_one

    async def _signed(self, holding: Holding) -> Certified:
        """A number whose certificate a restored database has lost is not given to another list."""
        while True:
            try:
                keys = await self._keeper.call(Inspect(holding.id))
                return await self._keeper.call(
                    Certify(holding.id, claims.identifier(holding), claims.state(holding, keys))
                )
            except CertificateTaken:
                holding.number = (holding.number or 0) + 1
            except AlreadyCertified:
                names = (await self._keeper.call(Issued(holding.id))).names
                holding.number = claims.number_of(names[0])

    async def _attest(self, holding: Holding, step: Step, facts: Mapping[str, str]) -> None:
        """One ledger line for each step, however often it is begun."""
        await self._keeper.call(Attest(holding.id, step, dict(facts)))

    @asynccontextmanager
    async def _locked(self, holding_id: str) -> AsyncIterator[tuple[AsyncSession, Holding]]:
        """One step: one transaction, under the holding's row lock."""
        async with self._sessions.begin() as session:
            holding = await session.get(Holding, holding_id, with_for_update=True)
            if holding is None:
                raise HoldingUnknown(holding_id)
            yield session, holding

    async def _note(self, holding_id: str, failure: str, *, again: bool = False) -> None:
        """again: our books say more than was done; it is erased and looked into once more."""
        async with self._locked(holding_id) as (_, holding):
            holding.failure = failure
            if again and holding.state == State.VERIFIED:
                holding.state = State.SHREDDED
                if failure == f"keeper:{NotAttested.code}":
                    holding.erased_rows = None  # nobody has counted them


Clock = Callable[[], datetime]


def _unfounded(refused: Refusal) -> bool:
    """Whether the keeper knows nothing of what our books say was done, or knows otherwise."""
    return isinstance(refused, NotAttested | ClaimsContradict)


def _clock(now: datetime) -> Clock:
    """`now` and the time that passes while we work: an erasure of hours is dated at its end."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)


async def _next_number(session: AsyncSession, entrustor_id: str) -> int:
    """Gap-free per entrustor: numbers are given out one transaction after another."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"certificate/{entrustor_id}", 0)))
    )
    last = await session.scalar(
        select(func.max(Holding.number)).where(Holding.entrustor_id == entrustor_id)
    )
    return (last or 0) + 1
