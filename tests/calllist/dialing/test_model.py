"""In whatever order operators work: no person or number in two hands, none lost, none too often."""

import pytest

from tests.calllist.centre import Centre
from tests.calllist.dialing.playing import play

pytestmark = pytest.mark.asyncio


async def test_in_any_order_of_steps_nobody_is_lost_called_by_two_or_called_too_often(
    centre: Centre,
) -> None:
    hall = await play(centre, examples=4, steps=40, fixed=True)
    assert hall.steps > 120
