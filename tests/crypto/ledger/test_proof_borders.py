"""Proofs and envelopes that would lead to the right head, or under the right key, and must not."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.bookkeeping import signing
from crypto.certificates.dsse import NotGenuine, envelope, opened, pre_authentication
from crypto.errors.records import DoesNotOpen
from crypto.ledger import proven
from crypto.ledger.checkpoint import (
    COSIGNATURE,
    BadCheckpoint,
    Checkpoint,
    Note,
    Signature,
    key_id,
    parse,
    read_key,
    verify,
    written_key,
)
from crypto.ledger.proofs import BadProof, check_consistency, check_inclusion, check_several
from crypto.ledger.tree import node_hash
from crypto.people.seeds import Seeds
from crypto.signed.statements import fingerprint
from crypto.standards.canonical import canonical_json
from tests.crypto.logs import KEY, PUBLIC, Log

A, B, C, D = (bytes([n]) * 32 for n in range(1, 5))
HEAD_3, HEAD_4 = node_hash(D, A), node_hash(D, node_hash(A, B))


@pytest.mark.parametrize(
    ("index", "size", "steps", "head"),
    [(1, 1, [], A), (-1, 1, [], A), (0, 1, [B], node_hash(B, A)), (0, 2, [], A)],
    ids=["behind the end", "before the start", "too long", "too short"],
)
def test_a_path_that_fits_a_head_but_not_its_size_is_refused(
    index: int, size: int, steps: list[bytes], head: bytes
) -> None:
    with pytest.raises(BadProof):
        check_inclusion(A, index, size, steps, head)


@pytest.mark.parametrize(
    ("old", "old_head", "new", "new_head", "steps"),
    [
        (2, A, 1, A, []),
        (1, A, 2, A, []),
        (3, A, 5, A, []),
        (3, node_hash(C, HEAD_3), 4, node_hash(C, HEAD_4), [A, B, D, C]),
    ],
    ids=["shrunk", "too short", "nothing", "too long"],
)
def test_a_growth_that_fits_its_heads_but_not_their_sizes_is_refused(
    old: int, old_head: bytes, new: int, new_head: bytes, steps: list[bytes]
) -> None:
    check_consistency(3, HEAD_3, 4, HEAD_4, [A, B, D])
    with pytest.raises(BadProof):
        check_consistency(old, old_head, new, new_head, steps)


@pytest.mark.parametrize(
    ("indices", "leaves", "size", "steps", "head"),
    [
        ([0, 0], [A, C], 2, [B], node_hash(A, B)),
        ([-1], [A], 1, [], A),
        ([1], [A], 1, [], A),
        ([0], [A, C], 1, [], A),
        ([0], [A], 2, [], node_hash(A, b"")),
        ([0], [A], 2, [B[:31]], node_hash(A, B[:31])),
        ([0], [A], 2, [B, C], node_hash(A, B)),
    ],
    ids=["twice", "before", "behind", "a leaf more", "no step", "a short step", "a step more"],
)
def test_of_several_leaves_each_has_its_place(
    indices: list[int], leaves: list[bytes], size: int, steps: list[bytes], head: bytes
) -> None:
    """Otherwise a leaf would count as proven that nobody has looked at."""
    check_several([0], [A], 2, iter([B]), node_hash(A, B))
    with pytest.raises(BadProof):
        check_several(indices, leaves, size, iter(steps), head)


@pytest.mark.parametrize("more", [0, 1])
def test_a_note_has_16_kilobytes_and_32_signatures_at_most(more: int) -> None:
    head = Checkpoint("log", "2026-04", 1, A)
    many = Note(head, (Signature("a", b"1234", b"x"),) * (32 + more))
    for text in (str(many), padded(head, 16 * 1024 + more)):
        if more:
            with pytest.raises(BadCheckpoint):
                parse(text)
        else:
            assert str(parse(text)) == text


def padded(head: Checkpoint, length: int) -> str:
    """A note of so many characters, by one signature and its name."""
    raw = (length - len(str(Note(head, (Signature("a", b"", b""),)))) - 64) // 4 * 3
    short = len(str(Note(head, (Signature("a", b"1234", b"x" * (raw - 4)),))))
    text = str(Note(head, (Signature("a" * (1 + length - short), b"1234", b"x" * (raw - 4)),)))
    assert len(text) == length
    return text


@pytest.mark.parametrize(
    "text",
    [
        "log/2026-04\n1\n{root}\nmore\n\n— a MTIzNHg=\n",
        "log/2026-04\n1\n\n— a MTIzNHg=\n",
        "log/2026-04\n1\n{root}\n\n",
        "log/2026-04\n1\n{root}\n\n— a MTIzNHg=",
        "log/2026-04\n1\n{root}\n\n— a MTIzNA==\n",
        "log/2026-04\n1\n{short}\n\n— a MTIzNHg=\n",
        "log/2026-13\n1\n{root}\n\n— a MTIzNHg=\n",
        "l+g/2026-04\n1\n{root}\n\n— a MTIzNHg=\n",
        "log/2026-04\n01\n{root}\n\n— a MTIzNHg=\n",
    ],
)
def test_a_note_has_one_form(text: str) -> None:
    root, short = (base64.b64encode(one).decode() for one in (A, A[:31]))
    parse(f"log/2026-04\n1\n{root}\n\n— a MTIzNHg=\n")
    with pytest.raises(BadCheckpoint):
        parse(text.format(root=root, short=short))


def test_heads_of_two_months_are_no_growth() -> None:
    april, may = (signing.sign(month, 1, A, KEY) for month in ("2026-04", "2026-05"))
    proven.Consistency(april, april, ()).check(PUBLIC)
    with pytest.raises(BadProof, match="two months"):
        proven.Consistency(april, may, ()).check(PUBLIC)


def test_a_log_proves_its_own_lines_and_its_own_growth_only(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.grow(5)
    note = log.publish()
    for seq in (0, 4):
        assert proven.of_line(tmp_path, seq, PUBLIC).check(PUBLIC)[0].seq == seq
    for seq in (5, 6, -1):
        with pytest.raises(BadProof, match="no such line"):
            proven.of_line(tmp_path, seq, PUBLIC)
    proven.of_growth(tmp_path, note, PUBLIC)
    with pytest.raises(BadProof, match="shorter"):
        proven.of_growth(tmp_path, signing.sign("2026-04", 6, A, KEY), PUBLIC)
    with pytest.raises(BadProof, match="another log"):
        proven.of_growth(tmp_path, signing.sign("2026-04", 5, A, KEY), PUBLIC)


# -- envelopes -----------------------------------------------------------------------------


def test_an_envelope_has_64_kilobytes_at_most() -> None:
    payload = b"x" * 48_000
    room = 64 * 1024 - len(envelope(payload, "", KEY))
    assert opened(envelope(payload, "t" * room, KEY), "t" * room, PUBLIC) == payload
    kind = "t" * (room + 1)
    with pytest.raises(NotGenuine):
        opened(envelope(payload, kind, KEY), kind, PUBLIC)


def spelled(payload: str, signature: str) -> bytes:
    one = {"keyid": fingerprint(PUBLIC), "sig": signature}
    return canonical_json({"payload": payload, "payloadType": "t", "signatures": [one]})


def test_an_envelope_has_one_spelling() -> None:
    """Bits behind the last byte, and signs that are no base64, say nothing: they are refused."""
    signature = base64.b64encode(KEY.sign(pre_authentication(b"a", "t"))).decode()
    assert opened(spelled("YQ==", signature), "t", PUBLIC) == b"a"
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    loose = signature[:-3] + last[last.index(signature[-3]) + 1] + "=="
    for payload, signed in (
        ("YR==", signature),
        ("Y!Q==", signature),
        ("YQ==", loose),
        ("YQ==", "!" + signature),
    ):
        with pytest.raises(NotGenuine):
            opened(spelled(payload, signed), "t", PUBLIC)


def test_an_envelope_opens_under_its_key_and_as_its_type_only() -> None:
    def signed(key: Ed25519PrivateKey, kind: str, said: str = "t", name: bytes = PUBLIC) -> bytes:
        signature = base64.b64encode(key.sign(pre_authentication(b"a", kind))).decode()
        one = {"keyid": fingerprint(name), "sig": signature}
        return canonical_json({"payload": "YQ==", "payloadType": said, "signatures": [one]})

    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert opened(signed(KEY, "t"), "t", PUBLIC) == b"a"
    for wrong in (
        signed(other, "t"),
        signed(KEY, "u"),
        signed(KEY, "t", said="u"),
        signed(KEY, "t", name=other.public_key().public_bytes_raw()),
        signed(KEY, "t") + b"\n",
    ):
        with pytest.raises(NotGenuine):
            opened(wrong, "t", PUBLIC)


# -- seeds of second factors ---------------------------------------------------------------


def test_a_seed_opens_for_its_person_only_and_as_it_was_wrapped_before() -> None:
    """Frozen: 12 bytes of nonce, and what the ciphertext is bound to."""
    key, nonce = bytes(range(32)), bytes(12)
    place = b"s\0\0\0\x11calllist/factor/1" + b"s\0\0\0\x05per_1"
    wrapped = nonce + AESGCM(key).encrypt(nonce, b"seed", place)
    seeds = Seeds(key)
    assert seeds.unwrapped("per_1", wrapped) == b"seed"
    assert seeds.unwrapped("per_1", seeds.wrapped("per_1", b"seed")) == b"seed"
    with pytest.raises(DoesNotOpen):
        seeds.unwrapped("per_2", wrapped)


def test_a_head_of_a_log_of_another_name_is_refused_though_this_key_has_signed_it() -> None:
    said = Checkpoint("calllist-ledger-another", "2026-06", 1, A)
    kind = b"\x01"
    name = said.origin
    line = Signature(name, key_id(name, kind, PUBLIC), KEY.sign(said.text.encode()))
    with pytest.raises(BadCheckpoint, match="another log"):
        verify(str(Note(said, (line,))), PUBLIC)


@pytest.mark.parametrize(
    ("name", "kind", "public"),
    [("two words", COSIGNATURE, A), ("witness", b"\x01", A), ("witness", COSIGNATURE, A + b"x")],
    ids=["name", "kind", "length"],
)
def test_a_written_key_of_another_form_is_none_though_its_id_fits(
    name: str, kind: bytes, public: bytes
) -> None:
    assert read_key(written_key("witness", COSIGNATURE, A), COSIGNATURE) == ("witness", A)
    with pytest.raises(BadCheckpoint, match="key"):
        read_key(written_key(name, kind, public), COSIGNATURE)
