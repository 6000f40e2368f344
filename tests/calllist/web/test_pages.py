"""The screens over HTTP, without script, in both languages: manager, operator, entrustor."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from calllist.db import transaction
from calllist.jobs.lists import mark_over
from calllist.mirror.pulling import pull
from calllist.people import tokens
from calllist.people.roles import Role
from crypto.signed.terms import Conduct
from crypto.wire.base import Caller
from retention.tables import Holding
from tests.calllist.centre import Centre, Someone
from tests.calllist.dialing.test_inbound import name_canary

pytestmark = pytest.mark.asyncio
ORIGIN = "https://calllist.test"
JAPANESE = re.compile(r"[\u3040-\u309f]{2}")  # two hiragana in a row: a sentence of ours


class Visit:
    """Somebody's browser without script. `token` is what their pages' forms carry."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self.client = client
        self.token = token

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.text

    async def post(self, path: str, **form: str) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self.token, **form})


@asynccontextmanager
async def visit(app: FastAPI, someone: Someone | None, lang: str = "ja") -> AsyncIterator[Visit]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        client.cookies.set("lang", lang)
        if someone is not None:
            client.cookies.set("__Host-session", someone.signed.token)
            client.cookies.set("__Host-grant", someone.signed.grant)
        yield Visit(client, tokens.csrf(someone.signed.token) if someone else "")


def _file(people: int, *extra: str) -> bytes:
    rows = [f"架空{n},090-0000-{n:04d},R{n}" for n in range(1, people + 1)]
    return "\n".join(["氏名,電話番号,整理番号", *rows, *extra]).encode("cp932")


async def _send(
    visitor: Visit, job: str, content: bytes, token: str | None = None
) -> httpx.Response:
    """The upload form, as a browser without script sends it."""
    return await visitor.client.post(
        f"/jobs/{job}/lists",
        data={"csrf": visitor.token if token is None else token, "phone": "", "name": ""},
        files={"file": ("リスト.csv", content, "text/csv")},
    )


async def test_manager_operator_and_officer_do_their_work_by_forms(
    app: FastAPI, centre: Centre
) -> None:
    job = (await centre.job()).id
    operator = await centre.operator("suzuki")
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    async with visit(app, centre.manager) as manager:
        assert "KNK-001" in await manager.get("/jobs")
        sent = await _send(manager, job, _file(2, "架空,なし,R9"))
        assert sent.status_code == 303, sent.text
        receipt = await manager.get(sent.headers["location"])
        assert "no_phone_placeholder" in receipt
        await manager.post(f"/jobs/{job}/assign", person=operator.person.id)
        assert operator.person.name in await manager.get(f"/jobs/{job}")
    async with visit(app, operator) as desk:
        taken = await desk.post(f"/desk/{job}/next")
        person = taken.headers["location"]
        shown = await desk.get(person)
        assert "090-****-*001" in shown
        assert "0900000" not in shown.replace("-", "")
        again = await desk.post(f"/desk/{job}/next")
        assert again.headers["location"].split("?")[0] == person
        checked = await desk.post(f"{person}/match", kind="reference", said="R1")
        assert checked.headers["location"].endswith("checked=reference&same=1")
        revealed = await desk.post(f"{person}/reveal", kind="phone", reason="manual_dial")
        assert "090-0000-0001" in revealed.text
        assert "090-0000-0001" not in await desk.get(person)
        onward = await desk.post(f"{person}/result", code="10", then="next")
        assert onward.headers["location"].startswith("/leases/")
        assert onward.headers["location"] != person
        await desk.get(person, status=404)
        rested = await desk.post(f"{onward.headers['location']}/result", code="30", then="rest")
        assert rested.headers["location"] == f"/desk/{job}?recorded=30"
        nobody = await desk.post(f"/desk/{job}/next")
        assert "problem=nobody_left" in nobody.headers["location"]
        await desk.get(nobody.headers["location"])
    async with visit(app, officer) as entrustor:
        assert "KNK-001" in await entrustor.get("/held")
        early = await entrustor.post("/results/acknowledge")
        assert "handover_changed" in early.headers["location"]
        fetched = await entrustor.client.get("/results/file")
        assert fetched.json()["count"] == 2
        done = await entrustor.post("/results/acknowledge")
        assert done.headers["location"] == "/results?acknowledged=2"


