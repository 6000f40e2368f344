"""取下げ in mid-call: the page of the person goes by itself, and the next one comes as ever."""

from __future__ import annotations

from playwright.sync_api import expect

from calllist.people.roles import Role
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser
from tests.browser.onlooker import told
from tests.browser.seats import Desk

A_MINUTE = 60_000  # milliseconds: the longest that a withdrawn person may stay on a screen


def test_a_person_taken_out_in_mid_call_leaves_the_screen_within_a_minute(
    backstage: Backstage, visit: OpenBrowser, everyone: list[Townsperson]
) -> None:
    folk = townsfolk_apart(2, seed=47)
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    job = backstage.job("TAKEN-01", operator)
    backstage.receive(job, file(person.cells() for person in folk))

    desk = Desk(visit(operator), folk)
    desk.visit.onlooker.expect(410)
    page = desk.page
    page.clock.install()
    page.goto(f"/desk/{job}")
    page.get_by_role("button", name="次の方へ").click()
    first = desk.person()

    officer = visit(backstage.member(Role.ENTRUSTOR))
    officer.page.goto(f"/jobs/{job}/withdrawals")
    officer.page.get_by_label("取下げのファイル").set_input_files(
        {"name": "paid.csv", "mimeType": "text/csv", "buffer": first.reference.encode()}
    )
    officer.page.get_by_role("button", name="対象から外す").click()
    taken = officer.page.locator(".tile", has_text="対象から外した方")
    expect(taken).to_contain_text("1")
    assert first.reference not in officer.look()

    page.clock.fast_forward(A_MINUTE)
    expect(page.locator("main")).to_contain_text("対象外")
    assert told(desk.visit.look(), [first]) == []
    page.get_by_role("button", name="次の方へ").click()
    assert desk.person() != first
