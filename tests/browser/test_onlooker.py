"""The onlooker sees what it is there for: each thing planted in turn."""

from collections.abc import Iterator

import pytest

from tests.browser.backstage import townsfolk_apart
from tests.browser.conftest import OpenBrowser
from tests.browser.onlooker import beyond

PERSON, OTHER = townsfolk_apart(2, seed=41)
PLANTED = {
    "storage": f"localStorage.setItem('last', '{PERSON.reference}')",
    "session": f"sessionStorage.setItem('last', '{PERSON.phone}')",
    "title": f"document.title = '{PERSON.kana}'",
    "history": f"history.replaceState('{PERSON.name}', '')",
    "address": f"history.replaceState(null, '', '/sign-in?{PERSON.reference}')",
    "width": "document.body.style.minWidth = '3000px'",
    "console": "console.error('no')",
    "script": "setTimeout(() => { throw new Error('no') })",
    "policy": "document.head.appendChild(Object.assign(document.createElement('script'),"
    "{textContent: '1'}))",
    "stranger": "fetch('http://127.0.0.1:9/').catch(() => 0)",
}
FORGET = "localStorage.clear(), sessionStorage.clear(), history.replaceState(null, '', '/sign-in')"


@pytest.fixture(autouse=True)
def _known(everyone: list[object]) -> Iterator[None]:
    everyone.append(PERSON)
    yield
    everyone.remove(PERSON)


def test_what_is_planted_is_found(visit: OpenBrowser) -> None:
    guest = visit()
    for what, script in PLANTED.items():
        guest.page.goto("/sign-in")
        guest.look()
        assert not guest.onlooker.complaints, what
        guest.page.evaluate(script)
        guest.page.wait_for_timeout(0)  # lets the browser's messages in
        guest.look()
        assert guest.onlooker.complaints, what
        guest.page.evaluate(FORGET)
        guest.onlooker.complaints.clear()


def test_a_page_that_shows_too_much_is_found() -> None:
    fine = f"<p>{PERSON.kana}様 090-****-*{PERSON.phone[-3:]} みなと野市****</p>"
    assert beyond(fine, PERSON, [PERSON, OTHER], known=False) == []
    for more in (PERSON.phone, PERSON.name, PERSON.subject, OTHER.kana, "090-0000-0000"):
        assert beyond(f"{fine}<!-- {more} --><b title='{more}'>", PERSON, [OTHER], known=False) or (
            more == "090-0000-0000"
        )
    assert beyond(f"{fine}<b>090-0000-0000</b>", PERSON, [OTHER], known=True)
