"""Gate 10: the files that keys lie in today are read for ever.

`tests/vectors/keys/` was written once by `python -m tests.vectors.make`: an entrustor's key
file with its public half, the keeper's public half, a witness's key, and a keystore of one list
with its root. All keys are fictional: bytes that count upwards.
"""

import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.errors.base import KeyFileRefused
from crypto.errors.records import DoesNotOpen
from crypto.keys import vault
from crypto.keys.keystore import Keystore
from crypto.keys.roots.file import FileRoots
from crypto.keys.roots.kinds import RootRefused
from crypto.keys.vault import Binding, KeystoreRefused, ListSecrets, Recorded
from crypto.ledger.watching import KeyRefused, WitnessKey
from crypto.records.sealing import RecipientKey
from crypto.signed import keyfile
from crypto.signed.keyfile import KeyPair
from crypto.signed.statements import ApproverKey

FROZEN = Path(__file__).parents[2] / "vectors" / "keys"
PAIR = KeyPair(ApproverKey(bytes(range(64, 96))), RecipientKey(bytes(range(96))))
KEEPER = RecipientKey(bytes(range(32, 128)))
WITNESS = WitnessKey("auditor.example", Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))
BINDING = Binding("ent_1", "lst_1", bytes(range(32)), 1_777_000_000_000_000)
SECRETS = ListSecrets(bytes(range(96)), bytes([2]) * 32, bytes([3]) * 32)
SECRET = ("officer.key", "witness.key", "00000001.root")


def write(folder: Path) -> None:
    folder.mkdir()
    keyfile.write_secret(folder / "officer.key", PAIR)
    keyfile.write_public(folder / "officer.pub", PAIR)
    keyfile.write_recipient(folder / "keeper.pub", KEEPER.public)
    (folder / "witness.key").write_text(WITNESS.written())
    roots = FileRoots(folder / "roots")
    store = Keystore.create(folder / "keystore", roots)
    store.stage_lists({BINDING: SECRETS})
    store.commit()
    store.close()
    (folder / "roots" / "00000001.root").rename(folder / "00000001.root")
    (folder / "roots").rmdir()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A copy with the modes that secrets have; git keeps none."""
    folder = shutil.copytree(FROZEN, tmp_path / "keys")
    (folder / "roots").mkdir(mode=0o700)
    for name in SECRET:
        (folder / name).chmod(0o600)
    (folder / "00000001.root").rename(folder / "roots" / "00000001.root")
    return folder


def opened(keys: Path) -> ListSecrets:
    """What a keeper finds that starts on this keystore."""
    path = keys / "keystore"
    noted = Recorded(vault.digest_of((FROZEN / "keystore").read_bytes()))
    store = Keystore.load(path, FileRoots(keys / "roots"), noted)
    try:
        return store.secrets(BINDING)
    finally:
        store.close()


def test_key_files_of_people_load(keys: Path) -> None:
    pair = keyfile.load(keys / "officer.key")
    assert (pair.approver.seed, pair.recipient.seeds) == (PAIR.approver.seed, PAIR.recipient.seeds)
    assert keyfile.load_public(keys / "officer.pub") == PAIR.public
    assert keyfile.load_recipient(keys / "keeper.pub") == KEEPER.public


def test_what_is_written_today_has_the_frozen_bytes(tmp_path: Path) -> None:
    keyfile.write_secret(tmp_path / "officer.key", PAIR)
    keyfile.write_public(tmp_path / "officer.pub", PAIR)
    keyfile.write_recipient(tmp_path / "keeper.pub", KEEPER.public)
    for name in ("officer.key", "officer.pub", "keeper.pub"):
        assert (tmp_path / name).read_bytes() == (FROZEN / name).read_bytes(), name


def test_a_public_file_that_is_missing_is_said_to_be_by_name(tmp_path: Path) -> None:
    for load in (keyfile.load_public, keyfile.load_recipient):
        with pytest.raises(KeyFileRefused, match=r"missing\.pub: No such file"):
            load(tmp_path / "missing.pub")


def test_a_witnesss_key_loads(keys: Path) -> None:
    assert WitnessKey.load(keys / "witness.key").public == WITNESS.public


def test_a_keystore_opens_under_its_root(keys: Path) -> None:
    assert opened(keys) == SECRETS


def test_a_list_opens_for_its_own_binding_only(keys: Path) -> None:
    file, digest = vault.read(keys / "keystore")
    store = Keystore.load(keys / "keystore", FileRoots(keys / "roots"), Recorded(digest))
    assert (file.epoch, list(file.lists)) == (1, ["lst_1"])
    for other in (
        Binding("ent_1", "lst_1", bytes(32), BINDING.expires),
        Binding("ent_1", "lst_1", BINDING.policy, BINDING.expires + 1),
    ):
        with pytest.raises(DoesNotOpen):
            store.secrets(other)
    store.close()


@pytest.mark.parametrize("name", ["officer.pub", "keeper.pub", "witness.key"])
def test_one_changed_bit_of_what_names_its_key_is_refused(keys: Path, name: str) -> None:
    load = {
        "officer.pub": keyfile.load_public,
        "keeper.pub": keyfile.load_recipient,
        "witness.key": WitnessKey.load,
    }[name]
    genuine = (keys / name).read_bytes()
    for at in range(0, len(genuine), 7):
        changed = bytearray(genuine)
        changed[at] ^= 1 << at % 8
        (keys / name).write_bytes(bytes(changed))
        with pytest.raises((KeyFileRefused, KeyRefused)):
            load(keys / name)


@pytest.mark.parametrize("member", ["signing", "recipient", "signature"])
def test_a_public_key_has_one_spelling(keys: Path, member: str) -> None:
    """Bits behind the last byte say nothing, and are refused all the same."""
    said = json.loads((keys / "officer.pub").read_text())
    bare = said[member].rstrip("=")
    assert bare != said[member]
    said[member] = bare[:-1] + chr(ord(bare[-1]) + 1) + "=" * (len(said[member]) - len(bare))
    (keys / "officer.pub").write_text(json.dumps(said))
    with pytest.raises(KeyFileRefused):
        keyfile.load_public(keys / "officer.pub")


@pytest.mark.parametrize("name", ["keystore", "roots/00000001.root"])
def test_one_changed_bit_of_keystore_or_root_is_refused(keys: Path, name: str) -> None:
    genuine = (keys / name).read_bytes()
    for at in range(0, len(genuine), 7):
        changed = bytearray(genuine)
        changed[at] ^= 1 << at % 8
        (keys / name).write_bytes(bytes(changed))
        with pytest.raises((KeystoreRefused, RootRefused, DoesNotOpen)):
            opened(keys)
        (keys / name).write_bytes(genuine)
