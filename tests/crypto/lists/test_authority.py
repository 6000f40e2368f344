"""Shredding is not a weapon: who may end a list for good, by whose clock, how many an hour."""

import asyncio
import contextlib
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from msgspec.structs import replace

from crypto.errors.base import Refusal
from crypto.errors.lists import (
    ClocksDisagree,
    ListHeld,
    ListOver,
    NotAuthorised,
    NotFrozen,
    TooManyShreds,
    UploadSettled,
)
from crypto.errors.people import UnknownGrant
from crypto.host.clocks import APART, SETTLING, TOLERANCE
from crypto.lists.authority import EVERYBODY
from crypto.signed.orders import Extension, Hold, PartyDecision, ShredOrder
from crypto.wire.approvals import Pin
from crypto.wire.base import Caller
from crypto.wire.lists import Abandon, Ending, Freeze, Inspect, Shred
from crypto.wire.records import Close, Open
from tests.crypto.world import TERMS, World, townsfolk


async def state(world: World, list_id: str = "lst_1") -> str:
    return (await world.say(Inspect(list_id))).state


async def refused(world: World, list_id: str = "lst_1", at: datetime | None = None) -> str:
    """The code with which the worker's shred is refused; the keys are there afterwards."""
    with pytest.raises(Refusal) as refusal:
        await world.say(Shred(list_id, at or world.now))
    assert list_id in world.home.keystore
    return refusal.value.code


@pytest_asyncio.fixture
async def officer(world: World) -> str:
    """The grant of a person of the entrustor."""
    await world.hire("per_e", role="entrustor", party="ent_1")
    return await world.shift("per_e")


# -- triggers ------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("trigger", ["completed", "manager", "deadline", "entrustor"])
@pytest.mark.parametrize("caller", [Caller.WEB, Caller.WORKER])
async def test_root_on_web_and_worker_freezes_and_shreds_nothing(
    world: World, trigger: Ending, caller: Caller
) -> None:
    """It has both sockets, every row of the database and a clock of its choice, and no grant."""
    [record] = await world.upload("lst_1", days=9)
    await world.say(Freeze("lst_1", trigger), caller)
    for claimed in (world.now, world.now + timedelta(days=30), world.now - timedelta(days=30)):
        assert await refused(world, at=claimed) == "not_authorised"
    for request in (Abandon("lst_1"), Abandon("lst_1", world.now)):
        world.wait(minutes=61)
        with pytest.raises(NotAuthorised):
            await world.say(request)
    assert await state(world) == "frozen"
    [alert] = world.lines("shred_refused")
    assert (alert["list"], alert["code"]) == ("lst_1", "not_authorised")
    with pytest.raises(ListOver):
        await world.say(Open(await world.shift("per_1"), record))


@pytest.mark.asyncio
async def test_a_manager_of_an_approved_party_ends_a_list(world: World) -> None:
    await world.upload("lst_1")
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    assert await state(world) == "shredded"
    [ended] = world.lines("ended")
    assert (ended["principal"], ended["trigger"]) == ("per_m", "manager")
    assert world.lines("shred_begins")[0]["authority"] == "manager"


@pytest.mark.asyncio
async def test_the_officer_of_the_entrustor_ends_a_list(world: World, officer: str) -> None:
    await world.upload("lst_1")
    await world.say(Freeze("lst_1", "entrustor", officer))
    await world.say(Shred("lst_1"))
    assert world.lines("shred_begins")[0]["authority"] == "entrustor"


@pytest.mark.asyncio
async def test_a_grant_that_does_not_hold_is_refused_and_freezes_nothing(
    world: World, officer: str
) -> None:
    """A forged row of the web's session table is no grant; nor does a grant do for another's."""
    [record] = await world.upload("lst_1")
    await world.hire("per_x", role="entrustor", party="ent_2")
    await world.hire("per_s", role="manager", party="pty_9")
    operator = await world.shift("per_1")
    for trigger, grant in (
        ("entrustor", "invented"),
        ("manager", operator),
        ("manager", officer),
        ("entrustor", await world.managers_grant()),
        ("entrustor", await world.shift("per_x")),
        ("manager", await world.shift("per_s")),
        ("completed", officer),
        ("deadline", officer),
    ):
        with pytest.raises((UnknownGrant, NotAuthorised)):
            await world.say(Freeze("lst_1", trigger, grant))  # type: ignore[arg-type]
    await world.say(Open(operator, record))
    assert not world.lines("freeze", "ended")


