"""Canary people: withdrawn like any other, excluded from every count, and a trap for whoever
touches them in another way."""

import asyncio
import shutil
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from crypto.disclosure.canaries import recipient_key
from crypto.errors.base import Refusal
from crypto.errors.lists import ListOver
from crypto.errors.records import DoesNotOpen, InOtherHand, NotInHand, RecordClosed, Withdrawn
from crypto.errors.statements import BadStatement, UnknownContract, UnpinnedKey
from crypto.keeper import recovery
from crypto.lists.progress import RecordId, Records
from crypto.records.fields import FieldKind
from crypto.records.sealing import (
    Recipient,
    open_canaries,
    open_list_keys,
    open_result,
    seal_canaries,
)
from crypto.signed import keyfile
from crypto.signed.orders import Canaries
from crypto.wire.lists import Alarms, Inspect, Opens, Shred
from crypto.wire.records import Close, Find, Match, Open, Reveal, SealedRecord
from tests.crypto.world import TERMS, YAMADA, World, townsfolk

replace = msgspec.structs.replace
OWN = ["+819000077701", "+819000077702", "+81300077703"]
CANARY = YAMADA | {FieldKind.PHONE: OWN[0], FieldKind.REFERENCE: "K-0777001"}
PHONE = FieldKind.PHONE


def keeper_key(world: World) -> Recipient:
    """What the entrustor was handed and has compared by another way."""
    return keyfile.load_recipient(world.folder / "public" / "keeper.pub")


def named(world: World, numbers: list[str], contract: str = "ctr_1") -> Canaries:
    sealed = seal_canaries(keeper_key(world), entrustor="ent_1", contract=contract, numbers=numbers)
    return Canaries("ent_1", contract, sealed)


