"""Another code for a result that stands: by who oversees the call; nobody is opened again."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from crypto.bookkeeping.quotas import REVISED
from crypto.errors.keeper import LineQuota
from crypto.errors.lists import ListOver
from crypto.errors.people import UnknownGrant
from crypto.errors.records import (
    InOtherHand,
    NotOverseen,
    NotRevisable,
    RecordClosed,
    ResultFinal,
    SameResult,
    StillChangeable,
    UnknownAttempt,
    UnknownCode,
)
from crypto.records.fields import FieldKind, Stage
from crypto.records.sealing import CallResult, Revision, open_list_keys, open_result
from crypto.records.slips import Slip, SlipKind
from crypto.signed.orders import PartyDecision
from crypto.wire.lists import Freeze, Inspect
from crypto.wire.records import Close, Find, Open, Recall, SealedRecord
from crypto.wire.revisions import Place, Revise, Revised
from crypto.wire.suppressions import Suppressions
from crypto.wire.withdrawals import Withdraw
from tests.crypto.world import TERMS, YAMADA, World, townsfolk

pytestmark = pytest.mark.asyncio
replace = msgspec.structs.replace
CODES = {c: c not in (12, 30, 31) for c in (10, 12, 14, 30, 31, 40, 50, 60, 70, 80, 81, 90)}
SLIP = Slip(phone="090-0000-0001")


@pytest_asyncio.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, codes=CODES, inbound=True, slips=tuple(SlipKind)))
    await world.hire("per_s", role="supervisor")
    yield world
    await world.stop()


async def given(
    world: World, code: int = 30, list_id: str = "lst_1", **more: object
) -> SealedRecord:
    """A record whose call per_1 closed with this code, as att_1, a minute ago."""
    [record] = await world.upload(list_id)
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.say(Close(grant, record, "att_1", code, **more))  # type: ignore[arg-type]
    world.wait(seconds=60)
    return record


async def read(world: World, sealed: bytes) -> CallResult:
    keys = open_list_keys(
        world.entrustor_recipient,
        entrustor="ent_1",
        list_id="lst_1",
        sealed=world.for_entrustor["lst_1"],
    )
    return open_result(keys.result_key, list_id="lst_1", attempt="att_1", sealed=sealed)


async def revise(world: World, code: int, by: str = "per_s", attempt: str = "att_1") -> Revised:
    return await world.say(Revise(await world.shift(by), attempt, code, "recording"))


async def opens(world: World, record: SealedRecord) -> bool:
    try:
        return (await world.say(Open(await world.shift("per_2"), record))).stage is Stage.DIALLING
    except RecordClosed:
        return False


@pytest.mark.parametrize("by", ["per_s", "per_m"])
async def test_the_entrustor_sees_both_codes_and_the_log_who_and_why(town: World, by: str) -> None:
    """A manager who bills contacts makes one of 不在: told, not hidden."""
    await given(town, 30, slip=SLIP)
    called = town.now
    opened = town.lines("open")
    town.wait(hours=1)
    told = await revise(town, 10, by)
    said = await read(town, told.sealed)
    assert (said.code, said.line, said.reference, said.slip) == (10, 2, "K-0000123", SLIP)
    assert said.revised == Revision(30, town.now.isoformat(), "recording")
    assert datetime.fromisoformat(said.at) < called, "the call's own time"
    [line] = town.lines("revise")
    named = ("principal", "operator", "attempt", "earlier", "code", "reason", "closed", "site")
    assert [line[name] for name in named] == [
        *(by, "per_1", "att_1", 30, 10, "recording", 1, "sit_1")
    ]
    [close] = town.lines("close")
    assert line["tag"] == close["tag"], "whoever is traced finds it"
    assert town.lines("open") == opened, "nobody was opened"
    recalled = await town.say(Recall("att_1"))
    assert (recalled.code, recalled.final, recalled.sealed, recalled.slip) == (
        *(10, True, told.sealed),
        True,
    )


@pytest.mark.parametrize("code", [10, 14, 50])
async def test_a_final_code_closes_who_was_in_play(town: World, code: int) -> None:
    record = await given(town, 30)
    assert (await revise(town, code)).closed == Place(record.chunk, record.index)
    await town.restart()
    assert not await opens(town, record)


async def test_another_code_that_is_not_final_leaves_the_record_in_play(town: World) -> None:
    record = await given(town, 30)
    told = await revise(town, 31)
    assert (told.final, told.closed) == (False, None)
    assert await opens(town, record)


async def test_a_number_out_of_service_is_left_for_the_next_call_to_say(town: World) -> None:
    """The record may have another number, which nobody looks for here."""
    record = await given(town, 30)
    told = await revise(town, 40)
    assert (told.code, told.final, told.closed) == (40, False, None)
    assert await opens(town, record)


@pytest.mark.parametrize("first", [10, 14, 40, 70])
async def test_who_is_closed_stays_closed_whatever_the_code_says(town: World, first: int) -> None:
    record = await given(town, first)
    told = await revise(town, 30)
    assert (told.code, told.final, told.closed) == (30, True, None)
    await town.restart()
    assert not await opens(town, record)


@pytest.mark.parametrize("first", [50, 60])
@pytest.mark.parametrize("code", [10, 30, 50, 60])
async def test_a_refusal_or_a_move_is_not_undone(town: World, first: int, code: int) -> None:
    await given(town, first)
    with pytest.raises(SameResult if code == first else NotRevisable):
        await revise(town, code, "per_m")
    assert (await town.say(Recall("att_1"))).code == first


@pytest.mark.parametrize("code", [60, 70, 80, 81, 90])
async def test_what_has_further_effects_or_no_call_is_never_given_later(
    town: World, code: int
) -> None:
    record = await given(town)
    with pytest.raises(NotRevisable):
        await revise(town, code)
    assert not (await town.say(Suppressions())).suppressions
    assert await opens(town, record)


async def test_a_refusal_given_later_is_one_like_any_other(town: World) -> None:
    """Also of somebody whom only a call back still finds: from now on that does not, either."""
    until = town.now.replace(day=20)
    record = await given(town, 70, findable_until=until)
    told = await revise(town, 50)
    assert told.closed == Place(record.chunk, record.index)
    town.wait(seconds=30)
    with pytest.raises(NotRevisable):
        await revise(town, 10)
    grant = await town.shift("per_2")
    await town.say(Find(grant, "job_1", YAMADA[FieldKind.PHONE]))
    with pytest.raises(RecordClosed):
        await town.say(Open(grant, record))


@pytest.mark.parametrize("code", [14, 50])
async def test_who_was_closed_before_is_not_closed_by_another_final_code(
    town: World, code: int
) -> None:
    await given(town, 10)
    assert (await revise(town, code)).closed is None
    [line] = town.lines("revise")
    assert "closed" not in line


async def test_who_is_still_found_calling_back_stays_so_unless_it_was_a_refusal(
    town: World,
) -> None:
    record = await given(town, 70, findable_until=town.now.replace(day=20))
    assert (await revise(town, 10)).closed is None
    grant = await town.shift("per_2")
    await town.say(Find(grant, "job_1", YAMADA[FieldKind.PHONE]))
    assert (await town.say(Open(grant, record))).stage is Stage.ANSWERED


async def test_revised_twice_without_closing_anybody_it_closes_nobody(town: World) -> None:
    record = await given(town, 30)
    await revise(town, 31)
    town.wait(seconds=30)
    assert (await revise(town, 30)).closed is None
    assert await opens(town, record)


async def test_what_no_call_came_to_is_not_revised(town: World) -> None:
    """Interrupted, taken out by the entrustor, suppressed because of another record."""
    await given(town, 90)
    with pytest.raises(NotRevisable):
        await revise(town, 10)
    [taken] = await town.upload("lst_2", townsfolk(1))
    named = townsfolk(1)[0][FieldKind.REFERENCE]
    await town.say(Withdraw(await town.managers_grant(), taken, "wd_1", named))
    with pytest.raises(NotRevisable):
        await town.say(Revise(await town.managers_grant(), "wd_1", 10, "told"))


async def test_another_approved_party_does_not_oversee_these_calls(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "other")
    try:
        await world.settle(replace(TERMS, codes=CODES, parties=("pty_1", "pty_2")))
        await world.hire("per_o", role="manager", party="pty_2")
        await given(world)
        with pytest.raises(NotOverseen):
            await revise(world, 10, "per_o")
        assert (await revise(world, 10, "per_m")).code == 10
    finally:
        await world.stop()


async def test_a_party_whose_approval_was_withdrawn_revises_nothing(town: World) -> None:
    await given(town)
    await town.sign(PartyDecision("ent_1", "ctr_1", "pty_1", approved=False))
    with pytest.raises(NotOverseen):
        await revise(town, 10, "per_m")


async def test_while_somebody_calls_that_person_it_is_not_closed(town: World) -> None:
    record = await given(town)
    other = await town.shift("per_2")
    await town.say(Open(other, record))
    with pytest.raises(InOtherHand):
        await revise(town, 50)
    assert (await town.say(Recall("att_1"))).code == 30, "nothing is left of it"
    town.wait(seconds=30)
    assert (await revise(town, 31)).code == 31, "what closes nobody is"
    await town.say(Close(other, record, "att_2", 30))
    town.wait(seconds=30)
    assert (await revise(town, 50)).closed


async def test_closed_this_way_the_latest_call_cannot_be_amended_back(town: World) -> None:
    record = await given(town)
    grant = await town.shift("per_2")
    await town.say(Open(grant, record))
    await town.say(Close(grant, record, "att_2", 30))
    assert (await revise(town, 50)).closed
    with pytest.raises(ResultFinal):
        await town.say(Close(grant, record, "att_2", 31, amends=True))
    town.wait(seconds=30)
    assert not await opens(town, record)


async def test_within_its_minute_it_is_the_operators(town: World) -> None:
    [record] = await town.upload("lst_1")
    grant = await town.shift("per_1")
    await town.say(Open(grant, record))
    await town.say(Close(grant, record, "att_1", 30))
    town.wait(seconds=59)
    with pytest.raises(StillChangeable):
        await revise(town, 10)
    town.wait(seconds=1)
    assert (await revise(town, 10)).code == 10


async def test_said_again_it_is_answered_as_before_and_leaves_no_second_line(town: World) -> None:
    await given(town)
    first = await revise(town, 10)
    await town.restart()
    town.wait(seconds=30)
    assert await revise(town, 10, "per_m") == first
    assert len(town.lines("revise")) == 1
    with pytest.raises(SameResult):
        await given_again(town)


async def given_again(town: World) -> None:
    [record] = await town.upload("lst_2")
    grant = await town.shift("per_2")
    await town.say(Open(grant, record))
    await town.say(Close(grant, record, "att_2", 10))
    town.wait(seconds=60)
    await revise(town, 10, attempt="att_2")


async def test_revised_twice_it_still_names_the_calls_own_code_and_who_was_closed(
    town: World,
) -> None:
    record = await given(town, 30)
    await revise(town, 14)
    town.wait(seconds=60)
    told = await revise(town, 31, "per_m")
    said = await read(town, told.sealed)
    assert (said.code, said.revised and said.revised.first) == (31, 30)
    assert (told.final, told.closed) == (True, Place(record.chunk, record.index))
    assert [line["earlier"] for line in town.lines("revise")] == [30, 14]
    assert not await opens(town, record)


@pytest.mark.parametrize(
    ("role", "party", "site"),
    [
        ("operator", "pty_1", "sit_1"),
        ("supervisor", "pty_1", "sit_2"),
        ("supervisor", "pty_2", "sit_1"),
        ("manager", "pty_2", "sit_1"),
        ("auditor", "pty_1", "sit_1"),
        ("entrustor", "ent_1", ""),
    ],
)
async def test_nobody_else_may(town: World, role: str, party: str, site: str) -> None:
    await given(town)
    await town.hire("per_x", role=role, party=party, site=site or "sit_1")
    with pytest.raises(NotOverseen):
        await revise(town, 10, "per_x")
    with pytest.raises(NotOverseen):
        await revise(town, 10, "per_2")
    assert not town.lines("revise")


async def test_a_manager_revises_at_every_site_and_calls_of_who_has_left(town: World) -> None:
    await town.hire("per_9", site="sit_2", days=1)
    [record] = await town.upload("lst_1", days=20)
    grant = await town.shift("per_9")
    await town.say(Open(grant, record))
    await town.say(Close(grant, record, "att_1", 30))
    town.wait(days=2)
    assert (await revise(town, 10, "per_m")).code == 10


async def test_a_code_that_the_terms_do_not_know_and_a_call_nobody_made(town: World) -> None:
    await given(town)
    with pytest.raises(UnknownCode):
        await revise(town, 13)
    town.wait(seconds=30)
    with pytest.raises(UnknownAttempt):
        await revise(town, 10, attempt="att_9")
    with pytest.raises(UnknownGrant):
        await town.say(Revise("nobody's", "att_1", 10, "pressed"))


async def test_a_list_that_is_over_is_not_touched(town: World) -> None:
    await given(town)
    await town.say(Freeze("lst_1", "completed"))
    assert (await town.say(Inspect("lst_1"))).state == "frozen"
    with pytest.raises(ListOver):
        await revise(town, 10)


async def test_so_many_an_hour_of_one_person(town: World) -> None:
    """Each closes somebody at most: nobody ends a list this way at once."""
    await given(town)
    grant = await town.shift("per_s")
    for n in range(REVISED):
        await town.say(Revise(grant, "att_1", (31, 30)[n % 2], "pressed"))
    with pytest.raises(LineQuota):
        await town.say(Revise(grant, "att_1", 31, "pressed"))
    await town.say(Revise(grant, "att_1", 30, "pressed"))  # as it is: no line
    assert (await revise(town, 31, "per_m")).code == 31
    assert len(town.lines("revise")) == REVISED + 1


async def test_only_one_record_is_touched(town: World) -> None:
    first, second = await town.upload("lst_1", townsfolk(2))
    grant = await town.shift("per_1")
    for number, record in enumerate((first, second), 1):
        await town.call(grant, record, attempt=f"att_{number}")
    town.wait(seconds=60)
    await revise(town, 10)
    assert (await town.say(Recall("att_2"))).code == 30
    assert await opens(town, second)
