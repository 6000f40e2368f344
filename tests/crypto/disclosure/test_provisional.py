"""For a minute another result may take its place, by the same hand; then it stands."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from crypto.errors.records import (
    AnotherPerson,
    NotInHand,
    RecordClosed,
    ResultFinal,
    UnknownAttempt,
    UnknownCode,
)
from crypto.records.fields import FieldKind, Stage
from crypto.records.sealing import CallResult, open_list_keys, open_result
from crypto.records.slips import Slip, SlipKind
from crypto.wire.lists import Shred
from crypto.wire.records import Close, Closed, Find, Noted, Open, Recall, SealedRecord
from crypto.wire.suppressions import Suppress, Suppressions
from crypto.wire.withdrawals import Withdraw
from tests.crypto.world import TERMS, YAMADA, World, townsfolk

pytestmark = pytest.mark.asyncio
replace = msgspec.structs.replace
PHONE, FURTHER = FieldKind.PHONE, FieldKind.PHONE_ALT
CODES = {10: True, 12: False, 30: False, 40: True, 50: True, 60: True, 70: True}
NOTE = "午後はご在宅とのこと"
SLIP = Slip(phone="090-0000-0001")


@pytest_asyncio.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    world = await World.at(tmp_path / "keeper")
    terms = replace(
        TERMS,
        codes=CODES,
        inbound=True,
        notes="S1",
        slips=tuple(SlipKind),
        fields=TERMS.fields | {FURTHER: TERMS.fields[PHONE]},
    )
    await world.settle(terms)
    yield world
    await world.stop()


async def given(world: World, code: int = 30, **more: object) -> tuple[str, SealedRecord]:
    """A grant and the record that it has just closed with this code, as attempt att_1."""
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    await world.say(Close(grant, record, "att_1", code, **more))  # type: ignore[arg-type]
    return grant, record


def amending(grant: str, record: SealedRecord, code: int, **more: object) -> Close:
    return Close(grant, record, "att_1", code, amends=True, **more)  # type: ignore[arg-type]


async def read(world: World, list_id: str = "lst_1") -> CallResult:
    """The one result of the attempt, as the entrustor reads it."""
    recalled = await world.say(Recall("att_1"))
    keys = open_list_keys(
        world.entrustor_recipient,
        entrustor="ent_1",
        list_id=list_id,
        sealed=world.for_entrustor[list_id],
    )
    return open_result(keys.result_key, list_id=list_id, attempt="att_1", sealed=recalled.sealed)


@pytest.mark.parametrize(("first", "then"), [(30, 10), (10, 30), (50, 30), (10, 50), (30, 12)])
async def test_another_result_takes_its_place_and_there_is_one(
    town: World, first: int, then: int
) -> None:
    grant, record = await given(town, first)
    await town.restart()  # nothing but the disk is left
    town.wait(seconds=59.999)
    amended = await town.say(amending(grant, record, then))
    recalled = await town.say(Recall("att_1"))
    assert amended == Closed(CODES[then], recalled.sealed, recalled.at)
    assert (recalled.code, recalled.at) == (then, town.now)
    assert ((await read(town)).code, (await read(town)).at) == (then, town.now.isoformat())
    [close], [amend] = town.lines("close"), town.lines("amend")
    assert (close["attempt"], close["code"], amend["attempt"], amend["code"]) == (
        *("att_1", first),
        *("att_1", then),
    )
    other = await town.shift("per_2")
    if CODES[then]:
        with pytest.raises(RecordClosed):
            await town.say(Open(other, record))
    else:
        assert (await town.say(Open(other, record))).stage is Stage.DIALLING


async def test_without_saying_so_nothing_is_changed(town: World) -> None:
    """A double click, and a second tab with another result."""
    grant, record = await given(town)
    first = await town.say(Recall("att_1"))
    await town.say(Close(grant, record, "att_1", 10))
    assert await town.say(Recall("att_1")) == first


@pytest.mark.parametrize("code", [30, 50])
async def test_after_a_minute_it_stands(town: World, code: int) -> None:
    grant, record = await given(town, code)
    town.wait(seconds=60)
    with pytest.raises(ResultFinal):
        await town.say(amending(grant, record, 10))
    assert (await read(town)).code == code


async def test_the_minute_is_that_of_the_first_result(town: World) -> None:
    grant, record = await given(town)
    town.wait(seconds=50)
    await town.say(amending(grant, record, 10))
    await town.say(amending(grant, record, 50))
    town.wait(seconds=10)
    with pytest.raises(ResultFinal):
        await town.say(amending(grant, record, 30))
    assert (await read(town)).code == 50


async def test_nobody_else_amends_it_and_not_the_same_person_after_another_sign_in(
    town: World,
) -> None:
    _, record = await given(town)
    with pytest.raises(NotInHand):
        await town.say(amending(await town.shift("per_2"), record, 10))
    town.wait(seconds=31)
    with pytest.raises(ResultFinal):
        await town.say(amending(await town.shift("per_1"), record, 10))


async def test_with_the_next_person_in_hand_it_stands(town: World) -> None:
    grant, record = await given(town)
    [other] = await town.upload("lst_2", townsfolk(1))
    await town.say(Open(grant, other))
    with pytest.raises(ResultFinal):
        await town.say(amending(grant, record, 10))
    await town.say(Close(grant, other, "att_2", 30))  # still in hand
    with pytest.raises(ResultFinal):
        await town.say(amending(grant, record, 10))


@pytest.mark.parametrize("who", ["per_1", "per_2"])
async def test_once_the_record_is_opened_again_it_stands(town: World, who: str) -> None:
    grant, record = await given(town)
    again = grant if who == "per_1" else await town.shift(who)
    await town.say(Open(again, record))
    with pytest.raises(ResultFinal):
        await town.say(amending(grant, record, 10))


async def test_once_the_record_has_another_result_it_stands(town: World) -> None:
    """Or a refusal would be undone by way of the call before it."""
    [record] = await town.upload("lst_1")
    grant = await town.shift("per_1")
    for attempt, code in (("att_1", 30), ("att_2", 50)):
        await town.say(Open(grant, record))
        await town.say(Close(grant, record, attempt, code))
    with pytest.raises(ResultFinal):
        await town.say(Close(grant, record, "att_1", 10, amends=True))
    with pytest.raises(RecordClosed):
        await town.say(Open(grant, record))
    assert (await town.say(Close(grant, record, "att_2", 30, amends=True))).final is False


async def test_once_the_entrustor_takes_the_person_out_it_stands(town: World) -> None:
    grant, record = await given(town)
    manager = await town.managers_grant()
    await town.say(Withdraw(manager, record, "wd_1", YAMADA[FieldKind.REFERENCE]))
    with pytest.raises(ResultFinal):
        await town.say(amending(grant, record, 10))
    assert (await read(town)).code == 30


async def test_what_was_never_given_is_not_amended(town: World) -> None:
    [record] = await town.upload("lst_1")
    grant = await town.shift("per_1")
    await town.say(Open(grant, record))
    with pytest.raises(UnknownAttempt):
        await town.say(amending(grant, record, 10))
    await town.say(Close(grant, record, "att_1", 30))
    with pytest.raises(UnknownCode):
        await town.say(amending(grant, record, 99))
    assert (await read(town)).code == 30


async def test_a_slip_goes_along_unless_another_is_given(town: World) -> None:
    grant, record = await given(town, 10, slip=SLIP)
    assert (await town.say(amending(grant, record, 50))).slip
    assert (await read(town)).slip == SLIP
    [amend] = town.lines("amend")
    assert amend["slip"] == 1
    await town.say(amending(grant, record, 10, slip=Slip(amount=12_000)))
    assert (await read(town)).slip == Slip(amount=12_000)


async def test_a_note_that_a_mistaken_result_took_away_is_back(town: World) -> None:
    grant, record = await given(town, 30, note=NOTE)
    await town.say(Open(grant, record))
    await town.say(Close(grant, record, "att_2", 10))
    await town.say(Close(grant, record, "att_2", 30, amends=True))
    assert (await town.say(Open(grant, record))).note == Noted(NOTE)


async def test_a_note_given_with_the_first_result_stays(town: World) -> None:
    grant, record = await given(town, 30, note=NOTE)
    await town.say(amending(grant, record, 12))
    assert (await town.say(Open(grant, record))).note == Noted(NOTE)


async def kept(world: World) -> int:
    (count,) = world.home.journal.db.execute("SELECT count(*) FROM provisional").fetchone()
    return int(count)


async def test_what_was_before_is_forgotten_with_the_minute(town: World) -> None:
    await given(town, 10)
    town.wait(seconds=59)
    await town.say(Suppressions())
    assert await kept(town) == 1
    town.wait(seconds=1)
    await town.say(Suppressions())
    assert await kept(town) == 0


async def test_the_next_result_forgets_it_as_well(town: World) -> None:
    grant, record = await given(town)
    town.wait(seconds=60)
    await town.call(grant, record, attempt="att_2")
    assert await kept(town) == 1


async def test_what_was_before_goes_with_the_lists_keys(town: World) -> None:
    await given(town, 30, note=NOTE)
    await town.end("lst_1")
    await town.say(Shred("lst_1"))
    assert await kept(town) == 0


async def test_a_number_called_out_of_service_by_mistake_is_rung_again(town: World) -> None:
    second = "+819000000345"
    [record] = await town.upload("lst_1", [YAMADA | {FURTHER: second}])
    grant = await town.shift("per_1")
    await town.say(Open(grant, record))
    assert (await town.say(Close(grant, record, "att_1", 40))).token
    assert not (await town.say(amending(grant, record, 30))).token
    view = await town.say(Open(grant, record))
    assert next(one.text for one in view.fields if one.kind is PHONE).endswith("678")
    await town.say(Close(grant, record, "att_2", 30))
    amended = await town.say(Close(grant, record, "att_2", 40, amends=True))
    [filed] = (await town.say(Find(grant, "job_1", second))).filed
    assert (amended.final, amended.token) == (False, filed.token)


async def test_whoever_called_back_stays_closed_whatever_is_amended(town: World) -> None:
    [record] = await town.upload("lst_1")
    grant, until = await town.shift("per_1"), town.now.replace(hour=9)
    await town.say(Open(grant, record))
    await town.say(Close(grant, record, "att_0", 70, until))
    await town.say(Find(grant, "job_1", YAMADA[PHONE]))
    await town.say(Open(grant, record))
    await town.say(Close(grant, record, "att_1", 10))
    await town.say(amending(grant, record, 30))
    other = await town.shift("per_2")
    with pytest.raises(RecordClosed):
        await town.say(Open(other, record))
    await town.say(Find(other, "job_1", YAMADA[PHONE]))
    await town.say(Open(other, record))  # and is found again


async def test_moved_or_deceased_by_mistake_stops_nobody(town: World) -> None:
    [further] = await town.upload("lst_2")
    grant, record = await given(town, 60)
    await town.say(amending(grant, record, 30))
    assert (await town.say(Suppressions())).suppressions == ()
    with pytest.raises(AnotherPerson):
        await town.say(Suppress(further, "att_1", "sp_1"))
    await town.say(amending(grant, record, 60))
    assert (await town.say(Suppress(further, "att_1", "sp_1"))).final


async def test_what_has_stopped_somebody_stands(town: World) -> None:
    [further] = await town.upload("lst_2")
    grant, record = await given(town, 60)
    await town.say(Suppress(further, "att_1", "sp_1"))
    with pytest.raises(ResultFinal):
        await town.say(amending(grant, record, 30))
