"""What a shift has ended can be taken back until an epoch is begun: by its entrustor's signature,
and with the shift itself."""

from datetime import timedelta

import pytest
import pytest_asyncio

from crypto.errors.base import Refusal
from crypto.errors.lists import ListOver, NotAuthorised, NotFrozen, TooManyShreds
from crypto.errors.statements import BadStatement
from crypto.signed.orders import Extension, PartyDecision, ShredOrder
from crypto.signed.terms import RosterEntry
from crypto.wire.lists import Freeze, Inspect, Shred
from crypto.wire.people import Revoke
from crypto.wire.records import Open
from tests.crypto.world import World, townsfolk


async def state(world: World, list_id: str = "lst_1") -> str:
    return (await world.say(Inspect(list_id))).state


async def extend(world: World, list_id: str = "lst_1") -> None:
    """Its entrustor signs, now, that it lives on."""
    await world.sign(Extension("ent_1", list_id, world.now + timedelta(days=5)))


@pytest_asyncio.fixture
async def officer(world: World) -> str:
    """The grant of a person of the entrustor."""
    await world.hire("per_x", role="entrustor", party="ent_1")
    return await world.shift("per_x")


# -- the entrustor's signature -------------------------------------------------------------


@pytest.mark.asyncio
async def test_what_a_manager_ended_its_entrustor_lets_live(world: World) -> None:
    [record] = await world.upload("lst_1")
    await world.end("lst_1")
    world.wait(minutes=1)
    await extend(world)
    await world.restart()
    with pytest.raises(NotFrozen):
        await world.say(Shred("lst_1"))
    await world.say(Open(await world.shift("per_1"), record))
    await world.say(Freeze("lst_1", "manager"))  # on nobody's shift: what was ended is forgotten
    with pytest.raises(NotAuthorised):
        await world.say(Shred("lst_1"))
    await world.end("lst_1")  # and ended again, in earnest
    await world.say(Shred("lst_1"))
    with pytest.raises(ListOver):  # an epoch was begun for it: no way back
        await extend(world)


@pytest.mark.asyncio
async def test_an_older_signature_does_not_undo_what_a_manager_has_ended_since(
    world: World,
) -> None:
    """Also if the list was frozen before the signature, and ended by the manager after it."""
    await world.upload("lst_1", days=3)
    await world.say(Freeze("lst_1", "completed"))
    world.wait(minutes=1)
    body = Extension("ent_1", "lst_1", world.now + timedelta(days=4))
    withheld = world.signed(body, world.entrustor)
    world.wait(minutes=1)
    await world.end("lst_1")
    with pytest.raises(BadStatement):
        await world.say(withheld)
    assert await state(world) == "frozen"
    await world.say(Shred("lst_1"))


@pytest.mark.asyncio
async def test_what_an_officer_has_ended_stays_ended_whatever_a_manager_said_before(
    world: World, officer: str
) -> None:
    await world.upload("lst_1")
    await world.end("lst_1")
    await world.say(Freeze("lst_1", "entrustor", officer))
    with pytest.raises(ListOver):
        await extend(world)
    await world.say(Shred("lst_1"))
    assert world.lines("shred_begins")[0]["authority"] == "entrustor"


@pytest.mark.asyncio
async def test_a_list_that_was_let_live_waits_for_no_signature_any_more(world: World) -> None:
    """Neither does it count among those that wait, nor does an old leave to shred it hold."""
    world.shreds_an_hour = 1
    await world.restart()
    for name in ("lst_0", "lst_1", "lst_2"):
        await world.upload(name)
        await world.end(name)
    await world.say(Shred("lst_0"))
    with pytest.raises(TooManyShreds):
        await world.say(Shred("lst_1"))
    await world.sign(ShredOrder("centre", ("lst_1",)), by=world.centre)
    world.wait(hours=2)
    await extend(world)
    await world.say(Shred("lst_2"))
    await world.end("lst_1")
    with pytest.raises(TooManyShreds):
        await world.say(Shred("lst_1"))


@pytest.mark.asyncio
async def test_a_record_in_hand_when_its_list_was_frozen_is_nobodys_when_it_lives_again(
    world: World,
) -> None:
    record, _ = await world.upload("lst_1", townsfolk(2))
    await world.say(Open(await world.shift("per_1"), record))
    await world.end("lst_1")
    world.wait(seconds=1)
    await extend(world)
    await world.say(Open(await world.shift("per_2"), record))


