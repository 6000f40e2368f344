"""Many operators at once while processes die: nobody called by two, lost, or called too often.

By the ledger alone. Two hundred operators for ten minutes: `make soak`.
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

OPERATORS, PEOPLE, KILLS, SECONDS = 40, 100, 3, 4.0
HOLD = timedelta(minutes=20)
SEED = int(os.environ.get("CROWD_SEED", secrets.randbits(32)))


@pytest.mark.asyncio
async def test_a_crowd_calls_everybody_once_though_connections_and_processes_die(
    platform: WholePlatform, tmp_path: Path
) -> None:
    cast = await platform.cast(terms(HOLD), operators=OPERATORS)
    async with platform.centre(cast) as centre:
        crowd = Crowd(platform, centre, Random(SEED), HOLD, PEOPLE)
        try:
            await crowd.work(kills=KILLS, seconds=SECONDS)
            told = await crowd.reckon(tmp_path)
        except BaseException:
            print(f"CROWD_SEED={SEED}", dict(crowd.story))
            print(platform.last_words())
            raise
    print(f"CROWD_SEED={SEED}", told)
    assert told["people"] >= PEOPLE
    assert told["disconnected"]
