"""The code of a call: said at the desk, checked by the officer, and never with a person."""

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from calllist.oversight import calls
from calllist.oversight.calls import CodeUnreadable
from calllist.people.roles import Role
from tests.calllist.centre import Centre
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio


async def test_the_callee_gets_a_code_and_the_officer_hears_whether_it_is_genuine(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    async with visit(app, operator) as desk, visit(app, officer) as entrustor:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        early = await desk.post(f"{lease}/code")
        assert "problem=not_in_hand" in early.headers["location"], "nobody was shown yet"
        assert "確認番号を出す" in await desk.get(lease)
        shown = await desk.post(f"{lease}/code")
        digits = re.search(r"<b class=\"tabular\">(\d{3}) (\d{3})</b>", shown.text)
        assert digits
        assert "カクウ0001" in shown.text
        code = digits[1] + digits[2]
        assert f"{digits[1]} {digits[2]}" not in await desk.get(lease), "reloading hides it"
        again = await desk.client.post(f"/api/v1{lease}/code", headers={"X-CSRF-Token": desk.token})
        assert again.json()["code"] == code
        await desk.post(f"{lease}/result", code="10", then="rest")

        assert "6桁" in await entrustor.get("/calls")
        genuine = await entrustor.post("/calls", code=f" {digits[1]}－{digits[2]} ")
        assert "委託した業務の電話です" in genuine.text
        assert job.code in genuine.text
        assert "カクウ" not in genuine.text
        assert code not in genuine.text
        wrong = await entrustor.post("/calls", code=str(999_999 - int(code)).zfill(6))
        assert "確認できません" in wrong.text
        assert job.code not in wrong.text
        unread = await entrustor.post("/calls", code="12345")
        assert unread.headers["location"] == "/calls?problem=call_code_unreadable"
        told = await entrustor.client.post(
            "/api/v1/calls/check", json={"code": code}, headers={"X-CSRF-Token": entrustor.token}
        )
        assert told.json()["genuine"] is True
        for _ in range(9):
            await entrustor.post("/calls", code=str(999_999 - int(code)).zfill(6))
        over = await entrustor.post("/calls", code=code)
        assert over.headers["location"] == "/calls?problem=codes_used"
    async with centre.sessions() as session:
        tables = await session.scalars(
            text("select table_name from information_schema.tables where table_schema = 'public'")
        )
        for table in tables.all():
            rows = await session.execute(text(f'select t::text from "{table}" t'))  # noqa: S608
            assert not any(code in row for row in rows.scalars())


async def test_the_screen_parks_says_so_and_brings_back(app: FastAPI, centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, people=3)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        mine = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert "電話がかかってきた" in await desk.get(mine)
        place = f"/desk/{job.id}/find"
        missed = await desk.post(place, number="R999999", by="reference")
        assert missed.headers["location"] == f"/desk/{job.id}?problem=nobody_found"
        held = await desk.client.get(missed.headers["location"])
        assert held.headers["location"] == f"{mine}?problem=nobody_found"
        assert "該当なし" in await desk.get(held.headers["location"])
        unread = await desk.post(place, number="12", by="code")
        assert "problem=number_unreadable" in unread.headers["location"]
        found = await desk.post(place, number="R000002", by="reference")
        caller = found.headers["location"]
        assert caller not in (mine, "")
        page = await desk.get(caller)
        assert "カクウ0002" in page
        assert "電話がかかってきた" not in page
        rested = await desk.post(f"{caller}/result", code="10", then="rest")
        assert "保留しています" in await desk.get(rested.headers["location"])
        assert (await desk.post(f"/desk/{job.id}/next")).headers["location"] == mine


@pytest.mark.parametrize("typed", ["123456", "123 456", "１２３−４５６", "１２３ー４５６"])
async def test_digits_are_read_as_they_are_typed(typed: str) -> None:
    assert calls.read(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a"])
async def test_what_is_no_code_is_not_asked_for(typed: str) -> None:
    with pytest.raises(CodeUnreadable) as refused:
        calls.read(typed)
    assert not typed or typed not in str(refused.value)
