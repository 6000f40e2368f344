"""The log's own signature under its head: made by the keeper, and by nobody else.

(Import-linter keeps this module inside the key plane; what reads heads is `checkpoint`.)
"""

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.ledger.checkpoint import ED25519_NOTE, Checkpoint, Note, Signature, key_id, log_name


class HeadKey(Protocol):
    """Ed25519, in a file or in a token."""

    def sign(self, data: bytes, /) -> bytes: ...

    def public_key(self) -> Ed25519PublicKey: ...


def sign(month: str, size: int, root: bytes, key: HeadKey) -> str:
    """The note; `root` is the tree head of the month's first `size` leaves."""
    public_key = key.public_key().public_bytes_raw()
    said = Checkpoint(log_name(public_key), month, size, root)
    signature = key.sign(said.text.encode())
    own = Signature(said.origin, key_id(said.origin, ED25519_NOTE, public_key), signature)
    return str(Note(said, (own,)))
