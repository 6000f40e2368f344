"""Somebody has moved or died: that person's other records, of that entrustor, and nobody else's."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from crypto.errors.lists import ListOver
from crypto.errors.records import AnotherPerson, InOtherHand, NotInHand, RecordClosed
from crypto.lists.progress import RecordId, Records
from crypto.lists.suppressions import _mark
from crypto.records.fields import FieldKind
from crypto.records.sealing import open_list_keys, open_result, token
from crypto.signed.statements import ApproverKey
from crypto.wire.approvals import Pin
from crypto.wire.lists import Freeze
from crypto.wire.records import Close, Match, Open, SealedRecord
from crypto.wire.suppressions import Suppress, Suppression, Suppressions
from tests.crypto.world import TERMS, YAMADA, World, townsfolk

pytestmark = pytest.mark.asyncio
replace = msgspec.structs.replace
CODES = {10: True, 30: False, 60: True, 70: True}
PHONE, FURTHER = FieldKind.PHONE, FieldKind.PHONE_ALT
NAME, KANA, REFERENCE = FieldKind.NAME, FieldKind.NAME_KANA, FieldKind.REFERENCE
ELSEWHERE = "+819000000999"
TARO = YAMADA | {NAME: "山田 太郎", KANA: "ヤマダ タロウ", REFERENCE: "K-0000124"}  # one household


@pytest_asyncio.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    """One entrustor whose contract knows 60."""
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, codes=CODES, inbound=True))
    yield world
    await world.stop()


async def moved(world: World, person: dict[FieldKind, str] = YAMADA, code: int = 60) -> str:
    """This person's call in list lst_a ends with 60: the grant of the operator."""
    [record] = await world.upload("lst_a", [person])
    grant = await world.shift("per_1")
    await world.call(grant, record, code=code, attempt="att_1")
    return grant


async def told(world: World) -> dict[str, Suppression]:
    """Where the worker is to look, by list."""
    return {one.list: one for one in (await world.say(Suppressions())).suppressions}


def suppress(record: SealedRecord, attempt: str = "sp_1") -> Suppress:
    return Suppress(record, "att_1", attempt)


async def test_the_same_person_in_another_list_is_closed_and_the_entrustor_reads_why(
    town: World,
) -> None:
    further = await town.upload("lst_b", [*townsfolk(1), YAMADA], job="job_2")
    grant = await moved(town)
    where = (await told(town))["lst_b"]
    assert where.because == "att_1"
    assert where.tokens == (token(town.index_keys["lst_b"], "lst_b", YAMADA[PHONE]),)
    with pytest.raises(AnotherPerson):
        await town.say(suppress(further[0]))
    assert (await town.say(suppress(further[1]))).final
    await town.restart()
    again = await town.say(suppress(further[1]))
    keys = open_list_keys(
        town.entrustor_recipient,
        entrustor="ent_1",
        list_id="lst_b",
        sealed=town.for_entrustor["lst_b"],
    )
    result = open_result(keys.result_key, list_id="lst_b", attempt="sp_1", sealed=again.sealed)
    assert (result.line, result.code, result.reference) == (3, 81, YAMADA[REFERENCE])
    with pytest.raises(RecordClosed):
        await town.say(Open(grant, further[1]))
    with pytest.raises(RecordClosed):
        await town.say(suppress(further[1], "sp_2"))
    place = RecordId("lst_b", 0, 1)
    state = Records(town.home.journal.db).state(place, b"")
    assert (state.closed, state.withdrawn, state.findable) == (True, True, 0)
    [line] = town.lines("suppress")
    assert (line["list"], line["principal"], line["because"]) == ("lst_b", "per_1", "att_1")
    assert (line["code"], line["attempt"]) == (81, "sp_1")
    await town.say(Open(grant, further[0]))  # the rest of the list goes on


async def test_who_has_the_record_in_hand_loses_it(town: World) -> None:
    first, second = await town.upload("lst_b", [YAMADA, *townsfolk(1)])
    other = await town.shift("per_2")
    await town.say(Open(other, first))
    await moved(town)
    await town.say(suppress(first))
    with pytest.raises(RecordClosed):
        await town.say(Match(other, first, FieldKind.BIRTH_DATE, "1950-01-02"))
    with pytest.raises(RecordClosed):
        await town.say(Close(other, first, "att_2", 30))
    await town.say(Open(other, second))  # the hand is free at once


@pytest.mark.parametrize("code", [10, 30, 70])
async def test_no_other_result_stops_anybody(town: World, code: int) -> None:
    [further] = await town.upload("lst_b")
    await moved(town, code=code)
    assert await told(town) == {}
    with pytest.raises(AnotherPerson):
        await town.say(suppress(further))