@pytest.mark.asyncio
async def test_a_manager_of_a_withdrawn_party_ends_nothing(world: World) -> None:
    await world.upload("lst_1")
    grant = await world.managers_grant()
    await world.sign(PartyDecision("ent_1", "ctr_1", "pty_1", approved=False))
    with pytest.raises(NotAuthorised):
        await world.say(Freeze("lst_1", "manager", grant))


@pytest.mark.asyncio
async def test_a_right_shown_later_ends_what_was_frozen_without_one(
    world: World, officer: str
) -> None:
    await world.upload("lst_1")
    await world.say(Freeze("lst_1", "completed"))
    assert await refused(world) == "not_authorised"
    await world.say(Freeze("lst_1", "entrustor", officer))
    await world.restart()
    await world.say(Shred("lst_1"))
    assert world.home.journal.db.execute("SELECT trigger FROM lists").fetchone() == ("entrustor",)


@pytest.mark.asyncio
async def test_completion_is_what_the_keeper_itself_has_seen(world: World) -> None:
    records = await world.upload("lst_1", townsfolk(3))
    grant = await world.shift("per_1")
    for number, record in enumerate(records):
        await world.say(Open(grant, record))
        await world.say(Close(grant, record, f"att_{number}", 30))  # calls go on
    for number, record in enumerate(records[:2]):
        await world.say(Open(grant, record))
        await world.say(Close(grant, record, f"end_{number}", 10))
    await world.say(Open(grant, records[2]))
    await world.say(Freeze("lst_1", "completed"))
    assert await refused(world) == "not_authorised"
    await world.say(Close(grant, records[2], "end_2", 10))  # it was in hand
    await world.say(Shred("lst_1"))
    assert world.lines("shred_begins")[0]["authority"] == "completed"


@pytest.mark.asyncio
async def test_the_entrustors_signature_shreds_where_nobody_else_may(world: World) -> None:
    for name in ("lst_1", "lst_2"):
        await world.upload(name)
        await world.say(Freeze(name, "completed"))
    await world.sign(ShredOrder("centre", ("lst_1", "lst_2")), by=world.centre)
    assert await refused(world) == "not_authorised"  # the centre alone has no such right
    await world.sign(ShredOrder("ent_1", ("lst_1",)))
    await world.say(Shred("lst_1"))
    assert await refused(world, "lst_2") == "not_authorised"


@pytest.mark.asyncio
async def test_an_order_does_not_shred_a_list_that_lives(world: World) -> None:
    await world.upload("lst_1")
    await world.sign(ShredOrder("ent_1", ("lst_1",)))
    with pytest.raises(NotFrozen):
        await world.say(Shred("lst_1"))


@pytest.mark.asyncio
async def test_a_fresh_upload_is_abandoned_within_the_hour_and_no_other(world: World) -> None:
    await world.upload("lst_1")
    await world.upload("lst_2", days=9)
    await world.say(Abandon("lst_1"))
    assert await state(world) == "shredded"
    world.wait(minutes=61)
    with pytest.raises(UploadSettled):
        await world.say(Abandon("lst_2"))
    assert await state(world, "lst_2") == "open"


# -- clocks --------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_expiry_shreds_when_both_clocks_say_so(world: World) -> None:
    await world.upload("lst_1", days=0.5)
    world.wait(hours=12)
    for apart in (-APART, APART):
        odd = world.now + apart * 1.01
        assert await refused(world, at=odd) == "clocks_disagree"
    with pytest.raises(ClocksDisagree):
        await world.say(Shred("lst_1"))  # a worker that says no time
    await world.say(Shred("lst_1", world.now + APART))
    assert world.lines("shred_begins")[0]["authority"] == "deadline"


