"""What signed decisions say of themselves, and when one comes too late: found by mutants."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from crypto.disclosure import canaries
from crypto.errors.lists import UnknownList
from crypto.errors.records import DoesNotOpen, PartyNotApproved
from crypto.errors.statements import BadStatement
from crypto.keys.opening import FIELD_CHARACTERS
from crypto.records.fields import FieldKind
from crypto.signed.orders import BudgetRaise, Extension, Hold, PartyDecision, ShredOrder
from crypto.signed.statements import read
from crypto.wire.approvals import Awaited
from crypto.wire.lists import Freeze, Inspect, Mint, Shred
from crypto.wire.records import Open
from tests.crypto.disclosure.test_budgets import world_with
from tests.crypto.disclosure.test_canaries import named
from tests.crypto.world import TERMS, YAMADA, World, townsfolk

pytestmark = pytest.mark.asyncio
replace = msgspec.structs.replace


def party(approved: bool, name: str = "pty_1") -> PartyDecision:
    return PartyDecision("ent_1", "ctr_1", name, approved=approved)


async def both(world: World, body: Hold) -> None:
    for one in world.signed_by(body, *keys(world)):
        await world.say(one)


def said(world: World) -> str:
    return str(world.lines("statement")[-1]["about"])


def keys(world: World):  # type: ignore[no-untyped-def]
    return world.entrustor, world.centre


async def test_each_decision_says_what_it_decides(world: World) -> None:
    await world.upload("lst_1")
    until = world.now + timedelta(days=1)
    role = BudgetRaise("ent_1", "ctr_1", until, role="operator", people_per_hour=200)
    one = BudgetRaise("ent_1", "ctr_1", until, person="per_1", people_per_hour=200)
    for body, effect in (
        (role, "budget of operator under ctr_1"),
        (one, "budget of per_1 under ctr_1"),
        (party(False), "party pty_1 withdrawn from ctr_1"),
        (party(True), "party pty_1 approved for ctr_1"),
    ):
        await world.sign(body)
        assert said(world) == effect
        world.wait(minutes=1)
    for held, effect in ((True, "list lst_1 held"), (False, "list lst_1 no longer held")):
        await both(world, Hold("ent_1", "lst_1", held=held, reason="訴訟"))
        assert said(world) == effect
        world.wait(minutes=1)


async def test_what_is_gone_is_not_held_but_a_hold_of_it_may_end(world: World) -> None:
    await world.upload("lst_1")
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    with pytest.raises(BadStatement, match="its keys are gone"):
        await both(world, Hold("ent_1", "lst_1", held=True, reason="訴訟"))
    world.wait(minutes=1)
    await both(world, Hold("ent_1", "lst_1", held=False, reason="終結"))


async def test_the_centre_orders_no_list_that_nobody_knows(world: World) -> None:
    order = ShredOrder("centre", ("lst_9",))
    with pytest.raises(UnknownList):
        await world.sign(order, by=world.centre)


async def test_of_two_decisions_of_one_moment_the_first_stays(world: World) -> None:
    [record] = await world.upload("lst_1")
    world.wait(minutes=1)
    away, back = (world.signed(party(said), world.entrustor) for said in (False, True))
    await world.say(away)
    with pytest.raises(BadStatement, match="in force"):
        await world.say(back)
    with pytest.raises(PartyNotApproved):
        await world.say(Open(await world.shift("per_1"), record))
    world.wait(minutes=1)
    await world.sign(party(True, "pty_2"))  # another party's decision is in nobody's way
    on, off = (Hold("ent_1", "lst_1", held=said, reason="訴訟") for said in (True, False))
    first, second = world.signed_by(on, *keys(world)), world.signed_by(off, *keys(world))
    for request in first:
        await world.say(request)
    await world.say(second[0])
    with pytest.raises(BadStatement, match="in force"):
        await world.say(second[1])
    assert (await world.say(Inspect("lst_1"))).state == "frozen"


async def test_a_decision_counts_for_its_own_contract_and_party(world: World) -> None:
    """Of another contract, or of another party under this one, there is a later word."""
    await world.sign(replace(TERMS, contract="ctr_2", parties=("pty_1", "pty_3")))
    early = world.signed(party(False), world.entrustor)
    world.wait(minutes=1)
    await world.sign(PartyDecision("ent_1", "ctr_2", "pty_1", approved=False))
    await world.sign(party(True, "pty_2"))
    await world.say(early)
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    with pytest.raises(PartyNotApproved):
        await world.say(Open(grant, record))


async def test_a_list_minted_in_the_moment_of_an_approval_is_not_under_it(world: World) -> None:
    world.wait(minutes=1)
    await world.hire("per_s", party="pty_2")
    grant = await world.shift("per_s")
    await world.say(Mint("lst_1", "ctr_1", 1, TERMS.expires, "job_1"))
    await world.sign(party(True, "pty_2"))
    [record] = await world.upload("lst_2")
    with pytest.raises(PartyNotApproved):
        await world.say(Open(grant, record))


async def test_a_raise_is_over_in_the_moment_it_names(tmp_path: Path) -> None:
    world = await world_with(tmp_path, people_per_hour=1)
    [record] = await world.upload("lst_1")
    until = world.now + timedelta(hours=2)
    await world.sign(BudgetRaise("ent_1", "ctr_1", until, person="per_1", people_per_hour=3))
    grant = await world.shift("per_1")
    world.now = until - timedelta(microseconds=1)
    assert (await world.say(Open(grant, record))).people_left == 2
    world.now = until
    assert (await world.say(Open(grant, record))).people_left == 0
    await world.stop()


async def test_an_order_to_shred_of_the_same_moment_as_an_extension_stands(world: World) -> None:
    """It was not issued before: whoever signs both means the list to end, sooner or later."""
    for name, first in (("lst_1", 0), ("lst_2", 1)):
        await world.upload(name)
        longer = Extension("ent_1", name, world.now + timedelta(days=2))
        both = [
            world.signed(one, world.entrustor) for one in (ShredOrder("ent_1", (name,)), longer)
        ]
        await world.say(both[first])
        await world.say(both[1 - first])
        await world.say(Freeze(name, "entrustor"))
        await world.say(Shred(name))
        assert world.lines("shred_begins")[-1]["authority"] == "entrustor"


async def test_the_ledger_says_of_a_person_as_what_and_whether_with_a_new_factor(
    world: World,
) -> None:
    for new_factor, more in ((False, ""), (True, " with a new factor")):
        await world.name("per_9", new_factor=new_factor)
        assert said(world) == f"roster per_9 of pty_1 as operator{more}"


async def test_no_raise_is_no_raise_of_nothing(tmp_path: Path) -> None:
    world = await world_with(tmp_path, people_per_hour=1)
    [record, _] = await world.upload("lst_1", townsfolk(2))
    until = world.now + timedelta(days=1)
    await world.sign(BudgetRaise("ent_1", "ctr_1", until, person="per_1", people_per_hour=3))
    view = await world.say(Open(await world.shift("per_1"), record))
    assert view.people_left == 2
    await world.stop()


@pytest.mark.parametrize("kind", [FieldKind.NAME, FieldKind.SUBJECT])
async def test_a_field_longer_than_a_cell_may_be_opens_for_nobody(
    world: World, kind: FieldKind
) -> None:
    grant = await world.shift("per_1")
    just, over = (YAMADA | {kind: "長" * (FIELD_CHARACTERS + more)} for more in (0, 1))
    fits, too_long = await world.upload("lst_1", [just, over])
    with pytest.raises(DoesNotOpen):
        await world.say(Open(grant, too_long))
    await world.say(Open(grant, fits))


async def test_a_signature_waits_to_the_last_moment_of_its_statement(world: World) -> None:
    await world.upload("lst_1", days=20)
    first, second = world.signed_by(Hold("ent_1", "lst_1", held=True, reason="訴訟"), *keys(world))
    await world.say(first)
    world.now = read(first.payload).valid_until
    [waiting] = (await world.say(Awaited())).statements
    assert waiting.missing == ("centre",)
    assert (await world.say(second)).missing == ()
    assert (await world.say(Awaited())).statements == ()


async def test_somebody_of_the_house_that_calls_may_ask_for_what_the_entrustor_decides(
    world: World,
) -> None:
    """On the roster, and of no approver's own house."""
    [request] = world.signed_by(party(True, "pty_2"), world.entrustor, issuer="per_m")
    assert (await world.say(request)).missing == ()


async def test_a_statement_brings_so_many_canaries_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canaries, "MOST", 2)
    three = [f"+819000077{n:03}" for n in range(3)]
    await world.sign(named(world, three[:2]))
    with pytest.raises(BadStatement, match="numbers"):
        await world.sign(named(world, three))
