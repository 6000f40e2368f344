"""Bringing a file: looked at first, mapped by hand or by a saved mapping, called by groups."""

from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from calllist.db import transaction
from calllist.jobs.tables import CallList, ColumnTemplate, Job, Record, Segment
from calllist.people.roles import Role
from crypto.signed.terms import Conduct
from tests.calllist.centre import Centre
from tests.calllist.web.test_pages import Visit, visit

pytestmark = pytest.mark.asyncio
SEGMENTS = ("年代", "地区")
HEADER = "番号,姓,名,つながる番号,年代,地区,秘密"


def people(count: int, *, header: str = HEADER) -> bytes:
    """`count` people: two of three in their sixties; half in the north, a few in the west."""
    rows = [
        f"R{n},架空,花子{n},090-0{n // 10000:03d}-{n % 10000:04d},{70 if n % 3 == 0 else 60}代,"
        f"{'西' if n < 5 else '北南'[n % 2]},内緒{n}"
        for n in range(1, count + 1)
    ]
    return "\n".join([header, *rows]).encode("cp932")


async def grouped(centre: Centre) -> str:
    """A job whose contract permits two segment columns."""
    await centre.sign_contract(conduct=Conduct(duplicates="phone", segments=SEGMENTS))
    return (await centre.job()).id


async def look(visitor: Visit, job: str, content: bytes, **said: str) -> tuple[int, str]:
    answer = await visitor.client.post(
        f"/jobs/{job}/shapes?{urlencode(said)}",
        content=content,
        headers={"X-CSRF-Token": visitor.token},
    )
    return answer.status_code, answer.text


async def send(visitor: Visit, job: str, content: bytes, **said: str) -> dict[str, object]:
    """Through the API, as the page does it."""
    answer = await visitor.client.put(
        f"/api/v1/jobs/{job}/lists?{urlencode(said)}",
        content=content,
        headers={"X-CSRF-Token": visitor.token},
    )
    assert answer.status_code == 201, answer.text
    told: dict[str, object] = answer.json()
    return told


