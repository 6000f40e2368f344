"""A holding ends certified exactly once, never early, whatever breaks on the way."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calllist.jobs.tables import Record
from crypto.errors.base import KeeperUnavailable
from crypto.errors.lists import ClocksDisagree, ListOver, NotAuthorised, NotShredded
from crypto.signed.orders import Extension
from crypto.wire.base import Caller, Request
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head
from crypto.wire.lists import Certify, Freeze, Inspect, Shred
from crypto.wire.records import Open
from retention.custody import Custody
from retention.destruction import Destroyer, InspectStores
from retention.errors import HoldingUnknown, NotDue, NotVerified
from retention.facts import Check
from retention.states import Outcome, State
from retention.tables import Certificate, Holding
from retention.verify import verify
from tests.keepers import now
from tests.retention.conftest import PEOPLE
from tests.retention.strongroom import Strongroom, database_time, erase, inspect, take_marks

pytestmark = pytest.mark.asyncio

LIVES = timedelta(
    seconds=3
)  # of a list that really ends: its upload takes less, whatever else runs


class Killed(BaseException):
    """The process ends here: no handler of ours may run."""


class Crash:
    """Lets everything through to the real thing, and ends the process at one boundary."""

    def __init__(self, keeper: KeeperClient, boundary: str) -> None:
        self._keeper = keeper
        self._when, _, self._what = boundary.partition(" ")
        self._erasures = 0

    async def call(self, request: Request[Any]) -> Any:
        hit = type(request).__name__.lower() == self._what
        if hit and self._when == "before":
            raise Killed
        reply = await self._keeper.call(request)
        if hit:
            raise Killed
        return reply

    async def erase(self, session: AsyncSession, list_id: str) -> int:
        if self._what == "erasing" and self._when == "before":
            raise Killed
        rows = await erase(session, list_id)
        self._erasures += 1
        if self._what == "erasing" and self._when == "during" and self._erasures == 2:
            raise Killed
        if self._what == "erasing" and self._when == "after" and rows == 0:
            raise Killed
        return rows

    async def inspect(
        self, session: AsyncSession, list_id: str, known: Sequence[bytes]
    ) -> list[Check]:
        checks = await inspect(session, list_id, known)
        if self._what == "inspecting":
            raise Killed
        return checks


async def release(
    room: Strongroom,
    list_id: str = "lst_01",
    trigger: str = "manager",
    grant: str | None = None,
) -> None:
    """By the manager, unless somebody else's grant is given."""
    grant = await room.manager() if grant is None else grant
    async with room.client(Caller.WEB) as keeper, room.sessions.begin() as session:
        await Custody(keeper).release(session, list_id, trigger, grant=grant, now=now())


async def run(room: Strongroom, list_id: str = "lst_01", *, at: datetime | None = None) -> State:
    async with room.client(Caller.WORKER) as keeper:
        return await Destroyer(
            room.sessions, keeper, erase, inspect, database_time, take_marks
        ).run(list_id, at or now())


async def holding(room: Strongroom, list_id: str = "lst_01") -> Holding:
    async with room.sessions() as session:
        return await session.get_one(Holding, list_id)


async def certificates(room: Strongroom) -> list[Certificate]:
    async with room.sessions() as session:
        return list(await session.scalars(select(Certificate).order_by(Certificate.number)))


async def rows_left(room: Strongroom) -> int:
    async with room.sessions() as session:
        return await session.scalar(select(func.count()).select_from(Record)) or 0


# -- the whole way -------------------------------------------------------------------------


async def test_a_released_holding_is_destroyed_and_its_certificate_verifies(
    room: Strongroom,
) -> None:
    await release(room)
    assert await run(room) is State.CERTIFIED
    assert await rows_left(room) == 0
    [certificate] = await certificates(room)
    async with room.client(Caller.WORKER) as keeper:
        head = await keeper.call(Head())
    facts = verify(certificate.envelope.encode(), head.certificate_key)
    assert (facts.list, facts.certificate, facts.root_kind) == ("lst_01", "ent_01-000001", "file")
    assert facts.claims.erased_rows == facts.claims.people == PEOPLE
    assert {check.store for check in facts.claims.checks} >= {"keeper", "row_count", "records"}
    assert facts.issued_at >= facts.shredded_at >= facts.frozen_at


