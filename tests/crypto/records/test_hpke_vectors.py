"""The suite that seals to recipients is what its name says: published vectors, and the formulas.

`tests/vectors/hpke.json` repeats published numbers: base mode of RFC 9180 (appendix A, and the
test-vectors.json it names), and MLKEM768-X25519 of draft-ietf-hpke-pq, as pyca ships them with
its own tests (cryptography_vectors 50.0.2). pyca's HPKE takes no AAD and every published text
has one, so the library is given the same text under the *published* key and nonce without AAD:
it opens only if its own decapsulation and key schedule lead to both.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from crypto.records.sealing import SUITE_NAME, RecipientKey, chunk_context, commitment
from tests.crypto.records.test_sealing_vectors import CHUNK, ENTRUSTOR, FILE, KEY, LIST

VECTORS: list[dict[str, Any]] = json.loads((FILE.parent / "hpke.json").read_text())
NAMES = [vector["source"] for vector in VECTORS]
X25519, HYBRID = 0x20, 0x647A  # KEM ids: RFC 9180, 7.1; draft-ietf-hpke-pq, "IANA"
MLKEM_CIPHERTEXT = 1088  # FIPS 203, table 3, ML-KEM-768
LABEL = b"\\.//^\\"  # draft-connolly-cfrg-xwing-kem, 5.3
KEMS = {X25519: hpke.KEM.X25519, HYBRID: hpke.KEM.MLKEM768_X25519}
AEADS: dict[int, Any] = {
    1: (hpke.AEAD.AES_128_GCM, AESGCM, 16),
    2: (hpke.AEAD.AES_256_GCM, AESGCM, 32),
    3: (hpke.AEAD.CHACHA20_POLY1305, ChaCha20Poly1305, 32),
}


def hybrid_halves(seed: bytes) -> bytes:
    """The draft's 32-byte secret key, expanded: seeds of both halves."""
    return hashlib.shake_256(seed).digest(96)


# -- by the formulas, with nothing of the library's HPKE -----------------------------------


@dataclass(frozen=True)
class ByHand:
    """RFC 9180, 4 and 5.1 (base mode, HKDF-SHA256)."""

    kem: int
    aead: int

    @property
    def suite_id(self) -> bytes:
        return b"HPKE" + b"".join(part.to_bytes(2, "big") for part in (self.kem, 1, self.aead))

    def shared_secret(self, secret: bytes, enc: bytes) -> bytes:
        """Decap. secret: X25519's 32 bytes, or the 96 of both halves."""
        classical = x25519.X25519PrivateKey.from_private_bytes(secret[-32:])
        sent, own = enc[-32:], classical.public_key().public_bytes_raw()
        agreed = classical.exchange(x25519.X25519PublicKey.from_public_bytes(sent))
        if self.kem == HYBRID:
            lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(secret[:64])
            post_quantum = lattice.decapsulate(enc[:MLKEM_CIPHERTEXT])
            return hashlib.sha3_256(post_quantum + agreed + sent + own + LABEL).digest()
        suite = b"KEM" + self.kem.to_bytes(2, "big")
        return _expand(suite, _extract(suite, b"", b"eae_prk", agreed), b"shared_secret", enc + own)

    def schedule(self, shared: bytes, info: bytes) -> tuple[bytes, bytes]:
        """Key and base nonce: KeySchedule of the base mode."""
        suite = self.suite_id
        context = b"\x00" + _extract(suite, b"", b"psk_id_hash", b"")
        context += _extract(suite, b"", b"info_hash", info)
        secret = _extract(suite, shared, b"secret", b"")
        key = _expand(suite, secret, b"key", context, AEADS[self.aead][2])
        return key, _expand(suite, secret, b"base_nonce", context, 12)


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, "sha256")


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int = 32) -> bytes:
    """One block of HKDF-Expand (RFC 5869, 2.3) is enough."""
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, labelled + b"\x01", "sha256")[:length]


# -- published numbers ---------------------------------------------------------------------


def parts(vector: dict[str, Any]) -> dict[str, bytes]:
    texts = {name: text for name, text in vector.items() if isinstance(text, str)}
    return {name: bytes.fromhex(text) for name, text in texts.items() if name != "source"}


