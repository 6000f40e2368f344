"""A worker killed with a task in hand, then a broker that dies while a deadline comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from calllist.embedded.postgres import Postgres
from crypto.wire.base import Caller
from crypto.wire.lists import Inspect
from retention.states import State
from tests.calllist.brokers.hands import Hands, until
from tests.calllist.brokers.servers import Authority, RabbitMQ, Redis, Server
from tests.calllist.centre import Centre
from tests.calllist.conftest import centre, settled  # noqa: F401 - fixtures
from tests.calllist.test_upkeep import finished

pytestmark = [pytest.mark.soak, pytest.mark.asyncio]


@pytest.fixture(params=[RabbitMQ, Redis])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param(Authority()) as running:
        yield running


@pytest.fixture
def hands(centre: Centre, postgres: Postgres, server: Server) -> Iterator[Hands]:  # noqa: F811
    made = Hands(centre, postgres, server.url)
    yield made
    made.stop()


async def test_a_worker_killed_with_a_task_in_hand_and_a_broker_that_dies_cost_time_only(
    hands: Hands,
    server: Server,
    centre: Centre,  # noqa: F811
) -> None:
    """The next deadline comes while the broker is away: nothing opens, though nobody destroys."""
    ended = await finished(centre)
    async with hands.uncertified():
        hands.nudge(ended)
        killed = hands.worker()
        await hands.until(ended, State.VERIFIED)
        killed.signal(9)

    job = await centre.job("KNK-002")
    late = (await centre.upload(job, expires=centre.now(timedelta(seconds=3)))).list_id
    hands.beat()
    hands.worker()
    await hands.until(ended, State.CERTIFIED)
    server.kill()
    await until(lambda: _frozen(centre, late), lambda: "the keeper opens it after its deadline")
    server.start()
    await hands.until(late, State.CERTIFIED)
    assert await hands.certificates() == {ended: 1, late: 1}


async def _frozen(centre: Centre, list_id: str) -> bool:  # noqa: F811
    async with centre.line(Caller.WORKER) as keeper:
        return (await keeper.call(Inspect(list_id))).state == "frozen"
