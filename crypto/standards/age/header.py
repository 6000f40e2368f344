"""The header: which recipients may learn the file key, and a MAC over all of it (age.md, "Header").

Read strictly: what two parsers could read differently is refused. Whoever opens one learns the
file key, and with it the file: that is the keeper alone; the sender makes one.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto.standards.age.keys import X25519_BYTES, AgeIdentity, AgeRecipient

SIGNATURE = b"age-encryption.org/v1\n"  # age.md, "Version line"
FILE_KEY_BYTES = 16
HEADER_BYTES = 16 * 1024  # of ours; about a hundred recipients
COLUMNS = 64  # of a stanza's body
_TAG_BYTES = 16  # RFC 8439, 2.8
_X25519_INFO = b"age-encryption.org/v1/X25519"
_ZERO_NONCE = bytes(12)  # safe: each wrap key is derived from a fresh share and used once
_ARGUMENT = re.compile(rb"[\x21-\x7e]+")
_END = b"--- "


class HeaderRefused(ValueError):
    """Not a header of this format, or one that could be read in two ways. Quotes nothing."""


class NotForThisKey(Exception):
    """A proper header, in which nothing is sealed to this identity."""


@dataclass(frozen=True)
class Stanza:
    """What one recipient gets. `kind` is its first argument."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True)
class Header:
    """A parsed header. `covered`: the bytes under the MAC."""

    stanzas: tuple[Stanza, ...]
    covered: bytes
    mac: bytes


def sealed_file(start: bytes) -> bool:
    """Whether a file that begins so is one of this format; false also if too short to say."""
    return start.startswith(SIGNATURE)


def split(blocks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The header's bytes, its last line included, and the payload behind it.

    Raises HeaderRefused when no header ends within HEADER_BYTES.
    """
    source = iter(blocks)
    data = b""
    for block in source:
        data += block
        end = data.find(b"\n" + _END, 0, HEADER_BYTES)
        stop = data.find(b"\n", end + 1, HEADER_BYTES) if end >= 0 else -1
        if stop >= 0:
            return data[: stop + 1], _from(data[stop + 1 :], source)
        if len(data) >= HEADER_BYTES:
            break
    raise HeaderRefused


def parse(data: bytes) -> Header:
    """Exactly one header. Raises HeaderRefused."""
    if len(data) > HEADER_BYTES or not data.startswith(SIGNATURE) or not data.endswith(b"\n"):
        raise HeaderRefused
    lines = data[len(SIGNATURE) : -1].split(b"\n")
    *body, last = lines
    if not last.startswith(_END):
        raise HeaderRefused
    stanzas = tuple(_stanzas(body))
    kinds = [stanza.kind for stanza in stanzas]
    if not stanzas or ("scrypt" in kinds and len(kinds) > 1):  # age.md, "scrypt recipient"
        raise HeaderRefused
    covered = data[: len(data) - len(last) - 1] + b"---"
    return Header(stanzas, covered, _unbase64(last[len(_END) :], 32))


def make(file_key: bytes, recipients: Sequence[AgeRecipient]) -> bytes:
    """A header that tells these recipients the file key."""
    lines = [SIGNATURE]
    for recipient in recipients:
        stanza = _sealed(file_key, recipient)
        lines.append(f"-> {stanza.kind} {' '.join(stanza.arguments)}\n".encode())
        lines.append(_base64(stanza.body) + b"\n")  # 32 bytes: one line, shorter than COLUMNS
    covered = b"".join(lines) + b"---"
    return covered + b" " + _base64(_mac(file_key, covered).finalize()) + b"\n"


def file_key(header: Header, identity: AgeIdentity) -> bytes:
    """16 bytes that open the payload. Raises NotForThisKey, HeaderRefused (a wrong MAC too)."""
    found = [
        key
        for stanza in header.stanzas
        if stanza.kind == "X25519" and (key := _opened(stanza, identity)) is not None
    ]
    if not found:
        raise NotForThisKey
    try:
        _mac(found[0], header.covered).verify(header.mac)
    except InvalidSignature:
        raise HeaderRefused from None
    return found[0]


def new_file_key() -> bytes:
    """Of one file: nothing else is ever sealed under it."""
    return secrets.token_bytes(FILE_KEY_BYTES)


# -- X25519 recipients (age.md, "X25519 recipient type") ----------------------------------------


def _sealed(key: bytes, recipient: AgeRecipient) -> Stanza:
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient.public))
    cipher = _wrapping(shared, share, recipient.public)
    body = cipher.encrypt(_ZERO_NONCE, key, None)
    return Stanza("X25519", (_base64(share).decode(),), body)


def _opened(stanza: Stanza, identity: AgeIdentity) -> bytes | None:
    """None if it is somebody else's. Raises HeaderRefused."""
    if len(stanza.arguments) != 1 or len(stanza.body) != FILE_KEY_BYTES + _TAG_BYTES:
        raise HeaderRefused
    share = _unbase64(stanza.arguments[0].encode(), X25519_BYTES)
    secret = X25519PrivateKey.from_private_bytes(identity.secret)
    try:
        shared = secret.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:  # of low order: the shared secret is zero
        raise HeaderRefused from None
    cipher = _wrapping(shared, share, identity.recipient.public)
    try:
        return cipher.decrypt(_ZERO_NONCE, stanza.body, None)
    except InvalidTag:
        return None


def _wrapping(shared: bytes, share: bytes, recipient: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, share + recipient, _X25519_INFO).derive(shared))


def _mac(key: bytes, covered: bytes) -> HMAC:
    """age.md, "Header MAC"."""
    mac = HMAC(HKDF(SHA256(), 32, None, b"header").derive(key), SHA256())
    mac.update(covered)
    return mac


# -- lines -----------------------------------------------------------------------------------


def _stanzas(lines: list[bytes]) -> Iterator[Stanza]:
    """Raises HeaderRefused."""
    rest = iter(lines)
    for line in rest:
        mark, *arguments = line.split(b" ")
        if mark != b"->" or not arguments or not all(map(_ARGUMENT.fullmatch, arguments)):
            raise HeaderRefused
        body: list[bytes] = []
        for part in rest:
            body.append(part)
            if len(part) < COLUMNS:
                break
        if not body or len(body[-1]) >= COLUMNS or any(len(part) > COLUMNS for part in body):
            raise HeaderRefused
        kind, *others = (argument.decode("ascii") for argument in arguments)
        yield Stanza(kind, tuple(others), _unbase64(b"".join(body)))


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _unbase64(text: bytes, size: int | None = None) -> bytes:
    """Standard alphabet, no padding, canonical (RFC 4648, 3.5). Raises HeaderRefused."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise HeaderRefused from None
    if _base64(data) != text or (size is not None and len(data) != size):
        raise HeaderRefused
    return data


def _from(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
