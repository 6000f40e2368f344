"""Callers that lie, stall, flood or rave: the wire under Hypothesis, and its limits."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random

import msgspec
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.__main__ import allowed_uids
from crypto.errors.base import KeeperUnavailable
from crypto.errors.keeper import BadFrame
from crypto.errors.lists import UnknownList
from crypto.keeper.conversation import Limits
from crypto.keeper.server import Server
from crypto.lists.keyroom import Session
from crypto.wire.base import Caller, Refused
from crypto.wire.client import KeeperClient
from crypto.wire.frames import FRAME_LIMIT, decode_reply, decode_request, encode
from crypto.wire.ledger import Event, Head
from crypto.wire.lists import Inspect, Shred
from crypto.wire.records import Closed, Matched, View
from tests.crypto.world import World
from tests.fuzz.grammar import BOMB, VERBS, Grammar, mutated
from tests.fuzz.handling import Rough, framed

PATIENCE = 10.0  # seconds until a dropped connection must have ended
SHORT = 0.15  # seconds, where a limit is what is tested
RENEW = 30  # conversations: later everything is frozen, and the door is not tried any more
HEAD = encode(Head())
TIGHT = Limits(
    places=dict.fromkeys(Caller, 3),
    frame=dict.fromkeys(Caller, 1000) | {Caller.INTAKE: FRAME_LIMIT},
    silence=dict.fromkeys(Caller, PATIENCE),
    frame_seconds=SHORT,
    answer_seconds=SHORT,
)


# -- raving: Hypothesis ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        yield runner


@pytest.fixture(scope="module")
def rough(loop: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rough]:
    keeper = Rough(tmp_path_factory.mktemp("rough"))
    loop.run(keeper.__aenter__())
    yield keeper
    loop.run(keeper.__aexit__())


def frames(stock: Grammar, wrong: bool) -> st.SearchStrategy[bytes]:
    """A conversation of a few frames; `wrong`: the last one has something wrong."""

    def made(rng: Random, count: int) -> bytes:
        said = [stock.request(rng) for _ in range(count)]
        if wrong:
            said[-1] = mutated(said[-1], rng)
        return b"".join(map(framed, said))

    return st.builds(made, st.randoms(use_true_random=False), st.integers(1, 4))


@pytest.mark.parametrize("wrong", [False, True], ids=["by the schema", "beside it"])
def test_whatever_is_said_no_error_no_hang_no_verb_outside_the_schema(
    loop: asyncio.Runner, rough: Rough, wrong: bool
) -> None:
    grammar, turn = Grammar(rough.stock), count()

    @settings(max_examples=300, deadline=None, database=None)
    @given(st.sampled_from(Caller), frames(grammar, wrong))
    def try_it(caller: Caller, data: bytes) -> None:
        if next(turn) % RENEW == 0:
            loop.run(rough.renew())
        loop.run(rough.hears(caller, data))

    try_it()


@settings(max_examples=100, deadline=None, database=None)
@given(data=st.binary(max_size=400), whole=st.booleans(), caller=st.sampled_from(Caller))
def test_noise_is_not_answered(
    loop: asyncio.Runner, rough: Rough, data: bytes, whole: bool, caller: Caller
) -> None:
    assert loop.run(rough.hears(caller, framed(data) if whole else data)) == []


def test_the_grammar_says_every_verb_of_the_schema_and_gets_to_the_records(
    loop: asyncio.Runner, rough: Rough
) -> None:
    grammar, rng = Grammar(rough.stock), Random(12)
    said = [grammar.request(rng) for _ in range(60 * len(VERBS))]
    assert {type(decode_request(body)) for body in said} == set(VERBS)
    answers: set[type] = set()
    for number, body in enumerate(said):
        if number % RENEW == 0:
            loop.run(rough.renew())
        answers |= set(map(type, loop.run(rough.hears(Caller.WEB, framed(body)))))
    assert answers >= {View, Matched, Closed, Refused}


@pytest.mark.parametrize(
    "body",
    [
        b"\x82\xa1x" + b"\x91" * BOMB + b"\xc0\xa4verb\xa4head",
        b"\x81\xa1a" * BOMB + b"\xc0",
        b"\x82\xa4verb\xa8manifest\xabcommitments\xdd\xff\xff\xff\xff",
        b"\x82\xa4verb\xa5event\xa4refs\xdf\xff\xff\xff\xff",
        b"\x82\xa4verb\xa6submit\xa7payload\xc6\xff\xff\xff\xff",
        b"\x81\xa4verb\xa2\xff\xfe",
        b"\x82\xa4verb\xa4head\xa4verb\xa6shred",
        b"\xc1",
        b"",
    ],
)
def test_bombs_and_promises_of_gigabytes_end_the_connection(
    loop: asyncio.Runner, rough: Rough, body: bytes
) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_request(body)
    assert len(loop.run(rough.hears(Caller.WEB, HEAD + framed(body) + HEAD))) == 1


# -- stalling and flooding: the limits -------------------------------------------------------


@pytest_asyncio.fixture
async def run(world: World, tmp_path: Path) -> AsyncIterator[Path]:
    """The folder of the sockets of a keeper with tight limits."""
    async with serving(world, tmp_path / "r", TIGHT) as folder:
        yield folder


@contextlib.asynccontextmanager
async def serving(world: World, run: Path, limits: Limits) -> AsyncIterator[Path]:
    server = Server(world.keeper, run, allowed_uids(""), limits=limits)
    await server.start()
    yield run
    await server.close()


def knock(run: Path, caller: Caller) -> Path:
    return run / caller / "keeper.sock"


def room_for(answer: bytes) -> int:
    """How many answers of this length the kernel takes before anybody reads."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        for taken in count():
            try:
                ours.send(answer)
            except BlockingIOError:
                return taken
    raise AssertionError