async def test_where_60_is_not_final_it_stops_nobody(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, codes={10: True, 60: False}))
    await moved(world)
    assert await told(world) == {}
    await world.stop()


OTHERS = {
    "of the household": TARO,
    "of one name elsewhere": YAMADA | {PHONE: ELSEWHERE, REFERENCE: ""},
    "of one reference elsewhere": YAMADA | {PHONE: ELSEWHERE, NAME: "", KANA: ""},
    "read alike and written otherwise": TARO | {KANA: YAMADA[KANA]},
    "with nothing but a number": {PHONE: YAMADA[PHONE]},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
async def test_others_stay(town: World, other: dict[FieldKind, str]) -> None:
    [further] = await town.upload("lst_b", [other])
    await moved(town)
    with pytest.raises(AnotherPerson):
        await town.say(suppress(further))
    assert not town.lines("suppress")
    await town.say(Open(await town.shift("per_2"), further))


SAME = {
    "by reference under another name": (YAMADA, YAMADA | {NAME: "佐藤 花子", KANA: ""}),
    "by name with another reference": (YAMADA, YAMADA | {REFERENCE: "Z-9"}),
    "written in another form": (YAMADA, YAMADA | {NAME: "山田　花子 様", REFERENCE: "Z-9"}),
    "by reading, written only here": (YAMADA | {NAME: "", REFERENCE: ""}, YAMADA),
    "by reading, written only there": (YAMADA, YAMADA | {NAME: "", REFERENCE: ""}),
    "by reading, written nowhere": (
        YAMADA | {NAME: "", REFERENCE: ""},
        YAMADA | {NAME: "", REFERENCE: "Z-9", KANA: "やまだ　はなこ"},
    ),
    "at a further number": (
        YAMADA | {FURTHER: "+819000000345 +819000000346"},
        YAMADA | {PHONE: ELSEWHERE, FURTHER: "+819000000346"},
    ),
}


UNKNOWN = {
    "nothing but a number on both sides": ({PHONE: YAMADA[PHONE]}, {PHONE: YAMADA[PHONE]}),
    "nothing but a number on this side": (YAMADA | {KANA: ""}, {PHONE: YAMADA[PHONE]}),
    "nothing but a number on that side": ({PHONE: YAMADA[PHONE]}, YAMADA | {KANA: ""}),
}


@pytest.mark.parametrize(("one", "other"), UNKNOWN.values(), ids=UNKNOWN)
async def test_where_one_side_has_nothing_but_a_number_nobody_is_known_again(
    town: World, one: dict[FieldKind, str], other: dict[FieldKind, str]
) -> None:
    [further] = await town.upload("lst_b", [other])
    await moved(town, one)
    with pytest.raises(AnotherPerson):
        await town.say(suppress(further))


@pytest.mark.parametrize(("one", "same"), SAME.values(), ids=SAME)
async def test_the_same_person_is_known(
    town: World, one: dict[FieldKind, str], same: dict[FieldKind, str]
) -> None:
    [further] = await town.upload("lst_b", [same])
    await moved(town, one)
    assert (await town.say(suppress(further))).final


async def test_without_a_number_nobody_is_known_again(town: World) -> None:
    bare = {REFERENCE: YAMADA[REFERENCE]}
    [further] = await town.upload("lst_b", [bare])
    await moved(town, bare)
    assert await told(town) == {}
    with pytest.raises(AnotherPerson):
        await town.say(suppress(further))


async def test_another_entrustors_list_is_never_asked(town: World) -> None:
    key = ApproverKey.generate()
    await town.say(Pin("ent_2", key.public, town.entrustor_recipient.public.data))
    terms = replace(TERMS, codes=CODES, entrustor="ent_2", contract="ctr_2")
    await town.sign(terms, key)
    [theirs] = await town.upload("lst_t", job="job_t", contract="ctr_2")
    [ours] = await town.upload("lst_b")
    await moved(town)
    assert set(await told(town)) == {"lst_a", "lst_b"}
    with pytest.raises(AnotherPerson):
        await town.say(suppress(theirs))
    await town.say(suppress(ours))


async def test_nobody_is_closed_because_of_another_call(town: World) -> None:
    [further] = await town.upload("lst_b", [TARO])
    [other] = await town.upload("lst_c", [TARO])
    grant = await moved(town)
    await town.call(grant, other, code=60, attempt="att_2")
    with pytest.raises(AnotherPerson):
        await town.say(suppress(further))
    assert (await town.say(Suppress(further, "att_2", "sp_1"))).final


async def test_one_attempt_is_one_record(town: World) -> None:
    first, second = await town.upload("lst_b", [YAMADA, YAMADA])
    await moved(town)
    await town.say(suppress(first))
    with pytest.raises(NotInHand):
        await town.say(suppress(second))


async def test_lists_that_are_over_are_not_looked_into(town: World) -> None:
    [over] = await town.upload("lst_b")
    [later] = await town.upload("lst_c")
    await town.say(Freeze("lst_b", "manager", await town.managers_grant()))
    await moved(town)
    assert set(await told(town)) == {"lst_a", "lst_c"}
    await town.say(Freeze("lst_c", "manager", await town.managers_grant()))
    assert set(await told(town)) == {"lst_a"}
    for record in (over, later):
        with pytest.raises(ListOver):
            await town.say(suppress(record))


async def test_after_a_day_it_is_forgotten(town: World) -> None:
    [further] = await town.upload("lst_b", days=3)
    await moved(town)
    town.wait(hours=24, seconds=-1)
    assert set(await told(town)) == {"lst_a", "lst_b"}
    town.wait(seconds=1)
    with pytest.raises(AnotherPerson):
        await town.say(suppress(further))
    count = "SELECT count(*) FROM suppressions"
    assert town.home.journal.db.execute(count).fetchone() != (0,)
    assert await told(town) == {}
    assert town.home.journal.db.execute(count).fetchone() == (0,)


async def test_what_was_noted_by_yesterdays_keeper_is_found_by_todays() -> None:
    """A mark in the journal is of these bytes for ever: an upgrade lets nobody be called on."""
    mark = _mark(bytes(range(32)), "lst_1", YAMADA[PHONE], "name", "山田花子")
    assert mark.hex() == "fc62914e99a48abae5f7dad215e273f1"


async def test_who_was_not_reached_is_closed_while_a_search_would_find_them(town: World) -> None:
    first, second = await town.upload("lst_b", [YAMADA, YAMADA])
    other, until = await town.shift("per_2"), town.now + timedelta(hours=2)
    for record in (first, second):
        await town.say(Open(other, record))
        await town.say(Close(other, record, f"att_{record.index}0", 70, until))
    await moved(town)
    await town.say(suppress(first))
    town.now = until
    with pytest.raises(RecordClosed):
        await town.say(suppress(second, "sp_2"))


async def test_the_answer_to_the_close_is_the_same_whether_there_are_further_records(
    town: World,
) -> None:
    """What the desk gets, what the log says of the call, and how often the journal was asked."""
    first, second = await town.upload("lst_a", [YAMADA, TARO])
    await town.upload("lst_b", [YAMADA])
    grant, asked = await town.shift("per_1"), list[str]()
    answers = []
    for record in (first, second):
        await town.say(Open(grant, record))
        town.home.journal.db.set_trace_callback(asked.append)
        closed = await town.say(Close(grant, record, f"att_{record.index}", 60))
        town.home.journal.db.set_trace_callback(None)
        answers.append((len(asked), replace(closed, sealed=b"")))
        asked.clear()
    assert answers[0] == answers[1]
    one, other = town.lines("close")
    assert one.keys() == other.keys()


async def test_a_list_that_does_not_open_holds_up_no_result(town: World) -> None:
    await town.upload("lst_b")
    [record] = await town.upload("lst_a")
    town.home.journal.db.execute("UPDATE lists SET index_key = x'00' WHERE list = 'lst_b'")
    grant = await town.shift("per_1")
    await town.call(grant, record, code=60, attempt="att_1")
    assert set(await told(town)) == {"lst_a"}


async def test_whoever_has_somebody_else_in_hand_keeps_them(town: World) -> None:
    first, second = await town.upload("lst_b", [YAMADA, TARO])
    other = await town.shift("per_2")
    await town.say(Open(other, second))
    await moved(town)
    await town.say(suppress(first))
    await town.hire("per_3")
    with pytest.raises(InOtherHand):
        await town.say(Open(await town.shift("per_3"), second))


async def test_no_desk_stands_in_the_way_under_the_name_of_what_is_to_come(town: World) -> None:
    """The worker's own names can be guessed: they say where the record lies."""
    there, mine = await town.upload("lst_b", [YAMADA, TARO])
    other = await town.shift("per_2")
    await town.say(Open(other, mine))
    for name in ("sp:lst_b:0:0", "wd:lst_b:0:0"):
        with pytest.raises(NotInHand):
            await town.say(Close(other, mine, name, 30))
    await town.say(Close(other, mine, "att_2", 30))
    await moved(town)
    assert (await town.say(suppress(there, "sp:lst_b:0:0"))).final
