"""結果を訂正: on the page after a result, for a minute; nobody is shown, there is one result."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from calllist.db import transaction
from calllist.dialing.returning import sweep_leases
from calllist.dialing.tables import Result
from calllist.jobs import work
from tests.calllist.centre import Centre
from tests.calllist.dialing.test_withdrawals import take_out
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio


async def final(centre: Centre) -> list[int]:
    async with centre.sessions() as session:
        return list(await session.scalars(select(Result.code).order_by(Result.code)))


async def minute_over(centre: Centre) -> None:
    async with transaction(centre.sessions) as session:
        await sweep_leases(session, centre.custody, centre.now(timedelta(seconds=61)))


async def test_after_a_result_and_a_rest_it_is_changed_without_seeing_the_person(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, 1)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        await desk.get(lease)
        rests = await desk.post(f"{lease}/result", code="10", then="rest")
        page = await desk.get(rests.headers["location"])
        assert re.search(r"あと(5\d|60)秒は訂正できます", page)
        assert "カクウ" not in page
        gone = await desk.get(lease, 303)
        assert "カクウ" not in gone

        missing = await desk.post(f"{lease}/amend", code="12")
        assert missing.headers["location"] == f"/desk/{job.id}?problem=call_back_missing"
        assert "再架電の日時を入力してください" in await desk.get(missing.headers["location"])
        refused = await desk.post(f"{lease}/amend", code="80")
        assert refused.headers["location"].endswith("problem=unknown_result_code")
        amended = await desk.post(f"{lease}/amend", code="30")
        assert amended.headers["location"] == f"/desk/{job.id}?recorded=30"
        again = await desk.get(amended.headers["location"])
        assert "結果を登録しました：不在（応答なし）" in again
        assert await final(centre) == []

        await minute_over(centre)
        assert await final(centre) == [30]
        late = await desk.post(f"{lease}/amend", code="10")
        assert late.headers["location"] == f"/desk/{job.id}?problem=result_final"
        page = await desk.get(late.headers["location"])
        assert "結果は確定しています" in page
        assert "訂正できます" not in page
    assert await final(centre) == [30]


async def test_a_person_taken_out_meanwhile_is_said(app: FastAPI, centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, 1)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        await desk.get(lease)
        await desk.post(f"{lease}/result", code="30", then="rest")
        await take_out(centre, job, "R000001")
        over = await desk.post(f"{lease}/amend", code="10")
        assert over.headers["location"] == f"/desk/{job.id}?problem=record_withdrawn"
    assert await final(centre) == [30, 80]


async def test_with_the_next_key_it_is_final_at_once(app: FastAPI, centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, 1)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        await desk.get(lease)
        on = await desk.post(f"{lease}/result", code="10", then="next")
        assert await final(centre) == [10]
        assert "訂正できます" not in await desk.get(on.headers["location"])


async def test_of_another_job_nothing_is_said(app: FastAPI, centre: Centre) -> None:
    job, other = await centre.job("A-1"), await centre.job("B-1")
    await centre.upload(job, 1)
    operator = await centre.operator("suzuki", job)
    async with transaction(centre.sessions) as session:
        assert centre.manager
        who, whom = centre.manager.person, operator.person.id
        await work.assign(session, centre.keeper, who, other.id, whom, centre.now())
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        await desk.get(lease)
        await desk.post(f"{lease}/result", code="30", then="rest")
        assert "訂正できます" not in await desk.get(f"/desk/{other.id}")
        assert "訂正できます" in await desk.get(f"/desk/{job.id}")


async def test_the_api_says_until_when_and_takes_another_result(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, 1)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        desk.client.headers["X-CSRF-Token"] = desk.token
        lease = (await desk.client.post(f"/api/v1/jobs/{job.id}/leases")).json()["lease"]
        await desk.client.get(f"/api/v1/leases/{lease}")
        path, asked = f"/api/v1/leases/{lease}", {"code": 30, "changeable": True}
        told = (await desk.client.post(f"{path}/result", json=asked)).json()
        assert (told["code"], told["until"] is not None) == (30, True)
        again = await desk.client.get(path)
        assert (again.status_code, again.json()["code"]) == (409, "result_given")
        amended = (await desk.client.post(f"{path}/amend", json={"code": 10})).json()
        assert (amended["code"], amended["final"], amended["until"]) == (10, True, told["until"])
        await minute_over(centre)
        stands = await desk.client.post(f"{path}/amend", json={"code": 30})
        assert (stands.status_code, stands.json()["code"]) == (409, "result_final")
    assert await final(centre) == [10]
