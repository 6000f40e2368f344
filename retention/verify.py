"""The entrustor's offline checker of a certificate: no network, no database, one pinned key.

A certificate is a DSSE v1 envelope (https://github.com/secure-systems-lab/dsse) whose one
Ed25519 signature covers the pre-authentication encoding (PAE) of type and payload. The
envelope has one spelling only: canonical JSON, canonical base64. One changed bit anywhere,
also where a signature would not notice it, is refused with the reason.

The key comes from outside, never from the file. What is checked is that the keeper stated
this; that nobody copied the data before cannot be checked by anyone.
"""

import base64
import binascii
import hashlib
import json
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.ledger.checkpoint import BadCheckpoint, Checkpoint
from crypto.ledger.checkpoint import verify as verify_note
from crypto.ledger.proofs import BadProof, check_inclusion
from crypto.ledger.reading import SALT_BYTES
from crypto.ledger.tree import leaf_hash
from crypto.signed.statements import fingerprint
from retention.errors import NotAuthentic
from retention.facts import CertificateFacts, Named, Revocation

PAYLOAD_TYPE = "application/vnd.calllist.certificate+json"
REVOCATION_TYPE = "application/vnd.calllist.revocation+json"
ENVELOPE_LIMIT = 1024 * 1024  # bytes; a certificate has a few thousand


def verify(envelope: bytes, key: bytes) -> CertificateFacts:
    """What a genuine certificate says. `key`: the pinned Ed25519 public key, 32 bytes.

    Raises NotAuthentic with one of the codes of `retention.vocabulary.REASONS`.
    """
    payload = _signed(envelope, key, PAYLOAD_TYPE)
    try:
        return msgspec.json.decode(payload, type=CertificateFacts)
    except msgspec.DecodeError:
        raise NotAuthentic("contents") from None


def revocation(envelope: bytes, key: bytes) -> Revocation:
    """What a genuine revocation says. Raises NotAuthentic."""
    payload = _signed(envelope, key, REVOCATION_TYPE)
    try:
        return msgspec.json.decode(payload, type=Revocation)
    except msgspec.DecodeError:
        raise NotAuthentic("contents") from None


def is_revocation(envelope: bytes) -> bool:
    """Whether it says that it is one; nothing of it is checked. Raises NotAuthentic."""
    return _parts(envelope)[0] == REVOCATION_TYPE


def concerns(later: Named | None, envelope: bytes) -> bool:
    """Whether an edition's `replaces`, or a revocation, is about exactly this original."""
    return later is not None and later.digest == hashlib.sha256(envelope).hexdigest()


def _signed(envelope: bytes, key: bytes, kind: str) -> bytes:
    """The payload, if this key signed it as a document of this kind."""
    payload_type, payload, keyid, signature = _parts(envelope)
    if payload_type != kind:
        raise NotAuthentic("payload_type")
    if keyid != fingerprint(key):
        raise NotAuthentic("other_key")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, pae(payload_type, payload))
    except (InvalidSignature, ValueError):
        raise NotAuthentic("signature") from None
    return payload


def anchored(facts: CertificateFacts, ledger_key: bytes) -> Checkpoint:
    """The signed head under which the certificate's shred line was proven.

    ledger_key: the pinned Ed25519 key of the ledger, another one than the certificates'.
    Raises NotAuthentic.
    """
    proof = facts.inclusion
    if proof is None:
        raise NotAuthentic("not_anchored")
    try:
        head = verify_note(facts.checkpoint, ledger_key)
        leaf = leaf_hash(proof.entry)
        check_inclusion(leaf, proof.index, head.size, proof.hashes, head.root)
        line = msgspec.json.decode(proof.entry[SALT_BYTES:], type=_ShredLine)
    except (BadCheckpoint, BadProof, msgspec.DecodeError, UnicodeDecodeError):
        raise NotAuthentic("anchor") from None
    said = _ShredLine("shred", facts.list, facts.shred_seq, facts.epoch_destroyed)
    if line != said:
        raise NotAuthentic("anchor")
    return head


class _ShredLine(msgspec.Struct, frozen=True):
    """The keeper's own completion line, as far as certificates repeat it."""

    kind: str
    list: str
    seq: int
    epoch: int


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE v1, "Signature Definition": what is signed, injective in type and payload."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _parts(envelope: bytes) -> tuple[str, bytes, str, bytes]:
    """(payloadType, payload, keyid, signature) of the one spelling an envelope has."""
    if len(envelope) > ENVELOPE_LIMIT:
        raise NotAuthentic("too_long")
    try:
        outer: Any = json.loads(envelope.decode())
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise NotAuthentic("not_json") from None
    match outer:
        case {
            "payload": str(payload),
            "payloadType": str(payload_type),
            "signatures": [{"keyid": str(keyid), "sig": str(sig), **no_more}],
            **nothing_else,
        } if not no_more and not nothing_else:
            pass
        case _:
            raise NotAuthentic("not_an_envelope")
    if json.dumps(outer, sort_keys=True, separators=(",", ":")).encode() != envelope:
        raise NotAuthentic("spelling")
    return payload_type, _decoded(payload), keyid, _decoded(sig)


def _decoded(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotAuthentic("spelling") from None
    if base64.b64encode(raw).decode() != text:
        raise NotAuthentic("spelling")
    return raw
