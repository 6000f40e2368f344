"""The screen of one person: whose it is, what a printer gets, what stays in the browser."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from calllist.people.roles import Role
from crypto.records.slips import SlipKind
from demo.onboarding import Member
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser
from tests.browser.onlooker import told
from tests.browser.seats import Desk

COVERED = """() => {
  const mark = document.querySelector(".watermark"), style = getComputedStyle(mark);
  const box = mark.getBoundingClientRect();
  const shown = [...mark.children].map((one) => one.getBoundingClientRect()).filter((one) =>
    one.right > 0 && one.left < innerWidth && one.bottom > 0 && one.top < innerHeight);
  const quarter = (x, y) => shown.filter((one) => {
    const at = [one.left + one.width / 2, one.top + one.height / 2];
    return (at[0] > innerWidth / 2) === x && (at[1] > innerHeight / 2) === y;
  }).length;
  return { clicks: style.pointerEvents, whole: box.left <= 0 && box.top <= 0
    && box.right >= innerWidth && box.bottom >= innerHeight,
    quarters: [quarter(false, false), quarter(true, false),
      quarter(false, true), quarter(true, true)] };
}"""
Town = tuple[Member, list[Townsperson]]
KEPT = """async () => ({ local: localStorage.length, session: sessionStorage.length,
  cookies: document.cookie, databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length })"""


@pytest.fixture(scope="module")
def town(backstage: Backstage, everyone: list[Townsperson]) -> Town:
    """An operator with people to call."""
    folk = townsfolk_apart(4, seed=77)
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    job = backstage.job("MAMORI-01", operator)
    backstage.receive(job, file([one.cells() for one in folk]))
    return operator, folk


@pytest.fixture
def desk(town: Town, visit: OpenBrowser) -> Desk:
    """The operator, with a person in hand."""
    operator, folk = town
    visited = visit(operator)
    visited.page.goto("/desk")
    visited.page.get_by_role("link", name="架電をはじめる").click()
    visited.page.wait_for_url(re.compile(r"/(desk|leases)/"))
    desk = Desk(visited, folk)
    if "/desk/" in visited.page.url:  # nobody in hand yet
        desk.press("Enter")
    desk.person()
    return desk


def test_whose_screen_it_is_stands_all_over_it_and_in_nobodys_way(desk: Desk, town: Town) -> None:
    mark = desk.page.locator(".watermark")
    expect(mark).to_contain_text(town[0].name)
    expect(mark).to_contain_text(town[0].login)
    expect(mark).to_contain_text(re.compile(r"[0-9]{1,2}:[0-9]{2}"))
    seen = desk.page.evaluate(COVERED)
    assert (seen["clicks"], seen["whole"]) == ("none", True)
    assert min(seen["quarters"]) >= 2


def test_a_printer_gets_one_sentence(desk: Desk, tmp_path: Path) -> None:
    person = desk.person()
    pdf = tmp_path / "page.pdf"
    pdf.write_bytes(desk.page.pdf())
    done = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["架電中の画面は印刷できません。"]
    assert told(done.stdout, [person]) == []


def test_at_every_stage_it_says_whose_screen_it_is_and_prints_one_sentence(
    backstage: Backstage, everyone: list[Townsperson], visit: OpenBrowser
) -> None:
    folk = townsfolk_apart(1, seed=78)
    everyone.extend(folk)
    operator, supervisor = backstage.member(Role.OPERATOR), backstage.member(Role.SUPERVISOR)
    with backstage.contract("MAMORI", slips=(SlipKind.AMOUNT,)):
        job = backstage.job("MAMORI-02", operator)
    backstage.receive(job, file([one.cells() for one in folk]))
    floor, desk = visit(supervisor), Desk(visit(operator), folk)
    floor.page.goto("/floor")
    page = desk.page
    page.goto(f"/desk/{job}")
    desk.press("Enter")
    person = desk.person()
    _guarded(page, operator)

    desk.press("v")
    expect(page.locator(".number.shown")).to_be_visible()
    _guarded(page, operator)
    desk.press("c")
    expect(page.locator(".spoken")).to_be_visible()
    _guarded(page, operator)
    desk.says("1900/1/1")
    expect(page.locator(".check")).to_contain_text("残り2回")
    _guarded(page, operator)
    desk.says(f"{person.born:%Y/%m/%d}")
    expect(page.locator(".under-name")).to_have_text(person.name)
    _guarded(page, operator)

    desk.press("l")
    page.get_by_label("金額").fill("12000")
    page.locator("label:has(input[name=code][value='10'])").click()
    page.get_by_role("button", name="結果登録して次へ").click()
    expect(page.get_by_role("heading", name="復唱してください")).to_be_visible()
    _guarded(page, operator)
    desk.press("e")
    expect(page.locator(".under-name")).to_have_text(person.name)
    _guarded(page, operator)

    desk.press(",")
    page.get_by_role("button", name=supervisor.name).click()
    floor.page.locator(".asking").get_by_role("button", name="引き受ける").click()
    expect(floor.page.locator(".under-name")).to_have_text(person.name)
    _guarded(floor.page, supervisor)


def _guarded(page: Page, member: Member) -> None:
    """Whose screen it is stands all over it; of all that there is, a printer gets a sentence."""
    expect(page.locator(".watermark")).to_contain_text(f"{member.name}　{member.login}")
    seen = page.evaluate(COVERED)
    assert (seen["clicks"], seen["whole"]) == ("none", True)
    assert min(seen["quarters"]) >= 2
    page.emulate_media(media="print")
    assert page.locator("html").inner_text().split() == ["架電中の画面は印刷できません。"]
    page.emulate_media(media="screen")


def test_nothing_of_a_person_stays_in_the_browser(desk: Desk) -> None:
    assert desk.page.evaluate(KEPT) == {
        "local": 0, "session": 0, "cookies": "", "databases": 0, "caches": 0,
    }  # fmt: skip
    person = desk.person()
    assert told(desk.page.title() + desk.page.url, [person]) == []


def test_a_second_tab_takes_the_person_over_and_the_first_shows_nobody(desk: Desk) -> None:
    person, first, there = desk.person(), desk.page, desk.page.url
    second = desk.visit.context.new_page()
    second.goto(there)
    expect(second.locator(".big-name")).to_contain_text(person.kana)
    expect(first.get_by_role("heading", name="別のタブで架電中です")).to_be_visible()
    assert told(first.content(), [person]) == []
    first.get_by_role("link", name="このタブで続ける").press("Enter")
    expect(first.locator(".big-name")).to_contain_text(person.kana)
    expect(second.get_by_role("heading", name="別のタブで架電中です")).to_be_visible()
    second.close()


def test_each_copy_is_counted_in_the_ledger_and_what_it_was_is_not_sent(
    desk: Desk, backstage: Backstage, town: Town
) -> None:
    sent = []
    desk.page.on("request", lambda request: sent.append(request))  # noqa: PLW0108 - its driver asks for a function
    for _ in range(2):
        with desk.page.expect_response("**/copied") as answered:
            desk.page.evaluate(
                "getSelection().selectAllChildren(document.querySelector('.big-name'));"
                "document.execCommand('copy')"
            )
        assert answered.value.status == 204
    copies = [one for one in sent if one.url.endswith("/copied")]
    assert [one.post_data for one in copies] == [None, None]
    lines = backstage.events("screen_copied")
    assert [line["ref_by"] for line in lines] == [town[0].person] * 2
