"""Progress against the deadline: an even pace over calling hours, nothing asked of nights."""

from datetime import datetime, timedelta

import pytest

from calllist.clock import JST
from calllist.db import transaction
from calllist.oversight import course
from calllist.oversight.progress import progress
from crypto.signed.terms import Conduct
from tests.calllist.centre import Centre

MONDAY = datetime(2026, 6, 1, 9, tzinfo=JST)  # 9 to 20 on weekdays, 9 to 17 at weekends


def test_an_even_pace_falls_in_calling_hours_only_and_ends_with_the_deadline() -> None:
    ends = MONDAY + timedelta(days=1, hours=11)  # Tuesday 20:00: two days of 11 hours
    even = tuple(course._even(22, MONDAY, ends, Conduct()))
    assert (even[0], even[-1]) == (course.Point(MONDAY, 22), course.Point(ends, 0))
    for hours, left in ((0, 22), (1, 21), (11, 11), (18, 11), (24, 11), (25, 10), (35, 0)):
        assert course._by(even, MONDAY + timedelta(hours=hours)) == left, hours
    morning = tuple(course._even(10, MONDAY, MONDAY + timedelta(hours=5), Conduct()))
    assert course._by(morning, MONDAY + timedelta(hours=1)) == 8  # the deadline cuts the day


@pytest.mark.asyncio
async def test_who_is_left_is_held_against_the_pace(centre: Centre) -> None:
    job = await centre.job()
    received = await centre.upload(job, people=4)
    operator = await centre.operator("suzuki", job)
    assert centre.manager
    who = centre.manager.person
    await centre.call(operator, job, 10)
    await centre.call(operator, job, 30)
    async with transaction(centre.sessions) as session:
        now = centre.now()
        rows = [await progress(session, who, received.list_id, now)]
        found = await course.course(session, rows, Conduct(), now)
        assert found is not None
        assert (found.people, found.left[-1].left, found.expected, found.ahead) == (4, 3, 4, 1)
        assert found.left[-1].at == now
        assert found.until < found.deadline  # three weeks of a month are shown
        later = now + timedelta(days=20)
        behind = await course.course(session, rows, Conduct(), later)
        assert behind is not None
        assert behind.ahead < 0
        assert behind.until == behind.deadline
        over = await course.course(session, rows, Conduct(), now + timedelta(days=31))
        assert over is None
        assert await course.course(session, [], Conduct(), now) is None
