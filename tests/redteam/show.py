"""The show: what a thief tries, live, and what it got at the end. Japanese and English."""

from __future__ import annotations

import os
import time
from contextlib import AbstractContextManager
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from calllist.commands.console import language
from tests.redteam.raid import Raid, Step
from tests.redteam.roles import Role
from tests.redteam.scene import Scene

CODES = 3  # refusal codes shown of one step
MEGA = 1_000_000


class Show:
    """Speaks on one terminal about one role."""

    def __init__(self, console: Console, role: Role) -> None:
        self._console, self._role = console, role
        self._began = time.monotonic()
        self._seen = 0

    def waiting(self, ja: str, en: str) -> AbstractContextManager[Any]:
        """Something that takes a moment."""
        return self._console.status(f"{ja} / {en}")

    def begin(self, scene: Scene) -> None:
        """Who robs whom, with what."""
        role = self._role
        table = Table.grid(padding=(0, 2))
        table.add_row("盗む人", f"[bold]{role.ja}[/]  {role.en}")
        table.add_row("持ち物", f"{role.holds_ja}\n[dim]{role.holds_en}[/]")
        people, others = len(scene.folk), len(scene.others)
        table.add_row(
            "標的",
            f"架空の{people + others}名（うち{others}名は別の委託元）\n"
            f"[dim]{people + others} fictional people, {others} of them another entrustor's[/]",
        )
        most = f"{role.most}名（勤務者の上限）" if role.most else "0名"
        table.add_row("許される数", f"{most}  [dim]at most {role.most}[/]")
        table.add_row("右の数", "入手した人の累計  [dim]at the right: people obtained so far[/]")
        title = f"make thief ROLE={role.name}"
        self._console.print(Panel(table, title=title, border_style="red", padding=(1, 2)))
        self._began = time.monotonic()

    def step(self, step: Step) -> None:
        """One kind of attempt is over."""
        grew = step.people - self._seen
        self._seen = step.people
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(width=2)
        table.add_column(ratio=1)
        table.add_column(justify="right", no_wrap=True)
        mark = "[bold yellow]●[/]" if grew else "[bold green]✗[/]"
        people = f"[bold yellow]{step.people}名[/]" if step.people else "[green]0名[/]"
        table.add_row(mark, f"[bold]{step.ja}[/]", people)
        codes = "  ".join(f"{code} {count:,}" for code, count in step.refused.most_common(CODES))
        table.add_row("", f"[dim]{step.en}[/]", "")
        table.add_row("", f"試行 {step.tried:,}  拒否 {step.refusals:,}  [dim]{codes}[/]", "")
        self._console.print(table)

    def end(self, raid: Raid, ledgered: set[str]) -> int:
        """The figures, and the last line. 1 if the promise was broken."""
        people, most = raid.loot.people, self._role.most
        tried = sum(step.tried for step in raid.steps)
        refused = sum(step.refusals for step in raid.steps)
        table = Table.grid(padding=(0, 2))
        table.add_row("試行 attempts", f"{tried:,}")
        table.add_row("拒否 refusals", f"{refused:,}")
        table.add_row("調べた量 searched", f"{raid.loot.bytes / MEGA:,.1f} MB")
        table.add_row("時間 time", f"{time.monotonic() - self._began:.0f} s")
        missing = [person for person in people if person.reference not in ledgered]
        if most:
            table.add_row("台帳にある people in the ledger", f"{len(ledgered)} / {len(people)}")
        good = len(people) <= most and not missing
        self._console.print(Panel(table, border_style="green" if good else "red", padding=(0, 2)))
        told = last_line(len(people), most if good else 0, language(os.environ))
        self._console.print(told, highlight=False, markup=False, soft_wrap=True)
        return 0 if good else 1


def last_line(people: int, most: int, lang: str = "en") -> str:
    """What the show ends with, for eyes and for whoever reads it by program."""
    within = bool(people and most)
    if lang == "ja":
        told = f"得られた人数: {people}名"
        told += f"（上限の{most}名以内、全員が台帳にあります）" if within else ""
        return f"{told} / people obtained: {people}"
    if within:
        return f"people obtained: {people} (at most the budget {most}, every one in the ledger)"
    return f"people obtained: {people}"
