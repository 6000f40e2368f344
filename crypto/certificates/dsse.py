"""Envelopes that the keeper signs (DSSE 1.0.2), and reading one back offline.

The signature covers the type along with the payload, so one key signs certificates and
recipients and neither is ever taken for the other.
"""

import base64
import binascii
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.signed.statements import fingerprint
from crypto.standards.canonical import canonical_json

ENVELOPE_BYTES = 64 * 1024


class SigningKey(Protocol):
    """Ed25519, in a file or in a token."""

    def sign(self, data: bytes, /) -> bytes: ...

    def public_key(self) -> Ed25519PublicKey: ...


class NotGenuine(ValueError):
    """Not an envelope of this type under this key. Quotes nothing."""


class _Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    payload: str
    payloadType: str  # noqa: N815 - DSSE names it so
    signatures: tuple[_Signature]


def envelope(payload: bytes, payload_type: str, key: SigningKey) -> bytes:
    """JSON of one envelope with one signature (DSSE, 2: protocol and data structure)."""
    signed = key.sign(pre_authentication(payload, payload_type))
    name = fingerprint(key.public_key().public_bytes_raw())
    return canonical_json(
        _Envelope(_encode(payload), payload_type, (_Signature(name, _encode(signed)),))
    )


def opened(data: bytes, payload_type: str, public_key: bytes) -> bytes:
    """The payload, if this key signed it as this type; in one spelling only. Raises NotGenuine."""
    try:
        if len(data) > ENVELOPE_BYTES:
            raise NotGenuine
        said = msgspec.json.decode(data, type=_Envelope)
        [signature] = said.signatures
        payload, signed = _decode(said.payload), _decode(signature.sig)
        named = said.payloadType == payload_type and signature.keyid == fingerprint(public_key)
        if not named or canonical_json(said) != data:
            raise NotGenuine
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            signed, pre_authentication(payload, payload_type)
        )
    except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error, InvalidSignature, ValueError):
        raise NotGenuine from None
    return payload


def pre_authentication(payload: bytes, payload_type: str) -> bytes:
    """DSSE's PAE: what is signed, injective in type and payload."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    """Raises NotGenuine also where b64decode looks away: at other signs, at bits behind the
    last byte."""
    data = base64.b64decode(text)
    if _encode(data) != text:
        raise NotGenuine
    return data
