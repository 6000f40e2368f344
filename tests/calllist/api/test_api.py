"""The API: the same verbs as JSON, closed to strangers, honest about trouble."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from calllist.app import create_app
from calllist.embedded.postgres import Postgres
from calllist.people import tokens
from calllist.people.roles import Role
from calllist.settings import Settings
from tests.calllist.centre import PASSWORD, Centre, Someone

pytestmark = pytest.mark.asyncio

CANARY = "09000001234カナリア"


def _app(centre: Centre, database: str, intake: str | None = None) -> FastAPI:
    settings = Settings(
        DATABASE_URL=database,
        INTAKE_DATABASE_URL=intake,
        home=centre.folder,
        clock_offset=centre.clock.offset,
        synthetic_numbers=True,
        origin="https://calllist.test",
    )
    return create_app(settings)


@pytest_asyncio.fixture
async def app(centre: Centre, postgres: Postgres, database: str) -> AsyncIterator[FastAPI]:
    """The application with the rights of its own database roles, and no others."""
    name = database.rsplit("/", 1)[1]
    made = _app(
        centre,
        postgres.url(role="calllist_web", database=name),
        postgres.url(role="calllist_intake", database=name),
    )
    async with made.router.lifespan_context(made):
        yield made


@asynccontextmanager
async def browser(app: FastAPI, someone: Someone | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser: cookies and form token of the shift, or a stranger's without."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://calllist.test") as client:
        if someone is not None:
            client.cookies.set("__Host-session", someone.signed.token)
            client.cookies.set("__Host-grant", someone.signed.grant)
            client.headers["X-CSRF-Token"] = tokens.csrf(someone.signed.token)
        yield client


async def test_the_main_job_from_upload_to_the_last_result(app: FastAPI, centre: Centre) -> None:
    job = await centre.job()
    operator = await centre.operator("suzuki", job)
    lines = "\n".join(["氏名,電話番号,整理番号", *(f"{r}" for r in _rows(2)), "架空,なし,R9"])
    assert centre.manager
    async with browser(app, centre.manager) as manager:
        sent = await manager.put(f"/api/v1/jobs/{job.id}/lists", content=lines.encode())
        assert sent.status_code == 201, sent.text
        told = sent.json()
        receipt = told["receipt"]
        assert (receipt["rows"], receipt["accepted"], receipt["rejected"]) == (3, 2, 1)
        findings = (await manager.get(f"/api/v1/lists/{told['list']}/findings")).json()
        assert [(one["line"], one["code"]) for one in findings] == [(4, "no_phone_placeholder")]
        closed = await manager.post(f"/api/v1/lists/{told['list']}/close-intake")
        assert closed.json()["state"] == "settled"
        limit = f"/api/v1/jobs/{job.id}/wrap-up"
        assert (await manager.put(limit, json={"seconds": 5})).json()["code"] == "wrap_up_refused"
        for seconds in (60, None):
            assert (await manager.put(limit, json={"seconds": seconds})).status_code == 204
            assert (await manager.get("/api/v1/jobs")).json()[0]["wrap_up"] == seconds
    async with browser(app, operator) as desk:
        for number in (1, 2):
            taken = await desk.post(f"/api/v1/jobs/{job.id}/leases")
            assert taken.status_code == 201, taken.text
            lease = taken.json()["lease"]
            again = await desk.post(f"/api/v1/jobs/{job.id}/leases")
            assert (again.status_code, again.json()["lease_id"]) == (409, lease)
            person = (await desk.get(f"/api/v1/leases/{lease}")).json()
            assert person["stage"] == "S1"
            assert "9000" not in str(person["fields"])
            for said in ("R0", f"R{number}"):
                asked = {"kind": "reference", "said": said}
                matched = (await desk.post(f"/api/v1/leases/{lease}/match", json=asked)).json()
                assert matched["same"] is (said != "R0")
            assert matched["desk"]["stage"] == "S3"
            done = await desk.post(f"/api/v1/leases/{lease}/result", json={"code": 10})
            assert done.json()["final"]
        over = await desk.post(f"/api/v1/jobs/{job.id}/leases")
        assert (over.status_code, over.json()["code"]) == (409, "job_over")
    async with browser(app, centre.manager) as manager:
        counts = (await manager.get(f"/api/v1/lists/{told['list']}")).json()
        assert (counts["done"], counts["by_code"]) == (2, {"10": 2})


async def test_signing_in_takes_two_factors_and_ends_with_new_cookies(
    app: FastAPI, centre: Centre
) -> None:
    assert centre.manager
    async with browser(app) as client:
        wrong = await client.post("/api/v1/sign-in", json={"login": "kanri", "password": CANARY})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "sign_in_refused")
        right = {"login": "kanri", "password": PASSWORD}
        first = await client.post("/api/v1/sign-in", json=right)
        half = client.cookies["__Host-session"]
        assert (await client.get("/api/v1/jobs")).status_code == 401
        client.headers["X-CSRF-Token"] = first.json()["csrf"]
        code = centre.manager.totp.at(centre.now(timedelta(seconds=30)))
        second = await client.post("/api/v1/sign-in/code", json={"code": code})
        assert second.json()["role"] == "manager"
        assert client.cookies["__Host-session"] != half
        for header in second.headers.get_list("set-cookie"):
            assert header.startswith("__Host-")
            for flag in ("HttpOnly", "Path=/", "SameSite=strict", "Secure"):
                assert flag in header
        assert (await client.get("/api/v1/jobs")).status_code == 200
        client.headers["X-CSRF-Token"] = second.json()["csrf"]
        assert (await client.delete("/api/v1/sign-in")).status_code == 204
        assert (await client.get("/api/v1/jobs")).status_code == 401


async def test_a_wrong_password_counts_although_its_request_fails(
    app: FastAPI, centre: Centre
) -> None:
    async with browser(app) as client:
        for login in ("kanri", "nobody"):
            wrong = {"login": login, "password": "not this one"}
            statuses = [
                (await client.post("/api/v1/sign-in", json=wrong)).status_code for _ in range(6)
            ]
            assert statuses == [401] * 5 + [429]


async def test_no_form_token_no_change_and_no_other_site(app: FastAPI, centre: Centre) -> None:
    job = await centre.job()
    async with browser(app, centre.manager) as client:
        close = f"/api/v1/jobs/{job.id}/close"
        token = client.headers.pop("X-CSRF-Token")
        for headers in (
            {},
            {"X-CSRF-Token": "0" * 64},
            {"X-CSRF-Token": token, "Sec-Fetch-Site": "cross-site"},
            {"X-CSRF-Token": token, "Origin": "https://elsewhere.test"},
        ):
            refused = await client.post(close, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "not_from_here")
        own = {"X-CSRF-Token": token, "Sec-Fetch-Site": "same-origin"}
        assert (await client.post(close, headers=own)).json()["state"] == "closed"


async def test_a_session_beside_the_grant_of_another_is_nobody(
    app: FastAPI, centre: Centre
) -> None:
    """Whatever the role: both cookies are of one shift, or nobody is signed in."""
    other = await centre.person("kansa", Role.AUDITOR)
    for someone, path in ((centre.manager, "/api/v1/jobs"), (other, "/api/v1/holdings")):
        assert someone
        stranger = centre.manager if someone is other else other
        assert stranger
        async with browser(app, someone) as client:
            assert (await client.get(path)).status_code == 200
            for grant in (stranger.signed.grant, "", "invented"):
                client.cookies.set("__Host-grant", grant)
                mixed = await client.get(path)
                assert (mixed.status_code, mixed.json()["code"]) == (401, "not_signed_in")
                upload = await client.post("/jobs/job_x/lists")
                assert upload.headers["location"].startswith("/sign-in")


async def test_text_with_a_nul_and_times_without_a_zone_are_refused_clearly(
    app: FastAPI, centre: Centre
) -> None:
    nul = {"login": "kan\0ri", "password": PASSWORD}
    async with browser(app, centre.manager) as client:
        for answer in (
            await client.post("/api/v1/sign-in", json=nul),
            await client.get("/api/v1/lists/lst%00"),
            await client.post("/api/v1/jobs", json={"contract": "ctr\0", "code": "A-1"}),
            await client.put("/api/v1/jobs/x/lists?expires=2027-01-01T00:00:00", content=b""),
        ):
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        page = await client.post("/sign-in", data=nul)
        assert (page.status_code, "入力に誤り" in page.text) == (422, True)
        aware = "/api/v1/jobs/x/lists?expires=2027-01-01T00:00:00Z"
        assert (await client.put(aware, content=b"")).status_code == 404


async def test_every_answer_carries_the_headers(app: FastAPI, centre: Centre) -> None:
    async with browser(app, centre.manager) as client:
        for path in ("/api/v1/jobs", "/api/v1/nowhere", "/sign-in", "/nowhere"):
            answer = await client.get(path)
            assert "no-store" in answer.headers["Cache-Control"]
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_what_was_sent_is_never_echoed(
    app: FastAPI, centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    operator = await centre.operator("suzuki", await centre.job())
    async with browser(app, operator) as client:
        for body in (
            {"kind": CANARY, "said": CANARY},
            {"kind": "phone", "said": CANARY * 100},
            {"kind": "phone", "said": {"deep": CANARY}},
            {CANARY: CANARY},
            CANARY,
        ):
            answer = await client.post(f"/api/v1/leases/{CANARY}/match", json=body)
            assert answer.status_code == 422
            assert CANARY not in answer.text
        answer = await client.get(f"/api/v1/leases/{CANARY}")
        assert (answer.status_code, CANARY in answer.text) == (404, False)
        answer = await client.post(
            "/api/v1/leases/x/match", content=b'{"said": "' + CANARY.encode()
        )
        assert (answer.status_code, CANARY in answer.text) == (422, False)
    assert CANARY not in caplog.text


async def test_an_unexpected_error_is_a_number_and_not_its_text(
    app: FastAPI, centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise ValueError(CANARY)

    app.add_api_route("/api/v1/broken", broken)
    async with browser(app) as client:
        answer = await client.get("/api/v1/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.json()["number"] in caplog.text
    assert CANARY not in answer.text + caplog.text
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_refused_file_names_its_place_and_leaves_nothing(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    async with browser(app, centre.manager) as client:
        sent = await client.put(
            f"/api/v1/jobs/{job.id}/lists", content="氏名,住所\n架空,市".encode()
        )
        assert (sent.status_code, sent.json()["code"]) == (422, "no_phone_column")
        lists = (await client.get(f"/api/v1/jobs/{job.id}/lists")).json()
        assert [(one["state"], one["rows_seen"]) for one in lists] == [("failed", 0)]


async def test_keeper_down_shows_nobody_says_so_and_recovers_by_itself(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    await centre.kill_keeper()
    async with browser(app, operator) as client:
        down = await client.get(f"/api/v1/leases/{lease.id}")
        assert (down.status_code, down.json()["code"]) == (503, "keeper_unavailable")
        assert down.headers["Retry-After"]
        assert "fields" not in down.text
        health = await client.get("/api/v1/health")
        assert (health.status_code, health.json()["keeper"]) == (503, "keeper_unavailable")
        await centre.start_keeper()
        assert (await client.get(f"/api/v1/leases/{lease.id}")).status_code == 200
        told = (await client.get("/api/v1/health")).json()
        clocks = told.pop("clocks")
        assert told == {
            "database": "ok",
            "keeper": "ok",
            "oldest_due_seconds": 0,
            "sweep_seconds": None,
            "alarms": [],
        }
        assert clocks == {
            "database": pytest.approx(0, abs=5),
            "keeper": pytest.approx(0, abs=5),
            "doubted": False,
        }


async def test_database_down_is_said_in_a_sentence(centre: Centre) -> None:
    nowhere = _app(centre, "postgresql://nobody:x@127.0.0.1:1/none")
    async with browser(nowhere, centre.manager) as client:
        down = await client.get("/api/v1/jobs")
        assert (down.status_code, down.json()["code"]) == (503, "database_unavailable")
        page = await client.get("/")
        assert page.status_code == 503
        assert "データベース" in page.text


async def test_openapi_describes_every_route(app: FastAPI) -> None:
    async with browser(app) as client:
        described = (await client.get("/api/openapi.json")).json()["paths"]
    assert {f"/api/v1{path}" for path in ("/jobs", "/leases/{lease_id}", "/holdings")} <= set(
        described
    )
    for path, verbs in described.items():
        assert path.startswith("/api/v1/")
        for verb in verbs.values():
            assert verb["description"], path


async def test_results_are_handed_over_once_and_emptied_when_acknowledged(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, people=2)
    operator = await centre.operator("suzuki", job)
    await centre.call(operator, job, 10)
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    async with browser(app, officer) as client:
        file = await client.get("/api/v1/results/file")
        batch = {"batch": file.headers["X-Batch"], "count": 1}
        assert file.json()["lists"]
        await centre.call(operator, job, 50)
        late = await client.post("/api/v1/results/acknowledge", json=batch | {"count": 2})
        assert (late.status_code, late.json()["code"]) == (409, "handover_changed")
        done = await client.post("/api/v1/results/acknowledge", json=batch)
        assert done.json() == {"acknowledged": 1}
        rest = await client.get("/api/v1/results/file")
        assert rest.json()["count"] == 1
        (held,) = (await client.get("/api/v1/holdings")).json()
        assert (held["people"], held["remaining"], held["state"]) == (2, 0, "OPEN")


def _rows(people: int) -> list[str]:
    return [f"架空{n},090-0000-{n:04d},R{n}" for n in range(1, people + 1)]
