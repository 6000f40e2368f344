"""A new colleague: account, signed roster entry, invitation, password, authenticator, first day."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect

from calllist.people.roles import Role
from tests.browser.backstage import Backstage
from tests.browser.conftest import OpenBrowser, Visit
from tests.browser.seats import calllist
from tests.keepers import now

NAME, LOGIN = "架空新人", "newcomer"
PASSWORD = "みかん the kettle 42"


def test_an_invited_person_enrols_and_begins_the_first_shift(
    backstage: Backstage, visit: OpenBrowser, tmp_path: Path
) -> None:
    administrator = visit(backstage.member(Role.ADMINISTRATOR))
    invitation = invite(administrator)
    put_on_the_roster(administrator, backstage, tmp_path)

    newcomer = visit()
    page = newcomer.page
    page.goto(f"/welcome#{invitation}")
    expect(page.get_by_label("招待コード")).to_have_value(invitation)
    assert invitation not in page.url  # nor in the history: the onlooker reads it
    newcomer.look()
    choose_password(page)
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


def invite(administrator: Visit) -> str:
    """Issue an account for an operator. Returns the invitation that is shown once."""
    page = administrator.page
    page.goto("/people")
    form = page.locator("form[action='/people']")
    form.get_by_label("氏名").fill(NAME)
    form.get_by_label("ログイン名").fill(LOGIN)
    form.get_by_label("役割").select_option("operator")
    form.get_by_label("拠点").select_option(index=1)
    form.get_by_role("button", name="アカウントを発行").click()
    expect(page.locator("tr", has_text=NAME)).to_contain_text("登録待ち")
    invitation = page.locator(".notice .secret").inner_text()
    administrator.look()
    page.goto("/people")
    assert invitation not in page.content()
    return invitation


def put_on_the_roster(administrator: Visit, backstage: Backstage, folder: Path) -> None:
    """Request on the screen, signature on the privacy officer's machine, back to the screen."""
    page = administrator.page
    page.goto("/statements")
    form = page.locator("form[action='/statements/roster']")
    person = form.locator("option", has_text=NAME).get_attribute("value")
    form.get_by_label("従事者").select_option(person)
    form.get_by_label("最終勤務日").fill(f"{now() + timedelta(days=90):%Y-%m-%d}")
    with page.expect_download() as request:
        form.get_by_role("button", name="申請ファイルを作る").click()
    file = folder / "request.json"
    request.value.save_as(file)
    key = backstage.world.keys / "centre.key"
    calllist("approve", file, "--key", key, "--yes", folder=folder)
    page.get_by_label("ファイルの中身").fill((folder / "request.json.signed").read_text())
    page.get_by_role("button", name="提出").click()
    expect(page.get_by_role("status")).to_contain_text("従事者を登録しました")
    administrator.look()


def choose_password(page: Page) -> None:
    """The first step of the first visit."""
    page.get_by_label("新しいパスワード").fill(PASSWORD)
    page.get_by_label("もう一度入力").fill(PASSWORD)
    page.get_by_role("button", name="認証アプリの登録へ").click()
    page.wait_for_load_state()


def first_code(page: Page, code: str) -> None:
    """The second step."""
    page.get_by_label("認証コード").fill(code)
    page.get_by_role("button", name="登録を完了").click()