async def test_a_file_is_looked_at_and_nothing_of_it_is_told_or_stored(
    app: FastAPI, centre: Centre
) -> None:
    job = await grouped(centre)
    async with visit(app, centre.manager) as manager:
        status, shown = await look(manager, job, people(40), whole="1")
        api = await manager.client.post(
            f"/api/v1/jobs/{job}/preview",
            content=people(40),
            headers={"X-CSRF-Token": manager.token},
        )
        refused = await look(manager, job, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
        form = await manager.client.post(
            f"/jobs/{job}/preview",
            data={"csrf": manager.token, "c4": "phone", "mapped": "1"},
            files={"file": ("x.csv", people(40), "text/csv")},
        )
    assert (status, api.status_code, form.status_code) == (200, 200, 200)
    assert "携帯" in shown
    for text in (shown, api.text, form.text):
        assert not any(cell in text for cell in ("花子", "架空,", "090-0", "内緒"))
    told = api.json()
    assert (told["rows"], told["encoding"], told["trouble"]) == (40, "cp932", None)
    kinds = {one["number"]: (one["kind"], one["how"], one["place"]) for one in told["columns"]}
    assert kinds[2] == ("name", "synonym", 1)
    assert kinds[4] == ("phone", "content", 0)
    assert [one["segment"] for one in told["columns"]] == [0, 0, 0, 0, 1, 2, 0]
    assert refused[0] == 422
    assert "もう一度選んで" in form.text
    async with transaction(centre.sessions) as session:
        assert await session.scalar(select(func.count()).select_from(CallList)) == 0


async def test_a_form_token_and_the_managers_own_job_are_needed_to_look(
    app: FastAPI, centre: Centre
) -> None:
    job = await grouped(centre)
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    async with visit(app, centre.manager) as manager:
        bare = await manager.client.post(f"/jobs/{job}/shapes", content=people(3))
        files = {"file": ("x.csv", people(3), "text/csv")}
        form = await manager.client.post(f"/jobs/{job}/preview", data={"csrf": "x"}, files=files)
        other = await look(manager, "job_none", people(3))
    async with visit(app, officer) as entrustor:
        foreign = await look(entrustor, job, people(3))
    assert (bare.status_code, form.status_code, other[0], foreign[0]) == (403, 403, 404, 403)


async def test_columns_are_mapped_by_hand_and_the_mapping_is_kept_for_the_next_file(
    app: FastAPI, centre: Centre
) -> None:
    job = await grouped(centre)
    async with visit(app, centre.manager) as manager:
        first = await send(
            manager, job, people(30), phone="#4", name="#2+#3", reference="-", header_line="1"
        )
        page = f"/lists/{first['list']}"
        assert "この対応を保存" in await manager.get(page)
        await manager.post(f"{page}/template")
        assert "この対応は保存済み" in await manager.get(page)
        async with transaction(centre.sessions) as session:
            kept = (await session.scalars(select(ColumnTemplate))).one()
        assert (kept.entrustor_id, kept.party_id) == (centre.entrustor_id, centre.party_id)
        assert kept.words == {"2": "姓", "3": "名", "4": ""}
        assert "つながる" not in f"{kept.places} {kept.words} {kept.header_key}"
        second = await send(manager, job, people(31))
        listed = (await manager.client.get(f"/api/v1/jobs/{job}/templates")).json()
        other = await send(manager, job, people(32, header=HEADER.replace("秘密", "備考")))
        await manager.post(f"/jobs/{job}/templates/{listed[0]['id']}/remove")
        third = await send(manager, job, people(33))
        gone = await manager.client.delete(
            f"/api/v1/jobs/{job}/templates/{listed[0]['id']}",
            headers={"X-CSRF-Token": manager.token},
        )
    told = [one["receipt"] for one in (first, second, other, third)]
    how = [{c["kind"]: c["how"] for c in one["columns"] if c["kind"]} for one in told]  # type: ignore[index]
    assert how[0] == {"phone": "hand", "name": "hand"}
    assert how[1] == {"phone": "template", "name": "template"}
    assert how[2]["phone"] == how[3]["phone"] == "content"
    assert told[1]["template"] == listed[0]["id"]  # type: ignore[index]
    assert listed[0]["columns"] == {"phone": [4], "name": [2, 3]}
    assert gone.status_code == 404


async def test_groups_are_kept_as_codes_called_in_turn_and_rare_ones_told_nobody(
    app: FastAPI, centre: Centre
) -> None:
    job = await grouped(centre)
    operator = await centre.operator("suzuki")
    async with visit(app, centre.manager) as manager:
        told = await send(
            manager, job, people(90) + "\nR91,架空,花子,なし,60代,北,x".encode("cp932")
        )
        listed = str(told["list"])
        groups = (await manager.client.get(f"/api/v1/lists/{listed}/groups")).json()
        shown = await manager.get(f"/lists/{listed}")
        filtered = await manager.get(f"/lists/{listed}?code=no_phone_placeholder")
        api = f"/api/v1/lists/{listed}/findings?code="
        told_by_code = [
            len((await manager.client.get(api + code)).json())
            for code in ("no_phone_placeholder", "duplicate")
        ]
        others = await manager.get(f"/lists/{listed}?code=duplicate")
        await manager.post(f"/jobs/{job}/assign", person=operator.person.id)
        await manager.post(f"/lists/{listed}/groups", **{"g1-2": "0", "g2-2": "2"})
        wrong = await manager.client.put(
            f"/api/v1/lists/{listed}/groups",
            json={"turns": [{"column": 1, "code": 40, "turn": 0}]},
            headers={"X-CSRF-Token": manager.token},
        )
    assert wrong.status_code == 404
    assert told_by_code == [1, 0]
    assert ">92<" in filtered
    assert ">92<" not in others
    assert {(one["column"], one["label"]): one["people"] for one in groups} == {
        (1, "60代"): 60,
        (1, "70代"): 30,
        (2, "北"): 43,
        (2, "南"): 43,
        (2, ""): 4,
    }
    assert "西" not in shown
    async with transaction(centre.sessions) as session:
        codes = await session.execute(
            select(Record.segment2, func.count())
            .where(Record.list_id == listed)
            .group_by(Record.segment2)
        )
        counts = dict(tuple(row) for row in codes)
        labels = await session.scalars(select(Segment.label).where(Segment.list_id == listed))
        assert "西" not in list(labels)
    assert counts[0] == 4
    assert sorted(counts.values()) == [4, 43, 43]
    called: list[tuple[int | None, int | None]] = []
    async with transaction(centre.sessions) as session:
        at = await session.get_one(Job, job)
    for _ in range(19):
        lease = await centre.take(operator, at)
        await centre.show(operator, lease)
        async with transaction(centre.sessions) as session:
            found = await session.execute(
                select(Record.segment1, Record.segment2).where(
                    Record.list_id == listed,
                    Record.chunk == lease.chunk,
                    Record.index == lease.index,
                )
            )
            called.append(tuple(found.one()))
        await centre.record(operator, lease, 10)
    # 70代 (2) but those of 南 (2): six, twelve, ... and one of a rare district; then the others.
    assert [first for first, _ in called] == [2] * 16 + [1] * 3
    assert 2 not in {second for _, second in called}


async def test_a_form_says_that_the_same_file_is_meant_after_it_was_refused(
    app: FastAPI, centre: Centre
) -> None:
    job, file = (await centre.job()).id, people(4)
    async with visit(app, centre.manager) as manager:
        before = await manager.get(f"/jobs/{job}/upload")
        sent = []
        for said in ({}, {}, {"again": "yes"}):
            form = {"csrf": manager.token, **said}
            files = {"file": ("x.csv", file, "text/csv")}
            sent.append(await manager.client.post(f"/jobs/{job}/lists", data=form, files=files))
        offered = await manager.get(f"/jobs/{job}/upload?again=yes")
        shown = await manager.get(f"/jobs/{job}")
    assert [answer.status_code for answer in sent] == [303, 422, 303]
    assert "第1号と同じファイルです" in sent[1].text
    assert f'href="/jobs/{job}/upload?again=yes"' in sent[1].text
    assert ['data-twice tabindex="-1" hidden' in page for page in (before, offered)] == [
        True,
        False,
    ]
    folded = shown[shown.index('<details class="fold pad-in failed-tries">') :]
    assert folded.count("第1号と同じファイルです") == 1
    assert "取り込めなかった送信（1件）" in folded


async def test_a_list_with_nobody_on_it_is_not_said_to_be_called(
    app: FastAPI, centre: Centre
) -> None:
    job = (await centre.job()).id
    async with visit(app, centre.manager) as manager:
        told = await send(manager, job, "氏名,電話番号\n架空,なし\n".encode())
        for path in (f"/jobs/{job}", f"/lists/{told['list']}"):
            shown = await manager.get(path)
            assert "対象者なし" in shown
            assert "架電中" not in shown


async def test_the_officer_and_the_auditor_read_the_receipt_and_change_nothing(
    app: FastAPI, centre: Centre
) -> None:
    job = await grouped(centre)
    async with visit(app, centre.manager) as manager:
        rejected = "\nR41,架空,花子,なし,60代,北,x".encode("cp932")
        told = await send(manager, job, people(40) + rejected)
        managers = await manager.get(f"/lists/{told['list']}")
        failed = await manager.client.put(
            f"/api/v1/jobs/{job}/lists", content=b"x", headers={"X-CSRF-Token": manager.token}
        )
        tries = (await manager.client.get(f"/api/v1/jobs/{job}/lists")).json()
    assert failed.status_code == 422
    (refused,) = [one["id"] for one in tries if one["state"] == "failed"]
    page = f"/lists/{told['list']}"
    assert managers.count('<form class="spaced"') == 2
    for login, role in (("yakuin", Role.ENTRUSTOR), ("kansa", Role.AUDITOR)):
        async with visit(app, await centre.person(login, role)) as reader:
            assert f'href="{page}"' in await reader.get("/held")
            shown = await reader.get(page)
            for said in ("第1号の受領書", "no_phone_placeholder", "60代", "findings.csv"):
                assert said in shown
            main = shown[shown.index("<main") : shown.index("</main>")]
            assert "<form" not in main
            assert "<select" not in main
            assert "<button" not in main
            assert f"/jobs/{job}" not in main
            assert "/upload" not in await reader.get(f"/lists/{refused}")
            assert (await reader.post(f"{page}/close-intake")).status_code == 403


async def test_a_name_that_no_upload_knows_is_refused_with_those_it_does(
    app: FastAPI, centre: Centre
) -> None:
    job = (await centre.job()).id
    headers = {}
    async with visit(app, centre.manager) as manager:
        headers["X-CSRF-Token"] = manager.token
        for way, path in (("PUT", "lists"), ("POST", "preview")):
            answer = await manager.client.request(
                way, f"/api/v1/jobs/{job}/{path}?phnoe=TEL", content=people(3), headers=headers
            )
            told = answer.json()
            assert (answer.status_code, told["code"], told["reason"]) == (
                422, "unknown_parameter", "phnoe",
            )  # fmt: skip
            assert "phnoe" in told["detail"]
            assert {"phone", "name", "header_line"} <= set(told["known"])
        hidden = await manager.client.put(
            f"/api/v1/jobs/{job}/lists?090-0000-0001=x", content=people(3), headers=headers
        )
        assert hidden.status_code == 422
        assert "0000" not in hidden.text
        assert (await manager.client.get(f"/api/v1/jobs/{job}/lists")).json() == []
