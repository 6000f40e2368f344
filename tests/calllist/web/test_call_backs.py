"""The operator's list of call-backs on the page between two calls."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI

from calllist.clock import JST
from calllist.dialing import promises
from tests.calllist.centre import Centre
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio
SOON = timedelta(minutes=30)


async def test_the_rest_page_lists_times_and_handles_and_the_desk_shows_the_same_handle(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, 2)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        assert "再架電の予定" not in await desk.get(f"/desk/{job.id}")
        place = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        page = await desk.get(place)
        async with centre.desk(operator) as own:
            in_hand, _ = await own.show(place.rpartition("/")[2])
        handle = promises.handle(in_hand.record.list_id, in_hand.record.chunk, in_hand.record.index)
        assert f"#{handle}" in page
        at = centre.now(SOON).astimezone(JST).replace(second=0, microsecond=0)
        promised = {"call_back_at": f"{at:%Y-%m-%dT%H:%M}", "call_back_by": "me"}
        onward = await desk.post(f"{place}/result", code="12", **promised)
        await desk.post(f"{onward.headers['location']}/result", code="10", then="rest")
        rest = await desk.get(f"/desk/{job.id}")
        assert "再架電の予定" in rest
        assert f"#{handle}" in rest
        assert f"{at:%H:%M}" in rest
        assert "自分の約束" in rest
        assert "カクウ" not in rest


async def test_a_time_that_is_refused_stays_in_its_form_with_the_result(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, 1)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        place = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        past = f"{(centre.now() - SOON).astimezone(JST):%Y-%m-%dT%H:%M}"
        promised = {"call_back_at": past, "call_back_by": "anybody"}
        answer = await desk.post(f"{place}/result", code="12", **promised)
        assert answer.status_code == 422
        assert "再架電の日時が過去か" in answer.text
        assert re.search(r'value="12"[^>]* checked', answer.text)
        assert f'value="{past}"' in answer.text
        assert re.search(r'value="anybody" selected', answer.text)
