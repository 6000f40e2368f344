"""Notes and hand-over slips at the desk: refused without a loss, kept sealed, never shown twice."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from calllist.commands.results import decoded, opened
from calllist.db import transaction
from calllist.dialing.tables import Result
from calllist.jobs.tables import Job, Record
from calllist.people.roles import Role
from calllist.web.i18n import day
from crypto.records.slips import SlipKind
from tests.calllist.centre import Centre
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio
NOTE = "午後はご在宅、奥様が先に出る"
NUMBER = "番号は090-0000-1234へ"
SAID = {
    "slip_phone": "０９００００01234",
    "slip_address": "みなと野市港町三丁目2-1",
    "slip_amount": "12,000円",
}


async def noting(centre: Centre, **terms: object) -> Job:
    """A job whose contract permits everything that a remark may be."""
    await centre.sign_contract(**{"notes": "S1", "slips": tuple(SlipKind), **terms})
    job = await centre.job()
    await centre.upload(job, people=1)
    return job


async def due_at_once(centre: Centre) -> None:
    async with transaction(centre.sessions) as session:
        for record in await session.scalars(select(Record)):
            record.due_at = centre.now(timedelta(minutes=-1))


async def everything(centre: Centre) -> str:
    """Every row of every table, as text."""
    rows: list[str] = []
    async with centre.sessions() as session:
        tables = await session.scalars(
            text("select table_name from information_schema.tables where table_schema = 'public'")
        )
        for table in tables.all():
            found = await session.execute(text(f'select t::text from "{table}" t'))  # noqa: S608
            rows += found.scalars()
    return "\n".join(rows)


async def results(centre: Centre) -> list[Result]:
    async with centre.sessions() as session:
        return list(await session.scalars(select(Result).order_by(Result.at)))


async def test_a_note_is_scanned_kept_and_read_at_the_next_call(
    app: FastAPI, centre: Centre
) -> None:
    job = await noting(centre)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert "前回のメモ" not in await desk.get(lease)
        refused = await desk.post(f"{lease}/result", code="30", note=NUMBER, then="rest")
        assert refused.status_code == 422
        assert f'value="{NUMBER}"' in refused.text, "the text stays in the form"
        assert "4〜16文字目：番号になる数字" in refused.text
        assert re.search(r'value="30"[^>]* checked', refused.text)
        assert "カクウ" in refused.text
        needless = await desk.post(f"{lease}/result", code="10", note=NOTE, then="rest")
        assert needless.status_code == 422
        assert "この結果で完了するため" in needless.text
        waiting = await desk.post(f"{lease}/result", code="12", note=NOTE, then="rest")
        assert f'value="{NOTE}"' in waiting.text, "a call-back without its time loses nothing"
        assert await results(centre) == []

        done = await desk.post(f"{lease}/result", code="30", note=f" {NOTE}\n", then="rest")
        assert done.status_code == 303
        assert NOTE not in done.headers["location"]
        await desk.post(f"/desk/{job.id}/next")  # final, and nobody is due
        await due_at_once(centre)
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        shown = await desk.get(lease)
        assert re.search(r"<details class=\"noted\"><summary[^>]*>[^<]*前回のメモ", shown), (
            "collapsed"
        )
        assert shown.count(NOTE) == 1
        api = (await desk.client.get(f"/api/v1{lease}")).json()
        assert api["note"] == NOTE
        done = await desk.post(f"{lease}/result", code="10", then="next")
        assert done.status_code == 303
    rows = await everything(centre)
    assert not [piece for piece in (NOTE, "在宅", "090-0000-1234") if piece in rows]
    assert [result.slip for result in await results(centre)] == [False, False]


async def test_a_slip_is_read_back_once_and_opened_by_the_entrustor_alone(
    app: FastAPI, centre: Centre
) -> None:
    job = await noting(centre)
    operator = await centre.operator("suzuki", job)
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    async with visit(app, operator) as desk, visit(app, officer) as entrustor:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        await desk.get(lease)
        sent = {"code": "13", "then": "rest", **SAID}
        unread = await desk.post(f"{lease}/result", **{**sent, "slip_phone": "0000-1234"})
        assert unread.status_code == 422
        assert "市外局番から入力してください" in unread.text
        assert SAID["slip_address"] in unread.text

        page = await desk.post(f"{lease}/result", **sent)
        assert page.status_code == 200
        assert "この内容を復唱してください" in page.text
        for said in ("090-0000-1234", SAID["slip_address"], "12,000円"):
            assert said in page.text
        dated = await desk.post(f"{lease}/result", **sent, slip_date=f"{centre.now():%Y-%m-%d}")
        assert day("ja", centre.now()) in dated.text  # as it is spoken
        assert await results(centre) == [], "not before it was read back"
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        hidden.pop("csrf")
        edit = await desk.post(f"{lease}/result", **hidden, read_back="edit")
        assert 'value="090-0000-1234"' in edit.text
        assert re.search(r'value="13"[^>]* checked', edit.text)
        assert await results(centre) == []
        done = await desk.post(f"{lease}/result", **hidden, read_back="yes")
        assert done.status_code == 303
        assert "090" not in done.headers["location"]
        rest = await desk.get(done.headers["location"])
        await desk.post(f"/desk/{job.id}/next")  # final
        waiting = await entrustor.get("/results")
        assert "うち申し送り票つき 1件" in waiting
        file = (await entrustor.client.get("/results/file")).content
        rows = await everything(centre)
        for said in ("090-0000-1234", "港町三丁目"):
            assert said not in rest + waiting + rows
            assert said.encode() not in file
    [row], damaged = opened(decoded(file), centre.keys, "ja")
    assert not damaged
    assert row[6:10] == ("090-0000-1234", SAID["slip_address"], "", 12_000)
    [result] = await results(centre)
    assert result.slip


async def test_by_the_api_the_same_rules_hold(app: FastAPI, centre: Centre) -> None:
    job = await noting(centre)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        await desk.get(lease)

        async def record(**asked: object) -> tuple[int, dict[str, object]]:
            answer = await desk.client.post(
                f"/api/v1{lease}/result", json=asked, headers={"X-CSRF-Token": desk.token}
            )
            return answer.status_code, answer.json()

        status, told = await record(code=30, note=NUMBER)
        assert (status, told["code"]) == (422, "note_blocked")
        assert told["where"] == [{"start": 3, "end": 16, "why": "number"}]
        assert "1234" not in str(told)
        status, told = await record(code=13, slip={"date": "6月5日", "amount": "x"})
        assert (status, told["fields"]) == (422, ["date", "amount"])
        status, told = await record(code=13, slip={"amount": "500"})
        assert (status, told["code"]) == (422, "slip_not_read_back")
        assert await results(centre) == []
        status, told = await record(code=13, slip={"amount": "500"}, read_back=True)
        assert (status, told["final"]) == (200, True)


async def test_what_the_contract_does_not_permit_is_not_offered_and_not_taken(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        shown = await desk.get(lease)
        assert 'name="note"' not in shown
        assert 'name="slip_phone"' not in shown
        for given in ({"note": NOTE}, {"slip_amount": "500", "read_back": "yes"}):
            refused = await desk.post(f"{lease}/result", code="30", then="rest", **given)
            assert refused.status_code == 422
        assert await results(centre) == []
