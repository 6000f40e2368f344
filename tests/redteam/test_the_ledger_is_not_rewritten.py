"""Gate 7: whoever has the ledger's files, and even its key, changes nothing unseen.

The log is three months old; a witness outside has looked four times. A thousand times
somebody changes it at random: flips bits, cuts, inserts, exchanges, replays old files, signs
again with another key, or with the right one. The verifier, with the heads that the witness
keeps, finds every one.
"""

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.ledger.checkpoint import Checkpoint, parse
from crypto.ledger.reading import confront, verify_log
from crypto.ledger.tiles import bundle, unbundle
from tests.crypto.logs import KEY, PUBLIC, Log

MUTATIONS = 1000
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))  # an old one, or somebody's own
LISTS = ("lst_1", "lst_2", "lst_3")
APRIL, MAY, JUNE = 280, 20, 70  # lines; more than one bundle, so that tiles are full
SINCE = 10  # the witness looked last

Files = dict[str, bytes]


class Ledger:
    """The honest log, its earlier states, and what the witness has kept."""

    def __init__(self, folder: Path) -> None:
        self._scratch = folder
        self.kept: list[Checkpoint] = []
        self.earlier: list[Files] = []
        self.files = self.written(self.history)

    def history(self, log: Log) -> None:
        for lines, turn in ((200, False), (APRIL - 200, True), (MAY, True), (JUNE, False)):
            log.grow(lines, LISTS, principal="per_1")
            if turn:
                log.turn()
            self.kept.append(parse(log.publish()).checkpoint)
            self.earlier.append(read(log.folder))
        log.grow(SINCE, LISTS, principal="per_1")
        log.publish()

    def written(self, history: Callable[[Log], None], key: Ed25519PrivateKey = KEY) -> Files:
        """The files of a log with this history."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        history(Log(self._scratch, key))
        return read(self._scratch)


def read(folder: Path) -> Files:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def lay_out(folder: Path, old: Files, new: Files) -> None:
    """Make a folder that holds `old` hold `new`."""
    for gone in old.keys() - new.keys():
        (folder / gone).unlink()
    for name in {name for name, data in new.items() if old.get(name) != data}:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(new[name])


Mutation = Callable[[Ledger, random.Random], Files]


def bundles(files: Files) -> list[str]:
    return [name for name in files if "/entries/" in name]


def with_entries(files: Files, dice: random.Random, change: Callable[[list[bytes]], None]) -> Files:
    name = dice.choice(bundles(files))
    width = int(name.rsplit("/", 1)[1]) if ".p/" in name else 256
    entries = unbundle(files[name], width)
    change(entries)
    return files | {name: bundle(entries)}


def flip_a_bit(ledger: Ledger, dice: random.Random) -> Files:
    name = dice.choice(list(ledger.files))
    data = bytearray(ledger.files[name])
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return ledger.files | {name: bytes(data)}


def edit_a_line(ledger: Ledger, dice: random.Random) -> Files:
    def change(entries: list[bytes]) -> None:
        at = dice.randrange(len(entries))
        entries[at] = entries[at].replace(b'"kind":"', b'"kind":"x')

    return with_entries(ledger.files, dice, change)


def delete_a_line(ledger: Ledger, dice: random.Random) -> Files:
    return with_entries(ledger.files, dice, lambda e: e.pop(dice.randrange(len(e))) and None)


def insert_a_line(ledger: Ledger, dice: random.Random) -> Files:
    return with_entries(
        ledger.files, dice, lambda e: e.insert(dice.randrange(len(e)), dice.choice(e))
    )


def reorder_lines(ledger: Ledger, dice: random.Random) -> Files:
    def change(entries: list[bytes]) -> None:
        one, other = dice.sample(range(len(entries)), 2) if len(entries) > 1 else (0, 0)
        entries[one], entries[other] = entries[other], entries[one] + (b" " * (one == other))

    return with_entries(ledger.files, dice, change)


def exchange_files(ledger: Ledger, dice: random.Random) -> Files:
    files, one = ledger.files, dice.choice(list(ledger.files))
    other = dice.choice([name for name in files if files[name] != files[one]])
    return files | {one: files[other], other: files[one]}


def lose_a_file(ledger: Ledger, dice: random.Random) -> Files:
    gone = dice.choice(list(ledger.files))
    return {name: data for name, data in ledger.files.items() if name != gone}


def cut_a_file(ledger: Ledger, dice: random.Random) -> Files:
    name = dice.choice(list(ledger.files))
    return ledger.files | {name: ledger.files[name][: dice.randrange(len(ledger.files[name]))]}


def lose_a_month(ledger: Ledger, dice: random.Random) -> Files:
    """The last one too: the log ends with a month that is over, all signed."""
    month = dice.choice(["2026-04", "2026-05", "2026-06"])
    return {name: data for name, data in ledger.files.items() if not name.startswith(month)}


def replay_an_old_head(ledger: Ledger, dice: random.Random) -> Files:
    """As it was published; with its partial tiles it verifies by itself."""
    old = dice.choice(ledger.earlier[:-1])
    if dice.random() < 0.5:
        return old
    name = dice.choice([name for name in old if name.endswith("checkpoint")])
    return ledger.files | {name: old[name]} if old[name] != ledger.files[name] else old


def truncate_and_sign(ledger: Ledger, dice: random.Random) -> Files:
    """With the right key, to below what the witness has seen."""
    left = dice.randrange(JUNE)

    def history(log: Log) -> None:
        log.grow(200, LISTS, principal="per_1")
        log.grow(APRIL - 200, LISTS, principal="per_1")
        log.turn()
        log.grow(MAY, LISTS, principal="per_1")
        log.turn()
        log.grow(left, LISTS, principal="per_1")
        log.publish()

    return ledger.written(history)


def rewrite_and_sign(ledger: Ledger, dice: random.Random) -> Files:
    """With the right key: one line says something else, every number follows."""
    at = dice.randrange(40, 200)

    def history(log: Log) -> None:
        log.grow(at, LISTS, principal="per_1")
        log.grow(1, LISTS, principal="per_2")
        log.grow(APRIL - 1 - at, LISTS, principal="per_1")
        log.turn()
        log.grow(MAY, LISTS, principal="per_1")
        log.turn()
        log.grow(JUNE + SINCE, LISTS, principal="per_1")
        log.publish()

    return ledger.written(history)


def sign_with_another_key(ledger: Ledger, dice: random.Random) -> Files:
    """The same lines, or others, all of it or one month."""
    signed = ledger.written(
        lambda log: (log.grow(dice.randrange(1, 500), LISTS), log.publish(), None)[-1], OTHER
    )
    return signed if dice.random() < 0.5 else ledger.files | signed


CHEAP: tuple[Mutation, ...] = (
    flip_a_bit,
    edit_a_line,
    delete_a_line,
    insert_a_line,
    reorder_lines,
    exchange_files,
    lose_a_file,
    cut_a_file,
    lose_a_month,
    replay_an_old_head,
)
REBUILT: tuple[Mutation, ...] = (truncate_and_sign, rewrite_and_sign, sign_with_another_key)


def found_out(folder: Path, ledger: Ledger) -> bool:
    try:
        return bool(verify_log(folder, PUBLIC).findings or confront(folder, ledger.kept))
    except FileNotFoundError:
        return True


def test_of_a_thousand_changes_none_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # nothing here survives a power cut
    ledger, folder, dice = Ledger(tmp_path / "scratch"), tmp_path / "log", random.Random(7)
    lay_out(folder, {}, ledger.files)
    assert not found_out(folder, ledger)
    missed: list[str] = []
    done: Counter[str] = Counter()
    for number in range(MUTATIONS):
        mutate = dice.choice(REBUILT if number % 25 == 0 else CHEAP)
        changed = mutate(ledger, dice)
        assert changed != ledger.files, mutate.__name__
        lay_out(folder, ledger.files, changed)
        if not found_out(folder, ledger):
            missed.append(f"{mutate.__name__} ({number})")
        lay_out(folder, changed, ledger.files)
        done[mutate.__name__] += 1
    assert missed == []
    assert set(done) == {one.__name__ for one in CHEAP + REBUILT}
    assert not found_out(folder, ledger)  # and it is still the honest one


def test_what_nobody_outside_has_seen_can_still_be_cut_off(tmp_path: Path) -> None:
    """The limit that we state: with the right key, behind the last witnessed head."""
    ledger = Ledger(tmp_path / "scratch")
    folder = tmp_path / "log"
    lay_out(folder, {}, ledger.earlier[-1])
    assert not found_out(folder, ledger)
