"""Seeds of one-time codes at rest: wrapped under the keystore's factor key, each for one person."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors.records import DoesNotOpen
from crypto.records.sealing import NONCE_BYTES
from crypto.standards.canonical import injective


class Seeds:
    """Wraps and unwraps. The journal that holds them is backed up; the factor key never is."""

    def __init__(self, factor_key: bytes) -> None:
        self._cipher = AESGCM(factor_key)

    def wrapped(self, person: str, seed: bytes) -> bytes:
        """Nonce and ciphertext, bound to the person."""
        nonce = secrets.token_bytes(NONCE_BYTES)  # one wrap per registration: random is safe
        return nonce + self._cipher.encrypt(nonce, seed, _place(person))

    def unwrapped(self, person: str, wrapped: bytes) -> bytes:
        """Raises DoesNotOpen."""
        nonce, body = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, body, _place(person))
        except InvalidTag:
            raise DoesNotOpen(person) from None


def _place(person: str) -> bytes:
    return injective("calllist/factor/1", person)
