"""Between two runs of the demonstration no day goes by that its keeper has not seen."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from crypto.host.clocks import SILENCE
from demo.days import between

LEFT = datetime(2026, 4, 7, 1, 2, 3, tzinfo=UTC)
START = timedelta(minutes=10)  # for a keeper to start, on a slow and busy machine


@pytest.mark.parametrize(
    "away", [timedelta(hours=22), timedelta(days=1), timedelta(days=7, hours=5)]
)
def test_no_gap_is_one_that_the_keeper_doubts(away: timedelta) -> None:
    moments = [LEFT, *between(LEFT, LEFT + away), LEFT + away]
    assert all(later - earlier + START < SILENCE for earlier, later in pairwise(moments))
    assert moments == sorted(moments)