@pytest_asyncio.fixture
async def centre(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A world with a contract that permits searching, and canaries signed."""
    world = await World.at(tmp_path / "keeper")
    await world.settle(replace(TERMS, inbound=True))
    await world.sign(named(world, OWN))
    yield world
    await world.stop()


# -- what is signed ------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_only_the_keeper_reads_which_numbers_they_are(centre: World) -> None:
    journal = (centre.folder / "journal.db").read_bytes()
    journal += (centre.folder / "journal.db-wal").read_bytes()
    for number in OWN:
        assert number.encode() not in journal
        assert number not in str(centre.lines())
    [(sealed,)] = centre.home.journal.db.execute("SELECT sealed FROM canaries").fetchall()
    key = recipient_key(centre.home.keystore.factor_key())
    assert open_canaries(key, entrustor="ent_1", contract="ctr_1", sealed=sealed) == sorted(OWN)
    for entrustor, contract in (("ent_2", "ctr_1"), ("ent_1", "ctr_2")):
        with pytest.raises(DoesNotOpen):
            open_canaries(key, entrustor=entrustor, contract=contract, sealed=sealed)


@pytest.mark.asyncio
async def test_one_number_and_a_hundred_look_alike(centre: World) -> None:
    many = [f"+8190000{n:05}" for n in range(100)]
    assert len(named(centre, OWN[:1]).sealed) == len(named(centre, many).sealed)


@pytest.mark.asyncio
async def test_what_is_no_list_of_numbers_for_this_contract_is_refused(centre: World) -> None:
    await centre.sign(replace(TERMS, contract="ctr_2"))
    for body in (
        Canaries("ent_1", "ctr_1", b"nonsense"),
        Canaries("ent_1", "ctr_2", named(centre, OWN).sealed),
        named(centre, []),
        named(centre, ["090-0000-0001"]),
        named(centre, ["+81", *OWN]),
    ):
        with pytest.raises(BadStatement):
            await centre.sign(body)
    with pytest.raises(UnknownContract):
        await centre.sign(named(centre, OWN, "ctr_9"))
    with pytest.raises(UnpinnedKey):
        await centre.sign(named(centre, OWN), centre.centre)


@pytest.mark.asyncio
async def test_they_stay_known_after_a_restart_a_new_epoch_and_a_further_statement(
    centre: World,
) -> None:
    [record] = await centre.upload("lst_1", [CANARY])
    await centre.upload("lst_2")
    await centre.sign(named(centre, ["+819000077704"]))
    before = keeper_key(centre)
    epoch = centre.home.keystore.epoch
    await centre.end("lst_2")
    await centre.say(Shred("lst_2"))
    await centre.restart()
    assert centre.home.keystore.epoch > epoch
    assert keeper_key(centre) == before
    with pytest.raises(Withdrawn):
        await centre.say(Open(await centre.shift("per_1"), record))


# -- leased in its turn --------------------------------------------------------------------


async def seen_of(world: World, act: Callable[[str], Awaitable[object]]) -> tuple[object, ...]:
    """All that an observer outside gets: refusal, line, budget, hand, counts."""
    grant = await world.shift("per_1")
    with pytest.raises(Refusal) as refusal:
        await act(grant)
    line = world.lines()[-1]
    rows = [
        world.home.journal.db.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        for table in ("seen", "hands", "openers", "tallies", "finds", "attempts")
    ]
    counts = await world.say(Opens("lst_1"))
    shape = {name: type(value).__name__ for name, value in line.items()}
    lengths = {name: len(str(value)) for name, value in line.items() if name not in ("seq", "at")}
    return (str(refusal.value), line["kind"], shape, lengths, rows, counts)


@pytest.mark.asyncio
async def test_a_canary_and_a_withdrawn_person_cannot_be_told_apart(tmp_path: Path) -> None:
    found = []
    for canary in (True, False):
        world = await World.at(tmp_path / f"keeper-{canary}")
        await world.settle()
        await world.sign(named(world, OWN))
        [record, _] = await world.upload("lst_1", [CANARY if canary else YAMADA, YAMADA])
        if not canary:
            place = RecordId(record.list, record.chunk, record.index)
            Records(world.home.journal.db).withdraw(place)
        steps = [
            lambda grant, record=record, world=world: world.say(Open(grant, record)),
            lambda grant, record=record, world=world: world.say(Open(grant, record)),
            lambda grant, record=record, world=world: world.call(grant, record, code=10),
        ]
        views = [await seen_of(world, act) for act in steps if world.wait(seconds=31) is None]
        found.append(views)
        await world.stop()
    assert found[0] == found[1]


@pytest.mark.asyncio
async def test_a_withdrawn_record_is_in_hand_and_closes_with_80_only(centre: World) -> None:
    record, other = await centre.upload("lst_1", [CANARY, YAMADA])
    grant, second = await centre.shift("per_1"), await centre.shift("per_2")
    with pytest.raises(Withdrawn):
        await centre.say(Open(grant, record))
    with pytest.raises(InOtherHand):
        await centre.say(Open(second, record))
    for code in (10, 30, 81):
        with pytest.raises(Withdrawn):
            await centre.say(Close(grant, record, "att_1", code))
    closed = await centre.say(Close(grant, record, "att_1", 80))
    assert closed.final
    keys = open_list_keys(
        centre.entrustor_recipient,
        entrustor="ent_1",
        list_id="lst_1",
        sealed=centre.for_entrustor["lst_1"],
    )
    result = open_result(keys.result_key, list_id="lst_1", attempt="att_1", sealed=closed.sealed)
    assert (result.code, result.reference) == (80, "K-0777001")
    with pytest.raises(RecordClosed):
        await centre.say(Open(grant, record))
    await centre.say(Open(grant, other))


@pytest.mark.asyncio
async def test_canaries_are_in_no_count_of_the_keeper_and_in_no_budget(centre: World) -> None:
    folk = [CANARY, YAMADA, CANARY | {PHONE: OWN[1]}]
    records = await centre.upload("lst_1", folk)
    grant = await centre.shift("per_1")
    for record in (records[0], records[2]):
        with pytest.raises(Withdrawn):
            await centre.say(Open(grant, record))
        await centre.say(Close(grant, record, f"att_{record.index}", 80))
    view = await centre.say(Open(grant, records[1]))
    assert view.people_left == 119
    counts = await centre.say(Opens("lst_1"))
    assert (counts.opens, counts.people, counts.operators) == (1, 1, 1)
    assert (counts.matches, counts.reveals) == (0, 0)


@pytest.mark.asyncio
async def test_a_withdrawal_and_a_canary_take_the_same_time(centre: World) -> None:
    """Interleaved, so that the machine's noise falls on both alike."""
    folk = townsfolk(60) + [CANARY | {FieldKind.REFERENCE: f"K-{n:07}"} for n in range(60)]
    records = await centre.upload("lst_1", folk, days=2)
    for record in records[:60]:
        place = RecordId(record.list, record.chunk, record.index)
        Records(centre.home.journal.db).withdraw(place)
    grant = await centre.shift("per_1")
    times: dict[bool, list[float]] = {True: [], False: []}
    for n, (withdrawn, canary) in enumerate(zip(records[:60], records[60:], strict=True)):
        for record in (withdrawn, canary) if n % 2 else (canary, withdrawn):
            begun = time.perf_counter()
            with pytest.raises(Withdrawn):
                await centre.say(Open(grant, record))
            times[record.index >= 60].append(time.perf_counter() - begun)
            await centre.say(Close(grant, record, f"att_{record.index}", 80))
    ratio = statistics.median(times[True]) / statistics.median(times[False])
    assert 0.67 < ratio < 1.5


# -- touched -------------------------------------------------------------------------------

TOUCHES: dict[str, Callable[[str, SealedRecord], object]] = {
    "match": lambda grant, record: Match(grant, record, FieldKind.BIRTH_DATE, "S50.1.2"),
    "reveal": lambda grant, record: Reveal(grant, record, PHONE, "manual_dial"),
    "find": lambda grant, _record: Find(grant, "job_1", OWN[0]),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("opened", [False, True], ids=["not opened", "opened before"])
@pytest.mark.parametrize("verb", sorted(TOUCHES))
async def test_whoever_touches_a_canary_freezes_its_list(
    centre: World, verb: str, opened: bool
) -> None:
    canary, other = await centre.upload("lst_1", [CANARY, YAMADA])
    [elsewhere] = await centre.upload("lst_2", job="job_2")
    grant = await centre.shift("per_1")
    if opened:
        with pytest.raises(Withdrawn):
            await centre.say(Open(grant, canary))
    with pytest.raises(ListOver if verb == "find" else Withdrawn):
        await centre.say(TOUCHES[verb](grant, canary))  # type: ignore[call-overload]
    assert (await centre.say(Inspect("lst_1"))).state == "frozen"
    freeze, alarm = centre.lines()[-2:]
    assert (freeze["kind"], freeze["trigger"]) == ("freeze", "canary")
    assert alarm == alarm | {
        "kind": "canary",
        "list": "lst_1",
        "principal": "per_1",
        "site": "sit_1",
        "verb": verb,
    }
    assert not {"tag", "field", "attempt"} & set(alarm)
    told = await centre.say(Alarms(("lst_1", "lst_2", "lst_9")))
    assert [(each.list, each.at) for each in told.alarms] == [("lst_1", centre.now)]
    await centre.restart()
    second = await centre.shift("per_2")
    with pytest.raises(ListOver):
        await centre.say(Open(second, other))
    await centre.say(Open(second, elsewhere))


@pytest.mark.asyncio
async def test_a_further_number_counts_too(centre: World) -> None:
    folk = [YAMADA | {FieldKind.PHONE_ALT: f"+81300000001 {OWN[2]}"}]
    [record] = await centre.upload("lst_1", folk)
    with pytest.raises(Withdrawn):
        await centre.say(Open(await centre.shift("per_1"), record))


@pytest.mark.asyncio
async def test_nobody_else_freezes_anything_by_asking_out_of_turn(centre: World) -> None:
    """A living person that is not in hand: the refusal as always, and no alarm."""
    [_, living] = await centre.upload("lst_1", [CANARY, YAMADA])
    grant = await centre.shift("per_1")
    for verb in ("match", "reveal"):
        with pytest.raises(NotInHand):
            await centre.say(TOUCHES[verb](grant, living))  # type: ignore[call-overload]
    await centre.say(Find(grant, "job_1", YAMADA[PHONE]))
    assert (await centre.say(Inspect("lst_1"))).state == "open"
    assert (await centre.say(Alarms(("lst_1",)))).alarms == ()


@pytest.mark.asyncio
async def test_another_contracts_canary_is_a_person_here(centre: World) -> None:
    """Tenants do not mix: what one contract's statement says holds for no other."""
    await centre.sign(replace(TERMS, contract="ctr_2", inbound=True))
    await centre.sign(named(centre, [YAMADA[PHONE]], "ctr_2"))
    [record] = await centre.upload("lst_1")
    await centre.say(Open(await centre.shift("per_1"), record))


@pytest.mark.asyncio
async def test_after_a_lost_disk_they_are_given_again_and_nobody_is_locked_out(
    centre: World,
) -> None:
    """What they were sealed to is gone. The new log says of which contracts they are missing."""
    await centre.sign(named(centre, ["+819000000678"]))
    await centre.stop()
    for part in centre.folder.iterdir():
        if part.name not in ("journal.db", "ledger", "signing"):
            shutil.rmtree(part) if part.is_dir() else part.unlink()
    await asyncio.to_thread(recovery.recover, centre.folder, centre.now)
    await centre.restart()
    assert [line["contract"] for line in centre.lines("canaries_lost")] == ["ctr_1"]
    centre.wait(minutes=1)
    await centre.hire("per_9")
    [record] = await centre.upload("lst_9", townsfolk(1))
    await centre.say(Open(await centre.shift("per_9"), record))
    await centre.sign(named(centre, ["+819000000678"]))


@pytest.mark.asyncio
async def test_a_number_named_while_people_are_called_is_in_force_at_once(centre: World) -> None:
    one, two = await centre.upload("lst_1", townsfolk(2))
    grant = await centre.shift("per_1")
    await centre.call(grant, one, code=30)
    centre.wait(minutes=1)
    await centre.sign(named(centre, [townsfolk(2)[1][PHONE]]))
    with pytest.raises(Withdrawn):
        await centre.say(Open(grant, two))
