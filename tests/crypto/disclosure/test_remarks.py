"""Notes for the next call and slips for the entrustor: as the terms permit, and no further."""

import secrets
from pathlib import Path

import msgspec
import pytest

from crypto.disclosure.remarks import shown
from crypto.errors.base import Refusal
from crypto.errors.records import DoesNotOpen, NoteNotPermitted, SlipNotPermitted
from crypto.keys.opening import OpenList
from crypto.keys.vault import ListSecrets
from crypto.lists.progress import RecordState
from crypto.records.fields import FieldKind, Stage
from crypto.records.sealing import (
    CallResult,
    RecipientKey,
    open_list_keys,
    open_result,
)
from crypto.records.slips import Slip, SlipKind
from crypto.signed.terms import ContractTerms
from crypto.wire.lists import Inspect, Shred
from crypto.wire.records import Close, Closed, Match, Noted, Open, Recall, SealedRecord
from crypto.wire.withdrawals import Withdraw
from tests.crypto.world import TERMS, World, townsfolk

pytestmark = pytest.mark.asyncio
replace = msgspec.structs.replace
NOTE = "午後はご在宅とのこと"
SLIP = Slip(phone="090-0000-0001", address="架空県仮空市一丁目", date="2026-05-01", amount=12_000)
ALL = tuple(SlipKind)


async def noting(folder: Path, **changed: object) -> World:
    world = await World.at(folder / "keeper")
    terms: ContractTerms = replace(TERMS, **{"notes": "S1", "slips": ALL, **changed})
    await world.settle(terms)
    return world


async def noted(world: World, grant: str, record: SealedRecord, note: str, code: int = 30) -> None:
    await world.say(Open(grant, record))
    await world.say(Close(grant, record, secrets.token_hex(8), code, note=note))


def stored(world: World) -> list[bytes]:
    """Every note that the keeper's disk has."""
    rows = world.home.journal.db.execute("SELECT note FROM records WHERE note <> x''").fetchall()
    return [note for (note,) in rows]


async def test_a_note_is_read_at_the_next_call_and_gone_with_the_final_result(
    tmp_path: Path,
) -> None:
    world = await noting(tmp_path)
    mine, other = await world.upload("lst_1", townsfolk(2))
    one, two = await world.shift("per_1"), await world.shift("per_2")
    await noted(world, one, mine, NOTE)
    await world.restart()  # nothing but the disk is left
    world.wait(seconds=31)
    assert (await world.say(Open(two, mine))).note == Noted(NOTE)
    await world.say(Close(two, mine, "att_2", 30))
    assert (await world.say(Open(two, mine))).note == Noted(NOTE), "none was written: it stays"
    await world.say(Close(two, mine, "att_3", 30, note="夕方を希望"))
    assert (await world.say(Open(two, mine))).note == Noted("夕方を希望"), "in place of the other"
    await world.say(Close(two, mine, "att_4", 10, note=NOTE))
    assert stored(world) == []
    assert (await world.say(Open(two, other))).note is None
    assert [line.get("note") for line in world.lines("open")] == [None, 1, 1, 1, None]
    assert [line.get("note") for line in world.lines("close")] == [1, None, 1, None]
    await world.stop()


@pytest.mark.parametrize("stage", ["S1", "S2", "S3"])
async def test_a_note_is_shown_from_the_stage_that_the_terms_name(
    stage: str, tmp_path: Path
) -> None:
    world = await noting(tmp_path, notes=stage)
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await noted(world, grant, record, NOTE)
    views = [await world.say(Open(grant, record))]
    for kind, said in (
        (FieldKind.BIRTH_DATE, "昭和50年1月3日"),
        (FieldKind.REFERENCE, "K-0000123"),
    ):
        views.append((await world.say(Match(grant, record, kind, said))).view)
    assert [view.stage for view in views] == [Stage.DIALLING, Stage.ANSWERED, Stage.VERIFIED]
    assert [view.note is not None for view in views] == [view.stage >= stage for view in views]
    lines = [*world.lines("open")[1:], *world.lines("match")]
    assert ["note" in line for line in lines] == [view.note is not None for view in views]
    await world.stop()


async def test_what_the_terms_do_not_permit_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    world = await noting(tmp_path, notes=msgspec.UNSET, slips=(SlipKind.DATE, SlipKind.AMOUNT))
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    refused: list[tuple[type[Refusal], Close]] = [
        (NoteNotPermitted, Close(grant, record, "att_1", 30, note=NOTE)),
        (SlipNotPermitted, Close(grant, record, "att_1", 30, slip=Slip(phone="090-0000-0001"))),
        (SlipNotPermitted, Close(grant, record, "att_1", 30, slip=Slip(address="仮空市"))),
    ]
    for refusal, request in refused:
        with pytest.raises(refusal):
            await world.say(request)
    assert world.lines("close") == []
    told = await world.say(Close(grant, record, "att_1", 30, slip=Slip(date="2026-05-01")))
    assert told.slip
    await world.stop()


