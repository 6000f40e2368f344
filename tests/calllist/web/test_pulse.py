"""However many desks want to know whether the keeper is there, it is asked once a second."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from calllist.web import pulse
from calllist.web.pulse import Pulse
from crypto.errors.base import KeeperUnavailable
from crypto.wire.ledger import Head
from tests.calllist.centre import Centre

pytestmark = pytest.mark.asyncio


async def test_two_hundred_desks_ask_once_and_all_hear_when_it_is_away(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    call = centre.keeper.call

    async def counted(request: Any) -> Any:
        nonlocal asked
        assert isinstance(request, Head)
        asked += 1
        return await call(request)

    monkeypatch.setattr(centre.keeper, "call", counted)
    beat = Pulse(centre.keeper)
    await asyncio.gather(*(beat.check() for _ in range(200)))
    assert asked == 1

    async def away(_request: Any) -> Any:
        nonlocal asked
        asked += 1
        raise KeeperUnavailable

    monkeypatch.setattr(centre.keeper, "call", away)
    await beat.check()  # within the second the last answer counts
    monkeypatch.setattr(pulse, "GOOD_FOR", 0.0)
    beat = Pulse(centre.keeper)
    monkeypatch.setattr(pulse, "GOOD_FOR", 3600.0)
    told = await asyncio.gather(*(beat.check() for _ in range(200)), return_exceptions=True)
    assert [type(one) for one in told] == [KeeperUnavailable] * 200
    assert asked == 2