# -- the shift itself ----------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_shift_that_is_taken_away_has_ended_nothing(world: World, officer: str) -> None:
    """A lying web has passed a manager's grant on, once: nothing is shredded on it any more."""
    names = [f"lst_{number}" for number in range(3)]
    for name in names:
        await world.upload(name)
        await world.end(name)
    await world.say(Shred("lst_0"))  # an epoch was begun: no way back
    await world.say(Revoke("per_m"))
    await world.restart()
    for name in names[1:]:
        with pytest.raises(NotAuthorised):
            await world.say(Shred(name))
        assert await state(world, name) == "frozen"
    assert [line["list"] for line in world.lines("taken_back")] == names[1:]

    world.wait(minutes=1)
    await extend(world, "lst_1")  # its entrustor wants it back
    assert await state(world, "lst_1") == "open"
    await world.say(Freeze("lst_2", "entrustor", officer))  # or wants it gone
    await world.say(Shred("lst_2"))


@pytest.mark.asyncio
async def test_an_officers_shift_too_is_taken_away_with_what_it_ended(
    world: World, officer: str
) -> None:
    await world.upload("lst_1")
    await world.say(Freeze("lst_1", "entrustor", officer))
    await world.say(Revoke("per_x"))
    with pytest.raises(NotAuthorised):
        await world.say(Shred("lst_1"))
    await extend(world)
    assert await state(world) == "open"


@pytest.mark.asyncio
async def test_a_second_managers_word_stands_when_the_first_ones_is_taken_back(
    world: World,
) -> None:
    await world.hire("per_n", role="manager")
    await world.upload("lst_1")
    await world.end("lst_1")
    await world.say(Freeze("lst_1", "manager", await world.shift("per_n")))
    await world.say(Revoke("per_m"))
    await world.say(Shred("lst_1"))
    assert [line["principal"] for line in world.lines("ended")] == ["per_m", "per_n"]


@pytest.mark.asyncio
async def test_a_shift_is_taken_away_also_when_it_is_over(world: World) -> None:
    await world.upload("lst_1", days=9)
    grant = await world.managers_grant()
    await world.say(Freeze("lst_1", "manager", grant))
    await world.say(Revoke("per_m", grant))
    await world.say(Revoke("per_m"))
    with pytest.raises(NotAuthorised):
        await world.say(Shred("lst_1"))


@pytest.mark.asyncio
async def test_who_signs_out_has_said_what_they_said(world: World) -> None:
    """And nobody signs out for another, or with another's grant."""
    for name in ("lst_1", "lst_2"):
        await world.upload(name)
    grant = await world.managers_grant()
    await world.say(Freeze("lst_1", "manager", grant))
    await world.say(Revoke("per_m", grant))
    await world.say(Shred("lst_1"))

    operator = await world.shift("per_1")
    world.wait(seconds=31)
    await world.say(Freeze("lst_2", "manager", await world.shift("per_m")))
    await world.say(Revoke("per_m", operator))
    with pytest.raises(NotAuthorised):
        await world.say(Shred("lst_2"))


@pytest.mark.asyncio
@pytest.mark.parametrize("how", ["another_role", "left", "party_withdrawn"])
async def test_whom_nobody_names_for_it_any_more_ends_nothing(world: World, how: str) -> None:
    await world.upload("lst_1", days=9)
    await world.end("lst_1")
    world.wait(minutes=1)
    body = {
        "another_role": RosterEntry(
            "per_m", "pty_1", "sit_1", "operator", world.now + timedelta(days=9)
        ),
        "left": RosterEntry("per_m", "pty_1", "sit_1", "manager", world.now),
        "party_withdrawn": PartyDecision("ent_1", "ctr_1", "pty_1", approved=False),
    }[how]
    await world.sign(body)
    with pytest.raises(Refusal) as refusal:
        await world.say(Shred("lst_1"))
    assert refusal.value.code == "not_authorised"


@pytest.mark.asyncio
async def test_a_manager_who_says_it_again_adds_no_line(world: World) -> None:
    await world.upload("lst_1")
    for _ in range(3):
        await world.end("lst_1")
    assert [line["kind"] for line in world.lines("freeze", "ended")] == ["freeze", "ended"]
