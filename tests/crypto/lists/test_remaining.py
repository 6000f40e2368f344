"""The keeper says by itself which lists have ended and still have their keys."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from crypto.lists import remaining
from crypto.signed.orders import Hold, ShredOrder
from crypto.wire.ledger import Head, LedgerHead
from crypto.wire.lists import Abandon, Freeze, Inspect, Shred
from tests.crypto.world import World

pytestmark = pytest.mark.asyncio


async def told(world: World) -> LedgerHead:
    return await world.say(Head())


async def test_a_living_list_is_not_told_and_an_expired_one_is_until_it_is_shredded(
    world: World,
) -> None:
    await world.upload("lst_1", days=1)
    await world.upload("lst_2", days=9)
    assert (await told(world)).remaining == ()
    expires = world.now + timedelta(days=1)
    world.wait(days=1)
    head = await told(world)
    [left] = head.remaining
    assert (head.due, left.list, left.due) == (1, "lst_1", True)
    assert left.since == left.expires == expires
    await world.say(Shred("lst_1", world.now))
    head = await told(world)
    assert (head.due, head.remaining) == (0, ())


async def test_what_an_officer_has_ended_is_due_at_once_and_what_a_manager_has_may_wait(
    world: World,
) -> None:
    await world.hire("per_e", role="entrustor", party="ent_1")
    for name in ("lst_1", "lst_2", "lst_3"):
        await world.upload(name, days=9)
    await world.end("lst_1")
    frozen = world.now
    world.wait(minutes=1)
    await world.say(Freeze("lst_2", "entrustor", await world.shift("per_e")))
    world.wait(minutes=1)
    await world.say(Freeze("lst_3", "manager"))  # by nobody: told as well
    head = await told(world)
    assert head.due == 1
    assert [(left.list, left.due) for left in head.remaining] == [
        ("lst_2", True),
        ("lst_1", False),
        ("lst_3", False),
    ]
    assert head.remaining[1].since == frozen
    said = [(await world.say(Inspect(f"lst_{n}"))).ended for n in (1, 2, 3)]
    assert said == ["manager", "entrustor", ""]


async def test_a_signed_order_and_a_broken_upload_are_due_at_once(world: World) -> None:
    world.shreds_an_hour = 0
    await world.restart()
    await world.upload("lst_1", days=9)
    await world.upload("lst_2", days=9)
    await world.sign(ShredOrder("ent_1", ("lst_1",)))  # it lets be shredded, and ends nothing
    assert (await told(world)).remaining == ()
    await world.say(Freeze("lst_1", "entrustor"))
    with pytest.raises(Exception, match="too_many_shreds"):
        await world.say(Abandon("lst_2"))
    head = await told(world)
    assert {left.list: left.due for left in head.remaining} == {"lst_1": True, "lst_2": True}
    assert (await world.say(Inspect("lst_1"))).ended == "entrustor"


async def test_the_centre_s_word_that_lists_may_be_shredded_makes_none_due(world: World) -> None:
    await world.upload("lst_1", days=9)
    await world.say(Freeze("lst_1", "manager"))
    await world.sign(ShredOrder("centre", ("lst_1",)), world.centre)
    head = await told(world)
    assert [(left.list, left.due) for left in head.remaining] == [("lst_1", False)]


async def test_what_a_legal_hold_keeps_is_left_out(world: World) -> None:
    await world.upload("lst_1", days=1)
    world.wait(minutes=1)
    body = Hold("ent_1", "lst_1", held=True, reason="訴訟")
    for request in world.signed_by(body, world.entrustor, world.centre):
        await world.say(request)
    world.wait(days=2)
    assert (await told(world)).remaining == ()
    for request in world.signed_by(replace(body, held=False), world.entrustor, world.centre):
        await world.say(request)
    assert (await told(world)).due == 1


async def test_so_many_are_told_one_by_one_and_all_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remaining, "MOST", 2)
    for number in range(3):
        await world.upload(f"lst_{number}", days=1 + number / 24)
    await world.upload("lst_frozen", days=9)
    await world.end("lst_frozen")
    world.wait(days=2)
    head = await told(world)
    assert (head.due, [left.list for left in head.remaining]) == (3, ["lst_0", "lst_1"])
