"""`make bench-desk [SEATS=…] [SECONDS=…]`: the desk beside a bare one, and a whole centre at it.

A whole platform over HTTP, 69 entrustors with a job and a list each. The worker sweeps every other
second, as in the tests; the product's does every 30 (`Settings.sweep`).

    ratio       next, masked page, result, with the durable ledger: cycles a second beside those
                of FastAPI and PostgreSQL alone (`tests.bench.bare`), in turn, on this machine
    centre      SEATS operators, a call each 40 seconds, SECONDS long; between two calls each page
                asks once whether its person is still in hand, as the product's does
    board       the same for a while, and a manager has the live board of all seats open

*next* is from the key that seals the result until the next person's page has come; its time runs
from the moment at which it was due, so what our own load generator is late counts too. What it
takes of the machine is told (`load_cpu`, of one core). The last line is one JSON object.
"""

import argparse
import asyncio
import json
import math
import random
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from calllist.people import tokens
from calllist.web.access import GRANT, SESSION
from demo.onboarding import Member
from tests.bench import seats
from tests.bench.seats import Operator
from tests.bench.watching import Watcher
from tests.bench.wire import Answer, Dropped, Wire
from tests.platform import MARKS, WholePlatform, whole

LISTS = 69  # entrustors of the incident
CALL_SECONDS = 40.0
STILL_SECONDS = 20.0  # after which the page asks whether its person is still in hand
RESULTS = (10, 30, 30, 30, 11, 50)  # codes: what a call ends with, in turn
BOARD_SECONDS = 120.0  # at most
SPARE = 400  # people more on each list than the calls take
FORM = "application/x-www-form-urlencoded"


@dataclass
class Figures:
    """What was waited for, in milliseconds, and what went wrong, by kind."""

    took: list[float] = field(default_factory=list)
    stills: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    @staticmethod
    def percentile(took: Sequence[float], share: float) -> float:
        ordered = sorted(took)
        return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 1) if ordered else 0.0


class Seat:
    """One operator's browser: its requests are made once, what changes is the address."""

    def __init__(self, wire: Wire, operator: Operator, port: int) -> None:
        self._wire, self._job, self._token = wire, operator.job, operator.token
        cookie = f"{SESSION}={operator.token}; {GRANT}={operator.grant}"
        self._head = f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
        csrf = tokens.csrf(operator.token)
        self._begin = self._form({"csrf": csrf})
        self._ends = [self._form({"csrf": csrf, "code": c, "then": "next"}) for c in RESULTS]
        self._calls = 0
        self.page = ""  # of the person in hand

    def _form(self, fields: dict[str, Any]) -> str:
        body = urlencode(fields)
        return f"{self._head}Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n{body}"

    async def next(self, figures: Figures) -> bool:
        """Seal the result in hand, if any, and see the next person. False if that failed."""
        if self.page:
            ask = f"POST {self.page}/result{self._ends[self._calls % len(self._ends)]}"
        else:
            ask = f"POST /desk/{self._job}/next{self._begin}"
        self._calls += 1
        told = await self._wire.ask(ask.encode())
        place = told.location
        if told.status != 303 or not place.startswith("/leases/") or "?" in place:
            figures.errors[f"{told.status} {place.partition('?')[2] or place}"] += 1
            return False
        self.page = place
        shown = await self._wire.ask(f"GET {place}{self._head}\r\n".encode())
        if shown.status != 200:
            figures.errors[f"page {shown.status}"] += 1
        return shown.status == 200

    def rest(self) -> bytes:
        """The result of the last call, and nobody next."""
        csrf = tokens.csrf(self._token)
        ask = f"POST {self.page}/result{self._form({'csrf': csrf, 'code': 30, 'then': 'rest'})}"
        self.page = ""
        return ask.encode()

    async def leave(self) -> None:
        """End the call in hand, and the shift."""
        await self._wire.ask(self.rest())

    async def still(self) -> Answer:
        return await self._wire.ask(f"GET {self.page}/still{self._head}\r\n".encode())


async def guarded(
    ask: Callable[[], Awaitable[bool]], due: float, took: list[float], errors: Counter[str]
) -> None:
    """Count how long it took since it was due, or what went wrong."""
    try:
        if await ask():
            took.append((time.monotonic() - due) * 1000)
    except (OSError, Dropped) as error:
        errors[type(error).__name__] += 1


# -- the centre ------------------------------------------------------------------------------


