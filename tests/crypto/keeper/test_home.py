"""One keeper per home, in a folder of its own; who is refused leaves nothing open behind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crypto.bookkeeping import signing
from crypto.disclosure import canaries
from crypto.errors.keeper import LedgerShorter
from crypto.host.reserve import RESERVE_BYTES
from crypto.keeper import home as homes
from crypto.keeper.home import EPOCHS_IN_RESERVE, Home, HomeRefused, begin_again, locked
from crypto.keys.keystore import Keystore
from crypto.keys.roots.choice import Choice, choose
from crypto.keys.vault import KeystoreRefused, Recorded
from crypto.ledger.reading import verify_log
from crypto.signed.keyfile import load_recipient
from tests.crypto.keeper.test_recovery_borders import still_open
from tests.crypto.tokens import TokenDirectory
from tests.crypto.world import World


def chosen(patch: pytest.MonkeyPatch) -> list[Choice]:
    """What the homes that are opened from now on have chosen."""
    made: list[Choice] = []

    def watched(root: str, folder: Path) -> Choice:
        made.append(choose(root, folder))
        return made[-1]

    patch.setattr(homes, "choose", watched)
    return made


# -- whose folder it is --------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_home_is_made_where_no_folder_is_and_nobody_else_may_enter_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "srv" / "keeper"
    home = Home.open(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    published = load_recipient(folder / "public" / "keeper.pub")
    assert published == canaries.recipient_key(home.keystore.factor_key()).public
    await home.close()
    assert still_open(folder) == []
    folder.chmod(0o750)
    with pytest.raises(HomeRefused, match="chmod 700"):
        Home.open(folder)


@pytest.mark.asyncio
async def test_a_second_keeper_of_one_home_is_refused_and_waits_for_nobody(world: World) -> None:
    before = len(still_open(world.folder))
    with pytest.raises(HomeRefused, match="another keeper uses"):
        Home.open(world.folder)
    with pytest.raises(HomeRefused, match="another keeper uses"), locked(world.folder):
        pass
    assert len(still_open(world.folder)) == before
    await world.stop()
    with locked(world.folder), pytest.raises(HomeRefused, match="another keeper uses"):
        Home.open(world.folder)
    await world.start()


# -- what is missing -----------------------------------------------------------------------


async def without_its_keystore(world: World) -> None:
    await world.stop()
    (world.folder / "keystore").unlink()


async def whose_table_was_emptied(world: World) -> None:
    world.home.journal.db.execute("UPDATE keystore SET digest = x'', seq = NULL")
    await without_its_keystore(world)


@pytest.mark.asyncio
@pytest.mark.parametrize("lost", [without_its_keystore, whose_table_was_emptied])
async def test_a_ledger_with_a_history_gets_no_new_keystore(
    world: World, lost: Callable[..., object]
) -> None:
    await lost(world)  # type: ignore[misc]
    with pytest.raises(KeystoreRefused, match="the ledger has a history"):
        await world.start()
    assert not (world.folder / "keystore").exists()
    assert still_open(world.folder) == []


@pytest.mark.asyncio
async def test_a_keeper_that_nobody_has_spoken_to_keeps_its_keystore_too(tmp_path: Path) -> None:
    await Home.open(tmp_path / "keeper").close()
    await Home.open(tmp_path / "keeper").close()
    (tmp_path / "keeper" / "keystore").unlink()
    with pytest.raises(KeystoreRefused, match="the ledger has a history"):
        Home.open(tmp_path / "keeper")


@pytest.mark.asyncio
async def test_who_is_refused_for_a_head_leaves_nothing_open(world: World) -> None:
    ahead = signing.sign("2026-04", 9999, bytes(32), world.home.signers.ledger)
    await world.stop()
    with pytest.raises(LedgerShorter):
        Home.open(world.folder, [ahead])
    assert still_open(world.folder) == []
    await world.start()


# -- what is let go of ---------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_token_is_logged_out_by_who_closes_and_by_who_is_refused(
    token: TokenDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = chosen(monkeypatch)
    world = await World.at(tmp_path / "keeper", token.setting("home"))
    await world.stop()
    (world.folder / "keystore").unlink()
    with pytest.raises(KeystoreRefused):
        await world.start()
    assert [choice.token._session for choice in made if choice.token] == [None, None]


@pytest.mark.asyncio
async def test_who_closes_has_published_the_last_head_and_wiped_the_keys(world: World) -> None:
    await world.upload("lst_1")
    slot = world.home.keystore._live.keys["ent_1"]
    await world.home.archive.start()
    size = world.home.journal.head.size
    key = world.home.signers.ledger.public_key().public_bytes_raw()
    await world.stop()
    assert bytes(slot.key) == bytes(32)
    assert verify_log(world.folder / "ledger", key).lines == size


# -- room and beginning again --------------------------------------------------------------


def test_the_reserve_has_room_for_epochs_of_a_large_keystore(tmp_path: Path) -> None:
    assert homes._reserve(tmp_path).kept
    assert (tmp_path / "reserve").stat().st_size == RESERVE_BYTES
    size = RESERVE_BYTES // EPOCHS_IN_RESERVE + 1
    (tmp_path / "keystore").write_bytes(bytes(size))
    assert homes._reserve(tmp_path).kept
    assert (tmp_path / "reserve").stat().st_size == EPOCHS_IN_RESERVE * size
    (tmp_path / "reserve").unlink()


@pytest.mark.parametrize(
    ("left", "epoch", "begins"), [((), 5, 5), ((2, 7), 5, 8), ((2, 3), 5, 5), ((5,), 5, 6)]
)
def test_a_keystore_begins_again_in_an_epoch_that_no_root_was_of(
    tmp_path: Path, left: tuple[int, ...], epoch: int, begins: int
) -> None:
    choice = choose("file", tmp_path / "roots")
    for old in left:
        choice.roots.create(old)
    begin_again(tmp_path, epoch, choice)
    assert choice.roots.epochs() == {begins}
    assert Keystore.load(tmp_path / "keystore", choice.roots, Recorded(b"")).epoch == begins
    choice.close()
