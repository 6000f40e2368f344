"""Looks over everybody's shoulder: what a browser is shown, keeps, asks for and complains about.

Every browser of these tests has one. It fails the test for an error in the console, a
request to another host, a trace of a person where browsers remember (addresses, titles,
history, storage), and a page wider than the screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from playwright.sync_api import BrowserContext, CDPSession, ConsoleMessage, Page, Request, WebError

from demo.townsfolk import CITY, Townsperson

KEPT = """async () => JSON.stringify([
  document.title, location.href, document.cookie, window.name, history.state,
  {...localStorage}, {...sessionStorage},
  await indexedDB.databases(),
  "caches" in self ? await caches.keys() : [],
])"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
STATUS = re.compile(r"the server responded with a status of (\d{3})")
NUMBER = re.compile(r"(?<![\d*])0\d{1,3}[-－ ]?\d{2,4}[-－ ]?\d{3,4}(?![\d*])")


class Onlooker:
    """Watches one browser (a context) of a town in which `folk` live."""

    def __init__(self, context: BrowserContext, origin: str, folk: list[Townsperson]) -> None:
        """`folk` may grow later: every look is at all of them."""
        self._origin = origin
        self._folk = folk
        self._expected: list[int] = []
        self._sessions: dict[Page, CDPSession] = {}
        self.complaints: list[str] = []
        context.on("console", self._heard)
        context.on("weberror", self._broke)
        context.on("request", self._asked)

    def expect(self, *statuses: int) -> None:
        """The next answers with these statuses are part of the play."""
        self._expected.extend(statuses)

    def look(self, page: Page) -> str:
        """Look at a page now, or at the one that is just coming. Returns its HTML."""
        page.wait_for_load_state("domcontentloaded")
        if page not in self._sessions:
            self._sessions[page] = page.context.new_cdp_session(page)
        history = self._sessions[page].send("Page.getNavigationHistory")
        kept = f"{page.evaluate(KEPT)} {history}"
        if found := told(kept, self._folk):
            self.complaints.append(f"kept by the browser at {page.url}: {found}")
        if (wider := page.evaluate(OVERFLOW)) > 0:
            self.complaints.append(f"{page.url} is {wider} pixels wider than the screen")
        return page.content()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        status = STATUS.search(message.text)
        if status and int(status[1]) in self._expected:
            self._expected.remove(int(status[1]))
            return
        self.complaints.append(f"console: {message.text}")

    def _broke(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self._origin + "/", "data:image/")):
            self.complaints.append(f"a request to {request.url}")
        if found := told(request.url, self._folk):
            self.complaints.append(f"an address tells of somebody: {found}")


def told(text: str, folk: Iterable[Townsperson]) -> list[str]:
    """Every trace of anybody in a text."""
    return [trace for person in folk for trace in everything(person) if trace in text]


def never(person: Townsperson) -> set[str]:
    """What no page may hold of a person at any stage (number and birth day in any writing)."""
    born, plain = person.born, person.phone.replace("-", "")
    return {
        *(person.phone, plain, f"+81{plain[1:]}", f"81{plain[1:]}"),
        *(f"{born.year}/{born.month}/{born.day}", born.isoformat(), f"{born:%Y/%m/%d}"),
        *(f"{born:%Y%m%d}", f"{born.year}年{born.month}月{born.day}日"),
        *(person.postal, person.postal.replace("-", ""), person.reference),
        *(person.address, person.address.removeprefix(CITY)),
    }


def not_yet(person: Townsperson) -> set[str]:
    """What only the identity check brings to sight."""
    given = person.name.split("　")[1]
    return {person.name, person.name.replace("　", ""), given, person.subject, person.due}


def everything(person: Townsperson) -> set[str]:
    """Whatever tells of a person."""
    return {person.name, person.kana, person.kana.replace("　", ""), *never(person)}


def beyond(
    html: str, person: Townsperson, others: Sequence[Townsperson], *, known: bool
) -> list[str]:
    """What a page with this person in hand holds that its stage does not permit."""
    found = [trace for trace in never(person) if trace in html]
    if not known:
        found += [trace for trace in not_yet(person) if trace in html]
    found += told(html, [other for other in others if other is not person])
    return found + NUMBER.findall(re.sub(r"<[^>]*>", " ", html))
