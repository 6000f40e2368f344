"""A new colleague: account, signed roster entry, invitation, password, authenticator, first day."""

from __future__ import annotations

import re
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect

from calllist.people.roles import Role
from tests.browser.backstage import Backstage
from tests.browser.conftest import OpenBrowser
from tests.browser.counter import choose, choose_password, invite, put_on_the_roster
from tests.keepers import now

NAME, LOGIN = "架空新人", "newcomer"


def test_an_invited_person_enrols_and_begins_the_first_shift(
    backstage: Backstage, visit: OpenBrowser, tmp_path: Path
) -> None:
    administrator = visit(backstage.member(Role.ADMINISTRATOR))
    invitation = invite(administrator, NAME, LOGIN)
    put_on_the_roster(administrator, backstage, tmp_path, NAME)

    newcomer = visit()
    page = newcomer.page
    page.goto(f"/welcome#{invitation}")
    expect(page.get_by_label("招待コード")).to_have_value(invitation)
    assert invitation not in page.url  # nor in the history: the onlooker reads it
    newcomer.look()
    choose_password(page)
    newcomer.look()
    choose(page, "認証アプリ")
    secret = page.locator(".secret").inner_text()
    newcomer.look()

    newcomer.onlooker.expect(401)
    first_code(page, "000000")
    expect(page.get_by_role("alert")).to_contain_text("認証コードが違うか")
    first_code(page, pyotp.TOTP(secret.replace(" ", "")).at(now()))
    expect(page.locator(".who")).to_contain_text(NAME)
    expect(page).to_have_url(re.compile("/desk$"))
    newcomer.look()
    page.get_by_role("button", name="サインアウト").click()
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.goto("/desk")
    expect(page).to_have_url(re.compile("/sign-in$"))


def test_an_invitation_is_good_once(backstage: Backstage, visit: OpenBrowser) -> None:
    administrator = visit(backstage.member(Role.ADMINISTRATOR))
    page = administrator.page
    page.goto("/people")
    row = page.locator("tr", has_text=NAME)
    expect(row).to_contain_text("利用中")
    expect(row.get_by_role("button", name="招待を再発行")).to_have_count(0)
    guest = visit()
    guest.onlooker.expect(404)
    guest.page.goto("/welcome")
    guest.page.get_by_label("招待コード").fill("not-an-invitation")
    choose_password(guest.page)
    expect(guest.page.get_by_role("alert")).to_contain_text("招待リンクが無効")


def first_code(page: Page, code: str) -> None:
    """The last step."""
    page.get_by_label("認証コード").fill(code)
    page.get_by_role("button", name="登録を完了").click()