async def test_running_again_changes_nothing(room: Strongroom) -> None:
    await release(room)
    await run(room)
    [before] = await certificates(room)
    stamp = (await holding(room)).certified_at
    assert await run(room) is State.CERTIFIED
    [after] = await certificates(room)
    assert (after.envelope, (await holding(room)).certified_at) == (before.envelope, stamp)


async def test_nothing_is_destroyed_before_it_is_due(room: Strongroom) -> None:
    with pytest.raises(NotDue):
        await run(room)
    async with room.sessions.begin() as session:
        kept = await session.get_one(Holding, "lst_01")
        kept.facts = {**kept.facts, "grace_hours": 2}
    await release(room)
    with pytest.raises(NotDue):
        await run(room)
    assert (await holding(room)).state == State.FROZEN
    assert await rows_left(room) == PEOPLE
    assert await run(room, at=now() + timedelta(hours=2, seconds=1)) is State.CERTIFIED


async def test_an_unknown_holding_is_refused(room: Strongroom) -> None:
    with pytest.raises(HoldingUnknown):
        await run(room, "lst_99")


async def test_past_the_deadline_nobody_has_to_release(room: Strongroom) -> None:
    await room.upload("lst_02", 3, lives=LIVES)
    deadline = (await holding(room, "lst_02")).deadline
    while now() <= deadline:  # noqa: ASYNC110  # real time has to pass
        await asyncio.sleep(0.05)
    assert await run(room, "lst_02") is State.CERTIFIED
    assert (await holding(room, "lst_02")).trigger == "deadline"


async def test_a_worker_whose_clock_is_ahead_freezes_and_destroys_nothing(
    room: Strongroom,
) -> None:
    """Only the keeper's own clock expires a list; the books say what is wrong until then."""
    late = (await holding(room)).deadline + timedelta(seconds=1)
    for _ in range(2):
        with pytest.raises(NotAuthorised):
            await run(room, at=late)
    kept = await holding(room)
    assert (kept.state, kept.failure) == (State.FROZEN, "keeper:not_authorised")
    assert await rows_left(room) == PEOPLE
    await release(room, trigger="entrustor", grant=await room.officer())  # who has the right to it
    assert await run(room) is State.CERTIFIED


async def test_clocks_that_disagree_keep_the_keys(room: Strongroom) -> None:
    await room.upload("lst_02", 3, lives=LIVES)
    deadline = (await holding(room, "lst_02")).deadline
    while now() <= deadline:  # noqa: ASYNC110  # real time has to pass
        await asyncio.sleep(0.05)

    async def yesterday(session: AsyncSession) -> datetime:
        return await database_time(session) - timedelta(days=1)

    async with room.client(Caller.WORKER) as keeper:
        with pytest.raises(ClocksDisagree):
            await Destroyer(room.sessions, keeper, erase, inspect, yesterday, take_marks).run(
                "lst_02", now()
            )
    assert (await holding(room, "lst_02")).failure == "keeper:clocks_disagree"
    assert await run(room, "lst_02") is State.CERTIFIED


async def test_an_extension_opens_again_what_a_wrong_clock_has_frozen(room: Strongroom) -> None:
    kept = await holding(room)
    with pytest.raises(NotAuthorised):
        await run(room, at=kept.deadline + timedelta(seconds=1))
    until = kept.deadline + timedelta(days=2)
    await room.decide(Extension("ent_01", "lst_01", until), room.entrustor.approver)
    async with room.client(Caller.WEB) as keeper, room.sessions.begin() as session:
        assert await Custody(keeper).extend(session, "lst_01", until)
    again = await holding(room)
    assert (again.state, again.deadline, again.failure) == (State.OPEN, until, None)
    with pytest.raises(NotDue):
        await run(room)


