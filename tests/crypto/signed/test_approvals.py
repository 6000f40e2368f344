"""Decisions by signature, of every kind: who must sign, in which order, what comes of it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from crypto.errors.base import Refusal
from crypto.errors.lists import ListOver, NotAuthorised
from crypto.errors.records import BudgetHour, DoesNotOpen, PartyNotApproved
from crypto.errors.statements import (
    BadStatement,
    IssuerApproves,
    ReplayedStatement,
    StatementExpired,
    UnpinnedKey,
)
from crypto.records.sealing import RecipientKey, open_list_keys
from crypto.signed.orders import (
    BudgetRaise,
    Extension,
    Hold,
    PartyDecision,
    RecipientChange,
    ShredOrder,
)
from crypto.signed.statements import ApproverKey, read
from crypto.wire.approvals import Awaited, Pin, Submit
from crypto.wire.base import Caller
from crypto.wire.lists import Freeze, Inspect, Shred
from crypto.wire.records import Open
from tests.crypto.world import TERMS, World, townsfolk

replace = msgspec.structs.replace
HOLD = Hold("ent_1", "lst_1", held=True, reason="訴訟")


async def state(world: World) -> str:
    return (await world.say(Inspect("lst_1"))).state


def signed_as(world: World, body: Any, key: ApproverKey, issuer: str) -> Submit:
    return world.signed_by(body, key, issuer=issuer)[0]


# -- two signatures ------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("first", ["entrustor", "centre"])
async def test_the_first_signature_waits_visibly_and_the_second_decides(
    world: World, first: str
) -> None:
    await world.upload("lst_1")
    requests = dict(
        zip(
            ("entrustor", "centre"),
            world.signed_by(HOLD, world.entrustor, world.centre),
            strict=True,
        )
    )
    missing = {"entrustor": "centre", "centre": "ent_1"}[first]
    taken = await world.say(requests.pop(first))
    assert taken.missing == (missing,)
    assert await state(world) == "open"
    await world.restart()
    [waiting] = (await world.say(Awaited())).statements
    assert (waiting.kind, waiting.entrustor, waiting.list) == ("hold", "ent_1", "lst_1")
    assert waiting.missing == (missing,)
    [line] = world.lines("signature")
    assert line["missing"] == missing

    [(_, second)] = requests.items()
    assert (await world.say(second)).missing == ()
    assert await state(world) == "frozen"
    assert (await world.say(Awaited())).statements == ()
    assert world.lines("decided")[0]["list"] == "lst_1"


@pytest.mark.asyncio
async def test_the_same_approver_twice_is_a_replay_and_no_second_signature(world: World) -> None:
    await world.upload("lst_1")
    first, second = world.signed_by(HOLD, world.entrustor, world.centre)
    await world.say(first)
    for request in (first, second, second):
        try:
            await world.say(request)
        except ReplayedStatement:
            assert request is not second or await state(world) == "frozen"
    for request in (first, second):
        with pytest.raises(ReplayedStatement):
            await world.say(request)


@pytest.mark.asyncio
async def test_two_different_texts_under_one_number_do_not_add_up(world: World) -> None:
    await world.upload("lst_1")
    first, second = world.signed_by(HOLD, world.entrustor, world.centre)
    other = read(first.payload)
    other = replace(other, body=replace(HOLD, held=False))
    payload = msgspec.json.encode(other, order="sorted")
    await world.say(first)
    with pytest.raises(BadStatement, match="another text"):
        await world.say(Submit(payload, second.key, world.centre.sign(payload)))
    assert await state(world) == "open"


@pytest.mark.asyncio
async def test_one_key_does_not_sign_for_two(world: World) -> None:
    """Somebody has pinned the entrustor's key for the centre too."""
    await world.upload("lst_1")
    await world.say(Pin("centre", world.entrustor.public, b""))
    [request] = world.signed_by(HOLD, world.entrustor)
    taken = await world.say(request)
    assert taken.missing
    with pytest.raises((BadStatement, ReplayedStatement)):
        await world.say(request)
    assert await state(world) == "open"


@pytest.mark.asyncio
async def test_a_signature_of_a_key_that_was_replaced_no_longer_counts(world: World) -> None:
    await world.upload("lst_1")
    first, second = world.signed_by(HOLD, world.entrustor, world.centre)
    await world.say(first)
    fresh = ApproverKey.generate()
    await world.say(Pin("ent_1", fresh.public, world.entrustor_recipient.public.data))
    assert (await world.say(second)).missing == ("ent_1",)
    assert await state(world) == "open"


