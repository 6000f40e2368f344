"""A number out of service makes room for the record's next one; after the last it is closed."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from crypto.disclosure.ringing import ringing
from crypto.errors.records import RecordClosed
from crypto.records.fields import FieldKind, Stage
from crypto.wire.base import Caller
from crypto.wire.lists import Freeze
from crypto.wire.records import Close, Closed, Find, Open, Recall, Reveal, SealedRecord
from tests.crypto.world import START, TERMS, YAMADA, World

pytestmark = pytest.mark.asyncio
replace = msgspec.structs.replace
FIRST = YAMADA[FieldKind.PHONE]
SECOND, THIRD = "+819000000345", "+819000000346"
PHONE, FURTHER = FieldKind.PHONE, FieldKind.PHONE_ALT
MANY = YAMADA | {FURTHER: f"{SECOND} {FIRST} {THIRD}"}
ROOM = replace(
    TERMS,
    inbound=True,
    codes={10: True, 30: False, 40: True, 70: True},
    fields=TERMS.fields | {FURTHER: TERMS.fields[PHONE]},
)


async def begun(
    folder: Path, terms: object = ROOM, code: int | None = None
) -> tuple[World, str, SealedRecord]:
    """A world whose one record is in hand, or was closed with this code."""
    world = await World.at(folder / "keeper")
    await world.settle(terms)  # type: ignore[arg-type]
    [record] = await world.upload("lst_1", [MANY])
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    if code:
        await world.say(Close(grant, record, f"att_{code}", code))
    return world, grant, record


async def filed(world: World, grant: str, phone: str) -> bytes:
    """How this number is filed in the one list."""
    [found] = (await world.say(Find(grant, "job_1", phone))).filed
    return found.token


async def test_the_next_number_takes_the_place_of_the_one_out_of_service(tmp_path: Path) -> None:
    world, grant, record = await begun(tmp_path)
    closed = await world.say(Close(grant, record, "att_1", 40))
    again = await world.say(Close(grant, record, "att_1", 40))
    recalled = await world.say(Recall("att_1"))
    assert closed == again == Closed(False, recalled.sealed, recalled.at, token=recalled.token)
    await world.restart()  # nothing but the disk is left
    other = await world.shift("per_2")
    assert closed.token == await filed(world, other, SECOND)
    view = await world.say(Open(other, record))
    assert view.stage is Stage.ANSWERED, "whoever calls back is found by the number in its place"
    shown = [field.text for field in view.fields if field.kind in (PHONE, FURTHER)]
    assert [text[-3:] for text in shown] == ["345", "346"]
    dialled = await world.say(Reveal(other, record, PHONE, "manual_dial"))
    assert dialled.text == "090-0000-0345"
    await world.say(Close(other, record, "att_2", 30))
    await world.say(Open(other, record))
    second = await world.say(Close(other, record, "att_3", 40))
    assert (second.final, second.token) == (False, await filed(world, other, THIRD))
    await world.say(Open(other, record))
    last = await world.say(Close(other, record, "att_4", 40))
    assert (last.final, last.token) == (True, b""), "no number twice"
    with pytest.raises(RecordClosed):
        await world.say(Open(other, record))
    said = [(line["final"], line.get("next_number")) for line in world.lines("close")]
    assert said == [(0, 1), (0, None), (0, 1), (1, None)]
    await world.stop()


async def test_other_results_and_contracts_without_further_numbers_move_nothing(
    tmp_path: Path,
) -> None:
    world, grant, record = await begun(tmp_path / "a", code=30)
    view = await world.say(Open(grant, record))
    assert next(field.text for field in view.fields if field.kind is PHONE).endswith("678")
    await world.stop()
    world, grant, record = await begun(tmp_path / "b", replace(ROOM, fields=TERMS.fields))
    assert (await world.say(Close(grant, record, "att_1", 40))).final
    await world.stop()


async def test_of_a_frozen_list_and_of_a_call_back_no_further_number_is_rung(
    tmp_path: Path,
) -> None:
    world, grant, record = await begun(tmp_path / "a")
    await world.say(Freeze("lst_1", "completed"), Caller.WEB)
    closed = await world.say(Close(grant, record, "att_1", 40))
    assert (closed.final, closed.token) == (True, b"")
    await world.stop()
    world, grant, record = await begun(tmp_path / "b")
    await world.say(Close(grant, record, "att_1", 70, START + timedelta(hours=8)))
    await world.say(Find(grant, "job_1", FIRST))
    await world.say(Open(grant, record))
    closed = await world.say(Close(grant, record, "att_2", 40))
    assert (closed.final, closed.token) == (True, b"")
    await world.stop()


async def test_until_a_number_is_out_of_service_a_record_is_as_it_was_uploaded() -> None:
    assert ringing(MANY, 0) == MANY, "also with a number that is there twice"
    assert ringing({FieldKind.NAME: "架空"}, 0) == {FieldKind.NAME: "架空"}
