"""Wrap a key under another: AES-256-GCM, bound to its place."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors.records import DoesNotOpen

WRAP_NONCE_BYTES = 12  # NIST SP 800-38D, 5.2.1.1
WRAP_TAG_BITS = 128  # NIST SP 800-38D, 5.2.1.2


def wrap(key: bytes | memoryview, place: bytes, plaintext: bytes) -> bytes:
    """Nonce and ciphertext. Nonces are random: a wrapping key lives for one epoch's few wraps."""
    nonce = secrets.token_bytes(WRAP_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, place)


def unwrap(key: bytes | memoryview, place: bytes, wrapped: bytes) -> bytes:
    """Raises DoesNotOpen."""
    nonce, body = wrapped[:WRAP_NONCE_BYTES], wrapped[WRAP_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, body, place)
    except (InvalidTag, ValueError):
        raise DoesNotOpen from None