async def test_an_officer_orders_a_destruction_after_reading_name_and_number(
    app: FastAPI, centre: Centre
) -> None:
    list_id = (await centre.upload(await centre.job(), people=3)).list_id
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    async with visit(app, officer) as entrustor:
        confirm = f"/held/{list_id}/destroy"
        assert confirm in await entrustor.get("/held")
        assert "KNK-001 第1号（3名）を消去する" in await entrustor.get(confirm)
        await entrustor.get("/held/lst_invented/destroy", status=404)
        assert (await entrustor.post("/held/lst_invented/destroy")).status_code == 404
        for _ in range(2):
            ordered = await entrustor.post(confirm)
            assert (ordered.status_code, ordered.headers["location"]) == (303, "/held")
        assert "を消去する" not in await entrustor.get(confirm)
        shown = await entrustor.get("/held")
        assert "委託元の指示" in shown
        assert confirm not in shown
        assert 'data-live="3"' in shown
    async with visit(app, centre.manager) as manager:
        await manager.get(confirm, status=403)


async def test_manager_and_officer_are_told_the_same_of_a_destruction_that_waits(
    app: FastAPI, centre: Centre
) -> None:
    manager = await centre.person("kanri2", Role.MANAGER)
    officer = await centre.person("yakuin2", Role.ENTRUSTOR)
    job = await centre.job()
    received = await centre.upload(job, 7)
    async with transaction(centre.sessions) as session:
        await centre.custody.release(
            session, received.list_id, "deadline", grant="", now=centre.now()
        )
        holding = await session.get_one(Holding, received.list_id)
        holding.failure = "keeper:clocks_disagree"
        await mark_over(session, received.list_id, centre.now())
    async with visit(app, manager) as here, visit(app, officer) as there:
        told = [await here.get(f"/jobs/{job.id}"), await there.get("/held")]
        for page in told:
            assert "凍結済み" in page
            assert "時計に食い違いがあるため" in page
            assert re.search(r'data-label="(?:残り|いまお預かり)">7', page)
        assert "第1号の消去が止まっています" in told[0]
        assert "消去待ち" in await here.get("/jobs")


async def test_a_signed_file_is_handed_in_as_a_file_and_listed_from_the_ledger(
    app: FastAPI, centre: Centre
) -> None:
    officer = await centre.person("yakuin3", Role.ENTRUSTOR)
    async with visit(app, officer) as there:
        wrong = {"csrf": (None, there.token), "file": ("more.signed", b"no statement")}
        answer = await there.client.post("/statements/file", files=wrong)
        assert answer.headers["location"] == "/statements?problem=statement_unreadable"
        wrong["file"] = ("more.signed", b"x" * 300_000)
        answer = await there.client.post("/statements/file", files=wrong)
        assert answer.headers["location"] == "/statements?problem=statement_unreadable"
        stolen = {"file": ("more.signed", b"no statement")}
        assert (await there.client.post("/statements/file", files=stolen)).status_code == 403
        assert "署名された決定はまだありません" in await there.get("/statements")
        async with transaction(centre.sessions) as session, centre.line(Caller.WORKER) as line:
            await pull(session, line, centre.now())
        page = await there.get("/statements")
        assert "契約の条件" in page
        assert "効力あり" in page
        assert "従事者名簿</b>" not in page  # the centre has signed that, not this entrustor


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_every_screen_opens_in_both_languages(
    app: FastAPI, centre: Centre, lang: str
) -> None:
    job = await centre.job()
    await centre.upload(job, people=3)
    operator = await centre.operator("suzuki", job)
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    screens: list[tuple[Someone | None, list[str]]] = [
        (centre.manager, ["/jobs", f"/jobs/{job.id}"]),
        (operator, ["/desk", f"/desk/{job.id}"]),
        (officer, ["/held", "/results", "/certificates"]),
        (await centre.person("kansa", Role.AUDITOR), ["/held", "/certificates"]),
        (await centre.person("jimu", Role.ADMINISTRATOR), ["/people", "/statements"]),
        (None, ["/sign-in", "/welcome"]),
    ]
    for someone, paths in screens:
        async with visit(app, someone, lang) as visitor:
            for path in paths:
                answer = await visitor.client.get(path)
                assert answer.status_code == 200, (path, answer.status_code)
                assert answer.headers["cache-control"] == "no-store"
                assert "'unsafe-" not in answer.headers["content-security-policy"]
                assert f'<html lang="{lang}">' in answer.text
                assert not re.search(r"<style|\sstyle=|\son[a-z]+=", answer.text)
                if lang == "en":
                    assert not JAPANESE.search(answer.text), (path, JAPANESE.search(answer.text))