async def test_a_note_dies_with_a_withdrawal_and_with_the_list(tmp_path: Path) -> None:
    world = await noting(tmp_path)
    first, second, third = await world.upload("lst_1", townsfolk(3))
    grant = await world.shift("per_1")
    for record in (first, second, third):
        await noted(world, grant, record, NOTE)
    assert len(stored(world)) == 3
    manager = await world.managers_grant()
    await world.say(Withdraw(manager, first, "wd_1", "K-0000000"))
    assert len(stored(world)) == 2
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    assert stored(world) == []
    assert (await world.say(Inspect("lst_1"))).notes == 0
    await world.stop()


async def test_a_note_that_is_left_of_a_shredded_list_is_counted(tmp_path: Path) -> None:
    """So that 0 means something: the certificate's store `notes` is this count."""
    world = await noting(tmp_path)
    [record] = await world.upload("lst_1")
    await noted(world, await world.shift("per_1"), record, NOTE)
    [left] = stored(world)
    await world.end("lst_1")
    await world.say(Shred("lst_1"))
    world.home.journal.db.execute("UPDATE records SET note = ?", (left,))
    assert (await world.say(Inspect("lst_1"))).notes == 1
    await world.stop()


async def test_no_note_is_written_for_a_person_who_is_done(tmp_path: Path) -> None:
    """Found once more by their number after the attempts were used up."""
    world = await noting(tmp_path)
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await noted(world, grant, record, NOTE, code=50)
    assert stored(world) == []
    assert "note" not in world.lines("close")[-1]
    await world.stop()


async def test_a_slip_travels_inside_its_result_and_is_counted_only(tmp_path: Path) -> None:
    world = await noting(tmp_path)
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    closed = await world.say(Close(grant, record, "att_1", 10, slip=SLIP))
    again = await world.say(Close(grant, record, "att_1", 10))
    recalled = await world.say(Recall("att_1"))
    assert closed == again == Closed(recalled.final, recalled.sealed, recalled.at, recalled.slip)
    assert closed.slip
    keys = open_list_keys(
        world.entrustor_recipient,
        entrustor="ent_1",
        list_id="lst_1",
        sealed=world.for_entrustor["lst_1"],
    )
    opened = open_result(keys.result_key, list_id="lst_1", attempt="att_1", sealed=closed.sealed)
    assert opened.slip == SLIP
    with pytest.raises(DoesNotOpen):
        open_result(keys.result_key, list_id="lst_1", attempt="att_2", sealed=closed.sealed)
    [line] = world.lines("close")
    assert line["slip"] == 1
    said = msgspec.json.encode(world.lines()).decode()
    assert not [text for text in (SLIP.phone, SLIP.address, SLIP.date) if text in said]
    await world.stop()


async def test_an_empty_slip_is_none(tmp_path: Path) -> None:
    world = await noting(tmp_path, slips=msgspec.UNSET)
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    await world.say(Open(grant, record))
    with pytest.raises(SlipNotPermitted):  # the terms know of no slips at all
        await world.say(Close(grant, record, "att_1", 10, slip=SLIP))
    closed = await world.say(Close(grant, record, "att_1", 10, slip=Slip()))
    assert not closed.slip
    assert "slip" not in world.lines("close")[0]
    await world.stop()


async def test_a_note_opens_at_its_own_place_only_and_has_one_length() -> None:
    keys = ListSecrets(RecipientKey.generate().seeds, b"r" * 32, b"t" * 32)
    place = OpenList("ent_1", "lst_1", keys)
    sealed = place.seal_note(0, 7, NOTE)
    assert place.note(0, 7, sealed) == NOTE
    assert {len(place.seal_note(0, 7, text)) for text in ("あ", "𠮷" * 100)} == {len(sealed)}
    elsewhere = OpenList("ent_1", "lst_2", keys)
    tenant = OpenList("ent_2", "lst_1", keys)
    for other, chunk, index in ((place, 1, 7), (place, 0, 8), (elsewhere, 0, 7), (tenant, 0, 7)):
        with pytest.raises(DoesNotOpen):
            other.note(chunk, index, sealed)


async def test_a_result_without_a_slip_has_the_bytes_it_always_had() -> None:
    plain = msgspec.msgpack.decode(msgspec.msgpack.encode(CallResult(2, "K-1", 10, "at")))
    assert list(plain) == ["line", "reference", "code", "at"]


async def test_neither_note_nor_slip_is_ever_printed() -> None:
    record = SealedRecord("lst_1", 0, 0, b"", b"")
    said = (Close("g", record, "att_1", 30, note=NOTE, slip=SLIP), Noted(NOTE), SLIP)
    printed = "".join(map(repr, said))
    for text in (NOTE, SLIP.phone, SLIP.address, SLIP.date, str(SLIP.amount)):
        assert text not in printed


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "+819000000001"},
        {"phone": "0"},
        {"date": "5月1日"},
        {"amount": 10**8},
        {"amount": -1},
        {"address": "あ" * 201},
    ],
)
async def test_a_field_of_a_slip_has_its_shape(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Slip)


async def test_where_the_terms_know_of_no_notes_none_is_shown() -> None:
    assert not shown(TERMS, RecordState(Stage.VERIFIED, note=b"sealed"))
