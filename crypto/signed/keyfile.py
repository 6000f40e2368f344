"""The key files of people who sign: on their own machine, readable by nobody else.

`name.key` holds the secrets (mode 0600, or it is refused); `name.pub` is what the keeper's
administrator pins. Both are JSON with a `format` line. People compare one fingerprint, that of
the signing key; the key to seal to stands beside it under a signature, or whoever carries the
file could put in their own.
"""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.errors.base import KeyFileRefused
from crypto.host.secretfile import read_secret
from crypto.records.sealing import Recipient, RecipientKey
from crypto.signed.statements import ApproverKey, fingerprint
from crypto.standards.canonical import injective

PRIVATE_FORMAT = "calllist-key/1"
PUBLIC_FORMAT = "calllist-public-key/1"
RECIPIENT_FORMAT = "calllist-recipient/1"


@dataclass(frozen=True)
class PublicKeys:
    """What others may know: to check signatures with, and to seal to."""

    signing: bytes  # Ed25519, 32 bytes
    recipient: Recipient

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.signing)


@dataclass(frozen=True, repr=False)
class KeyPair:
    """One person's secrets: to sign statements with, and to open what was sealed to them."""

    approver: ApproverKey
    recipient: RecipientKey

    @property
    def public(self) -> PublicKeys:
        return PublicKeys(self.approver.public, self.recipient.public)


class _Private(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    signing: str
    recipient: str


class _Public(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    fingerprint: str
    signing: str
    recipient: str
    signature: str  # by the signing key, over both


class _Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    fingerprint: str
    recipient: str


def generate(path: Path) -> KeyPair:
    """Make a pair, write `path` (0600) and, beside it, the `.pub` file.

    Raises FileExistsError: a key is never overwritten.
    """
    pair = KeyPair(ApproverKey.generate(), RecipientKey.generate())
    write_secret(path, pair)
    write_public(path.with_suffix(".pub"), pair)
    return pair


def write_secret(path: Path, pair: KeyPair) -> None:
    """Mode 0600. Raises FileExistsError."""
    body = _Private(PRIVATE_FORMAT, _encode(pair.approver.seed), _encode(pair.recipient.seeds))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")


def load(path: Path) -> KeyPair:
    """Raises KeyFileRefused if it is missing, malformed, another user's or open to others."""
    try:
        body = msgspec.json.decode(read_secret(path), type=_Private)
        if body.format != PRIVATE_FORMAT:
            raise KeyFileRefused(f"{path} is not a {PRIVATE_FORMAT} file")
        return KeyPair(ApproverKey(_decode(body.signing)), RecipientKey(_decode(body.recipient)))
    except ValueError:  # msgspec's errors are ValueErrors too; they may quote the content
        raise KeyFileRefused(f"{path} is not a key file") from None


def write_public(path: Path, pair: KeyPair) -> None:
    """The `.pub` file: what may be handed to everybody."""
    keys = pair.public
    body = _Public(
        PUBLIC_FORMAT,
        keys.fingerprint,
        _encode(keys.signing),
        _encode(keys.recipient.data),
        _encode(pair.approver.sign(_signed(keys))),
    )
    path.write_bytes(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")


def load_public(path: Path) -> PublicKeys:
    """Raises KeyFileRefused if it is missing, malformed or contradicts its fingerprint, or if
    the signing key did not put the other one there."""
    try:
        body = msgspec.json.decode(path.read_bytes(), type=_Public)
        keys = PublicKeys(_decode(body.signing), Recipient(_decode(body.recipient)))
        key, signature = Ed25519PublicKey.from_public_bytes(keys.signing), _decode(body.signature)
    except OSError as error:
        raise KeyFileRefused(f"{path}: {error.strerror}") from None
    except ValueError:
        raise KeyFileRefused(f"{path} is not a public key file") from None
    if body.format != PUBLIC_FORMAT or keys.fingerprint != body.fingerprint:
        raise KeyFileRefused(f"{path} contradicts its own fingerprint")
    try:
        key.verify(signature, _signed(keys))
    except InvalidSignature:
        raise KeyFileRefused(f"{path} has a key that its owner did not sign") from None
    return keys


def _signed(keys: PublicKeys) -> bytes:
    """Not JSON, so never the payload of a statement."""
    return injective(PUBLIC_FORMAT, keys.signing, keys.recipient.data)


def write_recipient(path: Path, recipient: Recipient) -> None:
    """The keeper's public half: what entrustors seal to."""
    body = _Recipient(RECIPIENT_FORMAT, fingerprint(recipient.data), _encode(recipient.data))
    path.write_bytes(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")


def load_recipient(path: Path) -> Recipient:
    """Raises KeyFileRefused if it is missing, malformed or contradicts its fingerprint."""
    try:
        body = msgspec.json.decode(path.read_bytes(), type=_Recipient)
        recipient = Recipient(_decode(body.recipient))
    except OSError as error:
        raise KeyFileRefused(f"{path}: {error.strerror}") from None
    except ValueError:
        raise KeyFileRefused(f"{path} is not a keeper's public key file") from None
    if body.format != RECIPIENT_FORMAT or fingerprint(recipient.data) != body.fingerprint:
        raise KeyFileRefused(f"{path} contradicts its own fingerprint")
    return recipient


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _decode(text: str) -> bytes:
    """Raises ValueError also at bits behind the last byte, where b64decode looks away."""
    data = base64.b64decode(text, altchars=b"-_", validate=True)
    if _encode(data) != text:
        raise ValueError
    return data
