"""`make run`: set the stage, seed the world once, serve until Ctrl-C.

A world that was not finished (Ctrl-C while it was being seeded) is begun again from nothing.
"""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from calllist.embedded.children import ChildDidNotStart
from calllist.embedded.postgres import PostgresDidNotStart
from calllist.embedded.processes import CannotStart, Plan, Platform, watch
from demo import clock, days, guide, stage, world
from demo.world import LAST_WEEK, Folder

SWEEP = timedelta(seconds=5)
SEEDING_SWEEP = timedelta(seconds=1)  # nobody watches: the sooner it is destroyed, the better
TROUBLES = (CannotStart, PostgresDidNotStart, ChildDidNotStart)


def main() -> int:
    """Exit code 0 after Ctrl-C, 1 with a sentence if something is in the way."""
    signal.signal(signal.SIGTERM, interrupt)
    home = Path(os.environ.get("CALLLIST_HOME", ".calllist")).absolute()
    kept = home / "demo" / "clock.json"
    try:
        before = clock.kept(kept)
        seen = None if before is None else days.last_seen(home, before)
        plan = Plan(
            home=home,
            port=int(os.environ.get("PORT") or 8000),
            web="demo.app:make",
            database_url=os.environ.get("DATABASE_URL"),
            clock_offset=clock.choose(kept, stage.machine_time()),
            sweep=SWEEP,
            synthetic_numbers=True,
        )
        _run(plan, seen)
    except TROUBLES as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped.")
    return 0


def _run(plan: Plan, seen: datetime | None) -> None:
    """`seen`: when an earlier run's keeper was there for the last time."""
    folder = Folder(plan.home / "demo")
    facts = world.known(folder)
    if facts is None or not facts.complete:
        _forget_unfinished(plan)
        print("Seeding the demonstration's world (once, about half a minute) ...")
        last_week = plan.clock_offset - LAST_WEEK
        earlier = replace(plan, clock_offset=last_week, sweep=SEEDING_SWEEP)
        with_platform(earlier, lambda platform: _last_week(platform, folder))
        seen = stage.now_of(earlier)()
    if seen is not None:
        days.live_through(plan, seen, stage.now_of(plan)())
    platform = Platform(plan)
    platform.start(_say)
    try:
        if facts is None or not facts.complete:
            asyncio.run(_today(platform, folder))
        print(guide.terminal(plan.origin, folder, stage.now_of(plan)()), flush=True)
        watch(platform, lambda sentence: print(f"  {sentence}", flush=True))
    finally:
        platform.stop()
    print("\nstopped.")


def with_platform(plan: Plan, work: Callable[[Platform], Coroutine[Any, Any, None]]) -> None:
    """Start, work, stop."""
    platform = Platform(plan)
    platform.start()
    try:
        asyncio.run(work(platform))
    finally:
        platform.stop()


async def _last_week(platform: Platform, folder: Folder) -> None:
    now = stage.now_of(platform.plan)
    async with stage.onboarding(platform, folder.keys) as onboarding:
        if await onboarding.anybody_there():
            raise CannotStart("DATABASE_URL names a database that is in use; give an empty one.")
        await world.last_week(onboarding, stage.seats(platform), folder, now())


async def _today(platform: Platform, folder: Folder) -> None:
    public = platform.plan.home / "keeper" / "public"
    await world.today(stage.seats(platform), folder, public, stage.now_of(platform.plan))


def _forget_unfinished(plan: Plan) -> None:
    """Only what this program made: the folders of a home, and never a foreign database."""
    for part in ("postgres", "keeper", "run", "broker", "log"):
        shutil.rmtree(plan.home / part, ignore_errors=True)
    for part in ("keys", "entrustor"):
        shutil.rmtree(plan.home / "demo" / part, ignore_errors=True)
    for name in ("members.json", "callees.json", "world.json"):
        (plan.home / "demo" / name).unlink(missing_ok=True)


def _say(part: str) -> None:
    print(f"  {part} ...", flush=True)


def interrupt(_number: int, _frame: object) -> NoReturn:
    """TERM ends us as Ctrl-C does: everything is stopped on the way out."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