async def test_a_refused_file_says_line_column_and_code_without_script(
    app: FastAPI, centre: Centre
) -> None:
    job = (await centre.job()).id
    async with visit(app, centre.manager) as manager:
        sent = await _send(manager, job, b"a,b\n1,2\n")
        assert sent.status_code == 422
        assert "no_phone_column" in sent.text
        empty = await _send(manager, job, b"")
        assert "empty_file" in empty.text


async def test_an_upload_without_its_forms_token_is_refused_unread(
    app: FastAPI, centre: Centre
) -> None:
    job = (await centre.job()).id
    async with visit(app, centre.manager) as manager:
        refused = await _send(manager, job, _file(2), token="f" * 64)
        assert refused.status_code == 403
        assert "第1号" not in await manager.get(f"/jobs/{job}")


async def test_a_large_form_reaches_intake_whole(app: FastAPI, centre: Centre) -> None:
    """Boundaries fall anywhere; every byte of the file arrives and none of the form's."""
    job = (await centre.job()).id
    async with visit(app, centre.manager) as manager:
        sent = await _send(manager, job, _file(9000))
        assert sent.status_code == 303, sent.text
        assert ">9,000<" in await manager.get(sent.headers["location"])


async def test_strangers_are_sent_to_the_door_and_roles_stay_in_their_rooms(
    app: FastAPI, centre: Centre
) -> None:
    operator = await centre.operator("suzuki")
    async with visit(app, None) as stranger:
        sent = await stranger.client.get("/jobs")
        assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in")
    async with visit(app, operator) as visitor:
        for path in ("/jobs", "/held", "/results", "/certificates", "/people", "/statements"):
            await visitor.get(path, status=403)
        await visitor.get("/leases/lea_invented", status=404)
        await visitor.get("/desk/job_invented", status=404)
    async with visit(app, centre.manager) as manager:
        for path in ("/desk", "/held", "/people"):
            await manager.get(path, status=403)
        forged = await manager.client.post("/jobs", data={"contract": "x", "code": "y"})
        assert forged.status_code == 403


async def test_keeper_away_the_desk_shows_nobody_and_asks_again_by_itself(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, people=2)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        person = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        await centre.kill_keeper()
        away = await desk.client.get(person)
        assert away.status_code == 503
        assert f'content="5;url={person}"' in away.text
        assert "090-" not in away.text
        await centre.start_keeper()
        assert "090-****-*" in await desk.get(person)


async def test_the_language_is_kept_and_leads_nowhere_else(app: FastAPI, centre: Centre) -> None:
    async with visit(app, None) as visitor:
        for back, location in (
            ("/sign-in", "/sign-in"),
            ("//elsewhere.test", "/"),
            ("https://elsewhere.test", "/"),
            ("/\\elsewhere.test", "/"),
        ):
            answer = await visitor.client.post("/language", data={"lang": "en", "back": back})
            assert answer.headers["location"] == location
            assert "lang=en" in answer.headers["set-cookie"]


