"""A month's folder by itself: what is read of it, and what a crash or a stranger may have left."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crypto.bookkeeping.filing import LogDiverged, Shelf
from crypto.ledger.checkpoint import NOTE_BYTES
from crypto.ledger.proofs import root
from crypto.ledger.reading import verify_log
from crypto.ledger.tiles import CHECKPOINT, TILE, Frontier, tile_path
from crypto.ledger.tree import HASH_BYTES, leaf_hash
from tests.crypto.logs import PUBLIC, Log


def a_month(folder: Path, lines: int) -> tuple[Log, Path]:
    log = Log(folder)
    log.grow(lines)
    log.publish()
    return log, folder / log.month


def test_any_part_of_what_is_filed_is_read_and_nothing_beyond_it(tmp_path: Path) -> None:
    log, month = a_month(tmp_path, 3 * TILE + 40)
    open_end = Shelf.at(month, 3 * TILE)
    over = open_end.closed(log.entries[3 * TILE :])
    for shelf in (open_end, over, Shelf.at(month, 3 * TILE + 40)):
        for first in (0, 1, 255, 256, 300, 600, 3 * TILE - 1, 3 * TILE, 3 * TILE + 5):
            for count in (0, 1, 3, 256, 300, 5000):
                there = log.entries[: shelf.filed][first : first + count]
                assert shelf.entries(first, count) == there


def test_what_a_shelf_reads_of_the_disk_is_what_it_knew_when_it_wrote(tmp_path: Path) -> None:
    """Also high up, where the tile that is not full is of other tiles."""
    log, month = a_month(tmp_path, TILE * TILE + 3 * TILE + 7)
    for filed in (len(log.entries), len(log.entries) // TILE * TILE, TILE * TILE, TILE, 0):
        shelf = Shelf.at(month, filed)
        leaves = [leaf_hash(entry) for entry in log.entries[:filed]]
        for number in range(-(-filed // TILE)):
            row = leaves[number * TILE : (number + 1) * TILE]
            assert shelf.tile(0, number, len(row)) == b"".join(row)
        again = Shelf(month, 0, Shelf.at(tmp_path / "none", 0)._edge)
        for at in range(0, filed, TILE):
            again = again.closed(log.entries[at : min(at + TILE, filed)])
        assert (shelf._edge.full, shelf._edge.rows) == (again._edge.full, again._edge.rows)
        if filed:
            assert root(filed, shelf.hashes()) == root(filed, again.hashes())


def test_a_tile_of_a_height_that_the_tree_has_not_reached_is_not_there(tmp_path: Path) -> None:
    _, month = a_month(tmp_path, 300)
    shelf = Shelf.at(month, 256)
    for level in (2, 3):
        with pytest.raises(LogDiverged, match="No such file"):
            shelf.tile(level, 0, 1)


def not_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("wrong", [not_text, a_folder])
def test_a_head_that_cannot_be_read_is_not_taken_for_none(
    tmp_path: Path, wrong: Callable[[Path], None]
) -> None:
    _, month = a_month(tmp_path, 3)
    wrong(month / CHECKPOINT)
    with pytest.raises(LogDiverged, match="checkpoint"):
        Shelf.at(month, 0).checkpoint()


def test_a_head_is_read_to_its_greatest_length_and_one_that_is_longer_is_not_shortened_to_it(
    tmp_path: Path,
) -> None:
    _, month = a_month(tmp_path, 3)
    for size in (NOTE_BYTES, NOTE_BYTES + 1):
        (month / CHECKPOINT).write_text("x" * size)
        assert len(Shelf.at(month, 0).checkpoint() or "") == size


def test_filing_again_changes_nothing_and_another_log_is_refused(tmp_path: Path) -> None:
    log, _ = a_month(tmp_path, 600)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    log.publish()
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    log.entries[3] = log.entries[4]
    with pytest.raises(LogDiverged):
        log.publish()


def test_a_shelf_that_lacks_what_it_should_have_says_which_file(tmp_path: Path) -> None:
    log, month = a_month(tmp_path, 600)
    shelf = Shelf.at(month, 512)
    assert shelf.entries(510, 9) == log.entries[510:512]
    assert shelf.entries(510, 0) == []
    assert shelf.tile(0, 0, 3) == b"".join(map(leaf_hash, log.entries[:3]))
    (month / tile_path("entries", 1)).unlink()
    assert shelf.entries(0, 256) == log.entries[:256]
    with pytest.raises(LogDiverged, match=r"entries/001: No such file"):
        shelf.entries(255, 2)
    (month / tile_path(0, 0)).unlink()
    with pytest.raises(LogDiverged, match=r"tile/0/000: No such file"):
        shelf.tile(0, 0, 256)
    for level in (2, 7):  # the lowest that a log of this size has none of, and one far above
        with pytest.raises(LogDiverged, match=rf"tile/{level}/000: No such file"):
            shelf.tile(level, 0, 1)


def test_a_shelf_that_lacks_a_full_bundle_or_tile_does_not_open(tmp_path: Path) -> None:
    _, month = a_month(tmp_path, 600)
    for path, filed in ((tile_path("entries", 2, 88), 600), (tile_path(0, 1), 512)):
        file = month / path
        data = file.read_bytes()
        file.unlink()
        with pytest.raises(LogDiverged, match="FileNotFoundError"):
            Shelf.at(month, filed)
        file.write_bytes(data)
        assert Shelf.at(month, filed).filed == filed


@pytest.mark.parametrize("left", [0, HASH_BYTES, 255 * HASH_BYTES, 256 * HASH_BYTES - 1])
def test_a_shelf_with_a_tile_that_is_cut_off_does_not_open(tmp_path: Path, left: int) -> None:
    _, month = a_month(tmp_path, 600)
    file = month / tile_path(0, 1)
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(LogDiverged, match="BadTile"):
        Shelf.at(month, 512)


@pytest.mark.parametrize("size", [0, 255, 256, 300, 511])
def test_a_shelf_is_ahead_of_a_log_that_does_not_fill_its_bundles(
    tmp_path: Path, size: int
) -> None:
    _, month = a_month(tmp_path, 600)
    shelf = Shelf.at(month, 512)
    assert shelf.is_ahead_of(size)
    assert not shelf.is_ahead_of(512)
    assert not shelf.is_ahead_of(600)


def test_nobody_but_the_keeper_reads_a_tile_or_a_head(tmp_path: Path) -> None:
    _, month = a_month(tmp_path, 600)
    files = [path for path in month.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    folders = {path.parent for path in files} - {month}
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def test_a_month_without_a_line_has_a_folder_of_its_own_and_a_head(tmp_path: Path) -> None:
    month = tmp_path / "ledger" / "2026-04"
    for note in ("first", "second"):
        Shelf.at(month, 0).publish([], note)
        assert [path.name for path in month.iterdir()] == [CHECKPOINT]
        assert Shelf.at(month, 0).checkpoint() == note
    assert month.stat().st_mode & 0o777 == 0o700


def test_what_a_crash_left_half_written_is_written_anew(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.grow(300)
    month = tmp_path / log.month
    half = month / (tile_path("entries", 0) + ".new")
    half.parent.mkdir(parents=True)
    half.write_bytes(b"longer than what is going to stand there" * 5000)
    log.publish()
    assert verify_log(tmp_path, PUBLIC).findings == []
    assert not list(month.rglob("*.new"))


def test_no_partial_tile_of_an_earlier_head_is_left(tmp_path: Path) -> None:
    log = Log(tmp_path)
    month = tmp_path / log.month
    for lines, partials in (
        (1, {tile_path("entries", 0, 1), tile_path(0, 0, 1)}),
        (254, {tile_path("entries", 0, 255), tile_path(0, 0, 255)}),
        (1, {tile_path(1, 0, 1)}),
        (2, {tile_path("entries", 1, 2), tile_path(0, 1, 2), tile_path(1, 0, 1)}),
        (254, {tile_path(1, 0, 2)}),
    ):
        log.grow(lines)
        log.publish()
        found = {path.relative_to(month).as_posix() for path in month.rglob("*.p/*")}
        assert found == partials
        assert len([*month.rglob("*.p")]) == len(partials), "an empty folder is left"


@pytest.mark.parametrize("thousand", [1000, 2000])
def test_no_partial_tile_is_left_where_a_thousand_tiles_have_a_folder_of_their_own(
    tmp_path: Path, thousand: int
) -> None:
    """C2SP tlog-tiles: tile 999 is `999`, tile 1000 is `x001/000`."""
    month = tmp_path / "2026-04"
    start = thousand - 2
    high, width = divmod(start, TILE)
    edge = Frontier([b"", bytes(HASH_BYTES * width), bytes(HASH_BYTES * high)], [start, high, 0])
    shelf = Shelf(month, start * TILE, edge)
    leaves = [bytes([n % 256]) * 20 for n in range(5 * TILE)]
    for bundles, rest in ((0, 2), (3, 1), (0, 5)):
        shelf = shelf.file(leaves[: bundles * TILE])
        shelf.publish(leaves[:rest], "head")
        number = shelf.filed // TILE
        assert {path.relative_to(month).as_posix() for path in month.rglob("*.p/*")} == {
            tile_path("entries", number, rest),
            tile_path(0, number, rest),
            tile_path(1, high, number % TILE),
            tile_path(2, 0, high),
        }
    assert number == thousand + 1


def content(path: Path) -> set[str]:
    """Of a folder the names in it, of a file its size: what a sync makes durable."""
    if path.is_dir():
        return {one.name for one in path.iterdir()}
    return {str(path.stat().st_size)}


def test_what_is_on_the_shelf_is_on_the_disk_before_anything_speaks_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is synced whole, then the folders down to it, and the head after all of them."""
    month = tmp_path / "ledger" / "2026-04"
    synced: list[tuple[Path, set[str]]] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append((path.with_name(path.name.removesuffix(".new")), content(path)))
        sync(descriptor)

    def durable(path: Path, seen: dict[Path, set[str]]) -> bool:
        folders = [one for one in path.parents if one.is_relative_to(month)]
        return seen[path] == content(path) and all(
            below.name in seen[folder]
            for below, folder in zip((path, *folders), folders, strict=False)
        )

    log = Log(tmp_path)
    log.grow(600)
    open_files = len(content(Path("/proc/self/fd")))
    monkeypatch.setattr(os, "fsync", watched)
    shelf = Shelf.at(month, 0).file(log.entries[:512])
    filed = [path for path in month.rglob("*") if path.is_file()]
    assert len(filed) == 4
    assert all(durable(path, dict(synced)) for path in filed)
    synced.clear()
    shelf.publish(log.entries[512:], "head")
    head = [path for path, _ in synced].index(month / CHECKPOINT)
    partial = list(month.rglob("*.p/*"))
    assert len(partial) == 3
    assert all(durable(path, dict(synced[:head])) for path in partial)
    assert durable(month / CHECKPOINT, dict(synced[head:]))
    assert month.name in dict(synced[head:])[month.parent]
    assert all(path.is_relative_to(month.parent) for path, _ in synced), "others are waited for"
    assert len(content(Path("/proc/self/fd"))) == open_files
