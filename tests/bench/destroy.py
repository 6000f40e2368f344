"""`make bench-destroy [ROWS=…]`: from the manager's word until nobody opens, and until certified.

A whole platform as it is shipped, over HTTP. Two lists of another job than the desk's are ended,
one of 100 people and one of ROWS (several, where there are more than two million); meanwhile two
operators of the desk go on calling. What is compared stands side by side in one run: the desk's
waits with nothing else going on, and those while rows are erased. The last line is one JSON
object.

    unreadable_ms     the manager's order, until the answer: every list of the job is frozen
    certified_s       until the last certificate stands; a sweep comes every other second here
    desk_p99_ms...    the next person, from the request to the masked page, of the other job
"""

import argparse
import asyncio
import contextlib
import json
import math
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.seat import Refused
from tests.bench import people
from tests.platform import Cast, Centre, Keyboard, WholePlatform, until, whole
from tests.world import townsfolk, upload_of

MOST = 2_000_000  # people of one list (`Settings.max_rows`)
FEW = 100  # people of the list that every other is compared with
BLOCK = 256 * 1024
QUIET_SECONDS = 8.0  # the desk alone, for comparison
PATIENCE = 900.0  # seconds until a certificate
CALLS_AT_MOST = 4_000  # people on the desk's own list


@dataclass
class Waits:
    """How long the desk waited for its next person, in milliseconds."""

    took: list[float] = field(default_factory=list)
    errors: int = 0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.took)
        return round(ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)], 1)


@dataclass(frozen=True)
class Ended:
    """One destruction."""

    unreadable_ms: float
    certified_s: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.bench.destroy")
    parser.add_argument("--rows", type=int, default=1_000_000)
    print(json.dumps(asyncio.run(measure(parser.parse_args().rows))))


async def measure(rows: int) -> dict[str, Any]:
    """Milliseconds, seconds and counts."""
    with whole() as platform, tempfile.TemporaryDirectory(prefix="bd") as folder:
        cast = await platform.cast()
        async with platform.centre(cast) as centre:
            few, many = await centre.job(), await centre.job()
            await centre.upload(few, upload_of(townsfolk(FEW)))
            began = time.monotonic()
            for number, people_of in enumerate(_lists(rows)):
                await centre.upload(many, _file(Path(folder) / "list.csv", people_of, 3 + number))
            _say(f"{rows:,} people received in {time.monotonic() - began:.0f} s")
            desk = await centre.job()
            await centre.upload(desk, upload_of(townsfolk(CALLS_AT_MOST, seed=8)))
            alone, meanwhile = Waits(), Waits()
            async with _calling(centre, desk, alone):
                await asyncio.sleep(QUIET_SECONDS)
            async with _calling(centre, desk, meanwhile):
                small = await _ended(platform, cast, centre.manager, few)
                _say(f"{FEW} people: nobody opens after {small.unreadable_ms:.0f} ms")
                large = await _ended(platform, cast, centre.manager, many)
                _say(f"{rows:,} people: nobody opens after {large.unreadable_ms:.0f} ms")
    return {
        "rows": rows,
        "unreadable_ms": large.unreadable_ms,
        "unreadable_ms_100": small.unreadable_ms,
        "certified_s": large.certified_s,
        "certified_s_100": small.certified_s,
        "desk_p50_ms_alone": alone.percentile(0.5),
        "desk_p50_ms_meanwhile": meanwhile.percentile(0.5),
        "desk_p99_ms_alone": alone.percentile(0.99),
        "desk_p99_ms_meanwhile": meanwhile.percentile(0.99),
        "desk_max_ms_meanwhile": meanwhile.percentile(1.0),
        "desk_calls": len(alone.took) + len(meanwhile.took),
        "errors": alone.errors + meanwhile.errors,
    }


def _lists(rows: int) -> list[int]:
    """How many people each list of the large job has."""
    count = math.ceil(rows / MOST)
    return [rows // count + (number < rows % count) for number in range(count)]


async def _file(path: Path, rows: int, seed: int) -> AsyncIterator[bytes]:
    await asyncio.to_thread(people.write, path, rows, seed)
    with path.open("rb") as file:
        while block := await asyncio.to_thread(file.read, BLOCK):
            yield block


async def _ended(platform: WholePlatform, cast: Cast, manager: Keyboard, job: str) -> Ended:
    """The manager closes the job; then nobody opens, and the worker does the rest."""
    began = time.monotonic()
    await manager.post(f"/jobs/{job}/close")
    unreadable = (time.monotonic() - began) * 1000
    sql = "select 1 from holdings h join lists l on l.id = h.id where l.job_id = $1"
    frozen = await platform.sql(f"{sql} and h.state = 'OPEN'", job)
    assert not frozen, "something of it still opens"

    async def certified() -> bool:
        return not await platform.sql(f"{sql} and h.state <> 'CERTIFIED'", job)

    await until(certified, "certified", PATIENCE)
    return Ended(round(unreadable, 1), round(time.monotonic() - began, 2))


@contextlib.asynccontextmanager
async def _calling(centre: Centre, job: str, waits: Waits) -> AsyncIterator[None]:
    """Both operators call one person after another; at the end of this block each ends its call."""
    over = asyncio.Event()
    calling = [
        asyncio.create_task(_call(centre, seat, job, waits, over)) for seat in centre.operators
    ]
    try:
        yield
    finally:
        over.set()
        await asyncio.gather(*calling)


async def _call(
    centre: Centre, seat: Keyboard, job: str, waits: Waits, over: asyncio.Event
) -> None:
    while not over.is_set():
        began = time.monotonic()
        try:
            shown = await centre.take(seat, job)
            waits.took.append((time.monotonic() - began) * 1000)
            await centre.record(seat, shown["lease"])
        except Refused:
            waits.errors += 1
            await asyncio.sleep(0.1)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
