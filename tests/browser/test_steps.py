"""What was typed for the result stays while the call goes on beside it."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Page, expect

from calllist.people.roles import Role
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser
from tests.browser.onlooker import beyond
from tests.browser.seats import Desk

NOTE = "午後はご在宅"


def test_a_note_and_a_result_outlive_every_step_of_the_call(
    backstage: Backstage, everyone: list[Townsperson], visit: OpenBrowser
) -> None:
    folk = townsfolk_apart(2, seed=93)
    everyone.extend(folk)
    operator, supervisor = backstage.member(Role.OPERATOR), backstage.member(Role.SUPERVISOR)
    with backstage.contract("STEPS-2026-014", notes="S1"):
        job = backstage.job("MEMO-01", operator)
    backstage.receive(job, file([one.cells() for one in folk]))
    called, floor = visit(operator), visit(supervisor)
    floor.page.goto("/floor")
    called.page.goto(f"/desk/{job}")
    desk = Desk(called, folk)
    page = called.page
    desk.press("Enter")
    person = desk.person()
    desk.press("n")
    page.keyboard.type(NOTE)
    desk.press("Escape", "1")

    desk.press("v")
    expect(page.locator(".number.shown")).to_be_visible()
    _as_typed(page)
    page.get_by_role("link", name="いま隠す").click()
    expect(page.locator(".number.shown")).to_have_count(0)
    desk.press("c")
    expect(page.locator(".call-code .spoken")).to_be_visible()
    _as_typed(page)
    desk.says("1900/1/1")
    expect(page.locator(".check")).to_contain_text("不一致")
    expect(page.locator(".stages [aria-current]")).to_have_text("応答・確認前")
    _as_typed(page)

    # Asked, withdrawn, asked, declined.
    desk.press(",", ",")
    expect(page.get_by_role("heading", name="スーパーバイザーに転送")).to_have_count(0)
    _ask(desk, supervisor.name)
    page.get_by_role("button", name="依頼を取り消す").click()
    expect(page.locator(".asked")).to_have_count(0)
    _ask(desk, supervisor.name)
    called.onlooker.expect(409)
    floor.page.get_by_role("button", name="断る").click()
    expect(page.locator(".handing")).to_contain_text("受けられませんでした")
    _as_typed(page)

    desk.says(f"{person.born:%Y/%m/%d}")
    expect(page.locator(".stages [aria-current]")).to_have_text("本人確認済み")
    assert beyond(called.look(), person, folk, known=True) == []
    _as_typed(page)
    assert page.url.endswith("?checked=birth_date&same=1")  # what a reload shows; no value
    desk.press("Enter")
    desk.next_than(person)
    assert backstage.count(f"results where job_id = '{job}' and code = 30") == 1


def test_the_call_that_ended_elsewhere_takes_the_page_with_it(
    backstage: Backstage, everyone: list[Townsperson], visit: OpenBrowser
) -> None:
    folk = townsfolk_apart(1, seed=94)
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    job = backstage.job("MEMO-02", operator)
    listed = backstage.receive(job, file([one.cells() for one in folk]))
    called = visit(operator)
    called.page.goto(f"/desk/{job}")
    desk = Desk(called, folk)
    desk.press("Enter")
    desk.person()
    backstage.end(listed)
    called.onlooker.expect(410, 410)  # to the step, and to the page that is no more
    desk.says("1900/1/1")
    expect(called.page.locator(".big-name")).to_have_count(0)


def test_somebody_rings_in_mid_call_and_what_was_typed_stays_until_another_is_opened(
    backstage: Backstage, everyone: list[Townsperson], visit: OpenBrowser
) -> None:
    """Not readable, nobody, a household: told beside the results, which stay where they are."""
    folk = townsfolk_apart(4, seed=95)
    folk[1], folk[3] = (replace(folk[n], phone=folk[n - 1].phone) for n in (1, 3))
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    with backstage.contract("STEPS-2026-015", notes="S1"):
        job = backstage.job("MEMO-03", operator)
    backstage.receive(job, file([one.cells() for one in folk]))
    called = visit(operator)
    page = called.page
    page.goto(f"/desk/{job}")
    desk = Desk(called, folk)
    desk.press("Enter")
    person = desk.person()
    desk.press("n")
    page.keyboard.type(NOTE)
    desk.press("Escape", "1")
    place = page.locator(".results").bounding_box()
    desk.press("b")
    number = page.locator(".inbound-now #number")
    for typed, told in (("070-000", "市外局番"), ("070-0009-0009", "該当なし")):
        number.fill(typed)
        number.press("Enter")
        expect(page.locator(".stack > .notice")).to_contain_text(told)
        expect(number).to_have_value(typed)
        _as_typed(page)
    assert page.locator(".results").bounding_box() == place
    other = next(one for one in folk if one.phone != person.phone)
    number.fill(other.phone)
    number.press("Enter")
    expect(page.locator(".household[data-beside]")).to_contain_text("2名")
    _as_typed(page)
    page.get_by_role("button", name="1人目を開く").click()
    expect(page.locator(".big-name")).not_to_contain_text(person.kana)


def test_an_answer_typed_out_of_habit_when_no_tries_are_left_chooses_no_result(
    backstage: Backstage, everyone: list[Townsperson], visit: OpenBrowser
) -> None:
    folk = townsfolk_apart(1, seed=96)
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    job = backstage.job("MEMO-04", operator)
    backstage.receive(job, file([one.cells() for one in folk]))
    called = visit(operator)
    called.page.goto(f"/desk/{job}")
    desk = Desk(called, folk)
    desk.press("Enter")
    desk.person()
    for left in (2, 1, 0):
        desk.says("1900/1/1")
        expect(called.page.locator(".check")).to_contain_text(f"残り{left}回")
    closed = called.page.locator("[data-closed]")
    desk.says("1900/1/1")
    expect(closed).to_be_focused()
    expect(closed).to_contain_text("Escで結果の入力に戻ります")
    chosen = called.page.locator("input[name=code]:checked")
    expect(chosen).to_have_count(0)
    desk.press("Escape", "1")
    expect(chosen).to_have_count(1)


def _as_typed(page: Page) -> None:
    expect(page.locator("#note")).to_have_value(NOTE)
    expect(page.locator("input[name=code][data-key='1']")).to_be_checked()


def _ask(desk: Desk, name: str) -> None:
    """By the keyboard: the names of those who are free come beside the results."""
    desk.press(",")
    expect(desk.page.locator("[data-beside] .main")).to_be_focused()
    desk.page.get_by_role("button", name=f"{name}さんに依頼する").press("Enter")
    expect(desk.page.locator(".asked")).to_contain_text(name)
