"""A call centre's usual screen, 1366 x 768: every result in sight, whatever else is asked for."""

from __future__ import annotations

from playwright.sync_api import expect

from calllist.people.roles import Role
from crypto.records.slips import SlipKind
from demo.townsfolk import Townsperson, file, household
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser
from tests.browser.seats import Desk

HIDDEN = "e => e.scrollHeight - e.clientHeight"


def test_with_a_note_a_slip_and_a_household_nothing_is_scrolled_to(
    backstage: Backstage, everyone: list[Townsperson], visit: OpenBrowser
) -> None:
    first, second = townsfolk_apart(2, seed=95)
    folk = [first, household(first, second)]
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    with backstage.contract("SIGHT-2026-014", notes="S1", slips=tuple(SlipKind)):
        job = backstage.job("SIGHT-01", operator)
    backstage.receive(job, file([one.cells() for one in folk]))
    called = visit(operator)
    called.page.goto(f"/desk/{job}")
    desk = Desk(called, folk)
    desk.press("Enter")
    desk.person()
    for part in (".send [value=also]", "#note", ".slip summary", ".send [value=rest]"):
        expect(called.page.locator(part)).to_be_in_viewport(ratio=1)
    assert called.page.locator(".result-scroll").evaluate(HIDDEN) == 0