@pytest.mark.asyncio
async def test_a_jump_forward_freezes_and_alerts_and_shreds_nothing(world: World) -> None:
    [record] = await world.upload("lst_1", days=1)
    grant = await world.shift("per_1")
    world.ahead = timedelta(days=2)
    with pytest.raises(Refusal):
        await world.say(Open(grant, record))
    jumped = world.now + world.ahead
    assert await refused(world, at=jumped) == "clocks_disagree"  # though both clocks say so
    [doubted] = world.lines("clock_doubted")
    assert doubted["cause"] == "jump"
    assert world.lines("shred_refused")[0]["code"] == "clocks_disagree"

    world.ahead = timedelta(0)  # put right: nothing was lost
    await world.say(Open(await world.shift("per_2"), record))
    assert len(world.lines("clock_doubted")) == 2  # the way back is a jump too


@pytest.mark.asyncio
async def test_a_doubt_ends_with_a_day_of_even_running_and_outlives_a_restart(
    world: World,
) -> None:
    await world.upload("lst_1", days=0.1)
    world.ahead = 2 * TOLERANCE
    await state(world)
    world.wait(hours=3)
    world.now += world.ahead
    world.ahead = timedelta(0)
    await world.restart()
    assert await refused(world) == "clocks_disagree"
    for _ in range(23):
        world.wait(hours=1)
        assert await refused(world) == "clocks_disagree"
    world.wait(hours=2)
    assert timedelta(hours=23) < SETTLING <= timedelta(hours=25)
    await world.say(Shred("lst_1", world.now))
    await world.restart()
    assert world.home.journal.db.execute("SELECT doubt FROM clock").fetchone() == (None,)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("away", "cause"), [(timedelta(hours=-1), "behind"), (timedelta(days=3), "silence")]
)
async def test_a_start_at_an_odd_time_is_doubted(world: World, away: timedelta, cause: str) -> None:
    """The one clock that nobody sets does not say how long the machine was off."""
    await world.upload("lst_1", days=1)
    await world.stop()
    world.now += away
    await world.start()
    await state(world)
    assert [line["cause"] for line in world.lines("clock_doubted")] == [cause]
    if away > timedelta(0):
        assert await refused(world) == "clocks_disagree"


@pytest.mark.asyncio
async def test_a_slow_clock_and_a_short_stop_are_no_reason_to_doubt(world: World) -> None:
    await world.upload("lst_1", days=9)
    for _ in range(48):
        world.wait(hours=1)
        world.ahead += timedelta(seconds=1)  # 280 parts in a million: a bad crystal, slewed
        await state(world)
    world.wait(hours=10)
    await world.restart()
    await state(world)
    assert not world.lines("clock_doubted")


@pytest.mark.asyncio
async def test_a_manager_is_believed_whatever_the_clock_says(world: World) -> None:
    await world.upload("lst_1")
    await world.end("lst_1")
    world.ahead = timedelta(hours=5)
    await world.say(Shred("lst_1"))


# -- how many ------------------------------------------------------------------------------


async def ended_lists(world: World, count: int) -> list[str]:
    names = [f"lst_{number}" for number in range(count)]
    for name in names:
        await world.upload(name)
        await world.end(name)
    return names


