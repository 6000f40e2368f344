"""結果の事後訂正 on the screen: calls without anybody called, another code, and who may."""

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from calllist.dialing.tables import Result
from calllist.people.roles import Role
from tests.calllist.centre import Centre
from tests.calllist.dialing.test_revising import MINUTE
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio


async def result(centre: Centre) -> Result:
    async with centre.sessions() as session:
        return (await session.scalars(select(Result))).one()


async def test_who_oversees_the_call_gives_it_another_code_and_nobody_is_shown(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    await centre.call(operator, job, 30)
    supervisor = await centre.person("ota", Role.SUPERVISOR)
    place, attempt = f"/jobs/{job.id}/revisions", (await result(centre)).id
    asked = {"was": "30", "code": "50", "reason": "recording"}
    async with visit(app, supervisor) as screen:
        early = await screen.post(f"{place}/{attempt}", **asked)
        assert "problem=still_changeable" in early.headers["location"]
        refused = await screen.get(early.headers["location"])
        assert "1分間はオペレーターが" in refused
        for kept in ("50", "recording"):
            assert f'<option value="{kept}" selected>' in refused
    await centre.wait(MINUTE)
    for someone in (centre.manager, supervisor):
        async with visit(app, someone) as screen:
            shown = await screen.get(place)
            assert f'href="{place}/{attempt}"' in shown
            assert "suzuki" in shown
            assert f'href="{place}"' in await screen.get(f"/jobs/{job.id}/reports")
            chosen = await screen.get(f"{place}/{attempt}")
            for page in (shown, chosen):
                assert not [text for text in ("架空", "カクウ", "R0000", "090-") if text in page]
            assert [f'<option value="{code}">' in chosen for code in (10, 50, 30, 12, 60, 70)] == [
                *(True, True, False, False, False, False)
            ]
    async with visit(app, supervisor) as screen:
        done = await screen.post(f"{place}/{attempt}", **asked)
        assert done.headers["location"] == f"{place}?revised=1"
        after = await screen.get(f"{place}?revised=1")
        assert "結果コードを訂正しました" in after
        assert "訂正済み" in after
        assert f'href="{place}/{attempt}"' not in after, "a refusal is not undone"
        assert '<form class="form' not in await screen.get(f"{place}/{attempt}")
        again = await screen.post(f"{place}/{attempt}", **asked)
        assert "problem=result_changed" in again.headers["location"]
    assert ((await result(centre)).code, (await result(centre)).first_code) == (50, 30)


async def test_it_is_filtered_by_day_and_operator_and_a_stranger_finds_nothing(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    await centre.call(operator, job, 30)
    place, attempt = f"/jobs/{job.id}/revisions", (await result(centre)).id
    async with visit(app, centre.manager) as screen:
        link = f'href="{place}/{attempt}"'
        assert link in await screen.get(f"{place}?day=2026-06-02&operator={operator.person.id}")
        assert link in await screen.get(f"{place}?day=&operator=")
        for query in ("day=2026-06-01", "operator=per_none"):
            assert link not in await screen.get(f"{place}?{query}")
        await screen.get(f"{place}?day=yesterday", 422)
        await screen.get(f"{place}/att_none", 404)
        refused = {"was": "30", "code": "10", "reason": "because"}
        assert (await screen.post(f"{place}/{attempt}", **refused)).status_code == 422
    async with visit(app, operator) as screen:
        await screen.get(place, 403)
        wanted = {"was": "30", "code": "10", "reason": "told"}
        assert (await screen.post(f"{place}/{attempt}", **wanted)).status_code == 403
    assert (await result(centre)).code == 30


async def test_the_operator_names_a_call_by_the_sign_that_the_overseer_reads_with_the_desks_words(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, people=1)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert "受診済み" in await desk.get(lease)
        rest = await desk.post(f"{lease}/result", code="14", then="rest")
        told = await desk.get(rest.headers["location"])
        await desk.post(f"/desk/{job.id}/next")  # final
    found = re.search(r"照合記号 ([0-9A-F]{4}) を", told)
    assert found
    place, attempt = f"/jobs/{job.id}/revisions", lease.rpartition("/")[2]
    await centre.wait(MINUTE)
    async with visit(app, centre.manager) as screen:
        for page in (await screen.get(place), await screen.get(f"{place}/{attempt}")):
            assert found[1] in page
            assert "14　受診済み" in page
            assert "14　済み" not in page
