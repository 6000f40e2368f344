"""What the door does at its edges: found by mutants that nobody noticed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crypto.errors.records import RecordClosed, Withdrawn
from crypto.keys import opening
from crypto.lists.progress import RecordId, Records
from crypto.records.fields import FieldKind, Mask, Stage
from crypto.records.sealing import open_list_keys, person_tag
from crypto.signed.terms import FieldRule
from crypto.wire.lists import Opens
from crypto.wire.records import Close, Find, Match, Open, Reveal, SealedRecord
from tests.crypto.world import TERMS, YAMADA, World, townsfolk

pytestmark = pytest.mark.asyncio
replace = msgspec.structs.replace
BORN, PHONE = FieldKind.BIRTH_DATE, FieldKind.PHONE
Ask = Callable[[str, SealedRecord], Match | Reveal | Close]
ASKED = pytest.mark.parametrize(
    "ask",
    [
        lambda grant, record: Match(grant, record, BORN, "1975-01-02"),
        lambda grant, record: Reveal(grant, record, PHONE, "manual_dial"),
        lambda grant, record: Close(grant, record, "att_2", 30),
    ],
    ids=["match", "reveal", "close"],
)


@ASKED
async def test_a_closed_record_says_so_whatever_is_asked_of_it(world: World, ask: Ask) -> None:
    grant = await world.shift("per_1")
    [record] = await world.upload("lst_1")
    await world.call(grant, record, code=10)
    with pytest.raises(RecordClosed):
        await world.say(ask(grant, record))
    assert world.lines("refused")[-1]["code"] == "record_closed"


@ASKED
async def test_of_a_withdrawn_person_in_hand_nothing_is_told(world: World, ask: Ask) -> None:
    grant = await world.shift("per_1")
    [record] = await world.upload("lst_1")
    await world.say(Open(grant, record))
    Records(world.home.journal.db).withdraw(RecordId(record.list, record.chunk, record.index))
    with pytest.raises(Withdrawn):
        await world.say(Open(grant, record))
    assert [line["principal"] for line in world.lines("withdrawn")] == ["per_1"]
    with pytest.raises(Withdrawn):
        await world.say(ask(grant, record))
    counts = await world.say(Opens("lst_1"))
    assert (counts.matches, counts.reveals) == (0, 0)
    assert not world.lines("match") + world.lines("reveal")


async def test_what_was_matched_and_revealed_is_counted(world: World) -> None:
    grant = await world.shift("per_1")
    [record] = await world.upload("lst_1")
    await world.say(Open(grant, record))
    await world.say(Match(grant, record, BORN, "1975-01-02"))
    for _ in range(2):
        await world.say(Reveal(grant, record, PHONE, "manual_dial"))
    counts = await world.say(Opens("lst_1"))
    assert (counts.matches, counts.reveals) == (1, 2)
    [opened] = world.lines("open")
    [line] = world.lines("match")
    who = {name: opened[name] for name in ("tag", "list", "principal", "site")}
    assert line == line | who | {"field": BORN, "same": 1}


async def test_searching_again_does_not_undo_a_verification(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, inbound=True))
    grant = await world.shift("per_1")
    [record] = await world.upload("lst_1")
    await world.say(Find(grant, "job_1", YAMADA[PHONE]))
    assert (await world.say(Open(grant, record))).stage is Stage.ANSWERED
    await world.say(Match(grant, record, BORN, "1975-01-02"))
    await world.say(Find(grant, "job_1", YAMADA[PHONE]))
    assert (await world.say(Open(grant, record))).stage is Stage.VERIFIED
    await world.stop()


async def test_only_what_the_record_has_is_offered_to_be_matched_or_revealed(
    tmp_path: Path,
) -> None:
    fields = TERMS.fields | {
        FieldKind.PHONE_ALT: FieldRule(Mask.HIDDEN, Mask.HIDDEN, Mask.HIDDEN, reveal=True)
    }
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, fields=fields))
    grant = await world.shift("per_1")
    undated = YAMADA | {BORN: "昭和50年不詳"}
    [record, whole] = await world.upload("lst_1", [undated, YAMADA])
    view = await world.say(Open(grant, record))
    assert (view.match, view.reveal) == ((FieldKind.REFERENCE,), (PHONE,))
    await world.say(Close(grant, record, "att_1", 30))
    await world.say(Open(grant, whole))
    matched = await world.say(Match(grant, whole, BORN, "1975-01-02"))
    assert matched.view.match == (FieldKind.REFERENCE,)
    await world.stop()


async def test_a_contract_without_sites_is_for_every_site(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, sites=()))
    grant = await world.shift("per_1")
    [record] = await world.upload("lst_1")
    assert (await world.say(Open(grant, record))).stage is Stage.DIALLING
    await world.stop()


async def test_a_search_is_good_for_an_hour_to_the_microsecond(tmp_path: Path) -> None:
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, inbound=True))
    folk = townsfolk(2)
    records = await world.upload("lst_1", folk)
    grant = await world.shift("per_1")
    for person in folk:
        await world.say(Find(grant, "job_1", person[PHONE]))
    world.wait(hours=1, microseconds=-1)
    assert (await world.say(Open(grant, records[0]))).stage is Stage.ANSWERED
    await world.say(Close(grant, records[0], "att_1", 30))
    await world.say(Find(grant, "job_1", "+819000099999"))  # another number, for an hour from now
    world.wait(microseconds=1)
    assert (await world.say(Open(grant, records[1]))).stage is Stage.DIALLING
    await world.stop()


async def test_whoever_has_no_number_is_traced_by_the_line_they_stood_on(world: World) -> None:
    numberless = {kind: text for kind, text in YAMADA.items() if kind is not PHONE}
    records = await world.upload("lst_1", [numberless] * 2)
    grant = await world.shift("per_1")
    for record in records:
        await world.call(grant, record)
    keys = open_list_keys(
        world.entrustor_recipient,
        entrustor="ent_1",
        list_id="lst_1",
        sealed=world.for_entrustor["lst_1"],
    )
    expected = [person_tag(keys.trace_key, "lst_1", f"line {line}") for line in (2, 3)]
    assert [line["tag"] for line in world.lines("open")] == expected


async def test_of_the_chunk_keys_those_used_last_stay_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "OPEN_CHUNKS", 2)
    opened: list[int] = []
    unwrap = opening.OpenList._opener

    def counted(keys: opening.OpenList, chunk: int, *sealed: Any) -> opening.ChunkOpener:
        opened.append(chunk)
        return unwrap(keys, chunk, *sealed)

    monkeypatch.setattr(opening.OpenList, "_opener", counted)
    records = await world.upload("lst_1", townsfolk(3), chunk_rows=1)
    grant = await world.shift("per_1")
    for chunk in (0, 1, 0, 2, 0, 1):
        await world.call(grant, records[chunk])
    assert opened == [0, 1, 2, 1]
