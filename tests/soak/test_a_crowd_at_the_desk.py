"""Two hundred operators for ten minutes while processes die: `make soak ARGS=-k crowd`
(`SOAK_SECONDS`, `CROWD_SEED`).

Some go home with a person in hand, who comes back to the queue. The ledger alone tells.
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.crowd.crowd import Crowd, terms
from tests.platform import WholePlatform

SECONDS = float(os.environ.get("SOAK_SECONDS", "600"))
SEED = int(os.environ.get("CROWD_SEED", secrets.randbits(32)))
OPERATORS, LEAVE, PEOPLE = 200, 10, 900
BETWEEN = 40.0  # seconds between two kills
PAUSE = 4.0  # seconds at most of a call, and after it
HOLD = timedelta(seconds=60)

pytestmark = [pytest.mark.soak, pytest.mark.asyncio]


async def test_two_hundred_operators_for_ten_minutes_call_nobody_twice_and_lose_nobody(
    platform: WholePlatform, tmp_path: Path
) -> None:
    cast = await platform.cast(terms(HOLD), operators=OPERATORS)
    async with platform.centre(cast) as centre:
        crowd = Crowd(platform, centre, Random(SEED), HOLD, PEOPLE, pause=PAUSE, leave=LEAVE)
        try:
            await crowd.work(kills=int(SECONDS / BETWEEN), seconds=SECONDS)
            told = await crowd.reckon(tmp_path)
        except BaseException:
            print(f"CROWD_SEED={SEED}", dict(crowd.story))
            print(platform.last_words())
            raise
    print(f"CROWD_SEED={SEED}", told)
