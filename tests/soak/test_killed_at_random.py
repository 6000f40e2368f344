"""Two hundred random kills of a platform under load: `make soak ARGS=-k random` (`SOAK_KILLS`).

In seasons: after each the reckoning, then another entrustor and centre.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from random import Random

import pytest

from tests.platform import WholePlatform
from tests.siege import Siege, watched

KILLS = int(os.environ.get("SOAK_KILLS", "200"))
SEASON = 25  # kills
SEED = int(os.environ.get("SIEGE_SEED", secrets.randbits(32)))

pytestmark = [pytest.mark.soak, pytest.mark.asyncio]


async def test_two_hundred_random_kills_and_every_list_certified_exactly_once(
    platform: WholePlatform,
) -> None:
    rng, total, died = Random(SEED), Counter[str](), Counter[str]()
    async with watched(platform):
        while total["kills"] < KILLS:
            async with platform.centre() as centre:
                siege = Siege(platform, centre, rng)
                try:
                    await siege.stand(min(SEASON, KILLS - total["kills"]))
                    total.update(await siege.reckon())
                except BaseException:
                    print(f"SIEGE_SEED={SEED}", dict(total), *siege.story)
                    print(platform.last_words())
                    raise
                died.update(siege.story)
    print(f"SIEGE_SEED={SEED}", dict(total), dict(died))
    assert total["kills"] == KILLS
