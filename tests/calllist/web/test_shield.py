"""What the outermost layer lets in: the right host, bounded bodies, multipart at one door."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.datastructures import Headers
from starlette.requests import Request

from calllist.app import create_app
from calllist.settings import Settings
from calllist.web.access import NotFromHere, refuse_other_origins
from calllist.web.parts import FIELD_BYTES, FormUnreadable
from calllist.web.sending import Form
from calllist.web.shield import BODY_BYTES

ORIGIN = "https://calllist.test"
FORM = "multipart/form-data; boundary=x"
CSRF = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nt\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'


@pytest.fixture
def browser(tmp_path: Path) -> httpx.AsyncClient:
    """A stranger's browser. There is neither database nor keeper: nothing gets so far."""
    settings = Settings(  # type: ignore[call-arg]
        DATABASE_URL="postgresql://nobody:x@127.0.0.1:1/none", home=tmp_path, origin=ORIGIN
    )
    transport = httpx.ASGITransport(create_app(settings), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN)


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(BODY_BYTES // 65536 + 1):
        yield b"x" * 65536


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/sign-in", "/statements", "/jobs/j/assign"])
async def test_a_body_is_bounded_announced_or_not(browser: httpx.AsyncClient, path: str) -> None:
    kind = "json" if path.startswith("/api/") else "x-www-form-urlencoded"
    headers = {"Content-Type": f"application/{kind}"}
    for content in (b"x" * (BODY_BYTES + 1), _endless()):
        answer = await browser.post(path, content=content, headers=headers)
        assert answer.status_code == 413
    assert "大きすぎます" in answer.text


@pytest.mark.asyncio
async def test_multipart_has_its_doors_and_uploads_no_bound(browser: httpx.AsyncClient) -> None:
    for path in ("/sign-in", "/api/v1/sign-in", "/statements", "/jobs/j/lists/x", "/people"):
        for kind in (FORM, "Multipart/Form-Data; boundary=x", "multipart/mixed"):
            answer = await browser.post(path, content=b"", headers={"Content-Type": kind})
            assert answer.status_code == 415, path
    headers = {"Content-Type": FORM}
    content = b"x" * (BODY_BYTES + 1)
    for length in (content, _endless()):
        answer = await browser.post("/statements/file", content=length, headers=headers)
        assert answer.status_code in (413, 503)  # nobody is signed in: refused at the latest there
    assert (await browser.put("/api/v1/jobs/j/lists", headers=headers)).status_code == 503
    assert (await browser.put("/api/v1/jobs/j/lists/x", headers=headers)).status_code == 415
    assert (await browser.post("/jobs/j/lists", headers=headers)).status_code == 503
    assert (await browser.put("/api/v1/jobs/j/lists", content=content)).status_code == 503


@pytest.mark.asyncio
async def test_another_host_is_refused_but_a_probe_may_ask_on_the_spot(
    browser: httpx.AsyncClient,
) -> None:
    for host in ("elsewhere.test", "127.0.0.1:8000", "", "[", "calllist.test.elsewhere.test"):
        answer = await browser.get("/sign-in", headers={"Host": host})
        assert answer.status_code == 421
    for host in ("calllist.test", "calllist.test:443", "CALLLIST.test"):
        assert (await browser.get("/sign-in", headers={"Host": host})).status_code == 200
    for host, status in (("127.0.0.1:8000", 503), ("localhost", 503), ("[::1]:80", 503)):
        health = await browser.get("/api/v1/health", headers={"Host": host})
        assert health.status_code == status
    health = await browser.get("/api/v1/health", headers={"Host": "elsewhere.test"})
    assert (health.status_code, health.json()["code"]) == (421, "host_refused")


@pytest.mark.asyncio
async def test_on_the_loopback_each_of_its_names_is_ours_and_no_other(tmp_path: Path) -> None:
    """`make run`: security keys sign for localhost, and whoever types figures gets in, too."""
    settings = Settings(  # type: ignore[call-arg]
        DATABASE_URL="postgresql://nobody:x@127.0.0.1:1/none",
        home=tmp_path,
        origin="http://localhost:8000",
    )
    transport = httpx.ASGITransport(create_app(settings), raise_app_exceptions=False)
    browser = httpx.AsyncClient(transport=transport, base_url=settings.origin)
    for host, status in {
        "localhost:8000": 303,
        "127.0.0.1:8000": 303,
        "[::1]:8000": 303,
        "192.0.2.1:8000": 421,
        "localhost.elsewhere.test:8000": 421,
    }.items():
        form = {"lang": "ja"}
        headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        answer = await browser.post("/language", data=form, headers=headers)
        assert answer.status_code == status, host
    for origin in ("http://localhost:8001", "https://localhost:8000", "http://elsewhere.test"):
        headers = {"Host": "localhost:8000", "Origin": origin}
        answer = await browser.post("/language", data=form, headers=headers)
        assert answer.status_code == 403, origin


@pytest.mark.parametrize(
    ("site", "origin", "ours"),
    [
        (None, None, True),
        (None, ORIGIN, True),
        ("same-origin", None, True),
        ("same-origin", ORIGIN, True),
        ("same-origin", "null", True),  # a form, under our Referrer-Policy
        ("same-origin", "https://elsewhere.test", False),
        ("cross-site", ORIGIN, False),
        ("cross-site", "null", False),
        (None, "null", False),
        (None, "https://elsewhere.test", False),
    ],
)
def test_both_what_the_browser_says_of_site_and_origin_counts(
    browser: httpx.AsyncClient, site: str | None, origin: str | None, ours: bool
) -> None:
    said = {"Sec-Fetch-Site": site, "Origin": origin}
    headers = Headers({name: value for name, value in said.items() if value is not None})
    app = browser._transport.app  # type: ignore[attr-defined]
    request = Request({"type": "http", "method": "POST", "headers": headers.raw, "app": app})
    if ours:
        refuse_other_origins(request)
    else:
        with pytest.raises(NotFromHere):
            refuse_other_origins(request)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "body",
    [
        b"no form",
        CSRF + CSRF + FILE + b"1\r\n--x--\r\n",
        CSRF + FILE + b"1\r\n" + FILE + b"2\r\n--x--\r\n",
        CSRF.replace(b"csrf", b"other") + FILE + b"1\r\n--x--\r\n",
        CSRF.replace(b"\r\nt\r\n", b"\r\n" + b"t" * (FIELD_BYTES + 1) + b"\r\n"),
        CSRF.replace(b"Content-Disposition", b"Content Disposition") + b"--x--\r\n",
        CSRF + FILE + b"1\r\n",
    ],
    ids=["garbage", "twice", "two files", "unknown", "long", "header", "cut short"],
)
async def test_a_form_that_is_not_ours_is_unreadable(body: bytes) -> None:
    with pytest.raises(FormUnreadable):
        await _read(body)


@pytest.mark.asyncio
async def test_our_own_form_is_read() -> None:
    assert await _read(CSRF + FILE + b"1\r\n--x--\r\n") == ({"csrf": "t"}, b"1")


async def _read(body: bytes) -> tuple[dict[str, str], bytes]:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body}

    headers = Headers({"Content-Type": FORM}).raw
    form = Form(Request({"type": "http", "method": "POST", "headers": headers}, receive))
    return form.fields, b"".join([block async for block in form.file()])
