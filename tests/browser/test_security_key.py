"""No telephone needed: a security key (Chromium's own virtual one), and a hardware token."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from calllist.people.roles import Role
from crypto.signed import statements
from crypto.signed.terms import RosterEntry
from crypto.standards.oath import Generator, Oath
from crypto.wire.people import HandToken
from tests.browser.backstage import Backstage
from tests.browser.conftest import OpenBrowser, Visit
from tests.browser.counter import PASSWORD, choose, choose_password, request
from tests.crypto.codes import shown

SEED = bytes(range(20))
BUTTON = Generator(Oath.HOTP, digits=8)
KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class VirtualKey:
    """A security key in the USB port of a page (DevTools protocol, domain WebAuthn)."""

    def __init__(self, page: Page) -> None:
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("WebAuthn.enable")
        made = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
        self._id = made["authenticatorId"]

    def knows_the_pin(self, known: bool) -> None:
        """Whether the person at the key gives the right PIN."""
        self._send("setUserVerified", isUserVerified=known)

    def credentials(self) -> list[dict[str, Any]]:
        return list(self._send("getCredentials")["credentials"])

    def _send(self, verb: str, **given: Any) -> dict[str, Any]:
        answer = self._devtools.send(f"WebAuthn.{verb}", {"authenticatorId": self._id, **given})
        return dict(answer)


def test_a_colleague_without_a_telephone_works_with_a_security_key(
    backstage: Backstage, visit: OpenBrowser
) -> None:
    _, invitation = backstage.invited("keyholder")
    newcomer = visit()
    page, key = newcomer.page, VirtualKey(newcomer.page)
    page.goto(f"/welcome#{invitation}")
    choose_password(page)
    choose(page, "セキュリティキー")
    newcomer.look()
    key.knows_the_pin(False)
    page.get_by_role("button", name="キーを登録する").click()
    expect(page.get_by_role("status")).to_contain_text("中断されたか")
    key.knows_the_pin(True)
    page.get_by_role("button", name="キーを登録する").click()
    expect(page.locator(".lead")).to_contain_text("もう一度だけ触れてください")
    newcomer.look()
    page.get_by_role("button", name="キーで確認する").click()
    expect(page).to_have_url(re.compile("/desk$"))
    assert len(key.credentials()) == 1

    sent = sign_in_again(newcomer, "keyholder")
    expect(page).to_have_url(re.compile("/desk$"))
    newcomer.look()
    assert key.credentials()[0]["signCount"] == 3

    page.get_by_role("button", name="サインアウト").click()
    password(page, "keyholder")
    replayed = page.request.post(  # what the browser sent before, word by word
        "/sign-in/key",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        data=sent,
    )
    assert replayed.status == 401
    assert "セキュリティキーを確認できません" in replayed.text()


def test_a_token_works_without_script_and_is_found_again_when_it_ran_ahead(
    backstage: Backstage, visit: OpenBrowser
) -> None:
    person, invitation = backstage.invited("tokenholder")
    backstage.do(backstage.admin.call(HandToken(person, "T-100", SEED, BUTTON)))

    newcomer = visit(script=False)
    page = newcomer.page
    page.goto("/welcome")
    page.get_by_label("招待コード").fill(invitation)
    choose_password(page)
    expect(page.locator(".serial")).to_contain_text("T-100")  # handed over: nothing to choose
    newcomer.look()
    page.get_by_label("認証コード").fill(shown(SEED, BUTTON, 2))
    page.get_by_role("button", name="登録を完了").click()
    expect(page).to_have_url(re.compile("/desk$"))

    page.get_by_role("button", name="サインアウト").click()
    password(page, "tokenholder")
    expect(page.locator(".lead")).to_contain_text("8桁")
    newcomer.onlooker.expect(401)
    page.get_by_label("認証コード").fill(shown(SEED, BUTTON, 90))
    page.get_by_role("button", name="サインイン").click()
    expect(page.get_by_role("alert")).to_contain_text("認証コードが違うか")
    newcomer.look()
    page.get_by_text("番号が合わないとき").click()
    page.get_by_label("認証コード").fill(shown(SEED, BUTTON, 91))
    page.get_by_label("次に表示された番号").fill(shown(SEED, BUTTON, 92))
    page.get_by_role("button", name="サインイン").click()
    expect(page).to_have_url(re.compile("/desk$"))


def test_an_administrator_signs_somebody_out_and_allows_a_new_factor(
    backstage: Backstage, visit: OpenBrowser
) -> None:
    operator = backstage.member(Role.OPERATOR)
    at_work = visit(operator)
    at_work.page.goto("/desk")
    administrator = visit(backstage.member(Role.ADMINISTRATOR))
    page = administrator.page
    page.goto("/people")
    row = page.locator("tr", has_text=operator.name)
    row.get_by_role("button", name="サインアウトさせる").click()
    expect(row.get_by_role("button", name="サインアウトさせる")).to_have_count(0)
    at_work.page.reload()
    expect(at_work.page).to_have_url(re.compile("/sign-in$"))
    asked = statements.load_request(request(page, operator.name, new_factor=True)).body
    assert isinstance(asked, RosterEntry)
    assert asked.new_factor


def password(page: Page, login: str) -> None:
    """The first step of signing in."""
    page.get_by_label("ログイン名").fill(login)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="次へ").click()
    expect(page).to_have_url(re.compile("/sign-in/code$"))


def sign_in_again(visitor: Visit, login: str) -> str:
    """Out, and in again with the key. The form as the browser sent it."""
    page = visitor.page
    page.get_by_role("button", name="サインアウト").click()
    password(page, login)
    visitor.look()
    with page.expect_request("**/sign-in/key") as sent:
        page.get_by_role("button", name="キーでサインイン").click()
    expect(page.get_by_role("button", name="サインアウト")).to_be_visible()
    return sent.value.post_data or ""
