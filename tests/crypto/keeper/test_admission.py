"""Signed statements, second factors, shifts."""

from datetime import timedelta

import msgspec
import pytest

from crypto.errors.base import Refusal
from crypto.errors.people import (
    AlreadyEnrolled,
    Locked,
    NotEnrolled,
    RosterOver,
    UnknownPerson,
    WrongCode,
)
from crypto.errors.records import RoleCannotOpen
from crypto.errors.statements import BadStatement, ReplayedStatement, StatementExpired, UnpinnedKey
from crypto.records.fields import FieldKind
from crypto.signed.statements import ApproverKey, approve, prepare, read
from crypto.signed.terms import ContractTerms, IdentityRule, RosterEntry, Statement
from crypto.wire.approvals import Pin, Submit
from crypto.wire.people import Enrol, Grant
from crypto.wire.records import Open
from tests.crypto.world import START, TERMS, World

replace = msgspec.structs.replace
NEXT = replace(TERMS, version=2)


def repr_of_what_differs(terms: ContractTerms) -> str:
    """The name of the field that makes the terms wrong."""
    names = terms.__struct_fields__
    return next(name for name in names if getattr(terms, name) != getattr(NEXT, name))


def statement_of(request: Submit) -> Statement:
    return read(request.payload)


def entry(person: str = "per_9", days: int = 30) -> RosterEntry:
    return RosterEntry(person, "pty_1", "sit_1", "operator", START + timedelta(days=days))


# -- statements ----------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_statement_is_accepted_once(world: World) -> None:
    request = world.signed(entry(), world.centre)
    await world.say(request)
    with pytest.raises(ReplayedStatement):
        await world.say(request)


@pytest.mark.asyncio
async def test_an_older_roster_statement_does_not_overrule_a_newer_one(world: World) -> None:
    world.wait(minutes=1)
    older = world.signed(replace(entry("per_1"), new_factor=True), world.centre)
    same = world.signed(replace(entry("per_1"), role="manager"), world.centre)
    assert statement_of(same).issued == statement_of(older).issued
    world.wait(minutes=1)
    newer = world.signed(entry("per_1"), world.centre)
    await world.say(same)
    with pytest.raises(BadStatement, match="in force"):
        await world.say(older)
    await world.say(newer)
    world.wait(minutes=1)
    await world.restart()
    with pytest.raises(BadStatement, match="in force"):
        await world.say(older)
    await world.say(world.signed(entry("per_2"), world.centre))  # each person on its own


@pytest.mark.asyncio
async def test_only_the_pinned_key_of_who_must_decide_counts(world: World) -> None:
    for body, key in (
        (entry(), world.entrustor),  # an entrustor does not make the roster
        (NEXT, world.centre),  # the centre does not make contracts
        (NEXT, ApproverKey.generate()),
        (replace(NEXT, entrustor="ent_9"), world.entrustor),  # not for another entrustor
    ):
        with pytest.raises(UnpinnedKey):
            await world.sign(body, by=key)


@pytest.mark.asyncio
async def test_a_changed_statement_is_refused(world: World) -> None:
    good = world.signed(NEXT, world.entrustor)
    wider = good.payload.replace(b'"people_per_day":600', b'"people_per_day":999')
    spaced = good.payload.replace(b'","', b'", "', 1)
    for payload in (wider, spaced, b"{}", b"\xff", good.payload[:-1]):
        with pytest.raises(BadStatement):
            await world.say(replace(good, payload=payload))
    with pytest.raises(BadStatement):
        await world.say(replace(good, signature=bytes(64)))


@pytest.mark.asyncio
async def test_bytes_that_are_signed_but_not_canonical_are_refused(world: World) -> None:
    """Two readers must not read two things out of what was signed."""
    good = approve(
        prepare(NEXT, issuer="x", now=world.now, valid_for=timedelta(days=1)), world.entrustor
    )
    twice = good.payload.replace(b'"version":2', b'"version":9,"version":2')
    with pytest.raises(BadStatement, match="canonical"):
        await world.say(Submit(twice, good.key, world.entrustor.sign(twice)))


@pytest.mark.asyncio
async def test_a_statement_has_its_time(world: World) -> None:
    late = world.signed(entry("per_8"), world.centre)
    world.wait(days=8)
    with pytest.raises(StatementExpired):
        await world.say(late)
    early = world.signed(entry("per_8"), world.centre)
    world.wait(days=-7)
    with pytest.raises(StatementExpired):
        await world.say(early)


@pytest.mark.asyncio
async def test_contract_versions_follow_each_other_and_keep_their_entrustor(world: World) -> None:
    for version in (1, 3):
        with pytest.raises(BadStatement, match="version"):
            await world.sign(replace(TERMS, version=version))
    await world.sign(NEXT)
    other = ApproverKey.generate()
    await world.say(Pin("ent_2", other.public, world.entrustor_recipient.public.data))
    with pytest.raises(BadStatement, match="another entrustor"):
        await world.sign(replace(TERMS, version=3, entrustor="ent_2"), by=other)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "terms",
    [
        replace(NEXT, expires=START),
        replace(NEXT, identity=IdentityRule(1, (FieldKind.NAME,))),
        replace(NEXT, identity=IdentityRule(3, TERMS.identity.of)),
        replace(NEXT, identity=IdentityRule(0, TERMS.identity.of)),
        replace(NEXT, identity=IdentityRule(1, TERMS.identity.of, tries=0)),
        replace(NEXT, codes={30: False}),
        replace(NEXT, parties=()),
        replace(NEXT, people_per_hour=700),
        replace(NEXT, hold_seconds=0),
        replace(NEXT, reveal_seconds=0),
    ],
    ids=repr_of_what_differs,
)
async def test_terms_that_contradict_themselves_are_refused(
    world: World, terms: ContractTerms
) -> None:
    with pytest.raises(BadStatement):
        await world.sign(terms)


