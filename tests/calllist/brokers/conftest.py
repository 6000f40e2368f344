"""Real brokers, one of each for a module; a centre's hands on one of them."""

from collections.abc import Iterator

import pytest

from calllist.embedded.postgres import Postgres
from tests.calllist.brokers.hands import Hands
from tests.calllist.brokers.servers import Authority, RabbitMQ, Redis, Server
from tests.calllist.centre import Centre

KINDS: dict[str, type[Server]] = {"redis": Redis, "rabbitmq": RabbitMQ}


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Server]]:
    """All on their way: RabbitMQ takes its seconds while Redis is tested."""
    authority = Authority()
    made = {kind: of(authority) for kind, of in KINDS.items()}
    try:
        for server in made.values():
            server.begin()
        yield made
    finally:
        for server in made.values():
            server.__exit__()


@pytest.fixture(scope="module", params=[*KINDS])  # so every test of one before any of the next
def server(request: pytest.FixtureRequest, servers: dict[str, Server]) -> Server:
    """Each broker in turn, running."""
    running = servers[request.param]
    running.ready()
    return running


@pytest.fixture
def hands(centre: Centre, postgres: Postgres, server: Server) -> Iterator[Hands]:
    """Nobody works yet; nothing waits."""
    made = Hands(centre, postgres, server.url)
    made.purge()
    yield made
    made.stop()
