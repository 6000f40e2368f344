"""`calllist health`: an exit code for whoever watches from outside, though the worker is dead."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from calllist.oversight.watch import OVERDUE, SILENT
from calllist.upkeep import upkeep
from tests.calllist.centre import Centre
from tests.calllist.command_line import run
from tests.calllist.oversight.test_watch import settings
from tests.calllist.server import serving

pytestmark = pytest.mark.asyncio


async def test_health_ends_with_a_code_that_says_whether_somebody_must_act(
    centre: Centre, tmp_path: Path
) -> None:
    async def health(url: str) -> tuple[int, str, str]:
        done = await asyncio.to_thread(run, "health", url, cwd=tmp_path, LANG="en")
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    async with upkeep(settings(centre)) as power:
        await power.sweep()
    with serving(centre) as server:
        code, answered, _ = await health(server.origin)
        assert (code, answered.startswith("Healthy.")) == (0, True)

        await centre.upload(await centre.job(), expires=centre.now(OVERDUE))
        centre.clock = type(centre.clock)(centre.clock.offset + OVERDUE + SILENT)
        server.stop()
        server.start()  # as it is later, and nobody has swept
        code, _, said = await health(server.origin)
        assert code == 1
        assert "overdue for destruction" in said
        assert "Clocks disagree" in said

        await centre.kill_keeper()
        code, _, said = await health(server.origin)
        assert code == 1
        assert "No keeper" in said
        away = server.origin
    assert (await health(away))[0] == 3