@pytest.mark.asyncio
async def test_beyond_so_many_an_hour_lists_wait_for_a_signature_or_for_room(world: World) -> None:
    """Asked all at once or one by one, and asked again in the next hour."""
    world.shreds_an_hour = 3
    await world.restart()
    names = await ended_lists(world, 8)
    answers = await asyncio.gather(
        *(world.say(Shred(name)) for name in names[:5]), return_exceptions=True
    )
    assert [type(answer) for answer in answers].count(TooManyShreds) == 2
    waiting = [
        name for name, done in zip(names, answers, strict=False) if isinstance(done, Refusal)
    ]
    await world.sign(ShredOrder("centre", (waiting[0],)), by=world.centre)
    await world.say(Shred(waiting[0]))  # whoever is named goes at once
    assert await refused(world, waiting[1]) == "too_many_shreds"
    await world.sign(ShredOrder("ent_1", (waiting[1],)))
    await world.say(Shred(waiting[1]))
    assert await refused(world, names[5]) == "too_many_shreds"
    world.wait(minutes=61)
    for name in names[5:]:  # there is room for three
        await world.say(Shred(name))
    assert await state(world, names[7]) == "shredded"


@pytest.mark.asyncio
async def test_of_those_that_wait_the_oldest_goes_first(world: World) -> None:
    """Whoever comes new does not push in, unless those before no longer ask."""
    world.shreds_an_hour = 1
    await world.restart()
    names = await ended_lists(world, 4)
    await world.say(Shred(names[3]))
    for minutes in (1, 28, 31):  # a worker asks again and again, in whatever order
        for name in (names[1], names[0]) if minutes == 1 else (names[0], names[1]):
            assert await refused(world, name) == "too_many_shreds"
            world.wait(seconds=1)
        world.wait(minutes=minutes)
    for name in (names[2], names[0]):
        assert await refused(world, name) == "too_many_shreds"
    await world.say(Shred(names[1]))
    world.wait(minutes=61)  # nobody has asked for `names[0]` within the hour
    await world.say(Shred(names[2]))


@pytest.mark.asyncio
async def test_a_thief_with_a_managers_shift_shreds_at_most_so_many_an_hour(world: World) -> None:
    world.shreds_an_hour = 2
    await world.restart()
    names = await ended_lists(world, 10)
    for hour in range(1, 4):
        for _ in range(6):  # an hour of trying everything
            for name in names:
                with contextlib.suppress(TooManyShreds):
                    await world.say(Shred(name, world.now))
            world.wait(minutes=10)
        states = [await state(world, name) for name in names]
        assert states.count("shredded") == 2 * hour


async def of_another_entrustor(world: World, number: int, days: float = 1.0) -> str:
    """The list of an entrustor with a contract of its own."""
    entrustor, contract = f"ent_{number}", f"ctr_{number}"
    recipient = world.entrustor_recipient.public.data
    await world.say(Pin(entrustor, world.entrustor.public, recipient))
    await world.sign(replace(TERMS, entrustor=entrustor, contract=contract))
    name = f"lst_of_{number}"
    await world.upload(name, days=days, job=f"job_{number}", contract=contract)
    return name


@pytest.mark.asyncio
async def test_one_entrustors_lists_that_wait_hold_up_nobody_elses(world: World) -> None:
    world.shreds_an_hour = 1
    await world.restart()
    other = await of_another_entrustor(world, 2, days=0.01)
    names = await ended_lists(world, 4)
    await world.say(Shred(names[0]))
    for name in names[1:]:
        assert await refused(world, name) == "too_many_shreds"
    world.wait(minutes=20)
    await world.say(Shred(other, world.now))
    assert await state(world, other) == "shredded"


@pytest.mark.asyncio
async def test_all_entrustors_together_have_a_limit_too(world: World) -> None:
    """Whoever has stolen every right does not get everything at once."""
    world.shreds_an_hour = 1
    await world.restart()
    names = [await of_another_entrustor(world, 2 + number) for number in range(EVERYBODY + 1)]
    for name in names:
        await world.end(name)
    for name in names[:-1]:
        await world.say(Shred(name))
    assert await refused(world, names[-1]) == "too_many_shreds"
    world.wait(minutes=61)
    await world.say(Shred(names[-1]))


# -- holds and extensions ------------------------------------------------------------------


async def hold(world: World, *, held: bool = True) -> None:
    """Both sign the same request."""
    body = Hold("ent_1", "lst_1", held=held, reason="訴訟")
    world.wait(minutes=1)
    for request in world.signed_by(body, world.entrustor, world.centre):
        await world.say(request)


