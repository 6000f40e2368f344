"""The tree after RFC 6962, and signed heads."""

import base64
import hashlib
import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from crypto.ledger.checkpoint import BadCheckpoint, Checkpoint, origin, sign, verifier_key, verify
from crypto.ledger.tree import CompactRange, leaf_hash, node_hash

# The reference tree of certificate-transparency-go and its roots for 0 to 8 leaves.
LEAVES = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_reference_tree() -> None:
    tree = CompactRange()
    assert tree.root().hex() == ROOTS[0]
    for index, leaf in enumerate(LEAVES):
        assert tree.append(leaf) == index
        assert tree.root().hex() == ROOTS[index + 1]


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_appending_is_the_definition(leaves: list[bytes]) -> None:
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    assert tree.root() == by_definition(leaves)
    assert CompactRange(tree.size, tree.peaks).root() == tree.root()


def test_a_size_has_its_subtrees() -> None:
    with pytest.raises(ValueError, match="other subtrees"):
        CompactRange(3, (bytes(32),))


def test_a_head_verifies_and_no_changed_bit_does() -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    note = sign(7, bytes(range(32)), key)
    assert verify(note, public) == Checkpoint(origin(public), 7, bytes(range(32)))
    body = note.encode()
    for at, bit in itertools.product(range(len(body)), range(8)):
        changed = body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :]
        with pytest.raises(BadCheckpoint):
            verify(changed.decode(errors="replace"), public)
    with pytest.raises(BadCheckpoint):
        verify(note[:-1], public)
    with pytest.raises(BadCheckpoint):
        verify(note, Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_a_head_of_another_log_is_none_of_ours_though_the_key_signed_it() -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    text, _, line = sign(7, bytes(32), key).partition("\n\n")
    other = text.replace(origin(public), "another-log")
    key_id = base64.b64decode(line.split()[2])[:4]
    signature = base64.b64encode(key_id + key.sign(f"{other}\n".encode())).decode()
    with pytest.raises(BadCheckpoint):
        verify(f"{other}\n\n— {origin(public)} {signature}\n", public)


def test_the_verifier_key_names_the_log() -> None:
    public = bytes(range(32))
    name, key_id, body = verifier_key(public).split("+", 2)
    assert name == origin(public)
    assert base64.b64decode(body) == b"\x01" + public
    assert key_id == hashlib.sha256(name.encode() + b"\n\x01" + public).hexdigest()[:8]
