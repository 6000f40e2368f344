"""A person's second factor over HTTP: three ways of equal rank, one answer to every stranger."""

import base64
import html
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from calllist.app import create_app
from calllist.db import transaction
from calllist.people import accounts, statements, tokens
from calllist.people.roles import Role
from calllist.people.securitykeys import CREDENTIAL_CHARACTERS
from calllist.settings import Settings
from crypto.people.securitykeys import Assertion
from crypto.standards.oath import Generator, Oath
from crypto.wire.base import Caller
from crypto.wire.people import HandToken
from tests.calllist.centre import ORIGIN, PASSWORD, Centre
from tests.crypto.codes import shown
from tests.crypto.softkey import HONEST, SoftKey

pytestmark = pytest.mark.asyncio

HERE = HONEST.but(origin=ORIGIN, party="calllist.test")
SEED = bytes(range(20))
BUTTON = Generator(Oath.HOTP)
API = "/api/v1/sign-in"


@pytest_asyncio.fixture
async def client(centre: Centre) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at the platform."""
    settings = Settings(
        DATABASE_URL=centre.database,
        home=centre.folder,
        clock_offset=centre.clock.offset,
        origin=ORIGIN,
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=ORIGIN) as made,
    ):
        yield made


async def invited(centre: Centre, login: str) -> tuple[str, str]:
    """Person and invitation of somebody on the roster."""
    async with transaction(centre.sessions) as session:
        person, invitation = await accounts.create(
            session,
            centre.keeper,
            by="x",
            login=login,
            name=login,
            role=Role.AUDITOR,
            now=centre.now(),
        )
        request = await statements.draft_roster(
            session,
            person.id,
            until=centre.now(timedelta(days=9)),
            issuer="x",
            now=centre.now(),
        )
        await centre.hand_in(session, request, centre.officer_key)
    return person.id, invitation


async def welcome(client: httpx.AsyncClient, invitation: str) -> httpx.Response:
    form = {"invitation": invitation, "password": PASSWORD, "again": PASSWORD}
    return await client.post("/welcome", data=form)


def options_in(page: httpx.Response) -> dict[str, Any]:
    """What the page asks the security key."""
    found = re.search(r'data-options="([^"]*)"', page.text)
    assert found, page.text
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


def challenge_of(options: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64decode(options["challenge"] + "=")


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def created(key: SoftKey, options: dict[str, Any]) -> str:
    """RegistrationResponseJSON."""
    client_data, attestation = key.create(challenge_of(options), HERE)
    response = {"clientDataJSON": text(client_data), "attestationObject": text(attestation)}
    return json.dumps({"id": text(key.id), "rawId": text(key.id), "response": response})


def signed(key: SoftKey, options: dict[str, Any]) -> str:
    """AuthenticationResponseJSON."""
    return credential_of(key.get(challenge_of(options), HERE))


def credential_of(assertion: Assertion) -> str:
    response = {
        "clientDataJSON": text(assertion.client_data),
        "authenticatorData": text(assertion.authenticator_data),
        "signature": text(assertion.signature),
    }
    return json.dumps({"rawId": text(assertion.credential), "response": response})


async def with_key(client: httpx.AsyncClient, invitation: str) -> SoftKey:
    """Enrol with a security key, as a browser does it."""
    key = SoftKey()
    await welcome(client, invitation)
    asked = options_in(await client.post("/welcome/key", data={"invitation": invitation}))
    assert (asked["rp"]["id"], asked["attestation"]) == ("calllist.test", "none")
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    form = {"invitation": invitation, "credential": created(key, asked)}
    first = options_in(await client.post("/welcome/key/register", data=form))
    form["credential"] = signed(key, first)
    done = await client.post("/welcome/key/sign-in", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    return key


async def first_step(client: httpx.AsyncClient, login: str) -> str:
    """The password, over the API; the form token."""
    client.cookies.clear()
    answer = await client.post(API, json={"login": login, "password": PASSWORD})
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return str(answer.json()["csrf"])


async def test_a_key_registers_and_signs_in_by_form_and_by_api(
    client: httpx.AsyncClient, centre: Centre
) -> None:
    person, invitation = await invited(centre, "kagi")
    key = await with_key(client, invitation)

    await first_step(client, "kagi")
    page = await client.get("/sign-in/code")
    assert 'autocomplete="one-time-code"' not in page.text
    done = await client.post("/sign-in/key", data={"credential": signed(key, options_in(page))})
    assert (done.status_code, done.headers["location"]) == (303, "/")

    await first_step(client, "kagi")
    asked = (await client.post(f"{API}/key/challenge")).json()["options"]
    credential = signed(key, asked)
    who = await client.post(f"{API}/key", json={"credential": credential})
    assert (who.status_code, who.json()["person"]) == (200, person)
    await first_step(client, "kagi")
    for _ in range(2):  # again, without a challenge and with another one
        replayed = await client.post(f"{API}/key", json={"credential": credential})
        assert replayed.status_code in (401, 409)
        await client.post(f"{API}/key/challenge")
    assert replayed.json()["code"] == "wrong_key"


async def test_both_ceremonies_take_nothing_from_other_pages(
    client: httpx.AsyncClient, centre: Centre
) -> None:
    _, invitation = await invited(centre, "kagi")
    key = await with_key(client, invitation)
    await first_step(client, "kagi")
    credential = signed(key, (await client.post(f"{API}/key/challenge")).json()["options"])
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}
    for path, how in {
        "/sign-in/key": {"data": {"credential": credential}},
        "/welcome/key": {"data": {"invitation": invitation}},
        "/welcome/key/register": {"data": {"invitation": invitation, "credential": credential}},
        f"{API}/key": {"json": {"credential": credential}},
        f"{API}/key/challenge": {},
    }.items():
        refused = await client.post(path, headers=foreign, **how)  # type: ignore[arg-type]
        assert refused.status_code == 403, path
    del client.headers["X-CSRF-Token"]
    for path in (f"{API}/key", f"{API}/key/challenge"):
        assert (await client.post(path, json={"credential": "{}"})).status_code == 403


SENSELESS = [
    "",
    "{}",
    "[]",
    "null",
    "[" * 5000,
    '{"response": {}}',
    '{"rawId": "AA", "response": "x"}',
    '{"rawId": "%s", "response": {}}' % ("A" * 1400),
    '{"rawId": "A", "response": {"clientDataJSON": "AA"}}',
    '{"rawId": "あ", "response": {"clientDataJSON": "AA"}}',
    '{"rawId": 7, "response": {"clientDataJSON": "AA"}}',
    '{"rawId": "AA", "response": {"clientDataJSON": "%s"}}' % ("A" * 2800),
    '{"rawId": "AA", "response": {"clientDataJSON": "A=", "authenticatorData": "AA"}}',
    "x" * (CREDENTIAL_CHARACTERS + 1),
]


async def test_what_no_browser_brings_is_refused_before_the_keeper_hears_of_it(
    client: httpx.AsyncClient, centre: Centre
) -> None:
    _, invitation = await invited(centre, "kagi")
    key = await with_key(client, invitation)
    await first_step(client, "kagi")
    for senseless in SENSELESS:
        answer = await client.post(f"{API}/key", json={"credential": senseless})
        assert answer.status_code == 422, senseless[:60]
        page = await client.post("/sign-in/key", data={"credential": senseless})
        assert page.status_code == 422, senseless[:60]
    asked = (await client.post(f"{API}/key/challenge")).json()["options"]
    assert (await client.post(f"{API}/key", json={"credential": signed(key, asked)})).is_success


async def test_five_wrong_answers_lock_the_screens_too(
    client: httpx.AsyncClient, centre: Centre
) -> None:
    _, invitation = await invited(centre, "kagi")
    key = await with_key(client, invitation)
    await first_step(client, "kagi")
    for _ in range(5):
        page = await client.get("/sign-in/code")
        wrong = key.get(challenge_of(options_in(page)), HERE.but(origin="https://evil.test"))
        refused = await client.post("/sign-in/key", data={"credential": credential_of(wrong)})
    assert refused.status_code == 429
    assert "data-ask" not in refused.text
    page = await client.get("/sign-in/code")
    assert page.status_code == 429


async def test_nobody_learns_of_anothers_factor_before_the_password_is_right(
    client: httpx.AsyncClient, centre: Centre
) -> None:
    """Unknown, with a key, with an application: the same answers at the same places."""
    _, invitation = await invited(centre, "kagi")
    await with_key(client, invitation)
    client.cookies.clear()
    heard = set()
    for login in ("kagi", "kanri", "nobody"):
        tried = await client.post("/sign-in", data={"login": login, "password": "wrong password"})
        heard.add((tried.status_code, tried.text))
        for path in ("/sign-in/key", "/sign-in/code"):
            form = {"credential": "{}", "code": "000000"}
            answer = await client.post(path, data=form)
            heard.add((path, answer.status_code, answer.headers.get("location"), answer.text))
    assert len(heard) == 3


async def test_a_handed_token_is_all_that_the_invitation_offers(
    client: httpx.AsyncClient, centre: Centre
) -> None:
    person, invitation = await invited(centre, "bango")
    page = await welcome(client, invitation)
    for way in ("/welcome/key", "/welcome/token", "/welcome/app"):
        assert f'action="{way}"' in page.text
    missing = await client.post("/welcome/token", data={"invitation": invitation})
    assert missing.status_code == 409
    async with centre.line(Caller.ADMIN) as line:
        await line.call(HandToken(person, "T-7", SEED, BUTTON))
    assert "T-7" in (await welcome(client, invitation)).text
    for way in ("/welcome/key", "/welcome/app"):
        refused = await client.post(way, data={"invitation": invitation})
        assert refused.status_code == 409, way
    form = {"invitation": invitation, "code": "000000", "following": "111111"}
    wrong = await client.post("/welcome/code", data=form)
    assert (wrong.status_code, "T-7" in wrong.text) == (401, True)
    form = {"invitation": invitation, "code": shown(SEED, BUTTON, 50),
            "following": shown(SEED, BUTTON, 51)}  # fmt: skip
    assert (await client.post("/welcome/code", data=form)).status_code == 303
    await first_step(client, "bango")
    far = {"code": shown(SEED, BUTTON, 150), "following": shown(SEED, BUTTON, 151)}
    assert (await client.post(f"{API}/code", json=far)).is_success


async def test_an_administrator_ends_a_shift_and_the_ledger_says_who(
    client: httpx.AsyncClient, centre: Centre
) -> None:
    issuer = await centre.person("hakko", Role.ADMINISTRATOR)
    operator = await centre.operator("tanaka")
    for name, value in (("session", issuer.signed.token), ("grant", issuer.grant)):
        client.cookies.set(f"__Host-{name}", value)
    client.headers["X-CSRF-Token"] = tokens.csrf(issuer.signed.token)
    assert f"/people/{operator.person.id}/end-shift" in (await client.get("/people")).text
    await client.post(f"/people/{operator.person.id}/end-shift")
    assert f"/people/{operator.person.id}/end-shift" not in (await client.get("/people")).text
    assert (await client.post("/people/per_none/end-shift")).status_code == 404


async def test_a_second_invitation_asks_for_the_factor_that_is_there(
    client: httpx.AsyncClient, centre: Centre
) -> None:
    """It lets choose a new password; a new factor only the signed roster does."""
    person, invitation = await invited(centre, "kagi")
    key = await with_key(client, invitation)
    again = await invite_again(centre, person)
    asked = options_in(await welcome(client, again))
    for way in ("/welcome/key", "/welcome/app", "/welcome/token"):
        assert (await client.post(way, data={"invitation": again})).status_code == 409, way
    form = {"invitation": again, "credential": "{}"}
    assert (await client.post("/welcome/key/sign-in", data=form)).status_code == 422
    asked = options_in(await welcome(client, again))
    form["credential"] = signed(key, asked)
    assert (await client.post("/welcome/key/sign-in", data=form)).status_code == 303

    await on_roster(centre, person, new_factor=True)
    last = await invite_again(centre, person)
    await welcome(client, last)
    shown_once = await client.post("/welcome/app", data={"invitation": last})
    assert shown_once.status_code == 200
    code = await client.post("/welcome/code", data={"invitation": last, "code": "000000"})
    assert (code.status_code, "認証アプリ" in code.text) == (401, True)


async def invite_again(centre: Centre, person: str) -> str:
    async with transaction(centre.sessions) as session:
        return await accounts.invite(session, centre.keeper, person, by="x", now=centre.now())


async def on_roster(centre: Centre, person: str, *, new_factor: bool) -> None:
    async with transaction(centre.sessions) as session:
        request = await statements.draft_roster(
            session,
            person,
            until=centre.now(timedelta(days=9)),
            issuer="x",
            now=centre.now(),
            new_factor=new_factor,
        )
        await centre.hand_in(session, request, centre.officer_key)
