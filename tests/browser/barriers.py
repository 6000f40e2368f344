"""What keeps people from using a page: axe-core's judgement, zoom, and the keyboard alone."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SMALL, ZOOMED = {"width": 1366, "height": 768}, {"width": 683, "height": 384}
# By how much the page sticks out to the right.
CUT_OFF = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
# Boxes that scroll sideways and that the keyboard does not come to, or that have no name.
CLOSED = """() => [...document.body.querySelectorAll("*")].filter((box) =>
    ["auto", "scroll"].includes(getComputedStyle(box).overflowX)
    && box.scrollWidth > box.clientWidth + 1 && !box.matches("input, textarea, select")
    && !(box.tabIndex === 0 && box.getAttribute("role") === "region"
      && (box.ariaLabel || box.getAttribute("aria-labelledby"))))
  .map((box) => box.outerHTML.slice(0, 120))"""
# Every control in sight gets a number, in the order of the page; of radios, the one Tab comes to.
NUMBERED = """() => {
  const radios = new Set();
  const all = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
  const controls = all.filter((one) => {
    if (one.disabled || !one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.type !== "radio") return true;
    const group = (one.form ?? document).querySelector(`[name="${one.name}"]:checked`);
    if (group ? group !== one : radios.has(one.name)) return false;
    radios.add(one.name);
    return true;
  });
  controls.forEach((one, number) => { one.dataset.stop = number; });
  const before = document.createElement("span"); // Tab starts here, whatever had the focus
  before.tabIndex = -1;
  document.body.prepend(before);
  before.focus({ preventScroll: true });
  return controls.map((one) => one.outerHTML.slice(0, 100));
}"""
# Where the keyboard is, and whether one sees it.
STOPPED = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const drawn = [here, here.nextElementSibling].filter((one) => one).map((one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  });
  return { number: Number(here.dataset.stop ?? -1), seen: here.type === "radio"
    ? drawn.some((one) => one) : drawn[0], what: here.outerHTML.slice(0, 100) };
}"""
DATES = "[type=date], [type=month], [type=datetime-local]"
PARTS = 8  # of such a field, at most: each takes a Tab of its own
NEW = -1  # a stop that came while we walked
WALKS = 5
AXE = Axe()


def barriers(page: Page) -> list[str]:
    """What axe-core finds on the page, as it is: the rule, and where. The watermark is faint on
    purpose: decoration, which no screen reader reads and WCAG 1.4.3 leaves out."""
    found = AXE.run(page, context={"exclude": [[".watermark"]]}).response["violations"]
    return [
        f"{one['id']}: {' | '.join(str(node['target']) for node in one['nodes'])}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def zoomed(page: Page) -> tuple[int, list[str]]:
    """At 200 % zoom: pixels that stick out of the page, boxes whose rest no key brings in sight."""
    page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    found = page.evaluate(CUT_OFF), page.evaluate(CLOSED)
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    return found


def missed_by_tab(page: Page) -> list[str]:
    """Controls that Tab does not come to, comes to too early, or does not mark. A page that says
    itself anew on the way (the live board) is walked again."""
    for _ in range(WALKS):
        found, whole = _walked(page)
        if whole:
            break
    return found


def _walked(page: Page) -> tuple[list[str], bool]:
    """What a walk by Tab finds, and whether every stop was there when it began."""
    controls = page.evaluate(NUMBERED)
    reached: list[int] = []
    wrong: list[str] = []
    for _ in range(len(controls) + PARTS * page.locator(DATES).count() + 1):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOPPED)
        if stop is None or (reached and stop["number"] == 0):
            break
        if stop["number"] in reached[-1:]:
            continue  # the next part of a date
        reached.append(stop["number"])
        if not stop["seen"]:
            wrong.append(f"not marked: {stop['what']}")
    missed = [what for number, what in enumerate(controls) if number not in reached]
    order = [] if reached == sorted(reached) else [f"order: {reached}"]
    return wrong + order + [f"missed: {what}" for what in missed], NEW not in reached
