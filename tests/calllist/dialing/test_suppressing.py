"""転居・死亡等 (60): the entrustor's other records of that person are called by nobody any more."""

import pytest
from sqlalchemy import select

from calllist.db import transaction
from calllist.dialing.errors import NobodyLeft, RecordWithdrawn
from calllist.dialing.tables import Result
from calllist.embedded.postgres import Postgres
from calllist.jobs.states import ListState, RecordState
from calllist.jobs.tables import CallList, Job, Record
from calllist.oversight import called
from calllist.upkeep import upkeep
from crypto.signed.terms import Conduct
from crypto.wire.suppressions import Suppress, Suppressions
from tests.calllist.centre import Centre, Someone
from tests.calllist.dialing.test_withdrawals import read, results, still
from tests.calllist.test_upkeep import settings

pytestmark = pytest.mark.asyncio
HEAD = "氏名,フリガナ,電話番号,整理番号"
HANAKO = "架空花子,カクウハナコ,090-0000-0001,R1"
TARO = "架空太郎,カクウタロウ,090-0000-0001,R2"  # of one household
JIRO = "架空次郎,カクウジロウ,090-0000-0002,R3"


async def sent(centre: Centre, code: str, *rows: str) -> tuple[Job, str]:
    """A job with one list of these people."""
    job = await centre.job(code)
    return job, (await centre.send(job, "\r\n".join([HEAD, *rows]))).list_id


async def swept(centre: Centre, postgres: Postgres) -> None:
    """One sweep of a worker, with the rights that it has."""
    async with upkeep(settings(centre, postgres)) as power:
        await power.sweep()
        assert power.failed == []


async def states(centre: Centre, list_id: str) -> list[tuple[str, int | None]]:
    async with centre.sessions() as session:
        rows = await session.scalars(
            select(Record).where(Record.list_id == list_id).order_by(Record.line)
        )
        return [(row.state, row.last_code) for row in rows]


async def moved(centre: Centre, someone: Someone, job: Job) -> None:
    """The first person of this job is said to have moved or died."""
    await centre.call(someone, job, 60)


async def test_the_person_is_closed_in_every_list_of_the_entrustor_and_nobody_else(
    centre: Centre, postgres: Postgres
) -> None:
    await centre.sign_contract(conduct=Conduct())  # households
    here, here_id = await sent(centre, "A-1", HANAKO, TARO)
    there, there_id = await sent(centre, "B-1", JIRO, HANAKO, TARO)
    operator = await centre.operator("suzuki", here)
    await moved(centre, operator, here)
    await swept(centre, postgres)
    waiting, closed = (RecordState.WAITING, None), (RecordState.DONE, 81)
    assert await states(centre, here_id) == [(RecordState.DONE, 60), waiting]
    assert await states(centre, there_id) == [waiting, closed, waiting]
    [_, taken] = await results(centre)
    assert await read(centre, taken) == (3, "R1", 81)
    assert (taken.person_id, taken.final, taken.nth) == (operator.person.id, True, 0)
    async with centre.sessions() as session:
        row = await session.scalar(
            select(Record).where(Record.list_id == there_id, Record.line == 3)
        )
        assert row
        assert (row.sealed, row.token, row.due_at) == (None, None, None), "emptied at once"
        assert (await session.get_one(CallList, there_id)).remaining == 2
        codes = await session.scalars(select(Result.code).where(Result.job_id == there.id))
        assert not set(codes) - called.NOT_CALLED, "nobody was called: counted beside the calls"
    await swept(centre, postgres)
    assert len(await results(centre)) == 2, "once"


async def test_in_another_operators_hand_it_stops_with_the_next_sweep(
    centre: Centre, postgres: Postgres
) -> None:
    here, _ = await sent(centre, "A-1", HANAKO)
    there, _ = await sent(centre, "B-1", HANAKO)
    other = await centre.operator("tanaka", there)
    lease = await centre.take(other, there)
    await centre.show(other, lease)
    await moved(centre, await centre.operator("suzuki", here), here)
    await swept(centre, postgres)
    assert not await still(centre, other, lease)
    with pytest.raises(RecordWithdrawn) as told:
        await centre.show(other, lease)
    assert told.value.code == "record_withdrawn", "why is not said at the desk"
    with pytest.raises(NobodyLeft):
        await centre.take(other, there)


