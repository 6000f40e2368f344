"""At the administrator's counter: an account is issued, a signed roster entry is handed in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Visit
from tests.browser.seats import calllist
from tests.keepers import now

PASSWORD = "みかん the kettle 42"


def invite(administrator: Visit, name: str, login: str) -> str:
    """Issue an account for an operator. Returns the invitation that is shown once."""
    page = administrator.page
    page.goto("/people")
    form = page.locator("form[action='/people']")
    form.get_by_label("氏名").fill(name)
    form.get_by_label("ログイン名").fill(login)
    form.get_by_label("役割").select_option("operator")
    form.get_by_label("拠点").select_option(index=1)
    form.get_by_role("button", name="アカウントを発行").click()
    expect(page.locator("tr", has_text=name)).to_contain_text("登録待ち")
    invitation = page.locator(".notice .secret").inner_text()
    administrator.look()
    page.goto("/people")
    assert invitation not in page.content()
    return invitation


def put_on_the_roster(administrator: Visit, backstage: Backstage, folder: Path, name: str) -> None:
    """Request on the screen, signature on the privacy officer's machine, back to the screen."""
    file = folder / "request.json"
    file.write_bytes(request(administrator.page, name, new_factor=False))
    key = backstage.world.keys / "centre.key"
    calllist("approve", file, "--key", key, "--yes", folder=folder)
    page = administrator.page
    page.get_by_label("ファイルを選ぶ").set_input_files(folder / "request.json.signed")
    page.get_by_role("button", name="提出", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("従事者を登録しました")
    administrator.look()


def request(page: Page, name: str, *, new_factor: bool) -> bytes:
    """The file that the privacy officer is asked to sign, for the person of this name."""
    page.goto("/statements")
    form = page.locator("form[action='/statements/roster']")
    person = form.locator("option", has_text=name).get_attribute("value")
    form.get_by_label("従事者").select_option(person)
    form.get_by_label("最終勤務日").fill(f"{now() + timedelta(days=90):%Y-%m-%d}")
    form.get_by_label("認証方法の登録し直しを認める").set_checked(new_factor)
    with page.expect_download() as file:
        form.get_by_role("button", name="申請ファイルを作る").click()
    return Path(file.value.path()).read_bytes()


def choose_password(page: Page) -> None:
    """The first step of the first visit."""
    page.get_by_label("新しいパスワード").fill(PASSWORD)
    page.get_by_label("もう一度入力").fill(PASSWORD)
    page.get_by_role("button", name="認証方法の選択へ").click()
    page.wait_for_load_state()


def choose(page: Page, way: str) -> None:
    """The second step: which factor."""
    page.get_by_role("button", name=way).click()
    page.wait_for_load_state()
