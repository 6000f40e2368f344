"""What beginning again does step by step, and what its command says: found by mutants."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto.keeper import recovery
from crypto.keeper.home import RECOVERING, HomeRefused
from crypto.ledger.checkpoint import ED25519_NOTE, log_name, read_key
from crypto.ledger.reading import verify_log
from crypto.standards.canonical import micros
from crypto.wire.records import Open
from crypto.wire.uploads import Address
from tests.crypto.keeper.test_recovery import lose_the_disk, recover
from tests.crypto.world import World

pytestmark = pytest.mark.asyncio
Crash = Callable[..., None]


def dying_after(step: Callable[..., Any]) -> Crash:
    """The step is done, and then the process ends."""

    def crash(*given: Any, **named: Any) -> None:
        step(*given, **named)
        raise OSError("the process dies here")

    return crash


def still_open(folder: Path) -> list[Path]:
    """Files of this folder that our process has open."""
    places = [place.readlink() for place in Path("/proc/self/fd").iterdir() if place.is_symlink()]
    return [place for place in places if folder in place.parents]


async def test_the_line_says_when_it_was_and_in_which_epoch_it_begins(world: World) -> None:
    await world.upload("lst_1")
    before = world.home.keystore.epoch
    await lose_the_disk(world)
    lost = await recover(world)
    await world.restart()
    [line] = world.lines("keystore_lost")
    assert line["at"] == micros(world.now)
    assert (line["epoch"], lost.epoch) == (before + 1, before + 1)
    assert world.home.keystore.epoch >= lost.epoch


def rows(world: World) -> object:
    """Records in hand, and addresses for encrypted files."""
    counted = "SELECT (SELECT count(*) FROM hands), (SELECT count(*) FROM letterboxes)"
    return world.home.journal.db.execute(counted).fetchone()


async def test_nobody_has_anything_in_hand_and_no_file_can_be_sent_to_the_old_address(
    world: World,
) -> None:
    [record] = await world.upload("lst_1", days=9)
    await world.say(Open(await world.shift("per_1"), record))
    await world.say(Address("ctr_1", "job_1"))
    assert rows(world) == (1, 1)
    await lose_the_disk(world)
    await recover(world)
    await world.restart()
    assert rows(world) == (0, 0)
    await world.say(Address("ctr_1", "job_1"))


@pytest.mark.parametrize("step", ["shutil.copytree", "begin_again"])
async def test_recovering_again_names_the_log_that_was_restored(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whether it died before the mark was there, or with the new keystore in its place."""
    await world.upload("lst_1")
    restored = log_name(world.home.signers.ledger.public_key().public_bytes_raw())
    await lose_the_disk(world)
    place: Any = shutil if step == "shutil.copytree" else recovery
    name = step.rpartition(".")[2]
    with monkeypatch.context() as patch:
        patch.setattr(place, name, dying_after(getattr(place, name)))
        with pytest.raises(OSError, match="dies here"):
            await recover(world)
    await recover(world)
    await world.restart()
    [aside] = world.folder.glob("ledger.2*")
    log, key = read_key((aside / "ledger.pub").read_text().strip(), ED25519_NOTE)
    assert verify_log(aside, key).sound
    assert log == restored
    assert [line["log"] for line in world.lines("keystore_lost")] == [restored]
    assert [line["list"] for line in world.lines("keys_lost")] == ["lst_1"]


async def test_a_token_signs_the_new_log_with_another_key_and_nothing_stays_open(
    either: World,
) -> None:
    await either.upload("lst_1")
    old = either.home.signers.ledger.public_key().public_bytes_raw()
    await lose_the_disk(either)
    await asyncio.to_thread(recovery.recover, either.folder, either.now, either.root)
    assert still_open(either.folder) == []
    await either.restart()
    assert either.home.signers.ledger.public_key().public_bytes_raw() != old


# -- the command ---------------------------------------------------------------------------


async def command(world: World, *more: str) -> int:
    given = ["--home", str(world.folder), "--root", "file", *more]
    return await asyncio.to_thread(recovery.main, given)


async def test_it_counts_what_would_be_lost_and_changes_nothing(world: World) -> None:
    await world.upload("lst_1")
    await world.shift("per_1")
    await lose_the_disk(world)
    for _ in range(2):
        would = recovery.counts(world.folder)
    assert (would.lists, would.factors, would.grants) == (("lst_1",), 3, 1)
    assert await recover(world) == would


async def test_it_asks_and_begins_only_on_the_very_word(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.upload("lst_1")
    await lose_the_disk(world)
    for said in ("", "yes", "LOST"):
        monkeypatch.setattr("builtins.input", lambda _, said=said: said)
        assert await command(world) == 1
        assert "1 list(s)" in capsys.readouterr().out
    assert not (world.folder / RECOVERING).exists()
    monkeypatch.setattr("builtins.input", lambda _: " lost ")
    assert await command(world) == 0
    told = capsys.readouterr().out
    await world.restart()
    [line] = world.lines("keystore_lost")
    assert "keys_lost lst_1\n" in told
    assert told.endswith(f"keystore begins again in epoch {line['epoch']}\n")


async def test_yes_is_not_asked_and_a_refusal_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody_answers(_: str) -> str:
        raise AssertionError("it asked")

    monkeypatch.setattr("builtins.input", nobody_answers)
    await world.stop()
    assert await command(world, "--yes") == 2
    assert "keystore is here" in capsys.readouterr().err
    await lose_the_disk(world)
    assert await command(world, "--yes") == 0
    with pytest.raises(HomeRefused, match="keystore is here"):
        recovery.counts(world.folder)
    with pytest.raises(SystemExit):
        recovery.main(["--yes"])
