"""Warm transfer: the person in hand goes to a supervisor, in one step and by every rule."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace

from crypto.disclosure import threshold
from crypto.errors.keeper import LineQuota
from crypto.errors.lists import ListOver
from crypto.errors.records import (
    BudgetHour,
    HandFull,
    InOtherHand,
    NotInHand,
    NotOffered,
    PartyNotApproved,
    RecordClosed,
    RoleCannotOpen,
    SiteNotApproved,
    Withdrawn,
)
from crypto.records.fields import FieldKind, Stage
from crypto.signed.orders import BudgetRaise
from crypto.wire.calls import GiveCode
from crypto.wire.lists import Freeze
from crypto.wire.people import Revoke
from crypto.wire.records import Close, Find, LetGo, Match, Open, Reveal, SealedRecord
from crypto.wire.transfers import Accept, Offer, Retract
from crypto.wire.withdrawals import Withdraw
from tests.crypto.world import TERMS, YAMADA, World, townsfolk

pytestmark = pytest.mark.asyncio
BORN, CODE = FieldKind.BIRTH_DATE, FieldKind.REFERENCE
NOTED = replace(TERMS, inbound=True, people_per_hour=2, notes="S1")


@dataclass
class Hall:
    """per_1 has `record` in hand; per_s is a supervisor of the same site."""

    world: World
    record: SealedRecord
    other: SealedRecord
    operator: str
    supervisor: str

    async def offer(self, to: str = "per_s") -> str:
        made = await self.world.say(Offer(self.operator, self.record, "att_1", to))
        assert made.until == self.world.now + timedelta(seconds=120)
        assert len(made.offer) == len("off_") + 2 * 16
        return made.offer

    async def accept(self, offer: str, grant: str = "") -> None:
        await self.world.say(Accept(grant or self.supervisor, self.record, offer))

    async def transferred(self) -> None:
        await self.accept(await self.offer())


@pytest_asyncio.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    world = await World.at(tmp_path / "keeper")
    await world.settle(NOTED)
    await world.hire("per_s", role="supervisor")
    record, other, *_ = await world.upload("lst_1", townsfolk(4))
    operator = await world.shift("per_1")
    await world.say(Open(operator, record))
    yield Hall(world, record, other, operator, await world.shift("per_s"))
    await world.stop()


async def test_a_person_goes_over_at_the_same_stage_with_the_tries_that_are_left(
    hall: Hall,
) -> None:
    world, record = hall.world, hall.record
    await world.say(Match(hall.operator, record, BORN, "昭和51年1月2日"))
    before = (await world.say(Match(hall.operator, record, CODE, "K-0000000"))).view
    assert (before.stage, before.tries_left) == (Stage.VERIFIED, TERMS.identity.tries - 1)
    await hall.transferred()
    await world.restart()  # nothing but the disk is left
    after = await world.say(Open(hall.supervisor, record))
    assert replace(after, people_left=before.people_left) == before
    assert (await world.say(Reveal(hall.supervisor, record, FieldKind.PHONE, "manual_dial"))).text
    assert (await world.say(GiveCode(hall.supervisor, record, "att_1"))).code
    closed = await world.say(Close(hall.supervisor, record, "att_1", 30, note="また明日"))
    assert not closed.final
    assert [line["principal"] for line in world.lines("close")] == ["per_s"]


async def test_whoever_handed_over_sees_nobody_any_more(hall: Hall) -> None:
    world, record, grant = hall.world, hall.record, hall.operator
    await hall.transferred()
    for verb, refusal in (
        (Open(grant, record), InOtherHand),
        (Match(grant, record, BORN, "昭和50年1月2日"), NotInHand),
        (Reveal(grant, record, FieldKind.PHONE, "manual_dial"), NotInHand),
        (GiveCode(grant, record, "att_1"), NotInHand),
        (Close(grant, record, "att_1", 10), NotInHand),
        (Offer(grant, record, "att_1", "per_s"), NotInHand),
    ):
        with pytest.raises(refusal):
            await world.say(verb)  # type: ignore[type-var]
    await world.say(Open(grant, hall.other))  # the next one may come


async def test_an_offer_moves_nothing_and_is_for_one_supervisor_for_two_minutes_once(
    hall: Hall,
) -> None:
    world = hall.world
    await world.hire("per_t", role="supervisor")
    stranger = await world.shift("per_t")
    offer = await hall.offer()
    await world.say(Open(hall.operator, hall.record))
    with pytest.raises(NotInHand):
        await world.say(Open(hall.supervisor, hall.record))
    with pytest.raises(NotOffered):
        await hall.accept(offer, stranger)
    with pytest.raises(NotOffered):
        await hall.accept("off_none")
    with pytest.raises(NotOffered):
        await world.say(Accept(hall.supervisor, hall.other, offer))
    world.wait(seconds=120)
    with pytest.raises(NotOffered):
        await hall.accept(offer)
    await world.say(Open(hall.operator, hall.record))
    first, second = await hall.offer(), await hall.offer()
    with pytest.raises(NotOffered):
        await hall.accept(first)  # a later one has taken its place
    await world.say(Retract(second))
    with pytest.raises(NotOffered):
        await hall.accept(second)
    last = len(world.lines()) - 1
    assert (await world.say(Retract(second))).seq == last, "nothing to do, and no line"
    [ended] = world.lines("transfer_ended")
    assert (ended["list"], ended["principal"]) == ("lst_1", "per_1")
    assert not world.lines("transferred")
    assert {line["code"] for line in world.lines("refused")} == {"not_offered", "not_in_hand"}


async def test_the_ledger_names_both_hands_the_record_and_its_stage(hall: Hall) -> None:
    offer = await hall.offer()
    [offered] = hall.world.lines("transfer_offered")
    await hall.accept(offer)
    [line], [opened] = hall.world.lines("transferred"), hall.world.lines("open")
    expected = ("per_s", "per_1", "lst_1", "att_1", Stage.DIALLING, opened["tag"], "sit_1")
    names = ("principal", "giver", "list", "attempt", "stage", "tag", "site")
    assert tuple(line[name] for name in names) == expected
    assert (offered["principal"], offered["to"], offered["tag"]) == ("per_1", "per_s", line["tag"])
    assert YAMADA[FieldKind.NAME] not in str(hall.world.lines())


async def test_accepting_again_is_answered_as_before_while_the_record_is_in_that_hand(
    hall: Hall,
) -> None:
    world, offer = hall.world, await hall.offer()
    await hall.accept(offer)
    world.wait(seconds=120)
    again = await world.say(Accept(hall.supervisor, hall.record, offer))  # the answer was lost
    assert again.seq == len(world.lines()) - 1
    await world.say(Retract(offer))  # too late
    await hall.accept(offer)
    assert len(world.lines("transferred")) == 1
    assert not world.lines("transfer_ended")
    await world.say(Close(hall.supervisor, hall.record, "att_1", 30))
    with pytest.raises(NotInHand):
        await hall.accept(offer)


async def test_a_supervisor_opens_nothing_that_was_not_handed_over(hall: Hall) -> None:
    world, grant = hall.world, hall.supervisor
    with pytest.raises(NotInHand):
        await world.say(Open(grant, hall.other))
    with pytest.raises(RoleCannotOpen):
        await world.say(Find(grant, "job_1", "+819000000001"))
    with pytest.raises(RoleCannotOpen):
        await world.say(Offer(grant, hall.record, "att_1", "per_1"))
    await hall.transferred()
    with pytest.raises(RoleCannotOpen):
        await world.say(Offer(grant, hall.record, "att_1", "per_1"))  # it goes no further
    await world.say(Close(grant, hall.record, "att_1", 30))
    with pytest.raises(NotInHand):
        await world.say(Open(grant, hall.record))  # nor does it come back


async def test_a_hold_that_ran_out_is_the_supervisors_until_somebody_else_has_the_record(
    hall: Hall,
) -> None:
    world = hall.world
    await hall.transferred()
    world.wait(seconds=TERMS.hold_seconds)
    await world.say(Open(hall.supervisor, hall.record))
    await world.say(LetGo("lst_1", (hall.record.chunk, hall.record.index)))
    with pytest.raises(NotInHand):
        await world.say(Open(hall.supervisor, hall.record))
    await world.say(Open(hall.operator, hall.record))


async def test_only_a_supervisor_takes_over(hall: Hall) -> None:
    for person in ("per_2", "per_m"):
        offer, grant = await hall.offer(person), await hall.world.shift(person)
        with pytest.raises(RoleCannotOpen):
            await hall.accept(offer, grant)


@pytest.mark.parametrize("place", [("pty_9", "sit_1"), ("pty_1", "sit_9"), ("pty_1", "sit_2")])
async def test_a_supervisor_of_another_party_or_site_takes_nobody_over(
    hall: Hall, place: tuple[str, str]
) -> None:
    party, site = place
    await hall.world.hire("per_t", role="supervisor", party=party, site=site)
    offer, grant = await hall.offer("per_t"), await hall.world.shift("per_t")
    approved = {"sit_1": PartyNotApproved, "sit_9": SiteNotApproved, "sit_2": NotOffered}
    with pytest.raises(approved[site]):
        await hall.accept(offer, grant)
    assert not hall.world.lines("transferred")


async def test_a_full_hand_takes_nobody_over(hall: Hall) -> None:
    world = hall.world
    second = await world.shift("per_2")
    await world.say(Open(second, hall.other))
    other = await world.say(Offer(second, hall.other, "att_2", "per_s"))
    await hall.transferred()
    with pytest.raises(HandFull):
        await world.say(Accept(hall.supervisor, hall.other, other.offer))
    await world.say(Open(second, hall.other))  # it stays where it was
    await world.say(Open(hall.supervisor, hall.record))


async def test_who_is_taken_over_costs_one_of_the_supervisors_own_budget(hall: Hall) -> None:
    world = hall.world
    for nth, record in enumerate(await world.upload("lst_2", townsfolk(2))):
        second = await world.shift("per_2")
        await world.say(Open(second, record))
        made = await world.say(Offer(second, record, f"att_{nth}", "per_s"))
        await world.say(Accept(hall.supervisor, record, made.offer))
        if not nth:  # to take over and to look is one person; to take over alone is one, too
            assert (await world.say(Open(hall.supervisor, record))).people_left == 1
        await world.say(Close(hall.supervisor, record, f"att_{nth}", 30))
        world.wait(minutes=1)
    await world.say(Open(hall.operator, hall.record))
    with pytest.raises(BudgetHour):
        await hall.transferred()
    await world.say(Open(hall.operator, hall.record))  # it stays where it was


async def test_the_certificate_counts_whoever_took_somebody_over(hall: Hall) -> None:
    await hall.transferred()
    openers = hall.world.home.journal.db.execute("SELECT list, principal FROM openers").fetchall()
    assert set(openers) == {("lst_1", "per_1"), ("lst_1", "per_s")}


@pytest.mark.parametrize(("role", "left"), [("operator", 1), ("supervisor", 49)])
async def test_a_raise_for_operators_is_none_for_supervisors(
    hall: Hall, role: str, left: int
) -> None:
    until = hall.world.now + timedelta(hours=1)
    await hall.world.sign(BudgetRaise("ent_1", "ctr_1", until, role=role, people_per_hour=50))
    await hall.transferred()
    assert (await hall.world.say(Open(hall.supervisor, hall.record))).people_left == left


@pytest.mark.parametrize("end", ["close", "revoke", "freeze", "withdraw", "let_go"])
async def test_a_call_that_has_ended_meanwhile_is_not_handed_over(hall: Hall, end: str) -> None:
    world, offer = hall.world, await hall.offer()
    refusal: type[Exception] = NotOffered
    match end:
        case "close":
            await world.say(Close(hall.operator, hall.record, "att_1", 10))
            refusal = RecordClosed
        case "revoke":
            await world.say(Revoke("per_1"))
        case "freeze":
            await world.say(Freeze("lst_1", "completed"))
            refusal = ListOver
        case "withdraw":
            manager = await world.managers_grant()
            await world.say(Withdraw(manager, hall.record, "wd_1", "K-0000000"))
            refusal = RecordClosed
        case "let_go":
            await world.say(LetGo("lst_1", (hall.record.chunk, hall.record.index)))
    with pytest.raises((refusal, Withdrawn)):
        await hall.accept(offer)
    assert not world.lines("transferred")


async def test_offers_and_acceptances_have_the_quota_of_the_desk(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold, "DESK_EACH", 0)
    monkeypatch.setattr(threshold, "DESK_LEAST", 2)
    offer = await hall.offer()
    with pytest.raises(LineQuota):
        await hall.offer()
    await hall.accept(offer)
    await hall.accept(offer)
    with pytest.raises(LineQuota):
        await hall.accept(offer)


async def test_forgotten_offers_do_not_pile_up(hall: Hall) -> None:
    world = hall.world
    await hall.offer()
    world.wait(seconds=120)
    await world.say(Close(hall.operator, hall.record, "att_1", 30))
    await world.say(Open(hall.operator, hall.other))
    await world.say(Offer(hall.operator, hall.other, "att_2", "per_s"))
    [kept] = world.home.journal.db.execute("SELECT attempt FROM offers").fetchall()
    assert kept == ("att_2",)


async def test_whom_the_entrustor_took_out_is_not_offered(hall: Hall) -> None:
    manager = await hall.world.managers_grant()
    await hall.world.say(Withdraw(manager, hall.record, "wd_1", "K-0000000"))
    with pytest.raises(RecordClosed):
        await hall.offer()
    assert not hall.world.lines("transfer_offered")
