"""A household on the screens: how many share the number, one key to the next of them; skipping."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from calllist.dialing.tables import Lease
from calllist.jobs.tables import CallList, Record
from crypto.signed.terms import Conduct
from tests.calllist.centre import Centre
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio


async def test_the_next_of_a_household_comes_by_one_key_and_a_skip_wants_a_reason(
    app: FastAPI, centre: Centre
) -> None:
    await centre.sign_contract(conduct=Conduct(duplicates="person"))
    job = await centre.job()
    rows = [f"架空{n},カクウ{n},03-0000-0678,H{n}" for n in (1, 2)]
    listed = await centre.send(job, "\r\n".join(["氏名,フリガナ,電話番号,整理番号", *rows]))
    operator = await centre.operator("suzuki", job)
    async with visit(app, centre.manager) as manager:
        assert "このリストの順番" in await manager.get(f"/lists/{listed.list_id}")
        await manager.post(f"/lists/{listed.list_id}/turn", turn="2")
    async with centre.sessions() as session:
        assert (await session.get_one(CallList, listed.list_id)).turn == 2
    async with visit(app, operator) as desk:
        first = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        shown = await desk.get(first)
        assert "同じ番号に、ほか1名" in shown
        assert 'value="also" data-key="x"' in shown
        passed = await desk.post(
            f"{first}/result",
            code="12",
            call_back_at="2026-06-02T15:00",
            call_back_by="me",
            then="also",
        )
        second = passed.headers["location"]
        assert second.startswith("/leases/lea_")
        assert second != first
        assert "カクウ2" in await desk.get(second)
        refused = await desk.post(f"{second}/skip")
        assert refused.headers["location"] == f"{second}?problem=unknown_reason"
        assert "理由を選んでください" in await desk.get(refused.headers["location"])
        skipped = await desk.post(f"{second}/skip", reason="equipment")
        assert skipped.headers["location"] == f"/desk/{job.id}"
    async with centre.sessions() as session:
        assert (await session.scalars(select(Lease))).all() == []


async def test_the_page_says_which_of_the_persons_numbers_is_rung(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    header = "氏名,フリガナ,電話番号,電話番号2,整理番号"
    await centre.send(job, f"{header}\r\n架空一,カクウイチ,03-0000-0678,03-0000-0679,H1")
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        first = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert "件目の番号" not in await desk.get(first)
        await desk.post(f"{first}/result", code="40", then="next")
        async with centre.sessions.begin() as session:
            await session.execute(update(Record).values(due_at=centre.now(timedelta(minutes=-1))))
        second = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert "2件目の番号" in await desk.get(second)
