"""The residue scanner sees a needle wherever and however it is written, and says what it read."""

import base64
import json
import os
import socket
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from retention.errors import NeedleTooShort
from retention.residue import BLOCK_BYTES, Needles, Store, scan
from retention.states import Outcome

NAME = "架空花子ノ尾"  # fictional
PHONE = "090-0123-4567"  # not in use: 090-0 is not assigned


def writings_of(text: str) -> dict[str, bytes]:
    utf8, sjis = text.encode(), text.encode("cp932")
    return {
        "utf-8": utf8,
        "utf-8 with mark": b"\xef\xbb\xbf" + utf8,
        "utf-16-le": text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
        "cp932": sjis,
        "euc_jp": text.encode("euc_jp"),
        "hex": utf8.hex().encode(),
        "HEX": sjis.hex().upper().encode(),
        "hex of utf-16": text.encode("utf-16-le").hex().encode(),
        "base64": base64.b64encode(b"{" + utf8 + b"}"),
        "base64 of cp932": base64.b64encode(b"12" + sjis + b"9"),
        "base64url": base64.urlsafe_b64encode(b"\xff\xfe\xfd" + text.encode("utf-16-be")),
        "JSON": json.dumps({"q": text}).encode(),
        "JSON, upper": json.dumps(text).upper().replace("\\U", "\\u").encode(),
        "URL": urllib.parse.quote(text).encode(),
        "URL, lower": urllib.parse.quote(text).lower().encode(),
    }


@pytest.mark.parametrize("writing", writings_of(NAME))
@pytest.mark.parametrize("before", [0, 1, 2, 5, 8191])
def test_a_needle_is_found_in_every_writing_and_at_every_place(
    tmp_path: Path, writing: str, before: int
) -> None:
    content = b"\x00" * before + writings_of(NAME)[writing] + b"\xff"
    (tmp_path / "store").write_bytes(content)
    [finding] = scan([Store("store", tmp_path / "store")], Needles([PHONE, NAME]))
    assert finding.outcome is Outcome.FAILED
    assert finding.needles == {2}
    assert finding.bytes == len(content)


@pytest.mark.parametrize("offset", [-12, -3, -1, 0, 1])
def test_a_needle_on_the_seam_of_two_blocks_is_found_once(tmp_path: Path, offset: int) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.seek(BLOCK_BYTES + offset)
        file.write(PHONE.encode())
        file.seek(2 * BLOCK_BYTES)
        file.write(b"end")
    [finding] = scan([Store("large", path)], Needles([PHONE]))
    assert finding.total == 1
    assert finding.bytes == 2 * BLOCK_BYTES + 3


def test_each_store_answers_for_itself(tmp_path: Path) -> None:
    stores = []
    for name in ("database", "wal", "broker", "temp", "logs", "keeper"):
        folder = tmp_path / name / "deep" / "er"
        folder.mkdir(parents=True)
        (folder / "noise").write_bytes(bytes(range(256)) * 4)
        stores.append(Store(name, tmp_path / name))
    needles = Needles([PHONE])
    assert {finding.outcome for finding in scan(stores, needles)} == {Outcome.PASS}
    for store in stores:
        planted = store.path / "deep" / "planted"
        planted.write_bytes(b"x" + PHONE.encode("utf-16-le"))
        found = scan(stores, needles)
        assert [f.store for f in found if f.outcome is Outcome.FAILED] == [store.name]
        assert all(f.bytes >= 1024 for f in found)
        planted.unlink()


