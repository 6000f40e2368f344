"""How long a shift is, how good its secret: found by mutants that nobody noticed."""

import base64
from datetime import timedelta

import pytest

from crypto.wire.people import Grant
from tests.crypto.world import World

pytestmark = pytest.mark.asyncio


async def test_a_shift_is_twelve_hours_and_its_secret_256_bits(world: World) -> None:
    granted = await world.say(Grant("per_1", world.code("per_1")))
    assert granted.until == world.now + timedelta(hours=12)
    assert len(base64.urlsafe_b64decode(granted.secret + "=")) * 8 == 256
