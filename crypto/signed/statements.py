"""What is decided by signature: make, sign, check and carry statements.

The signature covers the canonical JSON of a `Statement`, byte for byte. Whether the key may
sign *this* is the keeper's to say (`crypto.signed.approvals`); here is only whether it did.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.errors.statements import BadStatement, StatementExpired
from crypto.signed.terms import SignedStatement, Statement, StatementBody
from crypto.standards.canonical import canonical_json

SEED_BYTES = 32  # RFC 8032, 5.1.5
CLOCK_TOLERANCE = timedelta(minutes=5)  # between the approver's machine and the keeper


@dataclass(frozen=True, repr=False)
class ApproverKey:
    """An Ed25519 signing key, held as its seed (RFC 8032, 5.1.5)."""

    seed: bytes

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise ValueError("not a signing key")

    @classmethod
    def generate(cls) -> "ApproverKey":
        return cls(secrets.token_bytes(SEED_BYTES))

    @property
    def public(self) -> bytes:
        """32 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


def fingerprint(public_key: bytes) -> str:
    """How people and ledger lines name a key: 32 hex digits of its SHA-256, in groups of 8."""
    digits = hashlib.sha256(public_key).hexdigest()[:32]
    return "-".join(digits[at : at + 8] for at in range(0, 32, 8))


def prepare(body: StatementBody, *, issuer: str, now: datetime, valid_for: timedelta) -> Statement:
    """A statement that waits for its signature."""
    return Statement(body, issuer, now, now + valid_for, secrets.token_hex(16))


def approve(statement: Statement, key: ApproverKey) -> SignedStatement:
    """Sign exactly the canonical bytes of `statement`."""
    payload = canonical_json(statement)
    return SignedStatement(payload, fingerprint(key.public), key.sign(payload))


def verify(signed: SignedStatement, public_key: bytes, *, now: datetime) -> Statement:
    """The statement, if `public_key` signed exactly these bytes and they are in force.

    Raises BadStatement, StatementExpired.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signed.signature, signed.payload)
    except (InvalidSignature, ValueError):
        raise BadStatement("signature") from None
    statement = read(signed.payload)
    if not statement.issued - CLOCK_TOLERANCE <= now <= statement.valid_until:
        raise StatementExpired(statement.nonce)
    return statement


def read(payload: bytes) -> Statement:
    """The statement in `payload`, signed or not. Raises BadStatement if not canonical.

    Bytes that two parsers could read differently (repeated keys, spaces, escapes) are refused.
    """
    try:
        statement = msgspec.json.decode(payload, type=Statement)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadStatement("schema") from None
    if canonical_json(statement) != payload:
        raise BadStatement("not canonical")
    said = (*msgspec.structs.astuple(statement), *msgspec.structs.astuple(statement.body))
    if any(isinstance(value, datetime) and value.tzinfo is None for value in said):
        raise BadStatement("a time without offset")
    return statement


# -- files ---------------------------------------------------------------------------------


class _RequestFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    statement: Statement


class _SignedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    payload: str
    key: str
    signature: str


def dump_request(statement: Statement) -> bytes:
    """An unsigned statement as a JSON file that people can read."""
    return msgspec.json.format(canonical_json(_RequestFile(statement)), indent=2) + b"\n"


def load_request(data: bytes) -> Statement:
    """Raises BadStatement."""
    try:
        return msgspec.json.decode(data, type=_RequestFile).statement
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadStatement("not a statement file") from None


def dump_signed(signed: SignedStatement) -> bytes:
    """A signed statement as a JSON file; binary parts in base64url."""
    body = _SignedFile(
        base64.urlsafe_b64encode(signed.payload).decode(),
        signed.key,
        base64.urlsafe_b64encode(signed.signature).decode(),
    )
    return canonical_json(body) + b"\n"


def load_signed(data: bytes) -> SignedStatement:
    """Raises BadStatement; the signature is not checked here."""
    try:
        body = msgspec.json.decode(data, type=_SignedFile)
        return SignedStatement(_decode(body.payload), body.key, _decode(body.signature))
    except ValueError:
        raise BadStatement("not a signed statement file") from None


def _decode(text: str) -> bytes:
    """Raises ValueError also at bits behind the last byte, where b64decode looks away."""
    data = base64.b64decode(text, altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(data).decode() != text:
        raise ValueError
    return data