async def test_what_is_due_is_found_in_order(room: Strongroom) -> None:
    await room.upload("lst_02", 3)
    await room.upload("lst_03", 3, lives=timedelta(days=1))
    async with room.client(Caller.WORKER) as keeper, room.sessions() as session:
        destroyer = Destroyer(room.sessions, keeper, erase, inspect, database_time, take_marks)
        assert await destroyer.due(session, now()) == []
        await release(room, "lst_02")
        assert await destroyer.due(session, now()) == ["lst_02"]
        in_two_days = now() + timedelta(days=2)
        assert await destroyer.due(session, in_two_days) == ["lst_02", "lst_03"]
        await destroyer.run("lst_02", now())
        assert await destroyer.due(session, now()) == []


# -- crashes -------------------------------------------------------------------------------

BOUNDARIES = [
    "before freeze",
    "after freeze",
    "before shred",
    "after shred",
    "before erasing",
    "during erasing",
    "after erasing",
    "before inspect",
    "after inspecting",
    "before certify",
    "after certify",
    "after head",
]


@pytest.mark.parametrize("boundary", BOUNDARIES)
async def test_a_crash_anywhere_is_healed_by_running_again(room: Strongroom, boundary: str) -> None:
    await room.order("lst_01")
    late = (await holding(room)).deadline + timedelta(seconds=1)
    async with room.client(Caller.WORKER) as keeper:
        crash = Crash(keeper, boundary)
        broken = Destroyer(
            room.sessions, crash, crash.erase, crash.inspect, database_time, take_marks
        )  # type: ignore[arg-type]
        with pytest.raises(Killed):
            await broken.run("lst_01", late)
    assert await certificates(room) == []
    assert await run(room, at=late) is State.CERTIFIED
    [certificate] = await certificates(room)
    assert certificate.number == 1
    kept = await holding(room)
    assert (kept.erased_rows, kept.failure) == (PEOPLE, None)
    assert await rows_left(room) == 0


@pytest.mark.parametrize("request_type", [Freeze, Shred, Inspect, Certify])
async def test_a_killed_keeper_is_healed_by_running_again(
    room: Strongroom, request_type: type[Request[Any]]
) -> None:
    await room.order("lst_01")
    late = (await holding(room)).deadline + timedelta(seconds=1)

    class Mortal(Crash):
        async def call(self, request: Request[Any]) -> Any:
            if isinstance(request, request_type):
                room.keeper.kill()
            return await self._keeper.call(request)

    async with room.client(Caller.WORKER) as keeper:
        mortal = Mortal(keeper, "never")
        with pytest.raises(KeeperUnavailable):
            await Destroyer(room.sessions, mortal, erase, inspect, database_time, take_marks).run(
                "lst_01", late
            )  # type: ignore[arg-type]
    assert (await holding(room)).failure == "keeper_unavailable"
    room.keeper.start()
    assert await run(room, at=late) is State.CERTIFIED
    assert len(await certificates(room)) == 1


async def test_two_workers_on_one_holding_do_the_work_of_one(room: Strongroom) -> None:
    await release(room)
    assert set(await asyncio.gather(run(room), run(room), run(room))) == {State.CERTIFIED}
    assert len(await certificates(room)) == 1
    assert (await holding(room)).erased_rows == PEOPLE


async def test_numbers_have_no_gap_after_a_crash_while_signing(room: Strongroom) -> None:
    await room.upload("lst_02", 3)
    await release(room)
    await release(room, "lst_02")
    async with room.client(Caller.WORKER) as keeper:
        crash = Crash(keeper, "after certify")
        with pytest.raises(Killed):
            await Destroyer(room.sessions, crash, erase, inspect, database_time, take_marks).run(
                "lst_01", now()
            )  # type: ignore[arg-type]
    await run(room, "lst_02")
    await run(room, "lst_01")
    numbers = {c.holding_id: c.number for c in await certificates(room)}
    assert numbers == {"lst_01": 1, "lst_02": 2}


