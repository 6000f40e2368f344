"""Guessing and revealing are limited per person, whatever record, list, shift or restart."""

import secrets
from pathlib import Path

import msgspec
import pytest

from crypto.errors.records import NotRevealable, RevealsUsed, TriesUsed, TriesUsedToday
from crypto.errors.statements import BadStatement
from crypto.records.fields import FieldKind, Mask
from crypto.signed.terms import ContractTerms, FieldRule
from crypto.wire.records import Close, Match, Matched, Open, Reveal, SealedRecord
from tests.crypto.world import TERMS, World, townsfolk

replace = msgspec.structs.replace
BORN, REFERENCE, PHONE = FieldKind.BIRTH_DATE, FieldKind.REFERENCE, FieldKind.PHONE


async def with_terms(folder: Path, terms: ContractTerms) -> World:
    world = await World.at(folder / "keeper")
    await world.settle(terms)
    return world


async def guess(world: World, grant: str, record: SealedRecord, said: str) -> Matched:
    await world.say(Open(grant, record))
    try:
        return await world.say(Match(grant, record, BORN, said))
    finally:
        await world.say(Close(grant, record, secrets.token_hex(8), 30))


@pytest.mark.asyncio
async def test_a_days_mismatches_of_one_person_are_counted_over_records_lists_and_shifts(
    tmp_path: Path,
) -> None:
    rule = replace(TERMS.identity, tries=2, tries_per_day=3)
    world = await with_terms(tmp_path, replace(TERMS, identity=rule))
    records = [
        *await world.upload("lst_1", townsfolk(3), days=9),
        *await world.upload("lst_2", days=9),
    ]
    grant = await world.shift("per_1")
    for record in (records[0], records[3]):
        assert not (await guess(world, grant, record, "1980-01-01")).same
    assert (await guess(world, grant, records[1], "1975-01-02")).same, "a match costs no try"
    await world.restart()
    world.wait(hours=11)
    grant = await world.shift("per_1")
    assert not (await guess(world, grant, records[1], "1980-01-02")).same
    for said in ("1980-01-03", "1975-01-02"):  # right or wrong: no answer any more
        with pytest.raises(TriesUsedToday):
            await guess(world, grant, records[2], said)
    assert world.lines("refused")[-1]["code"] == "tries_used_today"
    assert not (await guess(world, await world.shift("per_2"), records[2], "1980-01-03")).same
    world.wait(hours=13, seconds=1)  # the first two are 24 hours old
    assert (await guess(world, await world.shift("per_1"), records[2], "S50.1.2")).same
    await world.stop()


@pytest.mark.asyncio
async def test_a_records_tries_are_for_life_whoever_asks_from_wherever(world: World) -> None:
    [record] = await world.upload("lst_1", days=9)
    for person in ("per_1", "per_2", "per_1"):
        world.wait(hours=13)
        await world.restart()
        assert not (await guess(world, await world.shift(person), record, "1980-01-01")).same
    world.wait(hours=40)
    grant = await world.shift("per_2")
    with pytest.raises(TriesUsed):
        await guess(world, grant, record, "1975-01-02")
    assert world.lines("refused")[-1]["code"] == "tries_used"
    view = await world.say(Open(grant, record))
    assert (view.tries_left, view.match) == (0, ())


@pytest.mark.asyncio
async def test_reveals_of_one_person_are_counted_by_the_hour_and_cost_no_person(
    tmp_path: Path,
) -> None:
    world = await with_terms(tmp_path, replace(TERMS, reveals_per_hour=2))
    one, two = await world.upload("lst_1", townsfolk(2))
    grant = await world.shift("per_1")
    left = (await world.say(Open(grant, one))).people_left
    assert (await world.say(Reveal(grant, one, PHONE, "manual_dial"))).seconds == 90
    assert (await world.say(Open(grant, one))).people_left == left
    await world.say(Close(grant, one, "att_1", 30))
    await world.say(Open(grant, two))
    await world.say(Reveal(grant, two, PHONE, "manual_dial"))
    await world.restart()
    with pytest.raises(RevealsUsed):
        await world.say(Reveal(grant, two, PHONE, "manual_dial"))
    assert world.lines("refused")[-1]["code"] == "reveals_used"
    world.wait(minutes=15)
    await world.say(Open(grant, two))
    world.wait(minutes=45)
    await world.say(Open(grant, two))
    await world.say(Reveal(grant, two, PHONE, "manual_dial"))
    await world.stop()


@pytest.mark.asyncio
async def test_what_the_person_is_asked_for_is_revealed_only_after_verification(
    tmp_path: Path,
) -> None:
    """Else the operator could read the answer before asking the question."""
    fields = TERMS.fields | {
        REFERENCE: FieldRule(Mask.LAST3, Mask.LAST3, Mask.LAST3, match=True, reveal=True)
    }
    world = await with_terms(tmp_path, replace(TERMS, fields=fields))
    [record] = await world.upload("lst_1")
    grant = await world.shift("per_1")
    view = await world.say(Open(grant, record))
    assert view.reveal == (PHONE,)
    for reason in ("read_back", "manual_dial"):
        with pytest.raises(NotRevealable):
            await world.say(Reveal(grant, record, REFERENCE, reason))
    with pytest.raises(NotRevealable):
        await world.say(Reveal(grant, record, PHONE, "read_back"))
    matched = await world.say(Match(grant, record, BORN, "S50.1.2"))
    assert set(matched.view.reveal) == {PHONE, REFERENCE}
    told = await world.say(Reveal(grant, record, REFERENCE, "read_back"))
    assert told.text == "K-0000123"
    assert world.lines("reveal")[-1]["reason"] == "read_back"
    await world.stop()


@pytest.mark.parametrize(
    "terms",
    [
        replace(TERMS, reveals_per_hour=0),
        replace(TERMS, identity=replace(TERMS.identity, tries_per_day=2)),
    ],
)
@pytest.mark.asyncio
async def test_limits_that_are_none_are_refused(terms: ContractTerms, world: World) -> None:
    with pytest.raises(BadStatement):
        await world.sign(replace(terms, version=2))


@pytest.mark.asyncio
async def test_a_days_mismatches_count_for_a_whole_day(tmp_path: Path) -> None:
    rule = replace(TERMS.identity, tries=2, tries_per_day=3)
    world = await with_terms(tmp_path, replace(TERMS, identity=rule))
    records = await world.upload("lst_1", townsfolk(4), days=9)
    grant = await world.shift("per_1")
    for record in records[:3]:
        assert not (await guess(world, grant, record, "1980-01-01")).same
    world.wait(hours=23, minutes=59)
    grant = await world.shift("per_1")
    with pytest.raises(TriesUsedToday):
        await guess(world, grant, records[3], "S50.1.2")
    await world.stop()


@pytest.mark.asyncio
async def test_who_guessed_wrong_is_kept_no_longer_than_it_counts(world: World) -> None:
    records = await world.upload("lst_1", townsfolk(2), days=9)
    for record in records:
        await guess(world, await world.shift("per_1"), record, "1980-01-01")
        kept = world.home.journal.db.execute("SELECT at FROM tallies").fetchall()
        assert len(kept) == 1
        world.wait(hours=24)
