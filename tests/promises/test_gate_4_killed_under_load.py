"""Processes die at random while lists come in, are called and end: each is certified once.

None before its rows are gone, with the right counts, each step with one line in the ledger.
Two hundred deaths: `make soak`.
"""

from __future__ import annotations

import os
import secrets
from random import Random

import pytest

from tests.platform import WholePlatform
from tests.siege import Siege, watched

KILLS = 8
SEED = int(os.environ.get("SIEGE_SEED", secrets.randbits(32)))


@pytest.mark.asyncio
async def test_whoever_dies_every_list_ends_certified_exactly_once(
    platform: WholePlatform,
) -> None:
    async with platform.centre() as centre, watched(platform):
        siege = Siege(platform, centre, Random(SEED))
        try:
            await siege.stand(KILLS)
            told = await siege.reckon()
        except BaseException:
            print(f"SIEGE_SEED={SEED}", *siege.story)
            raise
    assert told["lists"] > 0
    assert told["kills"] == KILLS
