"""The model of the desk for 100,000 steps: `make soak ARGS=-k thousand` (`SOAK_STEPS`).

In seasons: each has operators of its own, whose grants and quotas are of the day.
"""

from __future__ import annotations

import os

import pytest

from tests.calllist.centre import Centre
from tests.calllist.conftest import centre, settled  # noqa: F401 - fixtures
from tests.calllist.dialing.playing import play

STEPS = int(os.environ.get("SOAK_STEPS", "100000"))
EXAMPLES, LONG = 20, 100  # of one season

pytestmark = [pytest.mark.soak, pytest.mark.asyncio]


async def test_in_a_hundred_thousand_steps_nobody_is_lost_called_by_two_or_called_too_often(
    centre: Centre,  # noqa: F811
) -> None:
    steps = season = 0
    while steps < STEPS:
        hall = await play(centre, examples=EXAMPLES, steps=LONG, fixed=False, season=season)
        steps, season = steps + hall.steps, season + 1
        print(f"season {season}: {steps} steps, {hall.jobs} jobs")
