"""Back and forward: a browser that keeps whole pages in its memory brings nobody back.

Chromium keeps pages for Back, those with `no-store` too; its driver turns that off. Here it is on,
as it is for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as NeverCame

from calllist.people.roles import Role
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import CHROMIUM, QUIET, OpenBrowser, Visit
from tests.browser.onlooker import told
from tests.browser.seats import Desk, enter_code

KEEPS_NO_PAGES = "--disable-back-forward-cache"  # what the driver adds by itself
A_WHILE = 3_000  # milliseconds; the driver is never told that a kept page is back
KEPT = "Object.assign(window, { kept: true })"
A_DAY_AT_THE_DESK = 20  # pages of a history at most


@pytest.fixture(scope="module")
def remembering(chromium: Browser) -> Iterator[Browser]:
    """A browser that keeps pages as people's do."""
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=[*QUIET], ignore_default_args=[KEEPS_NO_PAGES]
    )
    yield browser
    browser.close()


def test_this_browser_does_keep_pages_with_no_store(
    remembering: Browser, visit: OpenBrowser
) -> None:
    """Else the others would say nothing: this page of ours has a constant text and no cookie."""
    page = visit(browser=remembering).page
    page.goto("/check")
    page.evaluate(KEPT)
    page.goto("/open")
    _back(page)
    assert page.evaluate("window.kept")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_back_shows_nobody_after_the_next_a_rest_a_lock_and_a_sign_out(
    backstage: Backstage,
    remembering: Browser,
    visit: OpenBrowser,
    everyone: list[Townsperson],
    *,
    script: bool,
) -> None:
    folk = townsfolk_apart(3, seed=177 + script)
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    job = backstage.job(f"MODORU-{script:d}", operator)
    backstage.receive(job, file([one.cells() for one in folk]))
    desk = Desk(visit(operator, browser=remembering, script=script), folk)
    page = desk.page
    page.goto(f"/desk/{job}")
    page.get_by_role("button", name="次の方へ").click()
    first = desk.person()

    _record(page, "結果登録して次へ")
    second = desk.next_than(first)
    assert _behind(desk.visit, [first]) == []
    page.goto(f"/desk/{job}")  # whoever is in hand comes first
    assert desk.person() == second

    _record(page, "登録して後処理")
    expect(page.get_by_role("button", name="次の方へ")).to_be_visible()
    assert _behind(desk.visit, folk) == []

    page.goto(f"/desk/{job}")
    page.get_by_role("button", name="次の方へ").click()
    third = desk.person()
    _record(page, "登録して後処理")
    page.get_by_role("button", name="ロック").click()
    page.wait_for_url(re.compile("/sign-in/code"))
    assert _behind(desk.visit, [third]) == []

    page.goto("/sign-in/code")
    enter_code(desk.visit, operator)
    page.get_by_role("button", name="サインアウト").click()
    page.wait_for_url(re.compile("/sign-in$"))
    assert _behind(desk.visit, folk) == []


def _record(page: Page, button: str) -> None:
    """Nobody answered."""
    page.locator("label:has(input[name=code][value='30'])").first.click()
    page.get_by_role("button", name=button).click()


def _back(page: Page) -> bool:
    """One page back; False: there is none."""
    try:
        return page.go_back(timeout=A_WHILE) is not None
    except NeverCame:  # a page that was kept
        return True


def _behind(visited: Visit, folk: list[Townsperson]) -> list[str]:
    """Every trace of these people in what lies behind, as far as Back leads."""
    visited.onlooker.expect(*[404] * A_DAY_AT_THE_DESK)
    found: list[str] = []
    while _back(visited.page):
        found += told(visited.look(), folk)
    return found
