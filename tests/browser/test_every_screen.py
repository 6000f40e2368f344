"""Every screen, for everybody: one language at a time, no serious barriers, zoomed, by keyboard.

No Japanese is left on an English page, and the other way round. Left out: data and names, the
other language's own button, commands, hashes, a file's headers. Barriers are what axe-core calls
serious or critical, in either language. At 200 % zoom of the smallest screen (1366 × 768) nothing
is cut off, and what scrolls in a box of its own scrolls by key. Tab comes to every control.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from calllist.people.roles import Role
from demo.onboarding import Member
from demo.townsfolk import CITY, Townsperson
from tests.browser.backstage import Backstage, townsfolk_apart, troubled
from tests.browser.barriers import SMALL, barriers, missed_by_tab, zoomed
from tests.browser.conftest import OpenBrowser, Visit
from tests.world import upload_of

JAPANESE = re.compile(r"[\u3041-\u30fa\u30fc-\u30ff\u3400-\u9fff々〆〇]")
SENTENCE = re.compile(r"\b[A-Za-z][a-z']+(?: [a-z']{2,}){2,}")
WORDS = """() => {
  const headers = "table.tight td:nth-child(2), td .tabular + .muted";
  const skip = `script, style, pre, kbd, .mono, .hash, [lang]:not(html), ${headers}`;
  const told = [document.title];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (!walk.currentNode.parentElement.closest(skip)) told.push(walk.currentNode.data);
  }
  for (const one of document.body.querySelectorAll("*")) {
    if (one.closest(skip)) continue;
    for (const name of ["placeholder", "aria-label", "alt", "title", "data-sending", "data-sealing",
                        "data-rows", "data-broken", "data-line", "data-column"]) {
      if (one.hasAttribute(name)) told.push(one.getAttribute(name));
    }
  }
  return told.map((text) => text.trim()).filter((text) => text);
}"""
PLAYERS = re.compile("架空(?:市|コール株式会社|管理者|担当|新人|第?[0-9]+号?)|本社")
DOORS = ("/sign-in", "/welcome", "/nowhere")
OFFLINE = ("/open", "/check")  # one page in both languages
SCROLLED = """() => ["html", ".result-scroll"].map((name) => document.querySelector(name))
  .map((box) => box.scrollHeight - box.clientHeight)"""  # what of page and results is out of sight
FOREIGN = {"ja": SENTENCE, "en": JAPANESE}


@dataclass
class Sights:
    """What there is to see, and by whom."""

    everybody: dict[Role, Member]
    places: dict[Role, list[str]]
    names: list[str]  # data and names, longest first


@pytest.fixture(scope="module")
def sights(backstage: Backstage, everyone: list[Townsperson]) -> Sights:
    """A job with a receipt full of findings, one that has ended, a certificate, results."""
    folk = townsfolk_apart(6, seed=51)
    everyone.extend(folk)
    everybody = {role: backstage.member(role) for role in Role}
    busy = backstage.job("BUSY-1", everybody[Role.OPERATOR])
    receipt = backstage.receive(busy, troubled(folk[:3], folk[3:]))
    empty = backstage.job("EMPTY-1")
    backstage.end(backstage.receive(backstage.job("OVER-1"), upload_of(folk[3:])))
    names = {CITY, *(part for one in folk for part in parts(one))}
    return Sights(
        everybody,
        {
            Role.MANAGER: [
                *("/jobs", f"/jobs/{busy}", f"/jobs/{empty}", f"/jobs/{empty}/upload"),
                *(
                    f"/jobs/{busy}/{one}"
                    for one in ("script", "reports", "revisions", "withdrawals", "seal")
                ),
                *(f"/lists/{receipt}", "/floor", "/certificates", "/command"),
            ],
            Role.SUPERVISOR: [
                "/floor",
                *(f"/jobs/{busy}/{one}" for one in ("script", "reports", "revisions")),
            ],
            Role.OPERATOR: ["/desk", f"/desk/{busy}"],
            Role.ENTRUSTOR: [
                *("/held", f"/held/{receipt}/destroy", "/results", "/certificates", "/calls"),
                *(f"/jobs/{busy}/{one}" for one in ("reports", "withdrawals", "seal")),
                *("/statements", "/command"),
            ],
            Role.AUDITOR: ["/held", "/certificates", f"/lists/{receipt}", f"/jobs/{busy}/reports"],
            Role.ADMINISTRATOR: ["/people", "/statements"],
        },
        sorted(names, key=len, reverse=True),
    )


def parts(person: Townsperson) -> Iterator[str]:
    """What a desk may show of somebody."""
    yield from (person.name, person.kana, *person.name.split("　"), *person.kana.split("　"))
    yield person.subject


@pytest.mark.parametrize("role", list(Role))
def test_every_screen_speaks_one_language_at_a_time(
    visit: OpenBrowser, sights: Sights, role: Role
) -> None:
    one = visit(sights.everybody[role])
    for place in sights.places[role]:
        one.page.goto(place)
        both(one, sights.names)


def test_the_doors_too(visit: OpenBrowser, sights: Sights) -> None:
    guest = visit()
    guest.onlooker.expect(*[404] * 4)
    for place in DOORS:
        guest.page.goto(place)
        both(guest, sights.names)


def test_the_offline_pages_too(visit: OpenBrowser) -> None:
    guest = visit()
    for place in OFFLINE:
        guest.page.goto(place)
        assert zoomed(guest.page) == (0, []), place
        for button, other in (("English", JAPANESE), ("日本語", SENTENCE)):
            guest.page.get_by_role("button", name=button).click()
            choices = guest.page.locator("option").all_text_contents()
            assert [text for text in choices if other.search(text)] == [], place
            assert barriers(guest.page) == [], place


def test_the_desk_too_at_every_stage(visit: OpenBrowser, sights: Sights) -> None:
    operator = visit(sights.everybody[Role.OPERATOR])
    page = operator.page
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    page.goto(sights.places[Role.OPERATOR][1])
    page.get_by_role("button", name="次の方へ").click()
    expect(page.locator(".big-name")).to_be_visible()
    assert page.evaluate(SCROLLED) == [0, 0]
    both(operator, sights.names)
    here = page.url
    page.goto(f"{here}/elsewhere")
    both(operator, sights.names)
    page.goto(here)
    for code in ("tries_used", "not_understood", "call_back_missing", "lease_held"):
        page.goto(f"{here}?problem={code}")
        both(operator, sights.names, "main .notice.bad")
    page.goto(here)
    page.locator("#said-birth_date").fill("1900/1/1")
    page.locator("#said-birth_date").press("Enter")
    both(operator, sights.names, ".verdict")
    supervisor = visit(sights.everybody[Role.SUPERVISOR])
    page.goto(f"{here}/transfer")
    both(operator, sights.names)
    asked = sights.everybody[Role.SUPERVISOR].name
    page.get_by_role("button", name=f"{asked}さんに依頼する").click()
    expect(page.locator(".asked")).to_be_visible()
    assert page.evaluate(SCROLLED) == [0, 0]
    both(operator, sights.names)
    supervisor.page.goto("/floor")
    expect(supervisor.page.locator(".asking")).to_be_visible()
    both(supervisor, sights.names)
    operator.onlooker.expect(404)
    supervisor.page.get_by_role("button", name="引き受ける").click()
    expect(supervisor.page.locator(".big-name")).to_be_visible()
    assert supervisor.page.evaluate(SCROLLED) == [0, 0]
    both(supervisor, sights.names)
    supervisor.page.goto("/floor")
    both(supervisor, sights.names)


def test_the_certificate_too(visit: OpenBrowser, sights: Sights) -> None:
    officer = visit(sights.everybody[Role.ENTRUSTOR])
    officer.page.goto("/held")
    certified = officer.page.locator("tr", has_text="OVER-1").get_by_role("link", name="証明書")
    certified.click(timeout=40_000)
    both(officer, sights.names)


def both(visit: Visit, names: Iterable[str], shown: str | None = None) -> None:
    """The page as it is, and by the switch in English, then in Japanese again. `shown` is what
    it is judged for: in sight both times."""
    page, here = visit.page, visit.page.url
    judge(visit, names, shown)
    if shown is None:  # a notice brings no control
        assert missed_by_tab(page) == [], here
    switch(page, "English", "en")
    judge(visit, names, shown)
    assert zoomed(page) == (0, []), here
    switch(page, "日本語", "ja")


def judge(visit: Visit, names: Iterable[str], shown: str | None) -> None:
    """One page in one language."""
    page = visit.page
    if shown:
        expect(page.locator(shown)).to_be_in_viewport(ratio=1)
    foreign = FOREIGN[page.locator("html").get_attribute("lang") or ""]
    left = [text for text in without(page.evaluate(WORDS), names) if foreign.search(text)]
    assert left == [], page.url
    visit.look()
    assert barriers(page) == [], page.url


def switch(page: Page, button: str, lang: str) -> None:
    """The button leads back to the same page in the other language."""
    here = page.url
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", lang)
    assert page.url.split("?")[0] == here.split("?")[0]


def without(texts: Iterable[str], names: Iterable[str]) -> Iterator[str]:
    """The texts without these names."""
    for text in texts:
        rest = text
        for name in names:
            rest = rest.replace(name, "")
        yield PLAYERS.sub("", rest)
