"""Nobody at the desk: the screen locks itself, but never during a call; a code brings it back."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from calllist.people.roles import Role
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser
from tests.browser.onlooker import told
from tests.browser.seats import Desk, enter_code

ALMOST, ENOUGH = 4 * 60_000, 5 * 60_000  # milliseconds; the platform locks after five minutes


def test_an_idle_desk_locks_itself_but_never_during_a_call(
    backstage: Backstage, visit: OpenBrowser, everyone: list[Townsperson]
) -> None:
    folk = townsfolk_apart(2, seed=53)
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    job = backstage.job("LOCK-01", operator)
    backstage.receive(job, file(person.cells() for person in folk))

    desk = Desk(visit(operator), folk)
    page = desk.page
    page.clock.install()
    page.goto(f"/desk/{job}")
    page.get_by_role("button", name="次の方へ").click()
    first = desk.person()
    page.clock.fast_forward(ALMOST)
    page.mouse.move(40, 40)
    page.clock.fast_forward(ALMOST)
    assert desk.person() == first, "somebody is there"

    desk.press("v")
    expect(page.locator(".number.shown")).to_be_visible()
    page.clock.fast_forward(2 * ENOUGH)  # masks the number again, and locks nothing
    expect(page.locator(".big-name")).to_contain_text(first.kana)
    desk.press("1", "Enter")
    second = desk.next_than(first)

    page.clock.fast_forward(ENOUGH + 2_000)
    page.wait_for_url(re.compile("/sign-in/code"))
    expect(page.locator("main")).to_contain_text("画面をロックしました")
    assert told(desk.visit.look(), [first, second]) == []
    page.go_back()
    assert told(desk.visit.look(), [first, second]) == []

    page.goto("/sign-in/code")
    enter_code(desk.visit, operator)
    page.goto(f"/desk/{job}")
    page.get_by_role("button", name="席に戻る").click()
    page.get_by_role("button", name="次の方へ").click()
    assert desk.person() == second, "back in the queue, where it was"
