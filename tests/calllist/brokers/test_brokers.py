"""RabbitMQ and Redis for real: whatever a broker does with a message, each step is done once.

lost, doubled, reordered, late      the queue is emptied, the same nudge comes five times, ...
several workers on one holding      three processes
dead                                a worker with a task in hand
strange                             what is no nudge of ours

A broker that dies while all work: `tests/soak`.
"""

from __future__ import annotations

import pytest
from kombu import Connection, Queue

from calllist import broker
from retention.states import State
from tests.calllist.brokers.hands import PATIENCE, Hands, arguments_of, until
from tests.calllist.brokers.servers import Authority, Server
from tests.calllist.centre import Centre
from tests.calllist.test_upkeep import finished

pytestmark = pytest.mark.asyncio

ONCE = ("freeze", "shred_begins", "shred", "certify")
JSON = "application/json"
WORDS = "架空太郎 090-0123-4567"
NUDGE = {
    "lang": "py",
    "task": "calllist.destroy",
    "id": "x",
    "root_id": "x",
    "expires": "2099-01-01T00:00:00+00:00",
}


async def _empty(hands: Hands) -> bool:
    return not any(hands.waiting().values())


async def test_lost_doubled_late_or_in_a_killed_hand_each_step_is_done_once(
    hands: Hands, centre: Centre
) -> None:
    living = (await centre.upload(await centre.job("KNK-002"))).list_id
    ended = await finished(centre)
    hands.nudge(ended, ended, sweeps=1)
    assert sum(hands.waiting().values()) == 3
    assert hands.purge() == 3  # lost
    async with hands.uncertified():
        hands.nudge(ended)
        killed = hands.worker()
        await hands.until(ended, State.VERIFIED)
        killed.signal(9)
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


async def test_what_is_no_nudge_of_ours_is_not_carried_out_and_ends_no_worker(
    hands: Hands, server: Server, centre: Centre
) -> None:
    """Whoever writes to the broker can nudge, and nothing else: no code, no other task."""
    trap = centre.folder / "opened"
    pickled = b"cos\nsystem\n(S'touch " + str(trap).encode() + b"'\ntR."
    strange = (
        (NUDGE, pickled, "application/x-python-serialize"),
        (NUDGE | {"task": "os.system"}, b"[[],{},{}]", JSON),
        (NUDGE, b"7", JSON),  # ends a worker of Celery's own, as often as it comes back
        (NUDGE, f'[["{WORDS}"],{{}},{{}}]'.encode(), JSON),
        (NUDGE | {"expires": WORDS}, b"[[],{},{}]", JSON),
        ({}, WORDS.encode(), JSON),
    )
    with hands.line() as line:
        for headers, body, kind in strange:
            line.Producer().publish(
                body,
                exchange=broker.DESTRUCTIONS,
                routing_key=broker.DESTRUCTIONS,
                content_type=kind,
                content_encoding="utf-8",
                headers=headers,
            )
    ended = await finished(centre)
    worker = hands.worker()
    hands.beat()
    await hands.until(ended, State.CERTIFIED)
    await until(lambda: _empty(hands), lambda: f"{hands.waiting()} {hands.said()[-3000:]}")
    assert not worker.ends_within(0), hands.said()[-3000:]
    assert not trap.exists()
    assert hands.said().count("no nudge of ours") == len(strange)
    assert WORDS not in hands.said()


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
    if server.scheme == "amqp":  # its worker says so and ends: a supervisor's restart tries again
        assert processes[0].wait(PATIENCE) == 1
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