@pytest.mark.asyncio
async def test_the_second_signature_comes_in_time_or_not_at_all(world: World) -> None:
    await world.upload("lst_1", days=20)
    first, second = world.signed_by(HOLD, world.entrustor, world.centre)
    await world.say(first)
    world.wait(days=8)
    with pytest.raises(StatementExpired):
        await world.say(second)
    assert (await world.say(Awaited())).statements == ()
    assert await state(world) == "open"


@pytest.mark.asyncio
async def test_a_hold_signed_earlier_does_not_undo_a_later_one(world: World) -> None:
    await world.upload("lst_1")
    old = world.signed_by(replace(HOLD, held=False), world.entrustor, world.centre)
    world.wait(minutes=1)
    for request in world.signed_by(HOLD, world.entrustor, world.centre):
        await world.say(request)
    await world.say(old[0])
    with pytest.raises(BadStatement, match="in force"):
        await world.say(old[1])
    assert await state(world) == "frozen"


# -- who asks does not approve -------------------------------------------------------------


@pytest.mark.asyncio
async def test_who_asked_for_it_does_not_approve_it(world: World) -> None:
    await world.upload("lst_1")
    await world.hire("per_e", role="entrustor", party="ent_1")
    until = TERMS.expires
    cases: list[tuple[Any, ApproverKey, str]] = [
        (replace(TERMS, version=2), world.entrustor, "ent_1"),
        (replace(TERMS, version=2), world.entrustor, "per_e"),
        (BudgetRaise("ent_1", "ctr_1", until, "per_1", people_per_day=9), world.entrustor, "per_e"),
        (PartyDecision("ent_1", "ctr_1", "pty_2", approved=True), world.entrustor, "ent_1"),
        (HOLD, world.entrustor, "centre"),
        (HOLD, world.centre, "ent_1"),
        (HOLD, world.centre, "per_e"),
        (Extension("ent_1", "lst_1", until), world.entrustor, "ent_1"),
        (ShredOrder("centre", ("lst_1",)), world.centre, "centre"),
    ]
    for body, key, issuer in cases:
        with pytest.raises(IssuerApproves):
            await world.say(signed_as(world, body, key, issuer))
    # What ends or narrows the handling of one's own data, one may ask for oneself.
    await world.say(signed_as(world, Extension("ent_1", "lst_1", until), world.entrustor, "per_e"))


# -- nobody decides about others' data -----------------------------------------------------


@pytest.mark.asyncio
async def test_an_entrustor_decides_of_its_own_lists_and_contracts_only(world: World) -> None:
    await world.upload("lst_1")
    stranger = ApproverKey.generate()
    await world.say(Pin("ent_2", stranger.public, RecipientKey.generate().public.data))
    until = TERMS.expires
    orders: list[Any] = [
        Extension("ent_2", "lst_1", until),
        ShredOrder("ent_2", ("lst_1",)),
        PartyDecision("ent_2", "ctr_1", "pty_9", approved=True),
        BudgetRaise("ent_2", "ctr_1", until, "per_1", people_per_day=999),
    ]
    for order in orders:
        with pytest.raises(Refusal) as refusal:
            await world.sign(order, by=stranger)
        assert refusal.value.code in ("bad_statement", "unknown_contract")
        with pytest.raises(UnpinnedKey):
            await world.sign(replace(order, entrustor="ent_1"), by=stranger)
    first, second = world.signed_by(replace(HOLD, entrustor="ent_2"), stranger, world.centre)
    await world.say(first)
    with pytest.raises(BadStatement):
        await world.say(second)


# -- parties -------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_withdrawn_party_opens_nothing_at_once_also_of_living_lists(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.sign(PartyDecision("ent_1", "ctr_1", "pty_1", approved=False))
    with pytest.raises(PartyNotApproved):
        await world.say(Open(grant, record))
    assert world.lines("refused")[0]["code"] == "party_not_approved"
    world.wait(minutes=1)
    await world.sign(PartyDecision("ent_1", "ctr_1", "pty_1", approved=True))
    await world.restart()
    with pytest.raises(PartyNotApproved):  # what it was withdrawn from stays closed to it
        await world.say(Open(grant, record))
    world.wait(minutes=1)
    [fresh] = await world.upload("lst_2")
    await world.say(Open(await world.shift("per_1"), fresh))


