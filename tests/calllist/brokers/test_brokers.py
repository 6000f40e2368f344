"""RabbitMQ and Redis for real: whatever a broker does with a message, each step is done once.

lost, doubled, reordered, late      the queue is emptied, the same nudge comes five times, ...
several workers on one holding      three processes
dead                                a worker with a task in hand; a broker for a while
strange                             what is no nudge of ours
"""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest
from kombu import Connection, Queue

from calllist import broker
from calllist.embedded.postgres import SUPERUSER, Postgres
from crypto.wire.base import Caller
from crypto.wire.lists import Inspect
from retention.states import State
from tests.calllist.brokers.hands import Hands, arguments_of, until
from tests.calllist.brokers.servers import Authority, Server
from tests.calllist.centre import Centre
from tests.calllist.test_upkeep import finished

pytestmark = pytest.mark.asyncio

ONCE = ("freeze", "shred_begins", "shred", "certify")


async def _empty(hands: Hands) -> bool:
    return not any(hands.waiting().values())


async def test_lost_doubled_reordered_or_late_each_step_is_done_once(
    hands: Hands, centre: Centre
) -> None:
    living = (await centre.upload(await centre.job("KNK-002"))).list_id
    ended = await finished(centre)
    hands.nudge(ended, ended, sweeps=1)
    assert sum(hands.waiting().values()) == 3
    assert hands.purge() == 3  # lost
    hands.nudge(living, *[ended] * 5, living, "lst_nobody", {"no": "id"}, sweeps=3)
    for _ in range(3):
        hands.worker()
    await hands.until(ended, State.CERTIFIED)
    hands.nudge(ended, ended, living, sweeps=2)  # again, when all is done
    await until(lambda: _empty(hands), lambda: f"{hands.waiting()} {hands.said()[-3000:]}")
    assert await hands.certificates() == {ended: 1}
    said = await hands.ledger(ended)
    assert {kind: said[kind] for kind in ONCE} == dict.fromkeys(ONCE, 1)
    assert await hands.ledger(living) == {"mint": 1, "manifest": 1}
    assert "Traceback" not in hands.said()


async def test_a_worker_killed_with_a_task_in_hand_and_a_broker_that_dies_cost_time_only(
    hands: Hands, server: Server, centre: Centre, postgres: Postgres
) -> None:
    """The next deadline comes while the broker is away: nothing opens, though nobody destroys."""
    ended = await finished(centre)
    name = centre.database.rsplit("/", 1)[1]
    owner = await asyncpg.connect(
        postgres.url(role=SUPERUSER, database=name).replace("+asyncpg", "")
    )
    await owner.execute("begin; lock table certificates in share mode")
    hands.nudge(ended)
    killed = hands.worker()
    await hands.until(ended, State.VERIFIED)
    killed.signal(9)
    await owner.close()

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


async def _frozen(centre: Centre, list_id: str) -> bool:
    async with centre.line(Caller.WORKER) as keeper:
        return (await keeper.call(Inspect(list_id))).state == "frozen"


async def test_what_is_no_nudge_of_ours_is_not_carried_out(
    hands: Hands, server: Server, centre: Centre
) -> None:
    """Whoever writes to the broker can nudge, and nothing else: no code, no other task."""
    trap = centre.folder / "opened"
    with hands.line() as line:
        sender = line.Producer()
        headers = {"lang": "py", "task": "calllist.destroy", "id": "x", "root_id": "x"}
        pickled = b"cos\nsystem\n(S'touch " + str(trap).encode() + b"'\ntR."
        sender.publish(
            pickled,
            routing_key=broker.DESTRUCTIONS,
            exchange=broker.DESTRUCTIONS,
            content_type="application/x-python-serialize",
            content_encoding="binary",
            headers=headers,
        )
        sender.publish(
            [[], {}, {}],
            routing_key=broker.SWEEPS,
            exchange=broker.SWEEPS,
            serializer="json",
            headers=headers | {"task": "os.system"},
        )
    ended = await finished(centre)
    hands.nudge(ended)
    hands.worker()
    await hands.until(ended, State.CERTIFIED)
    await until(lambda: _empty(hands), lambda: f"{hands.waiting()} {hands.said()[-3000:]}")
    assert not trap.exists()


async def test_a_message_holds_ids_only_and_what_comes_back_too_often_is_dropped(
    hands: Hands, server: Server
) -> None:
    hands.nudge("lst_1")
    deliveries = 0
    for _ in range(broker.DELIVERIES + 3):
        with Connection(server.url) as line:  # as a worker that takes it and dies
            message = Queue(broker.DESTRUCTIONS)(line.default_channel).get(no_ack=False)
            if message is None:
                break
            deliveries += 1
            args, _, _ = message.payload
            assert args == ["lst_1"]
            assert message.headers["expires"]
            message.requeue() if server.scheme == "redis" else line.default_channel.close()
    if server.scheme == "amqp":  # Redis counts nothing: there a message ends when it expires
        assert deliveries == broker.DELIVERIES + 1
        assert hands.waiting()[broker.DESTRUCTIONS] == 0


async def test_no_password_reaches_a_log_or_an_argument(hands: Hands, server: Server) -> None:
    password = "geheimes-kennwort"
    hands.url = server.url.replace(server.password, password)
    processes = [hands.worker(), hands.beat()]
    seen = arguments_of(processes)
    await until(lambda: _refused(hands), hands.said)
    assert password not in hands.said() + seen


async def _refused(hands: Hands) -> bool:
    """Whether worker and beat have said that they are not let in."""
    said = hands.said()
    words = ("ACCESS_REFUSED", "WRONGPASS", "invalid username-password")
    return sum(said.count(word) for word in words) >= 2


async def test_over_tls_only_a_broker_with_a_certificate_for_its_name_is_talked_to(
    hands: Hands, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = Authority().file(tmp_path_factory.mktemp("stranger"))
    numbers = server.tls_url.replace("@localhost", "@127.0.0.1")
    for url, ca in ((server.tls_url, stranger), (numbers, server.ca)):
        hands.url, hands.ca = url, ca
        with pytest.raises(Exception, match=r"(?i)certificate"), hands.line():
            pass
    hands.url, hands.ca = server.tls_url, server.ca
    hands.nudge("lst_1")
    assert hands.waiting()[broker.DESTRUCTIONS] == 1
