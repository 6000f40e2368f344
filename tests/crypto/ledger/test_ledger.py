"""The tree after RFC 6962, and signed heads."""

import base64
import hashlib
import itertools
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from crypto.bookkeeping.signing import sign
from crypto.ledger.checkpoint import (
    ED25519_NOTE,
    BadCheckpoint,
    Checkpoint,
    Note,
    Witness,
    cosign,
    log_name,
    parse,
    read_key,
    verifier_key,
    verify,
)
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


MONTH, ROOT = "2026-04", bytes(range(32))


def test_a_head_verifies_and_no_changed_bit_does() -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    note = sign(MONTH, 7, ROOT, key)
    assert verify(note, public) == Checkpoint(log_name(public), MONTH, 7, ROOT)
    body = note.encode()
    for at, bit in itertools.product(range(len(body)), range(8)):
        changed = body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :]
        with pytest.raises(BadCheckpoint):
            verify(changed.decode(errors="replace"), public)
    for other in (note[:-1], note + "\n", note + "x", "\n" + note, note.replace("\n7", "\n+7")):
        with pytest.raises(BadCheckpoint):
            verify(other, public)
    with pytest.raises(BadCheckpoint):
        verify(note, Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_a_head_of_another_log_is_none_of_ours_though_the_key_signed_it() -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    other = Checkpoint("another-log", MONTH, 7, ROOT)
    own = parse(sign(MONTH, 7, ROOT, key)).signatures[0]
    signature = replace(own, signature=key.sign(other.text.encode()))
    with pytest.raises(BadCheckpoint):
        verify(str(Note(other, (signature,))), public)


def test_the_signature_of_one_month_is_none_of_another() -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    april = parse(sign(MONTH, 7, ROOT, key))
    may = replace(april.checkpoint, month="2026-05")
    for line in (april.signatures[0], replace(april.signatures[0], name=may.origin)):
        with pytest.raises(BadCheckpoint):
            verify(str(Note(may, (line,))), public)


def test_a_cosignature_binds_head_and_time_and_leaves_the_head_as_it_was() -> None:
    key, witnessing = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    note = parse(sign(MONTH, 7, ROOT, key))
    line = cosign(note.checkpoint, "auditor.example", witnessing, 1_775_523_600)
    witness = Witness("auditor.example", witnessing.public_key().public_bytes_raw())
    cosigned = Note(note.checkpoint, (*note.signatures, line))
    assert Witness.read(witness.written) == witness
    assert parse(str(cosigned)) == cosigned
    assert witness.check(cosigned) == (line, 1_775_523_600)
    assert verify(str(cosigned), public) == note.checkpoint

    later = line.signature[:7] + bytes([line.signature[7] ^ 1]) + line.signature[8:]
    for wrong in (
        Note(replace(note.checkpoint, size=8), cosigned.signatures),
        Note(note.checkpoint, (*note.signatures, replace(line, signature=later))),
        Note(note.checkpoint, (*note.signatures, replace(line, name="other.example"))),
        note,
    ):
        with pytest.raises(BadCheckpoint):
            witness.check(wrong)


def test_the_verifier_key_names_the_log() -> None:
    public = bytes(range(32))
    text = verifier_key(public)
    name, key_id, body = text.split("+", 2)
    assert name == log_name(public)
    assert base64.b64decode(body) == b"\x01" + public
    assert key_id == hashlib.sha256(name.encode() + b"\n\x01" + public).hexdigest()[:8]
    assert read_key(text, ED25519_NOTE) == (name, public)
    for wrong in (text[1:], text.replace(key_id, "00000000"), text + "A", "x", ""):
        with pytest.raises(BadCheckpoint):
            read_key(wrong, ED25519_NOTE)
    with pytest.raises(BadCheckpoint):
        Witness.read(text)  # signs heads, not cosignatures