async def test_whoever_calls_back_is_found_by_a_number_that_stays_out_of_addresses(
    app: FastAPI, centre: Centre
) -> None:
    """One hit leads to the person, a household is chosen from, a miss says so."""
    await centre.sign_contract(conduct=Conduct(duplicates="person"))
    job = await centre.job()
    couple = ["架空三,090-0000-0003,R3", "架空四,090-0000-0003,R4"]
    operator = await centre.operator("suzuki", job)
    async with visit(app, centre.manager) as manager:
        await _send(manager, job.id, _file(2, *couple))
    async with visit(app, operator) as desk:
        assert "受電検索" in await desk.get(f"/desk/{job.id}")
        missed = await desk.post(f"/desk/{job.id}/find", number="090-0000-0999")
        assert missed.headers["location"] == f"/desk/{job.id}?problem=nobody_found"
        assert "該当なし" in await desk.get(missed.headers["location"])
        found = await desk.post(f"/desk/{job.id}/find", number="090-0000-0002")
        assert found.headers["location"].startswith("/leases/lea_")
        assert "応答・確認前" in await desk.get(found.headers["location"])
        held = await desk.post(f"/desk/{job.id}/find", number="090-0000-0001")
        assert "problem=lease_held" in held.headers["location"]
        await desk.post(f"{found.headers['location']}/result", code="10", then="rest")
        several = await desk.post(f"/desk/{job.id}/find", number="090-0000-0003")
        assert "同じ番号の方が2名います" in several.text
        assert "架空" not in several.text.replace("架空市", "").replace("架空センター", "")
        second = await desk.post(f"/desk/{job.id}/find", number="090-0000-0003", nth="1")
        assert "架空四" in await desk.get(second.headers["location"])
        await desk.post(f"{second.headers['location']}/result", code="10", then="rest")
        nonsense = await desk.post(f"/desk/{job.id}/find", number="090-000", by="number")
        assert "市外局番" in nonsense.text
        assert 'value="090-000" aria-invalid="true"' in nonsense.text, "whoever typed it mends it"
        back = await desk.client.get(f"/desk/{job.id}/find")
        assert back.headers["location"] == f"/desk/{job.id}"


async def test_a_withdrawn_person_is_passed_over_and_a_touched_canary_alarms_the_overseers(
    app: FastAPI, centre: Centre
) -> None:
    await name_canary(centre, "+819000000001")
    job = await centre.job()
    operator, officer = (
        await centre.operator("suzuki", job),
        await centre.person("yakuin", Role.ENTRUSTOR),
    )
    async with visit(app, centre.manager) as manager:
        await _send(manager, job.id, _file(3))
        assert "警報" not in await manager.get("/jobs")
    async with visit(app, operator) as desk:
        taken = await desk.post(f"/desk/{job.id}/next")
        passed = await desk.client.get(taken.headers["location"])
        assert passed.headers["location"] == f"/desk/{job.id}?problem=record_withdrawn"
        assert "対象外となった方" in await desk.get(passed.headers["location"])
        taken = await desk.post(f"/desk/{job.id}/next")
        assert "架空2" in await desk.get(taken.headers["location"])
        await desk.post(f"{taken.headers['location']}/result", code="10", then="rest")
        touched = await desk.post(f"/desk/{job.id}/find", number="090-0000-0001")
        assert touched.headers["location"] == f"/desk/{job.id}?problem=list_over"
    for someone, place in ((centre.manager, "/jobs"), (officer, "/held")):
        for lang, said in (("ja", "警報"), ("en", "Alarm")):
            async with visit(app, someone, lang) as overseer:
                screen = await overseer.get(place)
                assert said in screen
                assert "0000-0001" not in screen
