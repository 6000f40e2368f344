"""A security key made of software: what a browser and a FIDO2 key produce together, byte by byte.

    key = SoftKey()
    client_data, attestation = key.create(challenge)
    assertion = key.get(challenge)

Each `Said` can be made to lie in one place. Sources: WebAuthn Level 2, 5.8.1, 6.1, 6.5.4, 7.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from crypto.people.securitykeys import Assertion
from crypto.wire.people import BeginKey, ChallengeKey, GrantByKey, Granted, RegisterKey
from tests.crypto.world import ORIGIN, START, World

AAGUID = bytes.fromhex("cb69481e8ff7403993ec0a2729a154a8")  # says which make it is
PRESENT, VERIFIED, COPIED_ELSEWHERE, ATTESTED = 0x01, 0x04, 0x08, 0x40
NEW = "per_9"  # whose key it is, unless another person is named


@dataclass(frozen=True)
class Said:
    """What the browser and the key say around the challenge."""

    origin: str = ORIGIN
    party: str = "calls.example.jp"
    framed: bool = False
    kind: str | None = None  # None: webauthn.create or webauthn.get, as is right
    flags: int = PRESENT | VERIFIED

    def but(self, **differently: Any) -> "Said":
        return replace(self, **differently)


HONEST = Said()


@dataclass
class SoftKey:
    """One key with one credential. `count` None: a key that does not count."""

    count: int | None = 0
    algorithm: str = "ES256"
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def __post_init__(self) -> None:
        if self.algorithm == "ES256":
            self._key: Any = ec.generate_private_key(ec.SECP256R1())
        elif self.algorithm == "ES512":
            self._key = ec.generate_private_key(ec.SECP521R1())
        elif self.algorithm == "EdDSA":
            self._key = Ed25519PrivateKey.generate()
        else:
            self._key = rsa.generate_private_key(65537, 2048)

    def create(
        self, challenge: bytes, said: Said = HONEST, *, statement: dict[str, Any] | None = None
    ) -> tuple[bytes, bytes]:
        """Client data and attestation object. `statement`: of a "packed" attestation."""
        client_data = _client_data("webauthn.create", challenge, said)
        place = AAGUID + len(self.id).to_bytes(2, "big") + self.id
        data = self._data(said.flags | ATTESTED, said) + place + cbor2.dumps(self._cose())
        attestation: dict[str, Any] = {"fmt": "none", "attStmt": {}, "authData": data}
        if statement is not None:
            signature = self._sign(data + hashlib.sha256(client_data).digest())
            stated = {"alg": -7, "sig": signature, **statement}
            attestation = {"fmt": "packed", "attStmt": stated, "authData": data}
        return client_data, cbor2.dumps(attestation)

    def get(self, challenge: bytes, said: Said = HONEST) -> Assertion:
        """What the key signs; its count rises."""
        if self.count is not None:
            self.count += 1
        client_data = _client_data("webauthn.get", challenge, said)
        data = self._data(said.flags, said)
        signature = self._sign(data + hashlib.sha256(client_data).digest())
        return Assertion(self.id, client_data, data, signature)

    def certificate(self) -> bytes:
        """A certificate of the key by itself: a chain that holds, and says nothing."""
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kaku")])
        made = x509.CertificateBuilder(name, name, self._key.public_key(), 1)
        made = made.not_valid_before(START).not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        return made.sign(self._key, SHA256()).public_bytes(Encoding.DER)

    def _data(self, flags: int, said: Said) -> bytes:
        party = hashlib.sha256(said.party.encode()).digest()
        return party + bytes([flags]) + (self.count or 0).to_bytes(4, "big")

    def _cose(self) -> dict[int, Any]:
        if self.algorithm == "EdDSA":
            return {1: 1, 3: -8, -1: 6, -2: self._key.public_key().public_bytes_raw()}
        numbers = self._key.public_key().public_numbers()
        if self.algorithm == "RS256":
            return {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"}
        width, alg, curve = (32, -7, 1) if self.algorithm == "ES256" else (66, -36, 3)
        x, y = (value.to_bytes(width, "big") for value in (numbers.x, numbers.y))
        return {1: 2, 3: alg, -1: curve, -2: x, -3: y}

    def _sign(self, data: bytes) -> bytes:
        if self.algorithm == "EdDSA":
            return bytes(self._key.sign(data))
        if self.algorithm == "RS256":
            return bytes(self._key.sign(data, padding.PKCS1v15(), SHA256()))
        return bytes(self._key.sign(data, ec.ECDSA(SHA256())))


def _client_data(kind: str, challenge: bytes, said: Said) -> bytes:
    text = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
    return json.dumps(
        {
            "type": said.kind or kind,
            "challenge": text,
            "origin": said.origin,
            "crossOrigin": said.framed,
        }
    ).encode()


# -- the ceremonies, said to a keeper ------------------------------------------------------


async def register(world: World, key: SoftKey, person: str = NEW, said: Said = HONEST) -> None:
    begun = await world.say(BeginKey(person))
    client_data, attestation = key.create(begun.challenge, said)
    await world.say(RegisterKey(person, client_data, attestation))


async def prove(world: World, key: SoftKey, said: Said = HONEST, *, person: str = NEW) -> Granted:
    begun = await world.say(ChallengeKey(person))
    return await answer(world, key.get(begun.challenge, said), person=person)


async def answer(world: World, signed: Assertion, *, person: str = NEW) -> Granted:
    return await world.say(GrantByKey(person, *signed))
