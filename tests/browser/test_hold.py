"""Nobody is masked in mid-conversation without a warning, and one key puts it off."""

from __future__ import annotations

from playwright.sync_api import expect

from calllist.people.roles import Role
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser
from tests.browser.seats import Desk

HOLD, WARN = 20 * 60_000, 120_000  # milliseconds; `hold_seconds` of the usual terms


def test_before_the_hold_ends_the_page_says_so_and_one_key_puts_it_off(
    backstage: Backstage, visit: OpenBrowser, everyone: list[Townsperson]
) -> None:
    folk = townsfolk_apart(1, seed=59)
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    job = backstage.job("HOLD-01", operator)
    backstage.receive(job, file(person.cells() for person in folk))

    desk = Desk(visit(operator), folk)
    page = desk.page
    page.clock.install()
    page.goto(f"/desk/{job}")
    page.get_by_role("button", name="次の方へ").click()
    person = desk.person()
    desk.press("v")  # a call: the screen does not lock itself
    page.get_by_role("link", name="いま隠す").click()
    said = page.locator(".hold .soon")
    keep = page.get_by_role("button", name="延長する")
    page.clock.fast_forward(HOLD - WARN - 30_000)
    expect(keep).to_be_hidden()
    page.clock.fast_forward(60_000)
    expect(said).to_contain_text("秒で表示が消えます")
    expect(keep).to_be_visible()
    page.locator("#said-birth_date").fill("S45")
    page.keyboard.press("Escape")
    with page.expect_response("**/longer") as answered:
        page.keyboard.press(";")
    assert answered.value.status == 200
    expect(keep).to_be_hidden()
    expect(said).to_be_hidden()
    assert page.locator("#said-birth_date").input_value() == "S45", "what was typed stays"
    page.clock.fast_forward(HOLD - WARN - 30_000)
    expect(keep).to_be_hidden()
    assert desk.person() == person
