"""What a thief does, step by step: each attempt is made, its answer searched, its refusal counted.

step = raid.step("他の方を開く", "open the others")
reply = await raid.say(step, client, Open(...))       # a verb of the keeper
answer = await raid.ask(step, seat, "GET", "/jobs")   # HTTP, as this person
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.wire.base import Request
from crypto.wire.client import KeeperClient
from tests.platform import Keyboard
from tests.redteam.loot import Loot
from tests.redteam.scene import Scene

PROBLEM = re.compile(r"problem=([a-z_]+)")  # where a form is answered with a redirect
ANSWERED = 400  # statuses from here on are refusals
CUT = "cut_off"  # the keeper ended the connection: outside the schema, or nobody it knows
HTML = "text/html"


@dataclass
class Step:
    """One kind of attempt."""

    ja: str
    en: str
    tried: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    people: int = 0  # obtained so far, when the step was over
    bytes: int = 0

    @property
    def refusals(self) -> int:
        return self.refused.total()


@dataclass
class Raid:
    """One thief at work. `tell` hears of each step when the next one begins."""

    scene: Scene
    loot: Loot
    tell: Callable[[Step], None] = lambda _: None
    steps: list[Step] = field(default_factory=list)

    def step(self, ja: str, en: str) -> Step:
        """What is tried next."""
        self.end()
        self.steps.append(Step(ja, en))
        return self.steps[-1]

    def end(self) -> None:
        """Tell of the last step."""
        if self.steps and not self.steps[-1].bytes:
            last = self.steps[-1]
            last.people, last.bytes = len(self.loot.people), max(1, self.loot.bytes)
            self.tell(last)

    async def say(self, step: Step, keeper: KeeperClient, request: Request[Any]) -> Any:
        """One verb; its reply, or None if it was refused."""
        step.tried += 1
        try:
            reply = await keeper.call(request)
        except Refusal as refused:
            step.refused[refused.code] += 1
            return None
        except KeeperUnavailable:
            step.refused[CUT] += 1
            return None
        self.loot.add(reply)
        return reply

    async def ask(
        self, step: Step, seat: Keyboard | httpx.AsyncClient, method: str, path: str, **how: Any
    ) -> httpx.Response:
        """One HTTP request; whatever it answers, a refusal too, is searched."""
        step.tried += 1
        asking = seat.ask if isinstance(seat, Keyboard) else seat.request
        answer = await asking(method, path, **how)
        self.loot.add(answer.content)
        self.loot.add(str(answer.headers))
        if answer.status_code >= ANSWERED:
            step.refused[_code(answer)] += 1
        elif "/sign-in" in (place := answer.headers.get("location", "")):
            step.refused["not_signed_in"] += 1
        elif problem := PROBLEM.search(place):
            step.refused[problem[1]] += 1
        return answer

    def took(self, step: Step, content: object) -> None:
        """Something was copied without asking anybody."""
        step.tried += 1
        self.loot.add(content)


def _code(answer: httpx.Response) -> str:
    if "json" in answer.headers.get("content-type", ""):
        body = answer.json()
        if isinstance(body, dict) and "code" in body:
            return str(body["code"])
    return f"http_{answer.status_code}"