async def test_a_call_that_had_ended_keeps_its_result(centre: Centre, postgres: Postgres) -> None:
    """The keeper closed it for the other operator, whose commit is still on its way."""
    here, _ = await sent(centre, "A-1", HANAKO)
    there, _ = await sent(centre, "B-1", HANAKO, JIRO)
    other = await centre.operator("tanaka", there)
    lease = await centre.take(other, there)
    held, _ = await centre.show(other, lease)
    await centre.custody.close(other.grant, held.sealed, lease.id, 10)
    await moved(centre, await centre.operator("suzuki", here), here)
    await swept(centre, postgres)
    await centre.record(other, lease, 10)
    assert sorted(one.code for one in await results(centre)) == [10, 60]


async def test_before_the_call_is_written_down_nobody_is_looked_for(
    centre: Centre, postgres: Postgres
) -> None:
    here, _ = await sent(centre, "A-1", HANAKO)
    _, there_id = await sent(centre, "B-1", HANAKO)
    operator = await centre.operator("suzuki", here)
    lease = await centre.take(operator, here)
    held, _ = await centre.show(operator, lease)
    await centre.custody.close(operator.grant, held.sealed, lease.id, 60)  # our commit comes later
    await swept(centre, postgres)
    assert await states(centre, there_id) == [(RecordState.WAITING, None)]
    await centre.record(operator, lease, 60)
    await swept(centre, postgres)
    assert await states(centre, there_id) == [(RecordState.DONE, 81)]


async def test_a_commit_lost_after_the_keepers_word_is_made_good(
    centre: Centre, postgres: Postgres
) -> None:
    here, _ = await sent(centre, "A-1", HANAKO)
    there, there_id = await sent(centre, "B-1", HANAKO)
    operator = await centre.operator("suzuki", here)
    other = await centre.operator("tanaka", there)
    lease = await centre.take(other, there)
    held, _ = await centre.show(other, lease)
    await moved(centre, operator, here)
    async with upkeep(settings(centre, postgres)) as power:
        for said in (await power.keeper.call(Suppressions())).suppressions:
            if said.list == there_id:
                attempt = f"sp:{there_id}:{held.record.chunk}:{held.record.index}"
                await power.keeper.call(Suppress(held.sealed, said.because, attempt))
    await swept(centre, postgres)
    with pytest.raises(RecordWithdrawn):
        await centre.show(other, lease)
    assert await states(centre, there_id) == [(RecordState.DONE, 81)]
    assert sorted(one.code for one in await results(centre)) == [60, 81]


async def test_the_last_one_ends_a_settled_list(centre: Centre, postgres: Postgres) -> None:
    here, _ = await sent(centre, "A-1", HANAKO)
    _, there_id = await sent(centre, "B-1", HANAKO)
    await centre.settle(there_id)
    await moved(centre, await centre.operator("suzuki", here), here)
    await swept(centre, postgres)
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, there_id)).state == ListState.OVER


async def test_a_list_that_is_still_coming_in_waits_for_a_later_sweep(
    centre: Centre, postgres: Postgres
) -> None:
    here, _ = await sent(centre, "A-1", HANAKO)
    _, there_id = await sent(centre, "B-1", HANAKO)
    await moved(centre, await centre.operator("suzuki", here), here)
    await called_it(centre, there_id, ListState.RECEIVING)
    await swept(centre, postgres)
    assert await states(centre, there_id) == [(RecordState.WAITING, None)]
    await called_it(centre, there_id, ListState.OPEN)
    await swept(centre, postgres)
    assert await states(centre, there_id) == [(RecordState.DONE, 81)]


async def called_it(centre: Centre, list_id: str, state: ListState) -> None:
    """The books say so of this list."""
    async with transaction(centre.sessions) as session:
        (await session.get_one(CallList, list_id)).state = state