def test_the_name_of_a_file_is_content_too(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.csv").write_bytes(b"")
    [finding] = scan([Store("temp", tmp_path)], Needles([NAME]))
    assert finding.needles == {1}


def test_what_cannot_be_looked_into_is_not_passed(tmp_path: Path) -> None:
    [finding] = scan([Store("logs", tmp_path / "absent")], Needles([NAME]))
    assert finding.outcome is Outcome.UNKNOWN
    assert finding.bytes == 0


def test_a_place_that_cannot_even_be_asked_about_is_unknown(tmp_path: Path) -> None:
    [finding] = scan([Store("logs", tmp_path / ("long" * 99))], Needles([NAME]))
    assert (finding.outcome, finding.missing) == (Outcome.UNKNOWN, False)


def test_a_store_that_is_a_link_is_what_it_points_at(tmp_path: Path) -> None:
    (tmp_path / "real").write_text(PHONE)
    (tmp_path / "store").symlink_to(tmp_path / "real")
    [finding] = scan([Store("logs", tmp_path / "store")], Needles([PHONE]))
    assert finding.outcome is Outcome.FAILED


def test_a_store_through_which_things_only_pass_is_unknown(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    [finding] = scan([Store("logs", tmp_path / "pipe")], Needles([PHONE]))
    assert finding.outcome is Outcome.UNKNOWN


def test_places_of_one_name_are_one_store(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("clean, all of it")
    (tmp_path / "two").write_text(PHONE)
    places = [Store("temp", tmp_path / "two"), Store("logs", tmp_path / "one")]
    temp, logs = scan([*places, Store("temp", tmp_path / "one")], Needles([PHONE]))
    assert (temp.outcome, temp.files, temp.bytes) == (Outcome.FAILED, 2, 29)
    assert (logs.outcome, logs.bytes) == (Outcome.PASS, 16)


def test_what_belongs_to_another_store_is_left_to_it(tmp_path: Path) -> None:
    (tmp_path / "data" / "pg_wal").mkdir(parents=True)
    (tmp_path / "data" / "pg_wal" / "segment").write_text(PHONE)
    apart = frozenset({tmp_path / "data" / "pg_wal"})
    [finding] = scan([Store("database", tmp_path, apart)], Needles([PHONE]))
    assert (finding.outcome, finding.files) == (Outcome.PASS, 0)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Path]:
    """A block device with a number in it, where we may make one."""
    (tmp_path / "content").write_bytes(bytes(65536) + PHONE.encode("cp932") + bytes(65523))
    command = ["losetup", "--find", "--show", str(tmp_path / "content")]
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no loop devices for us here")
    yield Path(made.stdout.strip())
    subprocess.run(["losetup", "--detach", made.stdout.strip()], check=True)


def test_a_block_device_is_read_to_its_end(device: Path) -> None:
    """Swap is one."""
    [finding] = scan([Store("swap", device)], Needles([NAME, PHONE]))
    assert (finding.outcome, finding.needles, finding.bytes) == (Outcome.FAILED, {2}, 131072)


def test_an_empty_store_passes_and_says_that_it_was_empty(tmp_path: Path) -> None:
    [finding] = scan([Store("logs", tmp_path)], Needles([NAME]))
    assert (finding.outcome, finding.files, finding.bytes) == (Outcome.PASS, 0, 0)


@pytest.mark.parametrize("what", ["file", "folder", "loop", "shut"])
def test_a_link_that_leads_out_of_every_store_makes_it_unknown(tmp_path: Path, what: str) -> None:
    """Who moves a log away and leaves a link has not made it clean."""
    store, outside = tmp_path / "store", tmp_path / "outside"
    store.mkdir()
    outside.mkdir()
    (outside / "log").write_text(PHONE)
    ends = {"file": outside / "log", "folder": outside, "loop": store / "link"}
    (store / "link").symlink_to(ends.get(what, store / ("long" * 99)))
    [finding] = scan([Store("logs", store)], Needles([PHONE]))
    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, 1)


def test_a_link_to_what_another_store_has_is_read_there(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "two" / "log").write_text(PHONE)
    (tmp_path / "one" / "link").symlink_to(tmp_path / "two" / "log")
    (tmp_path / "one" / "folder").symlink_to(tmp_path / "two")
    one, two = scan([Store(name, tmp_path / name) for name in ("one", "two")], Needles([PHONE]))
    assert (one.outcome, two.outcome) == (Outcome.PASS, Outcome.FAILED)


def test_sockets_and_links_do_not_stop_the_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / "link").symlink_to(store / "log")
    (store / "gone").symlink_to(tmp_path / "nowhere")
    (store / "log").write_text("nothing here")
    monkeypatch.chdir(store)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("keeper.sock")
        [finding] = scan([Store("run", store)], Needles([PHONE]))
    assert (finding.outcome, finding.files) == (Outcome.PASS, 1)


def test_equal_needles_are_both_found(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f"{PHONE} {PHONE}")
    [finding] = scan([Store("logs", tmp_path)], Needles([PHONE, PHONE]))
    assert finding.needles == {1, 2}
    assert finding.total == 4


@pytest.mark.parametrize("text", ["", "      ", "佐藤", "12345"])
def test_a_needle_that_chance_would_find_is_refused_by_its_number(text: str) -> None:
    with pytest.raises(NeedleTooShort) as refused:
        Needles([PHONE, text])
    assert refused.value.line == 2


def test_needles_cannot_be_printed() -> None:
    assert NAME not in repr(Needles([NAME]))
