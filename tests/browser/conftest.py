"""A real Chromium in front of the real, whole platform. Both start once for this folder.

Without Chromium these tests fail: a browser that is not there has tested nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from calllist.web.access import GRANT, SESSION
from demo.onboarding import Member
from demo.townsfolk import Townsperson
from tests.browser.backstage import Backstage
from tests.browser.onlooker import Onlooker

DEBIANS = Path("/usr/bin/chromium")
CHROMIUM = os.environ.get("CHROMIUM") or (DEBIANS if DEBIANS.exists() else None)
# The same engine without the windows that nobody sees here: a quarter less of the processor.
# It keeps no pages for Back; where that is tested, `CHROMIUM` is taken.
SHELL = Path("/usr/bin/chromium-headless-shell")
WINDOWLESS = os.environ.get("CHROMIUM") or (SHELL if SHELL.exists() else CHROMIUM)
# Two pages behind the address bar, that nobody sees: a second of work for each window.
UNSEEN = "WebUIOmniboxPopup,WebUIOmniboxAimPopup"
# What the driver itself turns off: only the last list counts.
DRIVERS = (
    "AimEnabled,AvoidCorsURLLoaderRestartOnRedirect,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,"
    "MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,PreconnectToSearch,"
    "ThirdPartyStoragePartitioning"
)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={UNSEEN},{DRIVERS}",
)
SCREEN = {"width": 1366, "height": 768}
PATIENCE = 15_000  # milliseconds, on a busy machine


class Visit:
    """One person's browser: a page, and who looks over the shoulder."""

    def __init__(self, context: BrowserContext, onlooker: Onlooker) -> None:
        self.context = context
        self.onlooker = onlooker
        self.page: Page = context.new_page()

    def look(self) -> str:
        """The page's HTML; the onlooker looks, too."""
        return self.onlooker.look(self.page)


OpenBrowser = Callable[..., Visit]


@pytest.fixture(scope="package")
def backstage() -> Iterator[Backstage]:
    """The platform and its world."""
    with tempfile.TemporaryDirectory(prefix="clb-") as folder:
        made = Backstage(Path(folder))
        made.start()
        yield made
        made.close()


@pytest.fixture(scope="package")
def chromium(backstage: Backstage) -> Iterator[Browser]:
    """The browser. It comes after the platform: its driver occupies this thread."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=WINDOWLESS, args=[*QUIET])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def everyone() -> list[Townsperson]:
    """All people on any list of this town; whoever uploads a list adds its people."""
    return []


@pytest.fixture
def visit(
    backstage: Backstage, chromium: Browser, everyone: list[Townsperson]
) -> Iterator[OpenBrowser]:
    """Opens browsers, on whose desk nothing else is: `visit()`, or signed in: `visit(member)`.
    browser: another one than the package's.

    When the test ends, nobody may have a reason to complain.
    """
    opened: list[Visit] = []

    def open_one(
        member: Member | None = None, *, script: bool = True, browser: Browser = chromium
    ) -> Visit:
        context = browser.new_context(
            viewport=SCREEN,  # type: ignore[arg-type]
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            base_url=backstage.origin,
            java_script_enabled=script,
        )
        context.set_default_timeout(PATIENCE)
        if member is not None:
            context.add_cookies(_of_a_shift(backstage.origin, member))  # type: ignore[arg-type]
        opened.append(Visit(context, Onlooker(context, backstage.origin, everyone)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.context.close()
    assert [complaint for one in opened for complaint in one.onlooker.complaints] == []


def _of_a_shift(origin: str, member: Member) -> list[dict[str, object]]:
    """The cookies that signing in has left behind."""
    secure = origin.replace("http:", "https:")  # what a driver asks of `__Host-` cookies
    common = {"url": secure, "httpOnly": True, "sameSite": "Strict"}
    return [
        {"name": name, "value": value, **common}
        for name, value in ((SESSION, member.token), (GRANT, member.grant))
    ]