@pytest.mark.asyncio
async def test_an_approved_party_opens_lists_minted_afterwards_and_no_earlier(
    world: World,
) -> None:
    [before] = await world.upload("lst_1")
    await world.hire("per_s", party="pty_2")
    grant = await world.shift("per_s")
    world.wait(minutes=1)
    await world.sign(PartyDecision("ent_1", "ctr_1", "pty_2", approved=True))
    world.wait(minutes=1)
    [after] = await world.upload("lst_2")
    with pytest.raises(PartyNotApproved):
        await world.say(Open(grant, before))
    await world.say(Open(grant, after))


@pytest.mark.asyncio
async def test_the_next_version_overrules_what_was_decided_beside_the_last(world: World) -> None:
    await world.sign(PartyDecision("ent_1", "ctr_1", "pty_1", approved=False))
    world.wait(minutes=1)
    await world.sign(replace(TERMS, version=2))
    world.version = 2
    world.wait(minutes=1)
    [record] = await world.upload("lst_1")
    await world.say(Open(await world.shift("per_1"), record))


@pytest.mark.asyncio
async def test_an_approval_signed_earlier_does_not_undo_a_withdrawal(world: World) -> None:
    early = world.signed(PartyDecision("ent_1", "ctr_1", "pty_1", approved=True), world.entrustor)
    world.wait(minutes=1)
    await world.sign(PartyDecision("ent_1", "ctr_1", "pty_1", approved=False))
    with pytest.raises(BadStatement, match="in force"):
        await world.say(early)


# -- recipients ----------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_another_recipient_receives_what_is_minted_from_now_on(world: World) -> None:
    old, fresh = world.entrustor_recipient, RecipientKey.generate()
    await world.upload("lst_1")
    await world.sign(RecipientChange("ent_1", fresh.public.data))
    await world.upload("lst_2")

    def opens(key: RecipientKey, list_id: str) -> bool:
        try:
            open_list_keys(
                key, entrustor="ent_1", list_id=list_id, sealed=world.for_entrustor[list_id]
            )
        except DoesNotOpen:
            return False
        return True

    assert [opens(old, "lst_1"), opens(fresh, "lst_1")] == [True, False]
    assert [opens(old, "lst_2"), opens(fresh, "lst_2")] == [False, True]
    with pytest.raises(BadStatement):
        await world.sign(RecipientChange("ent_1", b"no key"))


@pytest.mark.asyncio
async def test_a_decision_that_cannot_be_carried_out_may_be_handed_in_later(world: World) -> None:
    """A refused effect undoes the acceptance: the same file is no replay."""
    request = world.signed(ShredOrder("ent_1", ("lst_1",)), world.entrustor)
    with pytest.raises(Refusal):
        await world.say(request)
    await world.upload("lst_1")
    await world.say(request)
    late = world.signed(Extension("ent_1", "lst_1", world.now + timedelta(days=3)), world.entrustor)
    world.wait(days=2)
    with pytest.raises(ListOver):
        await world.say(late)


# -- handed in late ------------------------------------------------------------------------


async def later(world: World, body: Any) -> None:
    """Signed and handed in an hour later; an hour passes after it too."""
    world.wait(hours=1)
    await world.sign(body)
    world.wait(hours=1)


async def late(world: World, withheld: Submit) -> None:
    """What a lying web kept back comes too late."""
    with pytest.raises(BadStatement, match="not issued after"):
        await world.say(withheld)


@pytest.mark.asyncio
async def test_a_recipient_withheld_does_not_replace_a_later_one(world: World) -> None:
    old, fresh = RecipientKey.generate(), RecipientKey.generate()
    withheld = world.signed(RecipientChange("ent_1", old.public.data), world.entrustor)
    await later(world, RecipientChange("ent_1", fresh.public.data))
    await late(world, withheld)
    await world.upload("lst_1")
    sealed = world.for_entrustor["lst_1"]
    open_list_keys(fresh, entrustor="ent_1", list_id="lst_1", sealed=sealed)


@pytest.mark.asyncio
async def test_an_approval_withheld_does_not_widen_a_later_version(world: World) -> None:
    withheld = world.signed(PartyDecision("ent_1", "ctr_1", "pty_2", True), world.entrustor)
    await later(world, replace(TERMS, version=2))
    world.version = 2
    await late(world, withheld)
    [record] = await world.upload("lst_1")
    await world.hire("per_s", party="pty_2")
    with pytest.raises(PartyNotApproved):
        await world.say(Open(await world.shift("per_s"), record))


