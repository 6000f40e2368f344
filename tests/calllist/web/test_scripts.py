"""The job's script: written by its manager, in force at once, said by the branches of the desk."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from calllist.entrustors.purposes import Purpose
from calllist.parties.onboarding import PartyKind, register_party, register_site
from calllist.people.roles import Role
from calllist.scripts.branches import Branch
from calllist.scripts.tables import ScriptVersion
from calllist.web.script import proposed
from crypto.wire.base import Caller
from crypto.wire.ledger import Entries
from tests.calllist.centre import Centre, transaction
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio
OPENING = "架空市の件で{caller}です。\n{entrustor}より、{person}様にお電話しました。"


def typed(**changes: str) -> dict[str, str]:
    """The form as the page sends it, the proposal but for the changes."""
    script = proposed(Purpose.HEALTH_CHECK, "ja")
    form = {f"say_{branch}": script.line(branch).say for branch in Branch}
    form |= {f"dont_{branch}": script.line(branch).dont for branch in Branch}
    return form | {"version": "0", "message": "yes"} | changes


async def test_a_version_is_in_force_from_saving_and_in_the_ledger(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    place = f"/jobs/{job.id}/script"
    async with visit(app, centre.manager) as manager, visit(app, operator) as desk:
        assert "目的に合わせた案" in await manager.get(place)
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert "カクウ0001様はいらっしゃいますか" in await desk.get(lease)

        refused = await manager.post(place, **typed(say_closing="<03-0000-0678>", say_opening="x"))
        assert refused.status_code == 422
        assert "1行目の2文字目：番号のように見える" in refused.text
        assert "必ず入れる言葉がありません：{entrustor} {caller}" in refused.text
        assert "&lt;03-0000-0678&gt;" in refused.text, "what was typed is not lost"

        new = typed(say_opening=OPENING, number_to_call="０１２０－０００－６７８")
        new |= {
            "say_closing": "お問合せは{number_to_call}へ。",
            "say_about": "{entrustor}の連絡です。",
        }
        saved = await manager.post(place, **new)
        assert saved.headers["location"] == f"{place}?saved=1"
        assert "第1版" in await manager.get(saved.headers["location"])
        shown = await desk.get(lease)
        assert "架空市より、カクウ0001様にお電話しました。" in shown
        assert "0120-000-678へ。" in shown
        assert "健康診断" not in shown.split('class="results')[0].split('class="say"')[1]

        again = await manager.post(place, **(new | {"version": "1"}))
        assert again.headers["location"].endswith("saved=1"), "the same is no new version"
        stale = await manager.post(place, **typed(version="0"))
        assert "script_changed" in stale.headers["location"]
        await manager.post(place, **typed(version="1", message="no"))
        assert "何も言わずに切って" in await desk.get(lease)
    async with centre.sessions() as session:
        versions = list(await session.scalars(select(ScriptVersion).order_by("version")))
        assert [one.version for one in versions] == [1, 2]
    async with centre.line(Caller.WORKER) as line:
        told = b"".join((await line.call(Entries(0, 1000))).entries).decode(errors="ignore")
    digests = re.findall(r"[0-9a-f]{64}", told[told.index("script_saved") - 200 :])
    assert len(set(digests)) >= 2
    assert "お電話しました" not in told


async def test_who_is_verified_hears_the_matter_and_nobody_before(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.send(job, "会社名,電話番号,整理番号\r\n架空商店,090-0000-0001,R0001\r\n")
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        before = await desk.get(lease)
        assert "ご担当の方はいらっしゃいますか" in before
        assert "整理番号のうち1つ" in before
        assert "ご予約はいかがでしょうか" not in before
        assert 'id="say-verified"' not in before
        assert re.search(r'id="say-opening"[^>]* checked', before)
        await desk.post(f"{lease}/match", kind="reference", said="R1234")
        assert re.search(r'id="say-identity"[^>]* checked', await desk.get(lease))
        await desk.post(f"{lease}/match", kind="reference", said="R0001")
        after = await desk.get(lease)
        assert re.search(r'id="say-verified"[^>]* checked', after)
        assert "ご予約はいかがでしょうか" in after
        assert 'id="say-family"' not in after


async def test_who_cannot_be_asked_any_more_is_not_asked_and_the_call_is_brought_to_its_end(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.send(job, "会社名,電話番号,整理番号\r\n架空商店,090-0000-0001,R0001\r\n")
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        await desk.get(lease)
        for wrong in ("R1231", "R1232", "R1233"):
            await desk.post(f"{lease}/match", kind="reference", said=wrong)
        page = await desk.get(lease)
        assert "照合の回数を使い切りました" in page
        assert re.search(r'id="say-closing"[^>]* checked', page)
        assert 'id="say-identity"' not in page
        assert "のうち" not in page


async def test_a_closed_job_keeps_its_script_and_takes_no_other(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    async with visit(app, centre.manager, "en") as manager:
        await manager.post(f"/jobs/{job.id}/close")
        page = await manager.get(f"/jobs/{job.id}/script")
        assert "Save this version" not in page
        assert "readonly" in page
        answer = await manager.post(f"/jobs/{job.id}/script", **typed())
        assert answer.status_code == 409


async def test_a_supervisor_reads_the_script_of_its_partys_jobs_and_writes_none(
    app: FastAPI, centre: Centre
) -> None:
    app.state.board.lasts = timedelta(0)
    job = await centre.job()
    place = f"/jobs/{job.id}/script"
    async with transaction(centre.sessions) as session:
        party = await register_party(session, name="架空受託", kind=PartyKind.CENTRE)
        site = await register_site(session, party_id=party.id, name="本店")
    ota = await centre.person("ota", Role.SUPERVISOR)
    stranger = await centre.person("yoso", Role.SUPERVISOR, party_id=party.id, site_id=site.id)
    async with visit(app, ota) as floor:
        assert f'href="{place}"' in await floor.get("/floor")
        proposal = await floor.get(place)
        assert "目的に合わせた案" in proposal
        assert "{person}はいらっしゃいますか" in proposal
        async with visit(app, centre.manager) as manager:
            assert f'href="{place}"' not in await manager.get("/floor")
            await manager.post(place, **typed(say_opening=OPENING, message="no"))
        page = await floor.get(place)
        assert "第1版" in page
        assert "{entrustor}より、{person}様にお電話しました。" in page
        assert "何も言わずに切って" in page
        assert not re.search(r"<textarea|<form[^>]*script|type=.text", page)
        assert (await floor.post(place, **typed(version="1"))).status_code == 403
    async with visit(app, stranger) as floor:
        assert (await floor.client.get(place)).status_code == 404
