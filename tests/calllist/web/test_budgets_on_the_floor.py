"""The board tells who is near what the keeper lets one person see, and who has used it up."""

from datetime import timedelta

import pytest
from fastapi import FastAPI

from calllist.embedded.postgres import Postgres
from calllist.floor import board
from calllist.floor.nearing import DAY, HOUR
from calllist.upkeep import upkeep
from crypto.errors.records import BudgetHour
from tests.calllist.centre import Centre, transaction
from tests.calllist.test_upkeep import settings
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio
CAP, WARNED_AT = 5, 4  # 80 %


async def test_a_warning_at_four_fifths_and_a_refusal_reach_the_board_and_pass_with_their_window(
    app: FastAPI, centre: Centre, postgres: Postgres
) -> None:
    app.state.board.lasts = timedelta(0)
    await centre.sign_contract(people_per_hour=CAP)
    job = await centre.job()
    await centre.upload(job, CAP + 1)
    operator = await centre.operator("suzuki", job)
    colleague = await centre.operator("tanaka", job)

    async def near(who: str, later: timedelta = timedelta(0)) -> tuple[object, ...] | None:
        async with upkeep(settings(centre, postgres)) as power:
            await power.sweep()  # the mirror follows the keeper
        async with transaction(centre.sessions) as session:
            picture = await board.draw(session, centre.now(later))
        [place] = [one for one in picture.places if one.person == who]
        told = place.near
        return told and (told.budget, told.used_up, told.people, told.cap)

    for number in range(1, CAP + 1):
        await centre.call(operator, job, 30)
        if number == WARNED_AT - 1:
            assert await near(operator.person.id) is None
    assert await near(operator.person.id) == ("people_per_hour", False, WARNED_AT, CAP)
    assert await near(colleague.person.id) is None
    lease = await centre.take(operator, job)
    with pytest.raises(BudgetHour):
        await centre.show(operator, lease)
    assert await near(operator.person.id) == ("people_per_hour", True, None, None)
    assert centre.manager
    async with visit(app, centre.manager) as floor:
        for page in (await floor.get("/floor"), (await floor.client.get("/floor/live")).text):
            assert "表示の上限に達しました" in page
            assert "カクウ" not in page
    assert await near(operator.person.id, HOUR) is None, "the window is over"
    assert await near(operator.person.id, DAY) is None
