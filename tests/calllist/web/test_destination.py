"""A link out of a mail leads on after sign-in: to a page of ours, for those who get mails."""

from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import pytest
from fastapi import FastAPI

from calllist.people.roles import Role
from calllist.web.destination import COOKIE
from tests.calllist.centre import ORIGIN, PASSWORD, Centre, Someone

pytestmark = pytest.mark.asyncio


async def ask(
    app: FastAPI,
    method: str,
    path: str,
    cookies: dict[str, str],
    form: dict[str, str] | None = None,
) -> tuple[str, dict[str, str]]:
    """Where a browser is sent, and the cookies that it holds then."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        answer = await client.request(method, path, headers={"Cookie": sent}, data=form)
    told = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        told.load(header)
    held = cookies | {name: one.value for name, one in told.items()}
    gone = {name for name, one in told.items() if one["max-age"] == "0"}
    return answer.headers.get("location", ""), {k: v for k, v in held.items() if k not in gone}


async def signed_in_from(
    app: FastAPI, centre: Centre, someone: Someone, cookies: dict[str, str]
) -> tuple[str, dict[str, str]]:
    """Both steps, in a browser with these cookies."""
    form = {"login": someone.person.login, "password": PASSWORD}
    where, cookies = await ask(app, "POST", "/sign-in", cookies, form)
    assert where == "/sign-in/code"
    code = {"code": someone.totp.at(centre.now(timedelta(seconds=30)))}
    return await ask(app, "POST", "/sign-in/code", cookies, code)


async def test_a_mails_link_leads_to_its_page_after_sign_in_and_only_once(
    app: FastAPI, centre: Centre
) -> None:
    officer = await centre.person("tanto", Role.AUDITOR)
    where, cookies = await ask(app, "GET", "/certificates/crt_1?after=x", {})
    assert (where, cookies[COOKIE]) == ("/sign-in", "/certificates/crt_1")
    where, cookies = await signed_in_from(app, centre, officer, cookies)
    assert where == "/certificates/crt_1"
    assert COOKIE not in cookies


async def test_an_operators_day_begins_at_the_desk_whatever_page_was_asked_for_before(
    app: FastAPI, centre: Centre
) -> None:
    operator = await centre.operator("suzuki")
    _, cookies = await ask(app, "GET", "/leases/lea_1", {})
    where, cookies = await signed_in_from(app, centre, operator, cookies)
    assert (where, COOKIE in cookies) == ("/", False)


@pytest.mark.parametrize(
    "planted",
    ["//evil.test/", "https://evil.test", "/\\evil.test", "/a?b=c", "/" + "a" * 200, "/a\tb", ""],
)
async def test_nobody_is_led_out_of_our_pages(app: FastAPI, centre: Centre, planted: str) -> None:
    auditor = await centre.person("kansa", Role.AUDITOR)
    where, cookies = await signed_in_from(app, centre, auditor, {COOKIE: planted})
    assert (where, COOKIE in cookies) == ("/", False)


async def test_only_a_page_is_remembered(app: FastAPI) -> None:
    for method, path in (("POST", "/lock"), ("GET", "/api/v1/jobs"), ("GET", "/")):
        _, cookies = await ask(app, method, path, {})
        assert COOKIE not in cookies, path