@pytest.mark.asyncio
async def test_a_held_list_is_frozen_and_not_shredded_until_it_is_released(world: World) -> None:
    [record] = await world.upload("lst_1")
    [other] = await world.upload("lst_2")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await hold(world)
    with pytest.raises(ListOver):
        await world.say(Open(grant, record))
    await world.say(Open(grant, other))  # what was in hand blocks nobody
    await world.end("lst_1")
    await world.sign(ShredOrder("ent_1", ("lst_1",)))
    with pytest.raises(ListHeld):
        await world.say(Shred("lst_1"))
    world.wait(days=40)
    await world.restart()
    assert await refused(world) == "list_held"
    await hold(world, held=False)
    await world.say(Shred("lst_1"))
    assert await state(world) == "shredded"


@pytest.mark.asyncio
async def test_a_released_list_that_nobody_ended_opens_again(world: World) -> None:
    [record] = await world.upload("lst_1")
    await hold(world)
    assert await state(world) == "frozen"
    await hold(world, held=False)
    await world.say(Open(await world.shift("per_1"), record))


@pytest.mark.asyncio
async def test_an_extension_is_in_force_at_once_and_survives_restart_and_epochs(
    world: World,
) -> None:
    [record] = await world.upload("lst_1", days=1)
    await world.upload("lst_2")
    until = world.now + timedelta(days=9)
    await world.sign(Extension("ent_1", "lst_1", until))
    world.wait(hours=23)
    await world.restart()
    await world.end("lst_2")
    await world.say(Shred("lst_2"))
    world.wait(hours=30)
    await world.say(Open(await world.shift("per_1"), record))
    longer = world.now + timedelta(days=20)
    await world.sign(Extension("ent_1", "lst_1", longer))  # once more
    world.wait(days=15)
    await world.say(Open(await world.shift("per_1"), record))


@pytest.mark.asyncio
async def test_what_cannot_be_extended(world: World, officer: str) -> None:
    for name in ("lst_1", "lst_2", "lst_3"):
        await world.upload(name, days=1)
    await world.say(Freeze("lst_2", "entrustor", officer))
    attempts: list[tuple[str, timedelta, str]] = [
        ("lst_1", timedelta(hours=5), "wider_than_contract"),  # shorter
        ("lst_1", timedelta(days=31), "wider_than_contract"),  # beyond the contract
        ("lst_2", timedelta(days=3), "list_over"),  # ended by somebody with the right to it
        ("lst_9", timedelta(days=3), "unknown_list"),
    ]
    for name, more, code in attempts:
        with pytest.raises(Refusal) as refusal:
            await world.sign(Extension("ent_1", name, world.now + more))
        assert refusal.value.code == code
    world.wait(days=1)
    with pytest.raises(ListOver):  # too late
        await world.sign(Extension("ent_1", "lst_3", world.now + timedelta(days=3)))


@pytest.mark.asyncio
async def test_an_extension_ends_a_freeze_that_nobody_had_a_right_to(world: World) -> None:
    [record] = await world.upload("lst_1", days=2)
    await world.say(Freeze("lst_1", "deadline"))  # a worker with a wrong clock, or a thief
    assert await refused(world) == "not_authorised"
    await world.sign(Extension("ent_1", "lst_1", world.now + timedelta(days=2)))
    await world.say(Open(await world.shift("per_1"), record))


@pytest.mark.asyncio
async def test_a_clock_that_is_set_back_brings_no_expired_list_back(world: World) -> None:
    """Nobody froze it: "even if every worker sleeps"."""
    _, record = await world.upload("lst_1", townsfolk(2), days=0.3)
    world.wait(hours=9)
    grant = await world.shift("per_1")
    with pytest.raises(ListOver):
        await world.say(Open(grant, record))
    world.ahead = -timedelta(hours=3)
    with pytest.raises(ListOver):
        await world.say(Open(grant, record))
