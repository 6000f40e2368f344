"""Two desks in two browsers: an operator asks, a supervisor takes the person over."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from calllist.people.roles import Role
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser
from tests.browser.onlooker import beyond, told
from tests.browser.seats import Desk


def test_a_person_goes_from_the_operators_screen_to_the_supervisors(
    backstage: Backstage, everyone: list[Townsperson], visit: OpenBrowser
) -> None:
    folk = townsfolk_apart(3, seed=91)
    everyone.extend(folk)
    operator, supervisor = backstage.member(Role.OPERATOR), backstage.member(Role.SUPERVISOR)
    job = backstage.job("TENSO-01", operator)
    backstage.receive(job, file([one.cells() for one in folk]))
    called, floor = visit(operator), visit(supervisor)
    floor.page.goto("/floor")
    called.page.goto(f"/desk/{job}")
    desk = Desk(called, folk)
    desk.press("Enter")
    person = desk.person()
    desk.says("1900/1/1")  # a try of the identity check is used up
    expect(called.page.locator(".check")).to_contain_text("残り2回")

    # Asked, and declined: the person stays.
    _ask(desk, supervisor.name)
    asked = floor.page.locator(".asking")
    expect(asked).to_contain_text(operator.name)  # without anybody's reload
    expect(asked).to_contain_text("TENSO-01")
    assert told(floor.look(), folk) == []
    called.onlooker.expect(409)
    typed = called.page.locator("input[name=said]").first
    typed.fill("ショウワ")
    asked.get_by_role("button", name="断る").click()
    expect(called.page.locator(".handing")).to_contain_text("受けられませんでした")
    expect(typed).to_have_value("ショウワ")
    typed.fill("")
    typed.press("Escape")
    assert desk.person() == person

    # Asked again, and taken over: one screen goes, the other shows the same person and stage.
    _ask(desk, supervisor.name)
    called.onlooker.expect(404)
    expect(asked).to_be_visible()
    asked.get_by_role("button", name="引き受ける").click()
    expect(floor.page.locator(".big-name")).to_contain_text(person.kana)
    expect(floor.page.locator(".stages [aria-current]")).to_have_text("応答・確認前")
    expect(floor.page.locator(".check")).to_contain_text("残り2回")
    record = floor.page.get_by_role("button", name="結果を登録して終わる")
    expect(record).to_be_in_viewport(ratio=1)  # below what is said of the transfer
    assert beyond(floor.look(), person, folk, known=False) == []
    expect(called.page).to_have_url(re.compile(rf"/desk/{job}\?handed=1$"))
    expect(called.page.get_by_role("status")).to_contain_text("転送しました")
    assert told(called.look(), folk) == []

    # The supervisor ends the call by the keyboard; nobody comes next.
    floor.page.keyboard.press("5")
    floor.page.keyboard.press("Enter")
    expect(floor.page).to_have_url(re.compile("/floor"))
    assert told(floor.look(), folk) == []
    result = f"results where job_id = '{job}' and person_id = '{supervisor.person}'"
    assert backstage.count(result) == 1
    assert backstage.count(f"leases where job_id = '{job}'") == 0


def _ask(desk: Desk, name: str) -> None:
    """By the keyboard: to the names of those who are free, and the first of them."""
    desk.press(",")
    button = desk.page.get_by_role("button", name=f"{name}さんに依頼する")
    expect(button).to_be_visible()
    button.press("Enter")
    expect(desk.page.locator(".asked")).to_contain_text(name)
