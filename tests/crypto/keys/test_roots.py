"""Both kinds of root do the same; a token is found, checked and never widened."""

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pkcs11 import KeyType

from crypto.errors.records import DoesNotOpen
from crypto.keeper.home import Home
from crypto.keys.roots.address import parse
from crypto.keys.roots.choice import Choice, choose
from crypto.keys.roots.file import FileRoots, sync_folder
from crypto.keys.roots.kinds import RootGone, RootRefused
from crypto.keys.roots.signing import token_key
from crypto.keys.roots.token import Token, assurance
from crypto.wire.ledger import Head
from tests.crypto.tokens import TokenDirectory
from tests.crypto.world import World

KEY = b"k" * 32


@pytest.fixture
def choice(root: str, tmp_path: Path) -> Iterator[Choice]:
    with closing(choose(root, tmp_path / "roots")) as choice:
        yield choice


@pytest.fixture
def in_token(token: TokenDirectory, tmp_path: Path) -> Iterator[Choice]:
    """A root in a token, under a name of this test's own."""
    name = f"t{secrets.token_hex(6)}"
    with closing(choose(token.setting(name), tmp_path / "roots")) as choice:
        yield choice


def test_what_one_root_wraps_only_it_opens_and_only_in_its_place(choice: Choice) -> None:
    roots = choice.roots
    first, second = roots.create(1), roots.create(2)
    wrapped = first.wrap(b"here", KEY)
    assert first.wrap(b"here", KEY) != wrapped
    assert roots.unlock(1).unwrap(b"here", wrapped) == KEY
    assert roots.epochs() == {1, 2}
    for root, place, bytes_ in (
        (second, b"here", wrapped),
        (first, b"there", wrapped),
        (first, b"here", wrapped[:-1]),
        (first, b"here", wrapped[:12]),
        (first, b"here", b""),
    ):
        with pytest.raises(DoesNotOpen):
            root.unwrap(place, bytes_)


def test_a_destroyed_root_is_gone_for_every_handle(choice: Choice) -> None:
    roots = choice.roots
    made, unlocked = roots.create(1), roots.unlock(1)
    wrapped = made.wrap(b"here", KEY)
    roots.destroy(1)
    roots.destroy(1)
    assert roots.epochs() == set()
    with pytest.raises(RootGone):
        roots.unlock(1)
    for root in (made, unlocked):
        with pytest.raises(DoesNotOpen):
            root.unwrap(b"here", wrapped)
    roots.create(1)  # the number again, another root
    with pytest.raises(DoesNotOpen):
        roots.unlock(1).unwrap(b"here", wrapped)


def test_a_root_file_is_overwritten_before_it_is_removed(tmp_path: Path) -> None:
    roots = FileRoots(tmp_path / "roots")
    roots.create(1)
    with (tmp_path / "roots" / "00000001.root").open("rb") as held:
        assert held.read() != bytes(32)
        roots.destroy(1)
        held.seek(0)
        assert held.read() == bytes(32)


def test_a_root_open_to_others_is_refused(tmp_path: Path) -> None:
    roots = FileRoots(tmp_path / "roots")
    roots.create(1)
    (tmp_path / "roots" / "00000001.root").chmod(0o640)
    with pytest.raises(RootRefused, match="chmod 600"):
        roots.unlock(1)
    (tmp_path / "roots").chmod(0o750)
    with pytest.raises(RootRefused, match="chmod 700"):
        FileRoots(tmp_path / "roots")