# -- never early, never bare ---------------------------------------------------------------


async def test_the_keeper_signs_nothing_before_its_own_shred(room: Strongroom) -> None:
    async with room.client(Caller.WORKER) as keeper:
        await keeper.call(Freeze("lst_01", "completed"))
        with pytest.raises(NotShredded):
            await keeper.call(Certify("lst_01", "ent_01-000001", b"{}"))


def leaving(kind: str) -> InspectStores:
    async def look(session: AsyncSession, list_id: str, known: Sequence[bytes]) -> list[Check]:
        odd = Check("logs", Outcome(kind), "searched", found=1)
        return [*await inspect(session, list_id, known), odd]

    return look


@pytest.mark.parametrize("outcome", ["FAILED", "UNKNOWN"])
async def test_a_store_that_is_not_clean_stops_the_certificate(
    room: Strongroom, outcome: str
) -> None:
    await release(room)
    async with room.client(Caller.WORKER) as keeper:
        destroyer = Destroyer(
            room.sessions, keeper, erase, leaving(outcome), database_time, take_marks
        )
        with pytest.raises(NotVerified) as refused:
            await destroyer.run("lst_01", now())
    assert refused.value.failure == f"{outcome.lower()}:logs"
    assert (await holding(room)).failure == f"{outcome.lower()}:logs"
    assert await certificates(room) == []
    assert await run(room) is State.CERTIFIED
    assert (await holding(room)).erased_rows == PEOPLE


async def test_what_is_out_of_reach_is_named_and_does_not_stop_it(room: Strongroom) -> None:
    await release(room)
    async with room.client(Caller.WORKER) as keeper:
        await Destroyer(
            room.sessions, keeper, erase, leaving("OUTSIDE"), database_time, take_marks
        ).run("lst_01", now())
    [certificate] = await certificates(room)
    async with room.client(Caller.WORKER) as keeper:
        head = await keeper.call(Head())
    claims = verify(certificate.envelope.encode(), head.certificate_key).claims
    assert [c.store for c in claims.checks if c.outcome is Outcome.OUTSIDE] == ["logs"]


async def test_what_is_kept_elsewhere_is_gone_so_many_days_after_the_rows(
    room: Strongroom,
) -> None:
    async def inspected(_: AsyncSession, _list: str, _marks: Sequence[bytes]) -> list[Check]:
        return [Check("backups", Outcome.OUTSIDE, "not_reached", days=35)]

    await release(room)
    async with room.client(Caller.WORKER) as keeper:
        destroyer = Destroyer(room.sessions, keeper, erase, inspected, database_time, take_marks)
        await destroyer.run("lst_01", now())
        head = await keeper.call(Head())
    [certificate] = await certificates(room)
    claims = verify(certificate.envelope.encode(), head.certificate_key).claims
    assert claims.checks[-1].until == claims.erased_at + timedelta(days=35)
    assert claims.ending == "at_once"


async def test_an_eraser_that_erases_nothing_gets_no_certificate(room: Strongroom) -> None:
    async def lazy(session: AsyncSession, list_id: str) -> int:
        return 0

    await release(room)
    async with room.client(Caller.WORKER) as keeper:
        with pytest.raises(NotVerified):
            await Destroyer(room.sessions, keeper, lazy, inspect, database_time, take_marks).run(
                "lst_01", now()
            )
    assert await certificates(room) == []
    assert await run(room) is State.CERTIFIED


async def test_after_the_shred_a_saved_record_opens_no_more(room: Strongroom) -> None:
    grant = await room.operator()
    record = room.records["lst_01"]
    async with room.client(Caller.WEB) as keeper:
        await keeper.call(Open(grant, record))
        await release(room)
        await run(room)
        with pytest.raises(ListOver):
            await keeper.call(Open(grant, record))
