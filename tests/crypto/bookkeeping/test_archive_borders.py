"""What the archive gives out and compares, line by line, and how it keeps itself going."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from crypto.bookkeeping import archive, signing
from crypto.bookkeeping.archive import kept_heads
from crypto.bookkeeping.filing import LogDiverged
from crypto.bookkeeping.lines import JournalDamaged
from crypto.errors.keeper import LedgerShorter
from crypto.ledger.checkpoint import BadCheckpoint, parse
from crypto.ledger.tiles import CHECKPOINT, TILE
from tests.crypto.bookkeeping.test_archive import MAY, everything, happen, rows
from tests.crypto.world import World

pytestmark = pytest.mark.asyncio


async def grow_to(world: World, size: int) -> None:
    """The month has so many lines."""
    await happen(world, size - world.home.journal.head.tree.size)


def signed(world: World, month: str, size: int) -> str:
    return signing.sign(month, size, bytes(32), world.home.signers.ledger)


def published(world: World) -> int:
    """How many lines the head on the shelf has; 0 without one."""
    file = world.folder / "ledger" / "2026-04" / CHECKPOINT
    return parse(file.read_text()).checkpoint.size if file.exists() else 0


async def until(true: Callable[[], bool]) -> None:
    """Nothing else tells when a task has come round."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  # a task of its own
            await asyncio.sleep(0.005)


# -- what is given out ---------------------------------------------------------------------


async def test_any_part_of_the_log_is_given_out_whole_and_never_beyond_its_month(
    world: World,
) -> None:
    await grow_to(world, 300)
    world.now = MAY
    await happen(world, 30)
    archive, whole = world.home.archive, await everything(world)
    for _ in ("nothing is filed", "April is filed"):
        for first in (0, 1, 255, 256, 290, 299, 300, 305, len(whole) - 1, len(whole)):
            month_ends = 300 if first < 300 else len(whole)
            for count in (0, 1, 2, 45, 1000):
                expected = whole[first : min(first + count, month_ends)]
                assert archive.entries(first, count) == expected
        await archive.keep()


async def test_nothing_is_proven_of_lines_that_are_not_there_yet(world: World) -> None:
    [shard] = world.home.archive.shards()
    assert world.home.archive.consistency(shard, shard.size, shard.size) == []
    with pytest.raises(ValueError, match="not as long yet"):
        world.home.archive.consistency(shard, 1, shard.size + 1)


# -- heads that others have kept -----------------------------------------------------------


async def test_a_ledger_is_behind_a_head_that_is_longer_or_of_a_month_it_does_not_know(
    world: World,
) -> None:
    archive, size = world.home.archive, world.home.journal.head.tree.size
    assert not archive.is_behind(signed(world, "2026-04", size))
    assert archive.is_behind(signed(world, "2026-04", size + 1))
    assert archive.is_behind(signed(world, "2026-05", 1))


async def test_a_refusal_says_how_much_was_seen_and_how_much_is_here(world: World) -> None:
    archive, size = world.home.archive, world.home.journal.head.tree.size
    with pytest.raises(LedgerShorter, match=r"2026-05: seen with 7 lines, here are 0$"):
        archive.confront(signed(world, "2026-05", 7))
    assert archive.refused
    with pytest.raises(LedgerShorter, match=f"seen with {size + 1} lines, here are {size}$"):
        archive.confront(signed(world, "2026-04", size + 1))


async def test_the_newest_month_that_the_journal_does_not_know_is_named(world: World) -> None:
    await world.stop()
    for month in ("2026-06", "2026-07", "2026-05"):
        (world.folder / "ledger" / month).mkdir(parents=True)
    with pytest.raises(LedgerShorter, match=r"^ledger_shorter: 2026-07: on the shelf"):
        await world.start()


async def test_whoever_edits_the_table_of_months_has_the_tiles_against_them(world: World) -> None:
    """As many lines as before are called filed, but of other months."""
    await grow_to(world, 300)
    world.now = MAY
    await happen(world, 1)
    await grow_to(world, 300)
    await world.home.archive.keep()
    database = world.home.journal.db
    filed = "SELECT month, filed FROM shards ORDER BY month"
    assert database.execute(filed).fetchall() == [("2026-04", 300), ("2026-05", 256)]
    for month, size in (("2026-04", 256), ("2026-05", 300)):
        database.execute("UPDATE shards SET filed = ? WHERE month = ?", (size, month))
    await world.stop()
    with pytest.raises(JournalDamaged, match="2026-04: journal and tiles are not one log"):
        await world.start()


async def test_a_folder_of_heads_may_have_folders_and_no_file_that_is_not_text(
    tmp_path: Path,
) -> None:
    (tmp_path / "sub").mkdir()
    assert kept_heads(tmp_path) == []
    (tmp_path / "head").write_bytes(b"\xff")
    with pytest.raises(BadCheckpoint):
        kept_heads(tmp_path)


# -- filing --------------------------------------------------------------------------------


async def test_a_tile_is_filed_as_soon_as_it_is_full(world: World) -> None:
    await grow_to(world, TILE)
    await world.home.archive.keep()
    [shard] = world.home.archive.shards()
    assert (shard.filed, rows(world)) == (TILE, 0)


async def test_where_nothing_has_grown_there_is_nothing_to_do(world: World) -> None:
    archive = world.home.archive

    async def due() -> list[str]:
        return [shard.month for shard, *_ in await world.home.journal.run(lambda: archive._due)]

    assert await due() == ["2026-04"]
    await archive.keep()
    assert await due() == []
    world.now = MAY
    await happen(world, 1)
    assert await due() == ["2026-04", "2026-05"]
    await archive.keep()
    assert await due() == []
    await happen(world, 1)
    assert await due() == ["2026-05"]


async def test_what_the_journal_lacks_is_not_filed(world: World) -> None:
    await grow_to(world, 300)
    world.home.journal.db.execute("DELETE FROM ledger WHERE seq = 7")
    with pytest.raises(LogDiverged, match="2026-04: lines 0 to 256 are not in the journal"):
        await world.home.archive.keep()
    assert not (world.folder / "ledger").exists()
    await world.stop()


# -- by itself -----------------------------------------------------------------------------


async def test_heads_are_published_at_the_start_and_at_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "PUBLISH_SECONDS", 3600)
    first = world.home.journal.head.tree.size
    await world.home.archive.start()
    await until(lambda: published(world) == first)
    await happen(world, 20)
    assert published(world) == first
    await world.home.archive.close()
    assert published(world) == first + 20


async def test_heads_are_published_every_few_seconds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "PUBLISH_SECONDS", 0.01)
    await world.home.archive.start()
    for _ in range(3):
        await happen(world, 5)
        await until(lambda: published(world) == world.home.journal.head.tree.size)


async def test_a_shelf_that_cannot_be_written_is_told_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(archive, "PUBLISH_SECONDS", 0.01)
    shelf = world.folder / "ledger"
    shelf.write_text("no folder")
    await world.home.archive.start()
    await until(lambda: "publishing the ledger: NotADirectoryError" in caplog.messages)
    shelf.unlink()
    await until(lambda: published(world) == world.home.journal.head.tree.size)