def test_a_root_is_on_the_disk_before_it_is_handed_out_and_so_is_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsync of the whole file, then of its folder; of the folder again once it is gone."""
    folder = tmp_path / "roots"
    roots, path = FileRoots(folder), folder / "00000001.root"
    synced: list[tuple[int, bytes]] = []

    def fsync(descriptor: int) -> None:
        there = path.read_bytes() if path.exists() else b""
        synced.append((os.fstat(descriptor).st_ino, there))

    monkeypatch.setattr(os, "fsync", fsync)
    roots.create(1)
    file, root = path.stat().st_ino, path.read_bytes()
    assert synced == [(file, root), (folder.stat().st_ino, root)]
    roots.destroy(1)
    assert synced[2:] == [(file, bytes(32)), (folder.stat().st_ino, b"")]


def test_to_make_a_folder_durable_leaves_nothing_open(tmp_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    before = len([*descriptors.iterdir()])
    sync_folder(tmp_path)
    assert len([*descriptors.iterdir()]) <= before


def test_a_leftover_of_the_number_is_replaced(tmp_path: Path) -> None:
    roots = FileRoots(tmp_path / "roots")
    wrapped = roots.create(1).wrap(b"here", KEY)
    roots.create(1)
    with pytest.raises(DoesNotOpen):
        roots.unlock(1).unwrap(b"here", wrapped)


def test_what_was_handed_out_reads_as_zeros_when_the_keeper_ends(tmp_path: Path) -> None:
    roots = FileRoots(tmp_path / "roots")
    root = roots.create(1)
    wrapped = root.wrap(b"here", KEY)
    roots.close()
    with pytest.raises(DoesNotOpen):
        root.unwrap(b"here", wrapped)
    assert FileRoots(tmp_path / "roots").unlock(1).unwrap(b"here", wrapped) == KEY


# -- tokens --------------------------------------------------------------------------------


def test_a_root_in_a_token_that_could_leave_it_is_refused(in_token: Choice) -> None:
    token = in_token.token
    assert token is not None
    token.call(
        lambda session: session.create_object(
            {
                0: 4,  # CKA_CLASS: secret key
                0x100: KeyType.AES,
                1: True,  # CKA_TOKEN
                3: f"{token.address.name} root",
                0x102: (1).to_bytes(8, "big"),
                0x11: secrets.token_bytes(32),  # CKA_VALUE: known outside
                0x104: True,
                0x105: True,
            }
        )
    )
    with pytest.raises(RootRefused, match="can leave its token"):
        in_token.roots.unlock(1)


@pytest.mark.asyncio
async def test_two_homes_do_not_share_a_name_in_a_token(
    token: TokenDirectory, tmp_path: Path
) -> None:
    """A second keeper would take the first one's roots for leftovers and destroy them."""
    setting = token.setting("shared")
    first = await World.at(tmp_path / "first", setting)
    with pytest.raises(RootRefused, match="not of this home"):
        Home.open(tmp_path / "second", root=setting)
    await first.restart()
    await first.stop()


@pytest.mark.asyncio
async def test_a_keeper_does_not_change_its_kind_of_root_unasked(
    token: TokenDirectory, tmp_path: Path
) -> None:
    world = await World.at(tmp_path / "home")
    await world.stop()
    world.root = token.setting("moved")
    with pytest.raises(RootRefused, match="root of epoch 1: not in pkcs11:token=calllist"):
        await world.start()
    world.root = "file"
    await world.start()
    await world.stop()


@pytest.mark.asyncio
async def test_the_signing_keys_are_made_once_in_the_token_and_stay_there(
    token: TokenDirectory, tmp_path: Path
) -> None:
    world = await World.at(tmp_path / "home", token.setting("signer"))
    head = await world.say(Head())
    assert head.root_kind == "software-token"
    await world.restart()
    again = await world.say(Head())
    assert (again.certificate_key, again.ledger_key) == (head.certificate_key, head.ledger_key)
    assert head.certificate_key != head.ledger_key
    assert not (tmp_path / "home" / "signing").exists()
    await world.stop()
    with closing(Token(parse(world.root))) as opened:
        signature = token_key(opened, "ledger").sign(b"said")
    Ed25519PublicKey.from_public_bytes(head.ledger_key).verify(signature, b"said")


def test_halves_of_different_pairs_are_refused(in_token: Choice) -> None:
    token = in_token.token
    assert token is not None
    token_key(token, "one")
    token_key(token, "two")
    one, two = (f"{token.address.name} {purpose}" for purpose in ("one", "two"))

    def swap(session: Any) -> None:
        for half in list(session.get_objects({3: one, 0: 2})):  # CKA_LABEL; a public key
            half.destroy()
        for half in list(session.get_objects({3: two, 0: 2})):
            half.copy({3: one})

    token.call(swap)
    with pytest.raises(RootRefused, match="different pairs"):
        token_key(token, "one")


def test_the_pin_comes_from_a_file_of_ones_own(token: TokenDirectory, tmp_path: Path) -> None:
    setting = token.setting("pin")
    token.pin.chmod(0o644)
    with pytest.raises(RootRefused, match="chmod 600"):
        choose(setting, tmp_path / "roots")
    token.pin.chmod(0o600)
    wrong = tmp_path / "pin"
    wrong.touch(mode=0o600)
    wrong.write_text("0000")
    with pytest.raises(RootRefused, match="PinIncorrect"):
        choose(setting.replace(str(token.pin), str(wrong)), tmp_path / "roots")
    with pytest.raises(RootRefused, match="PIN"):
        choose(setting.replace(str(token.pin), "/nowhere"), tmp_path / "roots")


