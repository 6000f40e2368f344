"""The worker's steps after a shredding: each has its line, once, and none before its time."""

from pathlib import Path

import pytest
import pytest_asyncio

from crypto.errors.keeper import BadFrame, NotAllowed
from crypto.errors.lists import NotShredded, UnknownList
from crypto.wire.base import Caller
from crypto.wire.lists import Attest, Freeze, Shred
from tests.crypto.world import World, townsfolk

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def world(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = await World.at(tmp_path / "keeper")
    await made.settle()
    await made.upload("lst_1", townsfolk(7))
    yield made
    await made.stop()


async def shredded(world: World) -> None:
    await world.say(Freeze("lst_1", "manager", await world.managers_grant()), Caller.WEB)
    await world.say(Shred("lst_1", world.now))


async def test_each_step_has_one_line_however_often_it_is_said(world: World) -> None:
    await shredded(world)
    said = [
        (await world.say(Attest("lst_1", "erased", {"rows": rows}))).seq for rows in ("7", "7", "0")
    ]
    verified = await world.say(Attest("lst_1", "verified", {"pass": "9", "bytes": "1024"}))
    lines = world.lines("attest")
    assert [(line["step"], line.get("ref_rows")) for line in lines] == [
        ("erased", "7"),
        ("verified", None),
    ]
    assert len(set(said)) == 1, "what a worker that begins again is told"
    assert verified.seq > said[0]
    await world.restart()
    assert (await world.say(Attest("lst_1", "erased", {"rows": "0"}))).seq == said[0]


async def test_nothing_is_erased_in_the_log_before_the_keys_are_gone(world: World) -> None:
    with pytest.raises(NotShredded):
        await world.say(Attest("lst_1", "erased", {}))
    with pytest.raises(UnknownList):
        await world.say(Attest("lst_2", "erased", {}))
    assert world.lines("attest") == []


@pytest.mark.parametrize(
    "facts",
    [{"rows": "山田"}, {"a b": "1"}, {"rows": ""}, {f"n{n}": "1" for n in range(13)}],
    ids=["text", "space", "empty", "too many"],
)
async def test_no_line_can_carry_contents(world: World, facts: dict[str, str]) -> None:
    await shredded(world)
    with pytest.raises(BadFrame):
        await world.say(Attest("lst_1", "erased", facts))


async def test_only_the_worker_says_so(world: World) -> None:
    await shredded(world)
    for caller in set(Caller) - {Caller.WORKER}:
        with pytest.raises(NotAllowed):
            await world.say(Attest("lst_1", "erased", {}), caller)


async def test_a_look_that_came_out_otherwise_is_another_line_until_it_is_certified(
    world: World,
) -> None:
    await shredded(world)
    for rows in ("2", "2", "7", "3"):  # nothing is erased twice once it is all erased
        await world.say(Attest("lst_1", "erased", {"rows": rows}))
    for outcome in ({"failed": "1"}, {"pass": "1", "bytes": "5"}, {"pass": "1", "bytes": "6"}):
        await world.say(Attest("lst_1", "verified", outcome))
    said = [line.get("ref_rows") or line.get("ref_pass") for line in world.lines("attest")]
    assert said == ["2", "7", None, "1"]
    await world.say(await world.certifying("lst_1"))
    await world.say(Attest("lst_1", "verified", {"failed": "1"}))
    assert len(world.lines("attest")) == 4
