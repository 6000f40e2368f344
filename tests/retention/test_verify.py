"""Anyone can check a certificate offline; whatever was changed in it is refused with a reason."""

import base64
import json
import random

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from crypto.bookkeeping import signing
from crypto.ledger.tree import CompactRange
from retention.errors import NotAuthentic
from retention.facts import CertificateFacts, LineInclusion
from retention.verify import anchored, pae, verify
from retention.vocabulary import REASONS
from tests.retention.kit import FACTS, PUBLIC, certificate, envelope, facts

LEDGER = Ed25519PrivateKey.generate()

GENUINE = certificate()


def reason_of(data: bytes, key: bytes = PUBLIC) -> str:
    with pytest.raises(NotAuthentic) as refused:
        verify(data, key)
    return refused.value.reason


def test_a_genuine_certificate_says_what_the_keeper_signed() -> None:
    assert verify(GENUINE, PUBLIC) == FACTS


def test_the_encoding_that_is_signed_is_that_of_dsse() -> None:
    """The example of the DSSE v1 specification, protocol.md."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == expected


def test_every_changed_bit_is_refused_with_a_reason() -> None:
    for at in range(len(GENUINE)):
        for bit in range(8):
            changed = bytearray(GENUINE)
            changed[at] ^= 1 << bit
            assert reason_of(bytes(changed)) in REASONS


@given(st.data())
def test_cutting_adding_and_moving_bytes_is_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GENUINE)))
    to = data.draw(st.integers(at, len(GENUINE)))
    put = data.draw(st.binary(max_size=20))
    changed = GENUINE[:at] + put + GENUINE[to:]
    if changed != GENUINE:
        assert reason_of(changed) in REASONS


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"{}", "not_an_envelope"),
        (b"[]", "not_an_envelope"),
        (GENUINE + b"\n", "spelling"),
        (json.dumps(json.loads(GENUINE), indent=1).encode(), "spelling"),
        (GENUINE.replace(b'"sig":', b'"sig":"x","sig":'), "spelling"),
        (GENUINE.replace(b"}]", b'}],"note":""'), "not_an_envelope"),
        (b" " * (1024 * 1024 + 1), "too_long"),
    ],
)
def test_another_spelling_is_not_the_certificate(changed: bytes, reason: str) -> None:
    assert reason_of(changed) == reason


def test_another_key_is_refused_before_anything_is_believed() -> None:
    stranger = Ed25519PrivateKey.generate()
    assert reason_of(GENUINE, stranger.public_key().public_bytes_raw()) == "other_key"
    forged = json.loads(envelope(b"{}", stranger))
    forged["signatures"][0]["keyid"] = json.loads(GENUINE)["signatures"][0]["keyid"]
    spelled = json.dumps(forged, sort_keys=True, separators=(",", ":")).encode()
    assert reason_of(spelled) == "signature"


def test_a_signature_over_another_kind_of_document_is_refused() -> None:
    payload = base64.b64decode(json.loads(GENUINE)["payload"])
    assert reason_of(envelope(payload, payload_type="text/plain")) == "payload_type"


def test_contents_that_are_not_a_certificate_are_refused_even_if_signed() -> None:
    assert reason_of(envelope(b'{"list":"lst_01"}')) == "contents"


def test_claims_of_another_form_are_not_read_as_these() -> None:
    payload = base64.b64decode(json.loads(GENUINE)["payload"])
    assert reason_of(envelope(payload.replace(b"claims/1", b"claims/2"))) == "contents"


def anchor(seq: int = 4711, **line: object) -> CertificateFacts:
    """Facts with a proof of their shred line, in a log of 4712 lines signed by LEDGER."""
    said = {"kind": "shred", "list": "lst_01", "seq": seq, "epoch": 3} | line
    entry = bytes(16) + json.dumps(said).encode()
    tree, neighbour = CompactRange(), bytes(32)
    tree.append_hash(neighbour)
    tree.append(entry)
    note = signing.sign("2026-04", 2, tree.root(), LEDGER)
    return facts(checkpoint=note, inclusion=LineInclusion(1, entry, (neighbour,)))


def test_the_shred_line_is_in_the_ledger_that_was_signed() -> None:
    key = LEDGER.public_key().public_bytes_raw()
    assert anchored(anchor(), key).size == 2
    proof = anchor().inclusion
    assert proof is not None
    moved = msgspec.structs.replace(proof, index=0)
    other = msgspec.structs.replace(proof, entry=proof.entry + b" ")
    for wrong, reason in (
        (facts(), "not_anchored"),
        (anchor(kind="freeze"), "anchor"),
        (anchor(list="lst_02"), "anchor"),
        (anchor(seq=4710), "anchor"),
        (anchor(epoch=4), "anchor"),
        (msgspec.structs.replace(anchor(), inclusion=moved), "anchor"),
        (msgspec.structs.replace(anchor(), inclusion=other), "anchor"),
        (msgspec.structs.replace(anchor(), checkpoint=facts().checkpoint), "anchor"),
    ):
        with pytest.raises(NotAuthentic) as refused:
            anchored(wrong, key)
        assert refused.value.reason == reason
    with pytest.raises(NotAuthentic):
        anchored(anchor(), PUBLIC)  # the certificates' key is another one


def test_ten_thousand_changed_certificates_are_refused() -> None:
    chance = random.Random(8)
    for _ in range(10_000):
        at, to = sorted(chance.sample(range(len(GENUINE) + 1), 2))
        put = chance.randbytes(chance.randrange(4))
        changed = GENUINE[:at] + put + GENUINE[chance.choice((at, at + 1, to)) :]
        if changed != GENUINE:
            assert reason_of(changed) in REASONS
