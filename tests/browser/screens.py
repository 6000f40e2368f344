"""A picture of every screen, in both languages, from a running demonstration (`make run`).

    python -m tests.browser.screens FOLDER        PORT= as given to `make run`

Signs in as everybody through the demonstration's own page and walks the menus like a
visitor. The operator takes one person and gives them back with "interrupted". Pictures are
named role-screen-language.png.
"""

import asyncio
import os
import sys
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from playwright.async_api import Error as BrowserError

ORIGIN = f"http://localhost:{os.environ.get('PORT', '8000')}"
DEBIANS = Path("/usr/bin/chromium")
CHROMIUM = os.environ.get("CHROMIUM") or (DEBIANS if DEBIANS.exists() else None)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SIZE = {"width": 1366, "height": 768}
ENOUGH = 3  # things of one kind
CODE_PATIENCE = 70  # seconds: a one-time code is good once, the next begins each half minute
PEOPLE = {
    "manager": "hoshino",
    "supervisor": "ota",
    "operator": "sato",
    "entrustor": "aoki",
    "auditor": "matsui",
    "administrator": "onodera",
}
BESIDE = ("script", "upload", "withdrawals", "seal")  # buttons of a job lead there, below it
DOORS = {"sign-in": "/sign-in", "welcome": "/welcome", "demo": "/demo", "not-found": "/nowhere"}


class Camera:
    """Takes a page's picture in both languages and says where it is."""

    def __init__(self, folder: Path, role: str) -> None:
        self._folder = folder
        self._role = role

    async def take(self, page: Page, name: str) -> None:
        """The page as it is, in Japanese and in English. Only for pages that may be reloaded."""
        for lang in ("en", "ja"):
            await page.context.add_cookies([{"name": "lang", "value": lang, "url": ORIGIN}])
            await page.reload()
            file = self._folder / f"{self._role}-{name}-{lang}.png"
            await page.screenshot(path=file, full_page=True)
            print(file)


async def main(folder: Path) -> None:
    """Every screen of every role."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        await _doors(browser, Camera(folder, "door"))
        for role, login in PEOPLE.items():
            context = await browser.new_context(viewport=SIZE, locale="ja-JP")  # type: ignore[arg-type]
            page = await _signed_in(context, login)
            camera = Camera(folder, role)
            if role == "operator":
                await _desk(page, camera)
            else:
                await _menu(page, camera)
            await context.close()
        await browser.close()


async def _doors(browser: Browser, camera: Camera) -> None:
    page = await browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
    for name, path in DOORS.items():
        await page.goto(ORIGIN + path)
        await camera.take(page, name)
    await page.close()


async def _signed_in(context: BrowserContext, login: str) -> Page:
    page = await context.new_page()
    async with asyncio.timeout(CODE_PATIENCE):
        while True:
            await page.goto(f"{ORIGIN}/demo")
            await page.click(f"form:has(input[value='{login}']) button, button[value='{login}']")
            await page.wait_for_load_state()
            if "/demo" not in page.url:
                return page
            await asyncio.sleep(2)


async def _menu(page: Page, camera: Camera) -> None:
    """Every place of the menu, and below each the things that its tables link to."""
    places = await page.eval_on_selector_all(".nav a", "all => all.map(a => a.pathname)")
    wanted = [*BESIDE]
    for place in places:
        await page.goto(ORIGIN + place)
        name = place.strip("/")
        await camera.take(page, name)
        await _below(page, camera, name, wanted, depth=2)
    if await page.query_selector("a[href='/command']"):
        await page.goto(f"{ORIGIN}/command")
        await camera.take(page, "command")


async def _below(page: Page, camera: Camera, name: str, wanted: list[str], *, depth: int) -> None:
    links = await page.eval_on_selector_all("a.row-link", "all => all.map(a => a.pathname)")
    for number, link in enumerate([*dict.fromkeys(links)][:ENOUGH], 1):
        await page.goto(ORIGIN + link)
        below = f"{name}-{number}"
        await camera.take(page, below)
        await _beside(page, camera, below, wanted)
        if depth > 1:
            await page.goto(ORIGIN + link)
            await _below(page, camera, below, wanted, depth=depth - 1)


async def _beside(page: Page, camera: Camera, name: str, wanted: list[str]) -> None:
    """Each of the wanted screens, once, from the first page with a button for it."""
    for screen in [*wanted]:
        button = await page.query_selector(f"a[href$='/{screen}']")
        if button is not None:
            await button.click()
            await page.wait_for_load_state()
            await camera.take(page, f"{name}-{screen}")
            wanted.remove(screen)
            if screen != "withdrawals":  # from there it goes on to the one that encrypts
                await page.go_back()


async def _desk(page: Page, camera: Camera) -> None:
    """The operator: jobs, rest, one person before the call and after a wrong answer."""
    await page.goto(f"{ORIGIN}/desk")
    await camera.take(page, "desk")
    for link in await page.eval_on_selector_all("a.row-link", "all => all.map(a => a.pathname)"):
        await page.goto(ORIGIN + link)
        if "/leases/" not in page.url:
            await camera.take(page, "rest")
            await page.click(".rest form button")
            await page.wait_for_load_state()
        if "/leases/" in page.url:
            await _person(page, camera)
            return


async def _person(page: Page, camera: Camera) -> None:
    here = page.url
    await camera.take(page, "person-dialling")
    if await page.query_selector("input[name=said]"):
        await page.fill("input[name=said] >> nth=0", "1900/1/1")
        await page.press("input[name=said] >> nth=0", "Enter")
        await page.wait_for_load_state()
        await camera.take(page, "person-answered")
    await page.goto(f"{here.split('?')[0]}/transfer")
    await camera.take(page, "transfer")
    await page.goto(here)
    await page.check("input[name=code][value='90']", force=True)
    await page.click("button[value=rest]")
    await page.wait_for_load_state()
    await camera.take(page, "rest-after")


if __name__ == "__main__":
    pictures = Path(sys.argv[1] if len(sys.argv) > 1 else "screens")
    pictures.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(main(pictures))
    except BrowserError as error:
        if "ERR_CONNECTION_REFUSED" not in str(error):
            raise
        sys.exit(f"Nothing answers at {ORIGIN}. Start the demonstration first: make run")