def secret_of(vector: dict[str, Any]) -> bytes:
    secret = bytes.fromhex(vector["skRm"])
    return hybrid_halves(secret) if vector["kem_id"] == HYBRID else secret


def private_key(vector: dict[str, Any]) -> Any:
    secret = secret_of(vector)
    classical = x25519.X25519PrivateKey.from_private_bytes(secret[-32:])
    if vector["kem_id"] != HYBRID:
        return classical
    return hpke.MLKEM768X25519PrivateKey(
        mlkem.MLKEM768PrivateKey.from_seed_bytes(secret[:64]), classical
    )


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_the_formulas_lead_to_the_published_secrets_and_text(vector: dict[str, Any]) -> None:
    said, hand = parts(vector), ByHand(vector["kem_id"], vector["aead_id"])
    shared = hand.shared_secret(secret_of(vector), said["enc"])
    assert shared == said["shared_secret"]
    assert hand.schedule(shared, said["info"]) == (said["key"], said["base_nonce"])
    cipher = AEADS[vector["aead_id"]][1](said["key"])
    assert cipher.decrypt(said["base_nonce"], said["ct"], said["aad"]) == said["pt"]


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_the_library_leads_to_the_published_secrets(vector: dict[str, Any]) -> None:
    said = parts(vector)
    identity, cipher, _ = AEADS[vector["aead_id"]]
    suite = hpke.Suite(KEMS[vector["kem_id"]], hpke.KDF.HKDF_SHA256, identity)
    body = cipher(said["key"]).encrypt(said["base_nonce"], said["pt"], b"")
    key, sealed = private_key(vector), said["enc"] + body
    assert suite.decrypt(sealed, key, said["info"]) == said["pt"]
    with pytest.raises(InvalidTag):
        suite.decrypt(sealed, key, said["info"] + b"\x00")
    with pytest.raises(InvalidTag):  # as published, with an AAD that the library does not know
        suite.decrypt(said["enc"] + said["ct"], key, said["info"])


def test_our_recipients_are_the_drafts() -> None:
    """The same seeds give the published public key: ML-KEM first, then X25519."""
    [vector] = [vector for vector in VECTORS if vector["kem_id"] == HYBRID]
    assert RecipientKey(secret_of(vector)).public.data.hex() == vector["pkRm"]


def test_a_frozen_chunk_key_opens_by_the_formulas_alone() -> None:
    """AES-256-GCM: the suite of the name, which no published vector of the hybrid has."""
    assert SUITE_NAME == "MLKEM768_X25519/HKDF_SHA256/AES_256_GCM"
    frozen = json.loads(FILE.read_text())
    chunk_key = opened_by_hand(bytes.fromhex(frozen["chunk_key"]))
    assert commitment(chunk_key).hex() == frozen["commitment"]
    assert opened_by_hand(KEY.public.seal(CONTEXT, b"today")) == b"today"


CONTEXT = chunk_context(ENTRUSTOR, LIST, CHUNK)


def opened_by_hand(sealed: bytes) -> bytes:
    enc, body = sealed[: MLKEM_CIPHERTEXT + 32], sealed[MLKEM_CIPHERTEXT + 32 :]
    hand = ByHand(HYBRID, 2)
    key, nonce = hand.schedule(hand.shared_secret(KEY.seeds, enc), CONTEXT)
    return AESGCM(key).decrypt(nonce, body, b"")


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
@pytest.mark.parametrize("part", ["enc", "body"])
def test_one_changed_bit_is_refused(vector: dict[str, Any], part: str) -> None:
    said = parts(vector)
    identity, cipher, _ = AEADS[vector["aead_id"]]
    suite = hpke.Suite(KEMS[vector["kem_id"]], hpke.KDF.HKDF_SHA256, identity)
    body, key = (
        cipher(said["key"]).encrypt(said["base_nonce"], said["pt"], b""),
        private_key(vector),
    )
    for at in range(len(said["enc"] if part == "enc" else body)):
        changed = bytearray(said["enc"] + body)
        changed[at if part == "enc" else len(said["enc"]) + at] ^= 1 << at % 8
        with pytest.raises(InvalidTag):
            suite.decrypt(bytes(changed), key, said["info"])
