"""Tiles, months and heads of a living keeper; a ledger that was rolled back is refused."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.bookkeeping import signing
from crypto.bookkeeping.archive import kept_heads
from crypto.bookkeeping.filing import LogDiverged, Shelf
from crypto.bookkeeping.journal import Act
from crypto.bookkeeping.lines import JournalDamaged
from crypto.errors.keeper import BadNote, EventQuota, LedgerShorter, UnknownLine
from crypto.errors.lists import ListOver
from crypto.keeper import logbook
from crypto.keeper.home import Home
from crypto.ledger.checkpoint import BadCheckpoint, Note, Witness, cosign, parse, verify
from crypto.ledger.proofs import check_consistency, check_inclusion
from crypto.ledger.reading import verify_log
from crypto.ledger.tiles import tile_path
from crypto.ledger.tree import leaf_hash
from crypto.wire.base import Caller
from crypto.wire.ledger import (
    Confront,
    Cosign,
    Entries,
    Event,
    Head,
    PinWitness,
    ProveConsistency,
    ProveInclusion,
)
from crypto.wire.lists import Freeze
from crypto.wire.records import Open
from tests.crypto.world import World

MAY = datetime(2026, 5, 1, 1, 0, tzinfo=UTC)


async def happen(world: World, events: int) -> None:
    """So many lines."""
    await asyncio.gather(*(world.say(Event("x", {"of": "y"})) for _ in range(events)))


async def everything(world: World) -> list[bytes]:
    found: list[bytes] = []
    while part := (await world.say(Entries(len(found), 1000))).entries:
        found += part
    return found


def rows(world: World) -> int:
    (count,) = world.home.journal.db.execute("SELECT count(*) FROM ledger").fetchone()
    return int(count)


async def ledger_key(world: World) -> bytes:
    return (await world.say(Head())).ledger_key


@pytest.mark.asyncio
async def test_lines_move_to_tiles_and_the_folder_alone_is_the_log(world: World) -> None:
    await happen(world, 600)
    before = await everything(world)
    await world.home.archive.keep()
    assert rows(world) < 256
    assert await everything(world) == before
    await happen(world, 3)
    world.now = MAY
    await happen(world, 300)
    await world.home.archive.keep()
    head = await world.say(Head())
    await world.stop()

    found = verify_log(world.folder / "ledger", head.ledger_key)
    assert found.findings == []
    assert found.lines == head.size
    assert [one.month for one in found.heads] == ["2026-04", "2026-05"]
    await world.restart()
    after = await everything(world)
    assert len(after) == head.size
    assert after[: len(before)] == before
    first = msgspec.json.decode(after[found.firsts[1]][16:])
    assert first["kind"] == "shard"
    assert verify(first["previous"], head.ledger_key) == found.heads[0]
    assert verify(head.checkpoint, head.ledger_key) == found.heads[1]


@pytest.mark.asyncio
async def test_a_line_belongs_to_its_month_in_japan_and_no_month_comes_back(world: World) -> None:
    world.now = datetime(2026, 4, 30, 14, 59, 59, tzinfo=UTC)
    await happen(world, 1)
    world.now = datetime(2026, 4, 30, 15, 0, tzinfo=UTC)  # midnight in Japan
    await happen(world, 1)
    world.now = datetime(2026, 4, 30, 14, 0, tzinfo=UTC)  # a clock set back
    await happen(world, 1)
    months = [shard.month for shard in world.home.archive.shards()]
    assert months == ["2026-04", "2026-05"]
    assert [shard.size for shard in world.home.archive.shards()][-1] == 3
    await world.home.archive.keep()
    assert verify_log(world.folder / "ledger", await ledger_key(world)).findings == []


@pytest.mark.asyncio
async def test_a_step_that_raises_does_not_turn_the_month(world: World) -> None:
    journal, before = world.home.journal, world.home.journal.head.size

    def bad() -> Act:
        journal.append("x", MAY)
        raise KeyError("x")

    with pytest.raises(KeyError):
        await journal.run(bad)
    await happen(world, 1)  # still in April
    assert journal.head.size == before + 1
    assert [shard.month for shard in world.home.archive.shards()] == ["2026-04"]
    world.now = MAY
    await happen(world, 1)
    assert [line["kind"] for line in world.lines()][-3:] == ["event", "shard", "event"]


@pytest.mark.asyncio
async def test_every_line_is_proven_filed_or_not_in_a_month_over_or_not(world: World) -> None:
    await happen(world, 280)
    await world.home.archive.keep()
    old = parse((await world.say(Head())).checkpoint).checkpoint
    await happen(world, 300)
    world.now = MAY
    await happen(world, 5)
    entries, key = await everything(world), await ledger_key(world)
    for seq in (0, 100, 255, 256, 400, len(entries) - 8, len(entries) - 1):
        proof = await world.say(ProveInclusion(seq))
        head = verify(proof.checkpoint, key)
        assert (head.month, head.size, proof.index) == (proof.month, proof.size, seq - proof.first)
        check_inclusion(leaf_hash(entries[seq]), proof.index, head.size, proof.hashes, head.root)
    proof = await world.say(ProveConsistency("2026-04", old.size))
    head = verify(proof.checkpoint, key)
    check_consistency(old.size, old.root, head.size, head.root, proof.hashes)
    for request in (
        ProveInclusion(len(entries)),
        ProveConsistency("2026-04", head.size + 1),
        ProveConsistency("2026-03", 0),
    ):
        with pytest.raises(UnknownLine):
            await world.say(request)


# -- crashes -------------------------------------------------------------------------------


async def tiles_without_deleting(world: World) -> None:
    [(shard, shelf, _note)] = await world.home.journal.run(lambda: world.home.archive._due)
    world.home.archive._file(shelf, shard, 512)


async def deleted_without_publishing(world: World) -> None:
    archive = world.home.archive
    [(shard, shelf, _note)] = await world.home.journal.run(lambda: archive._due)
    await archive._forget(shard, archive._file(shelf, shard, 512))


async def partials_without_a_head(world: World) -> None:
    await world.home.archive.keep()
    (world.folder / "ledger/2026-04/checkpoint").unlink()


async def half_a_file(world: World) -> None:
    await world.home.archive.keep()
    path = world.folder / "ledger/2026-04" / tile_path("entries", 2)
    path.with_name(path.name + ".new").write_bytes(b"half")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "crash",
    [tiles_without_deleting, deleted_without_publishing, partials_without_a_head, half_a_file],
)
async def test_a_crash_anywhere_is_healed_by_running_again(
    world: World, crash: Callable[[World], object]
) -> None:
    await happen(world, 600)
    before = await everything(world)
    await crash(world)  # type: ignore[misc]
    await world.restart()
    assert await everything(world) == before
    await happen(world, 300)
    await world.home.archive.keep()
    assert (await everything(world))[: len(before)] == before
    assert verify_log(world.folder / "ledger", await ledger_key(world)).findings == []


@pytest.mark.asyncio
async def test_a_month_that_ends_unfiled_is_filed_after_a_restart(world: World) -> None:
    await happen(world, 300)
    world.now = MAY
    await happen(world, 300)
    await world.restart()
    await world.home.archive.keep()
    assert rows(world) < 256
    found = verify_log(world.folder / "ledger", await ledger_key(world))
    assert found.findings == []
    assert found.lines == world.home.journal.head.size


# -- rolled back, damaged ------------------------------------------------------------------


async def copied(world: World) -> Path:
    await world.stop()
    kept = world.folder.parent / "copy"
    kept.mkdir(mode=0o700)
    for file in world.folder.glob("journal.db*"):
        shutil.copy(file, kept)
    await world.restart()
    return kept


async def rolled_back(world: World, kept: Path) -> None:
    await world.stop()
    for file in world.folder.glob("journal.db*"):
        file.unlink()
    shutil.copytree(kept, world.folder, dirs_exist_ok=True)


def head_only(shelf: Path) -> None:
    """What is ahead is the published head."""


def tiles_only(shelf: Path) -> None:
    (shelf / "2026-04/checkpoint").unlink()


def month_only(shelf: Path) -> None:
    shutil.rmtree(shelf / "2026-04")


@pytest.mark.asyncio
@pytest.mark.parametrize("left", [head_only, tiles_only, month_only])
async def test_a_journal_that_was_rolled_back_does_not_start(
    world: World, left: Callable[[Path], None]
) -> None:
    kept = await copied(world)
    await happen(world, 300)
    if left is month_only:
        world.now = MAY
        await happen(world, 2)
    await world.home.archive.keep()
    await rolled_back(world, kept)
    left(world.folder / "ledger")
    with pytest.raises(LedgerShorter):
        await world.start()


@pytest.mark.asyncio
async def test_a_journal_that_went_on_from_an_old_copy_does_not_start(world: World) -> None:
    """As long as the published head, but another log: the shelf was away meanwhile."""
    kept = await copied(world)
    await happen(world, 3)
    await world.home.archive.keep()
    await rolled_back(world, kept)
    shelf = world.folder / "ledger"
    shelf.rename(world.folder / "away")
    await world.restart()
    await happen(world, 9)
    await world.stop()
    shutil.rmtree(shelf, ignore_errors=True)
    (world.folder / "away").rename(shelf)
    with pytest.raises(LedgerShorter):
        await world.start()


@pytest.mark.asyncio
async def test_a_changed_or_missing_tile_stops_the_start(world: World) -> None:
    await happen(world, 600)
    await world.home.archive.keep()
    await world.stop()
    tile = world.folder / "ledger/2026-04" / tile_path(0, 1)
    data = tile.read_bytes()
    tile.write_bytes(bytes(32) + data[32:])
    with pytest.raises((JournalDamaged, LogDiverged)):
        await world.start()
    tile.unlink()
    with pytest.raises(LogDiverged):
        await world.start()
    tile.write_bytes(data)
    await world.start()


@pytest.mark.asyncio
async def test_a_head_that_is_ahead_ends_everything_also_after_a_restart(
    world: World, tmp_path: Path
) -> None:
    [record, _] = await world.upload("lst_1", [{}, {}])
    await world.upload("lst_2", [{}])
    grant = await world.shift("per_1")
    own = (await world.say(Head())).checkpoint
    await world.say(Confront(own))
    await happen(world, 10)
    await world.say(Confront(own))  # it has only grown
    with pytest.raises(BadNote):
        await world.say(Confront(own.replace("2026-04", "2026-05")))
    stranger = signing.sign("2026-04", 9999, bytes(32), Ed25519PrivateKey.generate())
    with pytest.raises(BadNote):
        await world.say(Confront(stranger))
    await world.say(Event("x", {}))  # neither has done anything

    size = parse(own).checkpoint.size
    ahead = signing.sign("2026-04", size, bytes(32), world.home.signers.ledger)
    with pytest.raises(LedgerShorter):
        await world.say(Confront(ahead))
    for request in (Event("x", {}), Open(grant, record), Freeze("lst_1", "manager")):
        with pytest.raises(LedgerShorter):
            await world.say(request, Caller.WEB)
    assert (await world.say(Head())).size
    world.home.archive.refused = False  # as if nobody had noticed: the freeze holds all the same
    with pytest.raises(ListOver):
        await world.say(Open(grant, record))
    await world.stop()
    with pytest.raises(LedgerShorter):
        await world.start()


@pytest.mark.asyncio
async def test_heads_that_were_kept_are_confronted_at_the_start(
    world: World, tmp_path: Path
) -> None:
    kept = await copied(world)
    await happen(world, 5)
    heads = tmp_path / "heads"
    heads.mkdir()
    (heads / "witness").write_text((await world.say(Head())).checkpoint)
    await world.stop()
    home = Home.open(world.folder, kept_heads(heads))
    await home.close()
    await rolled_back(world, kept)
    with pytest.raises(LedgerShorter):
        Home.open(world.folder, kept_heads(heads))
    (heads / "witness").write_text("no note")
    with pytest.raises(BadCheckpoint):
        Home.open(world.folder, kept_heads(heads))


# -- witnesses -----------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_only_a_pinned_witness_cosigns_and_its_newest_head_is_shown(world: World) -> None:
    key = Ed25519PrivateKey.generate()
    witness = Witness("auditor.example", key.public_key().public_bytes_raw())
    first = parse((await world.say(Head())).checkpoint)
    line = cosign(first.checkpoint, witness.name, key, 1_775_523_600)
    cosigned = str(Note(first.checkpoint, (*first.signatures, line)))
    with pytest.raises(BadNote):
        await world.say(Cosign(cosigned))
    with pytest.raises(BadNote):
        await world.say(PinWitness("auditor.example+00000000+AAAA"))
    await world.say(PinWitness(witness.written))
    with pytest.raises(BadNote):
        await world.say(Cosign(str(first)))
    await world.say(Cosign(cosigned))
    assert (await world.say(Head())).witnessed == (cosigned,)

    newer = parse((await world.say(Head())).checkpoint)
    line = cosign(newer.checkpoint, witness.name, key, 1_775_523_700)
    text = str(Note(newer.checkpoint, (*newer.signatures, line)))
    await world.say(Cosign(text))
    await world.say(Cosign(cosigned))  # an older one changes nothing
    assert (await world.say(Head())).witnessed == (text,)
    await world.restart()
    assert (await world.say(Head())).witnessed == (text,)


@pytest.mark.asyncio
async def test_what_a_witness_has_seen_is_confronted_too(world: World) -> None:
    ahead = parse(signing.sign("2026-04", 9999, bytes(32), world.home.signers.ledger))
    with pytest.raises(LedgerShorter):
        await world.say(Cosign(str(ahead)))
    with pytest.raises(LedgerShorter):
        await world.say(Event("x", {}))


# -- events --------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_caller_class_adds_so_many_events_an_hour_and_one_line_says_more_came(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logbook, "EVENTS_PER_HOUR", 5)
    for _ in range(5):
        await world.say(Event("x", {}), Caller.WEB)
    for _ in range(3):
        with pytest.raises(EventQuota):
            await world.say(Event("x", {}), Caller.WEB)
    assert len(world.lines("event")) == 5
    assert [line["caller"] for line in world.lines("event_quota")] == ["web"]
    await world.say(Event("x", {}), Caller.WORKER)  # each class has its own
    world.wait(hours=1)
    await world.say(Event("x", {}), Caller.WEB)


@pytest.mark.asyncio
async def test_one_person_and_one_entrustor_use_up_nobody_elses_events(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logbook, "EVENTS_PER_HOUR", 20)
    monkeypatch.setattr(logbook, "EVENTS_EACH", 4)
    monkeypatch.setattr(logbook, "EVENTS_AT_DESK", 3)
    monkeypatch.setattr(logbook, "EVENTS_ENTRUSTOR", 6)
    await world.hire("per_s", role="supervisor")
    for person in ("per_e", "per_f"):
        await world.hire(person, role="entrustor", party="ent_1")

    async def goes(by: str, code: str = "ending_chosen") -> int:
        for number in range(30):
            try:
                await world.say(Event(code, {"list": "lst_1", "by": by}), Caller.WEB)
            except EventQuota:
                return number
        return 30

    assert [await goes("per_e"), await goes("per_f")] == [4, 2]  # six of one entrustor
    assert await goes("per_m") == 4  # each of the centre's their own
    copied = [await goes(who, "screen_copied") for who in ("per_1", "per_s")]
    assert copied == [3, 3]  # a few at their desks, copying all day, leave room for managers
    assert len(world.lines("event_quota")) == 5


@pytest.mark.asyncio
async def test_what_ends_or_acknowledges_has_room_that_nobody_else_uses_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logbook, "EVENTS_PER_HOUR", 3)
    monkeypatch.setattr(logbook, "EVENTS_EACH", 3)
    await world.hire("per_e", role="entrustor", party="ent_1")
    invented = [Event(code, {"by": "per_x"}) for code in ("ending_chosen", "job_closed")]
    for event in invented:
        for _ in range(3):
            await world.say(event, Caller.WEB)
        with pytest.raises(EventQuota):  # whom nobody has named has no room of their own
            await world.say(event, Caller.WEB)
    for _ in range(3):
        for code, by in (("destruction_ordered", "per_e"), ("job_closed", "per_m")):
            await world.say(Event(code, {"list": "lst_1", "by": by}), Caller.WEB)
    with pytest.raises(EventQuota):
        await world.say(Event("destruction_ordered", {"by": "per_e"}), Caller.WEB)


def test_a_shelf_that_is_not_there_has_no_head(tmp_path: Path) -> None:
    assert Shelf.at(tmp_path / "2026-04", 0).checkpoint() is None