async def calls(seat: Seat, figures: Figures, begin: float, end: float) -> None:
    """One operator's shift: a call each 40 seconds, beginning somewhere within the first."""

    async def still() -> bool:
        told = await seat.still()
        if told.status != 204:
            figures.errors[f"still {told.status}"] += 1
        return told.status == 204

    due = begin
    while due < end:
        await asyncio.sleep(due - time.monotonic())
        await guarded(lambda: seat.next(figures), due, figures.took, figures.errors)
        if seat.page and due + STILL_SECONDS < end:
            await asyncio.sleep(due + STILL_SECONDS - time.monotonic())
            await guarded(still, due + STILL_SECONDS, figures.stills, figures.errors)
        due += CALL_SECONDS
    if seat.page:
        await seat.leave()


async def shift(
    platform: WholePlatform,
    operators: Sequence[Operator],
    seconds: float,
    *watchers: Watcher,
) -> dict[str, Any]:
    """Everybody at work at once. The first 40 seconds, in which everybody sits down, count too."""
    wire, figures, chance = Wire("127.0.0.1", platform.port), Figures(), random.Random(6)
    watching = [asyncio.create_task(one.watch()) for one in watchers]
    began = time.monotonic() + 1
    before, own = cpu(platform), time.process_time()
    await asyncio.gather(
        *(
            calls(
                Seat(wire, one, platform.port),
                figures,
                began + chance.uniform(0, CALL_SECONDS),
                began + seconds,
            )
            for one in operators
        )
    )
    wire.close()
    lasted = time.monotonic() - began
    for one in watching:
        assert not one.done(), one.result()
        one.cancel()
    after = cpu(platform)
    for what, count in figures.errors.most_common(10):
        _say(f"  {count:,} times {what}")
    return {
        "seats": len(operators),
        "seconds": round(lasted),
        "calls": len(figures.took),
        "calls_per_s": round(len(figures.took) / lasted, 1),
        **{f"p{p}_ms": figures.percentile(figures.took, p / 100) for p in (50, 95, 99)},
        "max_ms": figures.percentile(figures.took, 1),
        "still_p99_ms": figures.percentile(figures.stills, 0.99),
        "errors": figures.errors.total(),
        "load_cpu": round((time.process_time() - own) / lasted, 2),
        **{f"{part}_cpu": round((after[part] - before[part]) / lasted, 2) for part in after},
    }


def cpu(platform: WholePlatform) -> dict[str, float]:
    """Seconds of processor that each part has used so far, its children included."""
    used = {}
    for part in ("web", "keeper", "postgres"):
        process = platform.process(part)
        assert process is not None, MARKS[part]
        used[part] = 0.0
        for one in [process, *process.children(recursive=True)]:
            try:
                times = one.cpu_times()
            except psutil.NoSuchProcess:
                continue
            used[part] += times.user + times.system
            if one is process:
                used[part] += times.children_user + times.children_system
    return used


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="make bench-desk", description=__doc__)
    parser.add_argument("--seats", type=int, default=4000)
    parser.add_argument("--seconds", type=float, default=600.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clbd-") as folder, whole() as platform:
        found = asyncio.run(_measure(platform, Path(folder), given.seats, given.seconds))
    print(json.dumps(found), flush=True)


async def _measure(
    platform: WholePlatform, folder: Path, count: int, seconds: float
) -> dict[str, Any]:
    from tests.bench import beside  # noqa: PLC0415  # it measures with the seats of this module

    board_seconds = min(seconds, BOARD_SECONDS)
    calls_each = math.ceil((seconds + board_seconds) / CALL_SECONDS + 2)
    each = math.ceil(count / LISTS) * calls_each + SPARE
    _say(f"{LISTS} lists of {each:,} people, {count:,} operators ...")
    began = time.monotonic()
    operators, manager = await seats.centre(
        platform, folder, seats=count, lists=LISTS, people_each=each
    )
    _say(f"ready after {time.monotonic() - began:.0f} s")
    found = await beside.ratio(platform, operators, folder)
    _say(json.dumps(found))
    found |= await shift(platform, operators, seconds)
    _say(json.dumps(found))
    return found | {"board": await _watched(platform, operators, board_seconds, manager)}


async def _watched(
    platform: WholePlatform, operators: Sequence[Operator], seconds: float, manager: Member
) -> dict[str, Any]:
    watcher = Watcher(platform.port, manager)
    found = await shift(platform, operators, seconds, watcher)
    assert watcher.pictures, "the board was open"
    told = ("calls_per_s", "p50_ms", "p95_ms", "p99_ms", "errors", "web_cpu", "postgres_cpu")
    return {name: found[name] for name in told} | {
        "pictures": watcher.pictures,
        "pictures_refused": watcher.refused,
        "picture_kb": round(watcher.size / watcher.pictures / 1024),
    }


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
