"""An operator may be given some groups of a list: whom it calls then, and whom all the same."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from calllist.dialing.errors import NobodyLeft
from calllist.dialing.tables import Lease
from calllist.jobs import own_groups, segments, work
from calllist.jobs.errors import NotAnOperator, SegmentUnknown
from calllist.jobs.tables import Job, Record
from crypto.signed.terms import Conduct
from tests.calllist.centre import Centre, Someone
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio

EACH = 20  # people of a group, the fewest that one may have
HEADER = "氏名,フリガナ,電話番号,整理番号,年代,地区"
COLUMNS = ("年代", "地区")


async def grouped(centre: Centre) -> tuple[Job, str]:
    """Forty people: first the sixties, then the seventies; north and south take turns."""
    await centre.sign_contract(conduct=Conduct(duplicates="phone", segments=COLUMNS))
    job = await centre.job()
    rows = [
        f"{row},{60 if n < EACH else 70}代,{'北南'[n % 2]}"
        for n, row in enumerate(centre.rows(2 * EACH))
    ]
    return job, (await centre.send(job, "\r\n".join([HEADER, *rows]))).list_id


async def code(centre: Centre, list_id: str, label: str) -> own_groups.Code:
    assert centre.manager
    async with centre.sessions() as session:
        found = await segments.groups(session, centre.manager.person, list_id)
    return next((one.column, one.code) for one in found if one.label == label)


async def give(centre: Centre, list_id: str, who: Someone, *labels: str) -> None:
    assert centre.manager
    groups = [await code(centre, list_id, label) for label in labels]
    async with centre.sessions.begin() as session:
        manager = centre.manager.person
        await own_groups.give(session, centre.keeper, manager, list_id, who.person.id, groups)


async def group_of(centre: Centre, lease: Lease) -> tuple[int | None, int | None]:
    async with centre.sessions() as session:
        row = await session.execute(
            select(Record.segment1, Record.segment2).where(
                Record.list_id == lease.list_id,
                Record.chunk == lease.chunk,
                Record.index == lease.index,
            )
        )
        first, second = row.one()
        return first, second


async def called(centre: Centre, who: Someone, job: Job, result: int) -> tuple[int | None, ...]:
    """One call; the groups of whoever was called."""
    lease = await centre.take(who, job)
    groups = await group_of(centre, lease)
    await centre.show(who, lease)
    await centre.record(who, lease, result)
    return groups


async def everybody_is_due(centre: Centre) -> None:
    async with centre.sessions.begin() as session:
        await session.execute(
            text("update records set due_at = :now where due_at is not null"),
            {"now": centre.now(timedelta(minutes=-1))},
        )


async def test_each_calls_its_own_groups_fresh_and_again_and_nobody_else(centre: Centre) -> None:
    job, list_id = await grouped(centre)
    one, two = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    await give(centre, list_id, one, "70代")
    await give(centre, list_id, two, "60代", "南")
    (_, seventies), (_, sixties) = [
        await code(centre, list_id, label) for label in ("70代", "60代")
    ]
    (_, south) = await code(centre, list_id, "南")
    assert [(await called(centre, one, job, 20))[0] for _ in range(2)] == [seventies] * 2
    assert [await called(centre, two, job, 20) for _ in range(2)] == [(sixties, south)] * 2
    for _ in range(EACH - 2):
        assert (await called(centre, one, job, 10))[0] == seventies
    await everybody_is_due(centre)
    assert [(await called(centre, one, job, 10))[0] for _ in range(2)] == [seventies] * 2
    with pytest.raises(NobodyLeft):
        await centre.take(one, job)
    await give(centre, list_id, one)  # all of them
    assert (await called(centre, one, job, 10))[0] == sixties


async def test_whom_an_operator_promised_to_call_back_it_calls_whatever_its_groups(
    centre: Centre,
) -> None:
    job, list_id = await grouped(centre)
    one, two = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    lease = await centre.take(one, job)
    await centre.show(one, lease)
    promised = (lease.chunk, lease.index)
    async with centre.desk(one) as desk:
        at = centre.now(timedelta(minutes=30))
        await desk.record(lease.id, 12, call_back_at=at, for_me=True)
    await give(centre, list_id, one, "70代")
    await give(centre, list_id, two, "70代")
    await everybody_is_due(centre)
    async with centre.sessions.begin() as session:  # so long overdue that it is anybody's
        await session.execute(
            text("update records set due_at = :then where due_at is not null"),
            {"then": centre.now(timedelta(minutes=-20))},
        )
    other = await centre.take(two, job)
    assert (other.chunk, other.index) != promised, "anybody of that group"
    again = await centre.take(one, job)
    assert (again.chunk, again.index) == promised


async def test_groups_are_given_to_the_jobs_operators_and_end_with_the_assignment(
    centre: Centre,
) -> None:
    job, list_id = await grouped(centre)
    assert centre.manager
    one, stranger = await centre.operator("suzuki", job), await centre.operator("tanaka")
    manager = centre.manager.person
    with pytest.raises(NotAnOperator):
        await give(centre, list_id, stranger, "70代")
    with pytest.raises(SegmentUnknown):
        async with centre.sessions.begin() as session:
            await own_groups.give(
                session, centre.keeper, manager, list_id, one.person.id, [(1, 49)]
            )
    await give(centre, list_id, one, "70代")
    async with centre.sessions.begin() as session:
        assert list(await own_groups.of_list(session, list_id)) == [one.person.id]
        await work.unassign(session, centre.keeper, manager, job.id, one.person.id)
        await work.assign(session, centre.keeper, manager, job.id, one.person.id, centre.now())
        assert not await own_groups.of_list(session, list_id)


async def test_a_manager_gives_groups_on_the_lists_page(app: FastAPI, centre: Centre) -> None:
    job, list_id = await grouped(centre)
    one = await centre.operator("suzuki", job)
    column, number = await code(centre, list_id, "70代")
    async with visit(app, centre.manager) as manager:
        shown = await manager.get(f"/lists/{list_id}")
        assert "区分ごとの担当" in shown
        given = await manager.post(
            f"/lists/{list_id}/groups/{one.person.id}", group=f"g{column}-{number}"
        )
        assert given.headers["location"] == f"/lists/{list_id}#callers"
        shown = await manager.get(f"/lists/{list_id}")
        assert f'value="g{column}-{number}" checked' in shown
    lease = await centre.take(one, job)
    assert (await group_of(centre, lease))[0] == number
