"""A log folder: written by the shelf, verified by whoever holds the key; what is wrong is found."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.bookkeeping import signing
from crypto.bookkeeping.filing import LogDiverged, Shelf
from crypto.ledger import reading
from crypto.ledger.checkpoint import NOTE_BYTES, parse, verify
from crypto.ledger.proofs import root
from crypto.ledger.reading import Verified, confront, months, verify_log
from crypto.ledger.tiles import BadTile, tile_of, tile_path, unbundle
from tests.crypto.logs import KEY, PUBLIC, Log


def a_log(folder: Path, *sizes: int) -> Log:
    log = Log(folder)
    for number, size in enumerate(sizes):
        if number:
            log.turn()
        log.grow(size, lists=("lst_1", "lst_2"), principal="per_1")
    log.publish()
    return log


def codes(found: Verified) -> set[str]:
    return {finding.code for finding in found.findings}


def test_a_log_of_several_months_verifies(tmp_path: Path) -> None:
    log = a_log(tmp_path, 700, 40, 256 * 257 * 2 + 17)
    found = verify_log(tmp_path, PUBLIC, jobs=2)
    assert found == verify_log(tmp_path, PUBLIC)
    assert found.findings == []
    assert found.lines == log.seq
    assert found.lists == log.n
    assert [head.month for head in found.heads] == ["2026-04", "2026-05", "2026-06"]
    assert found.firsts == [0, 700, 741]
    assert (tmp_path / "2026-06" / "tile/2/000.p/2").exists()  # the shape of C2SP tlog-tiles
    (tmp_path / "2026-06" / "tile/1/001").write_bytes(bytes(256 * 32))  # a full one, higher up
    assert list(map(str, verify_log(tmp_path, PUBLIC).findings)) == ["bad_tile 2026-06/tile/1/001"]


def test_the_tiles_are_those_of_the_tree_and_stay_as_they_are(tmp_path: Path) -> None:
    log, shelf = Log(tmp_path), Shelf.at(tmp_path / "2026-04", 0)
    seen: dict[Path, bytes] = {}
    for _ in range(5):
        log.grow(200)
        full = len(log.entries) // 256 * 256
        shelf = shelf.file(log.entries[shelf.filed : full])
        shelf.publish(log.entries[full:], log.note())
        assert verify_log(tmp_path, PUBLIC).findings == []
        for path, data in seen.items():
            assert path.read_bytes() == data
        tiles = (tmp_path / "2026-04" / "tile").rglob("*")
        seen |= {p: p.read_bytes() for p in tiles if p.is_file() and ".p/" not in p.as_posix()}
        partial = list((tmp_path / "2026-04").rglob("*.p/*"))
        assert len(partial) <= 3  # those of the newest head alone
    head = verify(shelf.checkpoint() or "", PUBLIC)
    assert root(768, Shelf.at(tmp_path / "2026-04", 768).hashes()) == root(768, shelf.hashes())
    assert shelf.entries(250, 10) == log.entries[250:260]
    assert head.size == 1000


def test_a_published_head_is_read_whole_and_no_further(tmp_path: Path) -> None:
    log = a_log(tmp_path, 5)
    month = tmp_path / "2026-04"
    assert Shelf.at(month, 0).checkpoint() == log.note()
    assert Shelf.at(tmp_path / "2026-05", 0).checkpoint() is None
    (month / "checkpoint").write_bytes(b"x" * 20_000)
    assert Shelf.at(month, 0).checkpoint() == "x" * (NOTE_BYTES + 1)
    (month / "checkpoint").write_bytes(b"\xff")
    with pytest.raises(LogDiverged, match="checkpoint"):
        Shelf.at(month, 0).checkpoint()
    (month / "checkpoint").unlink()
    (month / "checkpoint").mkdir()
    with pytest.raises(LogDiverged, match="checkpoint"):
        Shelf.at(month, 0).checkpoint()


def test_paths_are_read_back_and_nothing_else_is_one() -> None:
    for level in (0, 3, "entries"):
        for number in (0, 7, 999, 1000, 1234067):
            for width in (1, 255, 256):
                path = tile_path(level, number, width)
                assert tile_of(path) == (str(level), number, width)
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    for path in (
        "tile/0/1",
        "tile/0/000.p/256",
        "tile/0/x000/001",
        "tile/../000",
        "tile/9/000",
        "tile/0/000.p/0",
        "tile/0/000/",
        "checkpoint",
        "tile/entries/../../x",
    ):
        with pytest.raises(BadTile):
            tile_of(path)


def test_a_bundle_is_as_long_as_it_says() -> None:
    assert unbundle(b"\x00\x01a\x00\x00", 2) == [b"a", b""]
    for data, width in ((b"\x00\x02a", 1), (b"\x00\x01ab", 1), (b"\x00\x01a", 2), (b"", 1)):
        with pytest.raises(BadTile):
            unbundle(data, width)


Wrong = Callable[[Log, Path], None]


def _rewritten(log: Log, folder: Path, change: Callable[[list[bytes]], None]) -> None:
    """As somebody would who can also sign: another log under the same key."""
    shutil.rmtree(folder / log.month)
    change(log.entries)
    log.publish()


def edit(log: Log, folder: Path) -> None:
    path = folder / "2026-05" / "tile/entries/000"
    path.write_bytes(path.read_bytes().replace(b"per_1", b"per_2", 1))


def edit_tile(log: Log, folder: Path) -> None:
    path = folder / "2026-05" / "tile/1/000.p/1"
    path.write_bytes(bytes(32))


def lose_tile(log: Log, folder: Path) -> None:
    (folder / "2026-05" / "tile/0/000").unlink()


def lose_entries(log: Log, folder: Path) -> None:
    (folder / "2026-05" / "tile/entries/000").unlink()


def lose_month(log: Log, folder: Path) -> None:
    shutil.rmtree(folder / "2026-04")


def lose_head(log: Log, folder: Path) -> None:
    (folder / "2026-04" / "checkpoint").unlink()


def exchange_months(log: Log, folder: Path) -> None:
    shutil.copytree(folder / "2026-04", folder / "2026-05", dirs_exist_ok=True)


def delete_and_sign(log: Log, folder: Path) -> None:
    _rewritten(log, folder, lambda entries: entries.pop(100))


def swap_and_sign(log: Log, folder: Path) -> None:
    def swap(entries: list[bytes]) -> None:
        entries[5], entries[6] = entries[6], entries[5]

    _rewritten(log, folder, swap)


def unchain_and_sign(log: Log, folder: Path) -> None:
    def other(entries: list[bytes]) -> None:
        entries[0] = entries[0].replace(b"2026-05", b"2026-06")

    _rewritten(log, folder, other)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (edit, "bad_tile"),
        (edit_tile, "bad_tile"),
        (lose_tile, "bad_tile"),
        (lose_entries, "bad_entries"),
        (lose_month, "gap_in_log"),
        (lose_head, "bad_checkpoint"),
        (exchange_months, "bad_checkpoint"),
        (delete_and_sign, "gap_in_list"),
        (swap_and_sign, "gap_in_log"),
        (unchain_and_sign, "broken_chain"),
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, wrong: Wrong, code: str) -> None:
    log = a_log(tmp_path, 300, 300)
    assert verify_log(tmp_path, PUBLIC).sound
    wrong(log, tmp_path)
    assert code in codes(verify_log(tmp_path, PUBLIC))


def test_a_log_cut_off_verifies_and_the_head_that_somebody_kept_finds_it(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log", 300, 300)
    kept = parse(log.note()).checkpoint
    assert confront(tmp_path / "log", [kept]) == []
    cut = a_log(tmp_path / "cut", 300, 290)
    assert verify_log(cut.folder, PUBLIC).sound
    assert [one.code for one in confront(cut.folder, [kept])] == ["shorter_than_seen"]
    gone = a_log(tmp_path / "gone", 300)
    assert [one.code for one in confront(gone.folder, [kept])] == ["shorter_than_seen"]
    assert months(gone.folder) == ["2026-04"]


def test_a_signed_head_of_other_lines_is_found_by_itself(tmp_path: Path) -> None:
    log = a_log(tmp_path, 300)
    other = signing.sign(log.month, len(log.entries), bytes(32), KEY)
    (tmp_path / log.month / "checkpoint").write_text(other)
    found = verify_log(tmp_path, PUBLIC)
    assert list(map(str, found.findings)) == ["other_head 2026-04 300"]


def test_what_is_no_month_is_not_read(tmp_path: Path) -> None:
    a_log(tmp_path, 5)
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "checkpoint").write_text("of a log without months")
    assert verify_log(tmp_path, PUBLIC).sound
    assert months(tmp_path) == ["2026-04"]


def test_a_line_of_a_list_has_its_number(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.line("open", list="lst_1")
    log.line("open", list="lst_1", n=1)
    log.publish()
    found = [str(one) for one in verify_log(tmp_path, PUBLIC).findings]
    assert "gap_in_list lst_1 0" in found


def test_a_kept_head_of_as_many_other_lines_is_found(tmp_path: Path) -> None:
    log = a_log(tmp_path, 300)
    kept = parse(log.note()).checkpoint
    assert confront(tmp_path, [kept]) == []
    for size in (300, 299):
        other = replace(kept, size=size, root=bytes(32))
        assert list(map(str, confront(tmp_path, [other]))) == [f"shorter_than_seen 2026-04 {size}"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_findings_are_the_same_however_many_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(reading, "SMALL", 1)
    log = a_log(tmp_path, 600, 5)
    assert verify_log(tmp_path, PUBLIC, jobs=jobs).lines == log.seq
    (tmp_path / "2026-04" / tile_path(0, 1)).unlink()
    (tmp_path / "2026-04" / tile_path("entries", 2, 88)).unlink()
    found = verify_log(tmp_path, PUBLIC, jobs=jobs)
    assert [one.code for one in found.findings[:3]] == ["bad_tile", "bad_entries", "other_head"]


def test_no_folder_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify_log(tmp_path, PUBLIC)


def test_a_lists_lines_have_no_gap_between_months_either(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.grow(5)
    log.turn()
    log.n["lst_1"] += 1
    log.grow(5)
    log.publish()
    assert codes(verify_log(tmp_path, PUBLIC)) == {"gap_in_list"}


def test_a_month_holds_lines_of_its_own_time(tmp_path: Path) -> None:
    log = Log(tmp_path, months=["2026-03"])
    log.grow(5)
    log.months = ["2026-04"]
    log.publish()
    assert codes(verify_log(tmp_path, PUBLIC)) == {"wrong_month"}