@pytest.mark.asyncio
async def test_an_approval_handed_in_just_before_a_later_version_does_not_widen_it(
    world: World,
) -> None:
    approval = world.signed(PartyDecision("ent_1", "ctr_1", "pty_2", True), world.entrustor)
    world.wait(hours=1)
    version = world.signed(replace(TERMS, version=2), world.entrustor)
    world.wait(hours=1)
    await world.say(approval)
    await world.say(version)
    world.version = 2
    world.wait(hours=1)
    [record] = await world.upload("lst_1")
    await world.hire("per_s", party="pty_2")
    with pytest.raises(PartyNotApproved):
        await world.say(Open(await world.shift("per_s"), record))


@pytest.mark.asyncio
async def test_a_version_withheld_does_not_undo_a_later_withdrawal(world: World) -> None:
    withheld = world.signed(replace(TERMS, version=2), world.entrustor)
    await later(world, PartyDecision("ent_1", "ctr_1", "pty_1", approved=False))
    await world.say(withheld)
    world.version = 2
    world.wait(minutes=1)
    [record] = await world.upload("lst_1")
    with pytest.raises(PartyNotApproved):
        await world.say(Open(await world.shift("per_1"), record))


@pytest.mark.asyncio
async def test_a_version_issued_before_the_one_in_force_does_not_follow_it(world: World) -> None:
    withheld = world.signed(replace(TERMS, version=3), world.entrustor)
    await later(world, replace(TERMS, version=2))
    await late(world, withheld)


@pytest.mark.asyncio
async def test_a_raise_withheld_does_not_raise_a_later_versions_cap(world: World) -> None:
    raised = BudgetRaise("ent_1", "ctr_1", TERMS.expires, role="operator", people_per_hour=9)
    withheld = world.signed(raised, world.entrustor)
    await later(world, replace(TERMS, version=2, people_per_hour=1))
    world.version = 2
    await late(world, withheld)
    first, second = await world.upload("lst_1", townsfolk(2))
    grant = await world.shift("per_1")
    await world.call(grant, first)
    with pytest.raises(BudgetHour):
        await world.say(Open(grant, second))


@pytest.mark.asyncio
async def test_an_extension_withheld_does_not_end_a_later_freeze(world: World) -> None:
    await world.upload("lst_1", days=3)
    body = Extension("ent_1", "lst_1", world.now + timedelta(days=5))
    withheld = world.signed(body, world.entrustor)
    world.wait(hours=1)
    await world.say(Freeze("lst_1", "completed"), Caller.WORKER)
    world.wait(hours=1)
    await late(world, withheld)
    assert await state(world) == "frozen"
    await later(world, body)
    assert await state(world) == "open"


@pytest.mark.asyncio
async def test_an_extension_withheld_does_not_prolong_a_later_shorter_one(world: World) -> None:
    await world.upload("lst_1", days=3)
    longer = Extension("ent_1", "lst_1", world.now + timedelta(days=9))
    withheld = world.signed(longer, world.entrustor)
    await later(world, replace(longer, until=world.now + timedelta(days=5)))
    await world.restart()
    await late(world, withheld)
    world.wait(days=5)
    assert await state(world) == "frozen"


@pytest.mark.asyncio
@pytest.mark.parametrize("handed_in", ["before", "after"])
async def test_of_extension_and_shred_order_the_later_issued_counts(
    world: World, handed_in: str
) -> None:
    """Whichever is handed in first."""
    await world.upload("lst_1", days=3)
    order = world.signed(ShredOrder("ent_1", ("lst_1",)), world.entrustor)
    if handed_in == "before":
        await world.say(order)
    extension = Extension("ent_1", "lst_1", world.now + timedelta(days=6))
    await later(world, extension)
    if handed_in == "after":
        await late(world, order)
    await world.say(Freeze("lst_1", "completed"), Caller.WORKER)
    with pytest.raises(NotAuthorised):
        await world.say(Shred("lst_1"))

    world.wait(hours=1)
    withheld = world.signed(extension, world.entrustor)
    await later(world, ShredOrder("ent_1", ("lst_1",)))
    await late(world, withheld)
    await world.say(Shred("lst_1"))


@pytest.mark.asyncio
async def test_a_version_below_one_is_none(world: World) -> None:
    for version in (0, -1):
        with pytest.raises(BadStatement, match="version"):
            await world.sign(replace(TERMS, contract="ctr_2", version=version))
    await world.sign(replace(TERMS, contract="ctr_2", version=7))  # the first may be any
