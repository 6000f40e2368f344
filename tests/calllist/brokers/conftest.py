"""Real brokers, one of each for a module; a centre's hands on one of them."""

from collections.abc import Callable, Iterator

import pytest

from calllist.embedded.postgres import Postgres
from tests.calllist.brokers.hands import Hands
from tests.calllist.brokers.servers import Authority, RabbitMQ, Redis, Server
from tests.calllist.centre import Centre

KINDS: dict[str, type[Server]] = {"rabbitmq": RabbitMQ, "redis": Redis}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def servers(authority: Authority) -> Iterator[Callable[[str], Server]]:
    """Started when first asked for."""
    running: dict[str, Server] = {}

    def of(kind: str) -> Server:
        if kind not in running:
            running[kind] = KINDS[kind](authority).__enter__()
        return running[kind]

    yield of
    for server in running.values():
        server.__exit__()


@pytest.fixture(params=["rabbitmq", "redis"])
def server(request: pytest.FixtureRequest, servers: Callable[[str], Server]) -> Server:
    """Each broker in turn."""
    return servers(request.param)


@pytest.fixture
def hands(centre: Centre, postgres: Postgres, server: Server) -> Iterator[Hands]:
    """Nobody works yet; nothing waits."""
    made = Hands(centre, postgres, server.url)
    made.purge()
    yield made
    made.stop()