def test_a_token_that_is_not_there_is_said_so(token: TokenDirectory, tmp_path: Path) -> None:
    setting = token.setting("x")
    with pytest.raises(RootRefused, match="no such token"):
        choose(setting.replace("token=calllist", "token=other"), tmp_path / "roots")
    with pytest.raises(RootRefused, match="no such token"):
        choose(setting.replace(";object", ";serial=00;object"), tmp_path / "roots")
    with pytest.raises(RootRefused, match="PKCS11Error"):
        choose(f"pkcs11:token=a?module-path=/nowhere.so&pin-source={token.pin}", tmp_path / "roots")


GOOD = "pkcs11:token=a%20b;serial=12?module-path=/m.so&pin-source=file:///p"


def test_an_address_is_read_strictly() -> None:
    address = parse(GOOD)
    assert (address.module, address.pin) == (Path("/m.so"), Path("/p"))
    assert dict(address.selects) == {"token": "a b", "serial": "12"}
    assert address.name == "calllist"
    assert str(address) == "pkcs11:token=a b;serial=12"
    for uri, said in (
        ("files", "takes 'file' or a PKCS"),
        ("pkcs11:token=a?module-path=/m.so&pin-value=1234", "pin-source"),
        ("pkcs11:tokn=a?module-path=/m.so&pin-source=/p", "does not know tokn"),
        ("pkcs11:token=a?module-path=/m.so&pin-source=/p&pin=1", "does not know pin"),
        ("pkcs11:token=a;token=b?module-path=/m.so&pin-source=/p", "cannot be read at 'token'"),
        ("pkcs11:token?module-path=/m.so&pin-source=/p", "cannot be read at 'token'"),
        ("pkcs11:?module-path=/m.so&pin-source=/p", "needs token="),
        ("pkcs11:token=a?pin-source=/p", "needs token="),
        ("pkcs11:token=a?module-path=/m.so", "needs token="),
        ("pkcs11:token=a;object=a/b?module-path=/m.so&pin-source=/p", "object="),
    ):
        with pytest.raises(RootRefused, match=said):
            parse(uri)
    with pytest.raises(RootRefused) as shown:
        parse("pkcs11:token=a?module-path=/m.so&pin-value=1234")
    assert "1234" not in str(shown.value)


def test_only_a_token_that_says_so_is_hardware() -> None:
    assert assurance("Maker", "M 2", "007", hardware=True) == "hsm: Maker M 2 007"
    assert assurance("Maker", "M 2", "007", hardware=False) == "software-token"
    assert assurance("SoftHSM project", "SoftHSM v2", "1", hardware=True) == "software-token"
    assert assurance("Bad\nmaker", "株", " 1 ", hardware=True) == "hsm: Bad maker ? 1"


def test_a_session_that_was_lost_is_opened_again(in_token: Choice) -> None:
    assert in_token.token is not None
    root = in_token.roots.create(1)
    wrapped = root.wrap(b"here", KEY)
    key = token_key(in_token.token, "signer")
    for _ in range(2):
        in_token.token.call(lambda session: session.close())
        assert root.unwrap(b"here", wrapped) == KEY
        in_token.token.call(lambda session: session.close())
        key.public_key().verify(key.sign(b"said"), b"said")


def test_a_token_that_hangs_is_waited_for_once(token: TokenDirectory) -> None:
    """Who comes next is refused at once: the keeper must not stand still with the token."""
    with closing(Token(parse(token.setting("slow")), patience=1.0)) as slow:
        go_on = threading.Event()
        with pytest.raises(RootRefused, match="does not answer"):
            slow.call(lambda _: go_on.wait(30))
        began = time.monotonic()
        with pytest.raises(RootRefused, match="does not answer"):
            slow.call(lambda _: None)
        assert time.monotonic() - began < 0.5
        go_on.set()
        while True:
            with suppress(RootRefused):
                assert slow.call(lambda _: 7) == 7
                return


def test_a_damaged_root_is_refused(tmp_path: Path) -> None:
    roots = FileRoots(tmp_path / "roots")
    roots.create(1)
    (tmp_path / "roots" / "00000001.root").write_bytes(b"short")
    with pytest.raises(RootRefused, match="damaged"):
        roots.unlock(1)