@pytest.mark.asyncio
async def test_keys_that_are_none_are_not_pinned(world: World) -> None:
    recipient = world.entrustor_recipient.public.data
    for request in (
        Pin("ent_2", b"short", recipient),
        Pin("ent_2", world.entrustor.public, b""),
        Pin("ent_2", world.entrustor.public, recipient[:-1]),
    ):
        with pytest.raises(BadStatement):
            await world.say(request)


# -- second factors ------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_code_is_never_accepted_twice_also_after_a_restart(world: World) -> None:
    code = world.code("per_1")
    await world.say(Grant("per_1", code))
    await world.restart()
    with pytest.raises(WrongCode):
        await world.say(Grant("per_1", code))
    with pytest.raises(WrongCode):  # nor an earlier step than the last one used
        await world.say(Grant("per_1", world.code("per_1", -1)))
    await world.say(Grant("per_1", world.code("per_1", 1)))


@pytest.mark.asyncio
async def test_codes_are_accepted_one_step_around_now(world: World) -> None:
    for steps, person in ((-1, "per_1"), (1, "per_2")):
        await world.say(Grant(person, world.code(person, steps)))
    for steps in (-2, 2):
        with pytest.raises(WrongCode):
            await world.say(Grant("per_m", world.code("per_m", steps)))


@pytest.mark.asyncio
async def test_five_wrong_codes_lock_for_fifteen_minutes_also_after_a_restart(
    world: World,
) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            await world.say(Grant("per_1", "12345"))
    await world.restart()
    with pytest.raises(Locked):
        await world.say(Grant("per_1", world.code("per_1")))
    await world.shift("per_2")  # nobody else is locked
    world.wait(minutes=15)
    await world.shift("per_1")
    assert [line["locked"] for line in world.lines("wrong_code")] == [0, 0, 0, 0, 1]


@pytest.mark.asyncio
async def test_a_right_code_forgives_the_wrong_ones(world: World) -> None:
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(WrongCode):
                await world.say(Grant("per_1", "000000"))
        world.wait(seconds=30)
        await world.shift("per_1")


@pytest.mark.asyncio
async def test_a_confirmed_factor_is_replaced_once_and_only_by_a_statement_that_says_so(
    world: World,
) -> None:
    world.wait(minutes=1)
    await world.hire("per_1")  # not confirmed yet: the first one was never used
    await world.shift("per_1")
    with pytest.raises(AlreadyEnrolled):
        await world.say(Enrol("per_1"))
    old = world.factors["per_1"]
    world.wait(minutes=1)
    with pytest.raises(AlreadyEnrolled):  # a renewal lets nobody take the account over
        await world.hire("per_1")
    await world.shift("per_1")
    world.wait(minutes=1)
    await world.hire("per_1", new_factor=True)
    with pytest.raises(WrongCode):
        await world.say(Grant("per_1", old.at(world.now)))
    await world.shift("per_1")
    with pytest.raises(AlreadyEnrolled):
        await world.say(Enrol("per_1"))
    assert world.lines("statement")[-1]["about"].endswith("with a new factor")


@pytest.mark.asyncio
async def test_a_later_renewal_takes_the_leave_for_a_new_factor_back(world: World) -> None:
    await world.shift("per_1")
    for new_factor in (True, False):
        world.wait(minutes=1)
        await world.sign(replace(entry("per_1"), new_factor=new_factor))
    with pytest.raises(AlreadyEnrolled):
        await world.say(Enrol("per_1"))


@pytest.mark.asyncio
async def test_whom_the_roster_does_not_name_cannot_sign_in(world: World) -> None:
    for request in (Enrol("per_9"), Grant("per_9", "000000")):
        with pytest.raises(UnknownPerson):
            await world.say(request)
    await world.sign(entry())
    with pytest.raises(NotEnrolled):
        await world.say(Grant("per_9", "000000"))


@pytest.mark.asyncio
async def test_the_last_working_day_ends_everything(world: World) -> None:
    await world.hire("per_9", days=1)
    [record] = await world.upload("lst_1", days=5)
    world.wait(hours=18)
    granted = await world.say(Grant("per_9", world.code("per_9")))
    assert granted.until == START + timedelta(days=1)
    world.wait(hours=6)
    for request in (Grant("per_9", world.code("per_9")), Enrol("per_9")):
        with pytest.raises(RosterOver):
            await world.say(request)
    with pytest.raises(Refusal):
        await world.say(Open(granted.secret, record))


@pytest.mark.asyncio
async def test_a_new_roster_statement_acts_on_a_living_grant(world: World) -> None:
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    world.wait(minutes=1)
    await world.sign(replace(entry("per_1"), role="manager"))
    with pytest.raises(RoleCannotOpen):
        await world.say(Open(grant, record))


@pytest.mark.asyncio
async def test_neither_grants_nor_seeds_lie_in_the_journal(world: World) -> None:
    """The roster is backed up: a copy must not let anybody sign in."""
    secret = await world.shift("per_1")
    seed = world.factors["per_1"].byte_secret()
    await world.stop()
    for path in world.folder.glob("journal.db*"):
        data = path.read_bytes()
        assert secret.encode() not in data
        assert seed not in data
