"""The list of promised call-backs: times and handles, the own and anybody's, nobody by name."""

from datetime import timedelta

import pytest

from calllist.dialing import promises
from calllist.dialing.queue import AWAY
from tests.calllist.centre import Centre, transaction

pytestmark = pytest.mark.asyncio
SOON = timedelta(minutes=30)


async def test_own_and_anybodys_promises_are_listed_and_a_colleagues_only_when_overdue(
    centre: Centre,
) -> None:
    job = await centre.job()
    await centre.upload(job, 4)
    one, two = await centre.operator("suzuki", job), await centre.operator("tanaka", job)
    due = centre.now(SOON)
    handles = []
    for number, mine in enumerate((True, False)):
        lease = await centre.take(one, job)
        handles.append(promises.handle(lease.list_id, lease.chunk, lease.index))
        async with centre.desk(one) as desk:
            await desk.show(lease.id)
            at = due + timedelta(minutes=number)
            await desk.record(lease.id, 12, call_back_at=at, for_me=mine)

    async def listed(who: object, later: timedelta = timedelta(0)) -> list[tuple[str, bool]]:
        async with transaction(centre.sessions) as session:
            person = who.person  # type: ignore[attr-defined]
            found = await promises.promised(session, job.id, person, centre.now(later))
            assert [each.at for each in found] == sorted(each.at for each in found)
            return [(each.handle, each.mine) for each in found]

    assert await listed(one) == [(handles[0], True), (handles[1], False)]
    assert await listed(two) == [(handles[1], False)]
    assert await listed(two, SOON + AWAY) == [(handles[0], False), (handles[1], False)]
