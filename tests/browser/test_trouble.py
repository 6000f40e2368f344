"""When keeper or database are gone: a sentence, nobody shown, and work resumes by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from calllist.people.roles import Role
from demo.townsfolk import Townsperson, file
from tests.browser.backstage import Backstage, townsfolk_apart
from tests.browser.conftest import OpenBrowser
from tests.browser.onlooker import told
from tests.browser.seats import Desk

TROUBLES: dict[str, tuple[Callable[[Backstage], None], str]] = {
    "keeper": (lambda backstage: backstage.kill("keeper"), "金庫に接続できません"),
    "database": (lambda backstage: backstage.stop_database(), "データベースに接続できません"),
}
POLL = 25_000  # milliseconds: the page asks each 20 s whether its person is still there
ROUNDS = 300  # of asking at most, some milliseconds each: an answer counts for a second
ALWAYS = 99  # answers that say so while the trouble lasts


@pytest.fixture(autouse=True)
def _over(backstage: Backstage) -> Iterator[None]:
    """Whatever a test did, the next one finds everything running."""
    yield
    backstage.heal()


@pytest.mark.parametrize("part", TROUBLES)
def test_the_desk_says_so_shows_nobody_and_recovers_by_itself(
    backstage: Backstage, visit: OpenBrowser, everyone: list[Townsperson], part: str
) -> None:
    strike, sentence = TROUBLES[part]
    folk = townsfolk_apart(3, seed=21 + len(part))
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    job = backstage.job(f"TROUBLE-{part}", operator)
    backstage.receive(job, file(person.cells() for person in folk))
    desk = Desk(visit(operator), folk)
    page = desk.page
    page.goto(f"/desk/{job}")
    desk.press("Enter")
    person = desk.person()
    results = backstage.count("results")

    desk.visit.onlooker.expect(*[503] * ALWAYS)
    strike(backstage)
    desk.press("5", "Enter")  # the result of a call, at the worst of moments
    expect(page.locator(".lead")).to_contain_text(sentence)
    expect(page.locator("main")).to_contain_text("どなたの情報も表示していません")
    assert told(desk.visit.look(), folk) == []

    backstage.heal()
    assert desk.person() == person  # nobody touched a key
    assert backstage.count("results") == results
    desk.press("5", "Enter")
    desk.next_than(person)
    assert backstage.count("results") == results + 1


def test_a_page_that_nobody_touches_loses_its_person_with_the_keeper(
    backstage: Backstage, visit: OpenBrowser, everyone: list[Townsperson]
) -> None:
    folk = townsfolk_apart(2, seed=33)
    everyone.extend(folk)
    operator = backstage.member(Role.OPERATOR)
    job = backstage.job("TROUBLE-untouched", operator)
    backstage.receive(job, file(person.cells() for person in folk))
    desk = Desk(visit(operator), folk)
    page = desk.page
    page.clock.install()
    page.goto(f"/desk/{job}")
    desk.press("Enter")
    person = desk.person()
    page.clock.run_for(POLL)
    assert desk.person() == person

    desk.visit.onlooker.expect(*[503] * ALWAYS)
    backstage.kill("keeper")
    nobody = page.get_by_text("どなたの情報も表示していません")
    for _ in range(ROUNDS):
        page.clock.run_for(POLL)
        if nobody.count():
            break
    expect(nobody).to_be_visible()
    assert told(desk.visit.look(), folk) == []


def test_signing_in_says_so_too(backstage: Backstage, visit: OpenBrowser) -> None:
    guest = visit()
    guest.onlooker.expect(503)
    guest.page.goto("/sign-in")
    guest.page.get_by_label("ログイン名").fill("somebody")
    guest.page.get_by_label("パスワード").fill("a password of mine")
    backstage.stop_database()
    guest.page.get_by_role("button", name="次へ").click()
    expect(guest.page.locator("body")).to_contain_text("データベースに接続できません")
