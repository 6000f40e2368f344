"""What taking somebody out leaves behind, and how often it may be asked: found by mutants."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from crypto.errors.keeper import LineQuota
from crypto.errors.records import AnotherPerson, RecordClosed
from crypto.errors.uploads import TooManyReferences, TooManyWithdrawals
from crypto.lists import withdrawals
from crypto.lists.progress import RecordId, Records
from crypto.records.fields import FieldKind
from crypto.records.forms import reference
from crypto.records.references import ReferenceTokens
from crypto.wire.records import Close, Open, Recall
from crypto.wire.withdrawals import Locate, Withdraw
from tests.crypto.lists.test_withdrawals import withdrawn
from tests.crypto.world import TERMS, YAMADA, World, townsfolk

replace = msgspec.structs.replace


@pytest.mark.asyncio
async def test_it_is_final_marked_and_traced_to_the_person(world: World) -> None:
    [record] = await world.upload("lst_1", townsfolk(1))
    await world.call(await world.shift("per_1"), record, code=30)
    named = townsfolk(1)[0][FieldKind.REFERENCE]
    taken = Withdraw(await world.managers_grant(), record, "wd_1", named)
    assert (await world.say(taken)).final
    assert (await world.say(taken)).final, "said again"
    assert (await world.say(Recall("wd_1"))).final
    place = RecordId(record.list, record.chunk, record.index)
    state = Records(world.home.journal.db).state(place, b"")
    assert (state.closed, state.withdrawn, state.findable) == (True, True, 0)
    [opened], [line] = world.lines("open"), world.lines("withdraw")
    assert line["tag"] == opened["tag"]


@pytest.mark.asyncio
async def test_so_many_questions_of_one_person_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawals, "LOCATED", 2)
    await world.upload("lst_1", days=3)
    ask = Locate(await world.managers_grant(), "lst_1", ("A-1",))
    for _ in range(2):
        await world.say(ask)
    with pytest.raises(LineQuota):
        await world.say(ask)
    assert len(world.lines("locate")) == 2
    world.wait(hours=1)
    await world.say(ask)


@pytest.mark.asyncio
async def test_a_manager_takes_out_half_of_a_list_and_nobody_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawals, "LEAST_BY_MANAGER", 1)
    records = await world.upload("lst_1", townsfolk(6))
    for record in records[:3]:
        await withdrawn(world, record, f"wd_{record.index}")
    with pytest.raises(TooManyWithdrawals):
        await withdrawn(world, records[3], "wd_3")


@pytest.mark.asyncio
async def test_in_anothers_place_is_asked_three_times_for_each_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawals, "REFERENCES_A_DAY", 0)
    record, _ = await world.upload("lst_1", townsfolk(2))
    for _ in range(6):
        with pytest.raises(AnotherPerson):
            await withdrawn(world, record, reference="K-9")
    with pytest.raises(TooManyReferences):
        await withdrawn(world, record, reference="K-9")


@pytest.mark.asyncio
async def test_who_was_not_reached_is_taken_out_while_a_search_would_find_them(
    tmp_path: Path,
) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, inbound=True, codes={10: True, 70: True}))
    records = await world.upload("lst_1", townsfolk(2))
    grant, until = await world.shift("per_1"), world.now + timedelta(hours=2)
    for record in records:
        await world.say(Open(grant, record))
        await world.say(Close(grant, record, f"att_{record.index}", 70, until))
    world.now = until - timedelta(microseconds=1)
    await withdrawn(world, records[0], "wd_0")
    world.now = until
    with pytest.raises(RecordClosed):
        await withdrawn(world, records[1], "wd_1")
    await world.stop()


def test_a_column_of_forms_is_the_column_of_its_texts() -> None:
    tokens = ReferenceTokens(bytes(32), "lst_1")
    texts = ["A-1", "", "Ａ‐１", "0042", YAMADA[FieldKind.REFERENCE]]
    column = tokens.column(texts)
    assert tokens.column_of_forms(map(reference, texts)) == column
    assert column[8:16] == bytes(8) != column[:8] == column[16:24]
