"""取下げ, refusals and encrypted files as they come in over HTTP, by screen and by API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from calllist.people import tokens
from calllist.people.roles import Role
from crypto.certificates import recipients
from crypto.wire.base import Caller
from crypto.wire.ledger import Head
from tests.calllist.centre import Centre, Someone
from tests.calllist.command_line import run

pytestmark = pytest.mark.asyncio
LIST = "氏名,電話番号,整理番号\r\n" + "".join(
    f"架空{n},090-0000-000{n},R{n}\r\n" for n in range(1, 6)
)


@asynccontextmanager
async def browser(app: FastAPI, someone: Someone) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://calllist.test") as client:
        client.cookies.set("__Host-session", someone.signed.token)
        client.cookies.set("__Host-grant", someone.signed.grant)
        client.headers["X-CSRF-Token"] = tokens.csrf(someone.signed.token)
        yield client


def form(someone: Someone, data: bytes, **fields: str) -> dict[str, tuple[str | None, bytes]]:
    said = {"csrf": tokens.csrf(someone.signed.token)} | fields
    return {name: (None, text.encode()) for name, text in said.items()} | {"file": ("f.csv", data)}


async def test_refusals_come_before_the_list_in_one_form(app: FastAPI, centre: Centre) -> None:
    job = await centre.job()
    assert centre.manager
    files = {"refusals": ("r.txt", b"090-0000-0002\n"), "file": ("l.csv", LIST.encode("cp932"))}
    async with browser(app, centre.manager) as manager:
        sent = await manager.put(f"/api/v1/jobs/{job.id}/lists", files=files)
        assert sent.status_code == 201, sent.text
        receipt = sent.json()["receipt"]
        assert (receipt["accepted"], receipt["not_to_be_called"], receipt["refusals"]) == (4, 1, 1)
        backwards = dict(reversed(files.items()))
        wrong = await manager.put(f"/api/v1/jobs/{job.id}/lists", files=backwards)
        assert wrong.status_code == 422
        files["refusals"] = ("r.txt", b"090-0000-0002\n9.0E+10\n")
        refused = await manager.put(f"/api/v1/jobs/{job.id}/lists", files=files)
        assert (refused.status_code, refused.json()["code"]) == (422, "refusals_unreadable")
        assert (refused.json()["line"], refused.json()["reason"]) == (2, "damaged_number")
        part = b'--x\r\nContent-Disposition: form-data; name="%b"; filename="%b"\r\n\r\n%b\r\n'
        none_chosen = part % (b"refusals", b"", b"") + part % (b"file", b"l", LIST.encode("cp932"))
        second, third = await centre.job("KNK-002"), await centre.job("KNK-003")
        sent = await manager.put(
            f"/api/v1/jobs/{second.id}/lists",
            content=none_chosen + b"--x--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )
        assert sent.json()["receipt"]["refusals"] is None
        page = await manager.post(
            f"/jobs/{third.id}/lists",
            files={
                "csrf": (None, tokens.csrf(centre.manager.signed.token).encode()),
                "refusals": ("r.txt", b"090-0000-0001\n"),
                "file": files["file"],
            },
        )
        assert page.status_code == 303
        list_id = page.headers["location"].rsplit("/", 1)[1]
        told = (await manager.get(f"/api/v1/lists/{list_id}/receipt")).json()
        assert told["receipt"]["not_to_be_called"] == 1
        screen = (await manager.get(f"/lists/{list_id}")).text
        assert '<span class="badge ">架電しない方</span>' in screen
        assert '<span class="badge good">受け入れ</span>' not in screen


async def test_withdrawals_by_manager_and_officer_on_screen_and_through_the_api(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    operator = await centre.operator("suzuki", job)
    officer = await centre.person("itaku", Role.ENTRUSTOR)
    await centre.send(job, LIST)
    assert centre.manager
    at = f"/jobs/{job.id}/withdrawals"
    async with browser(app, operator) as desk:
        taken = (await desk.post(f"/api/v1/jobs/{job.id}/leases")).json()["lease"]
        assert (await desk.get(f"/leases/{taken}/still")).status_code == 204
    async with browser(app, centre.manager) as manager:
        done = await manager.post(f"/api/v1{at}", content="整理番号\nR1\nR9\n".encode("cp932"))
        assert done.json() == {
            "given": 2,
            "withdrawn": 1,
            "already": 0,
            "unmatched": 1,
            "unmatched_lines": [3],
        }
        again = await manager.post(f"/api/v1{at}", files={"file": ("w.csv", b"R1\n")})
        assert (again.json()["withdrawn"], again.json()["already"]) == (0, 1)
        wrong = await manager.post(f"/api/v1{at}", content=b"a,b\n1,2\n")
        assert (wrong.status_code, wrong.json()["code"]) == (422, "no_reference_column")
        assert "R1" not in (await manager.get(at)).text
        shown = await manager.post(at, files=form(centre.manager, b"R2\nR8\n"))
        assert shown.status_code == 200
        assert "対象から外した方" in shown.text
        assert "R8" not in shown.text, "lines, never values"
        bare = await manager.post(at, files={"file": ("w.csv", b"R3\n")})
        assert bare.status_code == 403
    async with browser(app, operator) as desk:
        assert (await desk.get(f"/leases/{taken}/still")).status_code == 410
        page = await desk.get(f"/leases/{taken}")
        assert page.headers["location"] == f"/desk/{job.id}?problem=record_withdrawn"
        assert (await desk.get(f"/leases/{taken}/still")).status_code == 404
        assert (await desk.post(f"/api/v1{at}", content=b"R3\n")).status_code == 403
    async with browser(app, officer) as entrustor:
        assert f'href="{at}"' in (await entrustor.get("/held")).text
        shown = await entrustor.post(
            at, files=form(officer, "番,名\nR4,架空\n".encode(), column="#1")
        )
        assert shown.status_code == 200
        counts = (await entrustor.get("/held")).text
        assert "2名" in counts


async def test_a_list_goes_encrypted_from_the_entrustors_machine_to_the_keeper(
    app: FastAPI, centre: Centre, tmp_path: Path
) -> None:
    """`calllist seal` with the statement that the screen gives; nobody on the way reads it."""
    job = await centre.job()
    assert centre.manager
    async with centre.line(Caller.ADMIN) as line:
        key = (await line.call(Head())).certificate_key
    (tmp_path / "list.csv").write_bytes(LIST.encode("cp932"))
    published = centre.folder / "keeper" / "public" / "certificate.pub"
    async with browser(app, centre.manager) as manager:
        statement = await manager.get(f"/jobs/{job.id}/recipient")
        assert "attachment" in statement.headers["content-disposition"]
        said = recipients.checked(statement.content, key)
        by_api = (await manager.get(f"/api/v1/jobs/{job.id}/recipient")).content
        assert said.job == job.id
        assert recipients.checked(by_api, key).key == said.key
        (tmp_path / "recipient.json").write_bytes(statement.content)
        sealed = run(
            *("seal", "list.csv", "--job", job.id),
            *("--recipient", "recipient.json", "--pin", published),
            cwd=tmp_path,
        )
        assert sealed.returncode == 0, sealed.stderr.decode()
        data = (tmp_path / "list.csv.age").read_bytes()
        assert "架空".encode("cp932") not in data
        looked = await manager.post(f"/api/v1/jobs/{job.id}/preview", content=data)
        assert (looked.status_code, looked.json()["code"]) == (422, "sealed_file")
        sent = await manager.put(f"/api/v1/jobs/{job.id}/lists", content=data)
        assert sent.status_code == 201, sent.text
        assert sent.json()["receipt"]["accepted"] == 5
        again = await manager.put(f"/api/v1/jobs/{job.id}/lists", content=data)
        assert (again.status_code, again.json()["code"]) == (422, "taken_in_before")
