"""A broker that is down for an hour, for real: `make soak` (`SOAK_SECONDS=120` for a look).

Worker and beat live through it; what falls due meanwhile opens nowhere, is told on the screens
within a minute, and is destroyed when the broker is back, by nobody's hand.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI

from calllist.embedded.postgres import Postgres
from calllist.oversight import lag
from calllist.oversight.watch import EVERY, OVERDUE
from crypto.wire.base import Caller
from crypto.wire.lists import Inspect
from retention.states import State
from tests.calllist.brokers.hands import Hands
from tests.calllist.brokers.servers import Authority, RabbitMQ, Redis, Server
from tests.calllist.centre import Centre
from tests.calllist.conftest import centre, portal, settled  # noqa: F401 - fixtures
from tests.calllist.server import browser_of

SECONDS = float(os.environ.get("SOAK_SECONDS", "3600"))
MINUTE = 60.0

pytestmark = [pytest.mark.soak, pytest.mark.asyncio]


@pytest.fixture(params=[RabbitMQ, Redis])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param(Authority()) as running:
        yield running


async def test_a_broker_down_for_an_hour_costs_an_hour_and_nothing_else(
    centre: Centre,  # noqa: F811
    portal: FastAPI,  # noqa: F811
    postgres: Postgres,
    server: Server,
) -> None:
    hands = Hands(centre, postgres, server.url)
    job = await centre.job()
    try:
        hands.beat()
        hands.worker()
        await hands.swept()
        server.kill()
        due = centre.now(timedelta(seconds=10))
        list_id = (await centre.upload(job, expires=due)).list_id
        assert centre.manager
        told_after = None
        async with browser_of(portal, centre.manager) as client:
            for _ in range(int(SECONDS)):
                await asyncio.sleep(1)
                passed = (centre.now() - due).total_seconds()
                said = "消去の時刻を過ぎました" in (await client.get("/jobs")).text
                if told_after is None and said:
                    told_after = passed
                if passed > 1:
                    async with centre.line(Caller.WORKER) as keeper:
                        assert (await keeper.call(Inspect(list_id))).state == "frozen"
        assert told_after is not None
        assert told_after <= MINUTE, (OVERDUE, EVERY)
        async with centre.sessions() as session:
            assert (await lag.oldest_due(session, centre.now())).total_seconds() > SECONDS - 30
        server.start()
        await hands.until(list_id, State.CERTIFIED)
        assert await hands.certificates() == {list_id: 1}
    finally:
        hands.stop()
