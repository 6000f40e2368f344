"""The payload: chunks of 64 KiB under a key of the file (age.md, "Payload": STREAM).

A chunk's nonce is its number and whether it is the last: chunks moved, dropped or repeated, and a
file cut off between two chunks, do not open. What was given out before stays given out: whoever
reads a list from it stores nothing until the end has come.
"""

import secrets
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 16  # of the payload: the salt of its key
CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16  # RFC 8439, 2.8
_SEALED_BYTES = CHUNK_BYTES + TAG_BYTES


class PayloadDamaged(ValueError):
    """Altered, cut off, or under another file key. Quotes nothing."""


def seal(file_key: bytes, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The payload behind the header. A file key seals one payload."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    cipher = _cipher(file_key, nonce)
    yield nonce
    for number, (chunk, last) in enumerate(_chunks(blocks, CHUNK_BYTES)):
        yield cipher.encrypt(_nonce(number, last=last), chunk, None)


def opened(file_key: bytes, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The plaintext in blocks of 64 KiB. Raises PayloadDamaged, at the latest at the end."""
    nonce, rest = _exactly(blocks, NONCE_BYTES)
    cipher = _cipher(file_key, nonce)
    for number, (chunk, last) in enumerate(_chunks(rest, _SEALED_BYTES)):
        if last and number and len(chunk) <= TAG_BYTES:  # an empty one, in a file that is not
            raise PayloadDamaged
        try:
            yield cipher.decrypt(_nonce(number, last=last), chunk, None)
        except InvalidTag:
            raise PayloadDamaged from None


def _cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, nonce, b"payload").derive(file_key))


def _nonce(number: int, *, last: bool) -> bytes:
    """11 bytes of counter and one of flag: unique, because the key is one file's."""
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _chunks(blocks: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces of this size, and whether it is the last, which may be shorter; at least one."""
    held = bytearray()
    for block in blocks:
        held += block
        while len(held) > size:  # only then is this one certainly not the last
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True


def _exactly(blocks: Iterable[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """Raises PayloadDamaged."""
    source, head = iter(blocks), b""
    while len(head) < size:
        block = next(source, None)
        if block is None:
            raise PayloadDamaged
        head += block
    return head[:size], _behind(head[size:], source)


def _behind(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