async def ask_without_end(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(HEAD * 50)
        await writer.drain()


async def heard(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the keeper hangs up; it must."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@pytest.mark.asyncio
@pytest.mark.parametrize("said", [HEAD[:1], HEAD[:3], HEAD[:-1], b"\x00\x00\x03\xe8" + bytes(500)])
async def test_who_does_not_finish_a_frame_is_dropped(run: Path, said: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(knock(run, Caller.WEB))
    writer.write(HEAD + said)
    assert len(await heard(reader)) > 100  # the answer to the first one, then the end
    writer.close()


@pytest.mark.asyncio
async def test_who_says_nothing_is_dropped_when_its_time_is_over(
    world: World, tmp_path: Path
) -> None:
    silence = dict.fromkeys(Caller, SHORT) | {Caller.INTAKE: PATIENCE}
    async with serving(world, tmp_path / "r", replace(TIGHT, silence=silence)) as run:
        patient, upload = await asyncio.open_unix_connection(knock(run, Caller.INTAKE))
        reader, writer = await asyncio.open_unix_connection(knock(run, Caller.WEB))
        writer.write(HEAD)
        assert len(await heard(reader)) > 100
        upload.write(HEAD)
        assert await patient.readexactly(4)  # an upload may be silent for longer
        for end in (writer, upload):
            end.close()


@pytest.mark.asyncio
async def test_who_does_not_take_its_answers_is_dropped(run: Path) -> None:
    _, writer = await asyncio.open_unix_connection(knock(run, Caller.WEB), limit=1)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(ask_without_end(writer), PATIENCE)
    writer.close()
    async with KeeperClient(knock(run, Caller.WEB)) as web:
        await web.call(Head())


@pytest.mark.asyncio
async def test_who_has_said_its_last_word_still_gets_every_answer(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, hang_up = asyncio.Event(), world.keeper.hang_up

    def noted(session: Session) -> None:
        hang_up(session)
        over.set()

    monkeypatch.setattr(world.keeper, "hang_up", noted)
    unhurried = replace(TIGHT, answer_seconds=PATIENCE)
    async with serving(world, tmp_path / "r", unhurried) as run:
        reader, writer = await asyncio.open_unix_connection(knock(run, Caller.WEB), limit=1)
        writer.write(HEAD)
        length = await reader.readexactly(4)
        answer = length + await reader.readexactly(int.from_bytes(length, "big"))
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        asked = room_for(answer) + 20  # these wait in the keeper, which has not to stop for them
        writer.write(HEAD * asked)
        writer.write_eof()
        async with asyncio.timeout(PATIENCE):
            await over.wait()
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert len(await heard(reader)) == asked * len(answer)
        writer.close()


@pytest.mark.asyncio
async def test_a_refusal_ends_nothing_and_what_has_no_form_ends_the_connection(run: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(knock(run, Caller.WORKER))
    formless = Event("no code", {})
    writer.write(encode(Shred("lst_9")) + HEAD + encode(formless) + HEAD)
    said, codes = await heard(reader), []
    while said:
        size = 4 + int.from_bytes(said[:4], "big")
        codes.append(getattr(decode_reply(said[4:size]), "code", None))
        said = said[size:]
    assert codes == [UnknownList.code, None, BadFrame.code]
    writer.close()


@pytest.mark.asyncio
async def test_a_frame_may_come_in_pieces(world: World, tmp_path: Path) -> None:
    unhurried = replace(TIGHT, frame_seconds=PATIENCE)
    async with serving(world, tmp_path / "r", unhurried) as run, asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_unix_connection(knock(run, Caller.WEB))
        async with KeeperClient(knock(run, Caller.WEB)) as other:
            for piece in (HEAD[:1], HEAD[1:6], HEAD[6:]):
                writer.write(piece)
                await other.call(Head())  # by then the piece has come
        assert await reader.readexactly(4)
        writer.close()


@pytest.mark.asyncio
async def test_a_keeper_that_ends_drops_everybody_and_keeps_nobody_who_has_left(
    world: World, tmp_path: Path
) -> None:
    patient = replace(TIGHT, silence=dict.fromkeys(Caller, 10 * PATIENCE))
    server = Server(world.keeper, tmp_path / "r", allowed_uids(""), limits=patient)
    await server.start()
    async with KeeperClient(knock(tmp_path / "r", Caller.WEB)) as web:
        await web.call(Head())
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*server._switchboard._running)
    assert not server._switchboard._running
    reader, writer = await asyncio.open_unix_connection(knock(tmp_path / "r", Caller.WEB))
    writer.write(HEAD)
    await reader.readexactly(4)
    async with asyncio.timeout(PATIENCE):
        await server.close()
    assert not server._switchboard._running
    await heard(reader)
    writer.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(("caller", "most"), [(Caller.WEB, 1000), (Caller.INTAKE, FRAME_LIMIT)])
async def test_a_frame_longer_than_its_class_needs_is_dropped_at_its_length(
    world: World, tmp_path: Path, caller: Caller, most: int
) -> None:
    patient = replace(TIGHT, frame_seconds=2 * PATIENCE)
    async with serving(world, tmp_path / "r", patient) as run:
        reader, writer = await asyncio.open_unix_connection(knock(run, caller))
        writer.write((most + 1).to_bytes(4, "big"))
        assert await heard(reader) == b""
        writer.close()


@pytest.mark.asyncio
async def test_one_class_that_takes_every_place_starves_nobody_else(run: Path) -> None:
    ends = []
    for _ in range(TIGHT.places[Caller.WEB]):
        reader, writer = await asyncio.open_unix_connection(knock(run, Caller.WEB))
        writer.write(HEAD)
        await reader.readexactly(4)
        ends.append(writer)
    async with KeeperClient(knock(run, Caller.WEB)) as web:
        with pytest.raises(KeeperUnavailable):
            await web.call(Head())
        async with KeeperClient(knock(run, Caller.WORKER)) as worker:
            await worker.call(Head())
        ends.pop().close()
        async with asyncio.timeout(PATIENCE):
            while True:  # until the keeper has noticed
                with contextlib.suppress(KeeperUnavailable):
                    await web.call(Inspect("lst_1"))
                    break
        async with KeeperClient(knock(run, Caller.WEB)) as another:  # who leaves gives one place
            with pytest.raises(KeeperUnavailable):
                await another.call(Head())
    for writer in ends:
        writer.close()
