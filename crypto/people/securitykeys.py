"""Security keys (FIDO2): checking what a browser brings back from one. Nothing is kept here.

Who relies on the key is decided at the keeper's start (`--origin`): a web process that lies
about its address gets nothing. Required: our challenge, our origin, not framed by another
site, a PIN or a finger (user verification), and a key that stays in one device: a passkey
that a cloud copies to other devices is no second factor of one person on a call floor.

py_webauthn parses and verifies; it is loaded when the keeper starts. Attestation is not asked
for: nothing of a certificate chain from outside is ever looked at.
"""

import ipaddress
import json
from collections.abc import Callable
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import bytes_to_base64url, parse_attestation_object
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    CredentialDeviceType,
    RegistrationCredential,
)

from crypto.errors.people import KeyNotBound, WrongKey

ALGORITHMS = [  # what browsers expect to be offered, and Ed25519
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
UNSIGNED = (AttestationFormat.NONE, AttestationFormat.PACKED)  # packed: by the key itself only
CREDENTIAL_BYTES = 1023  # of a credential id at most: WebAuthn Level 2, 5.8.3

T = TypeVar("T")


class OriginRefused(Exception):
    """Browsers offer no security keys there."""


class Registered(NamedTuple):
    """A new key."""

    credential: bytes  # its id
    public_key: bytes  # COSE
    model: str  # AAGUID: which make it says it is
    signatures: int  # so far; many keys do not count and always say 0


class Assertion(NamedTuple):
    """What a key signed, as the browser brings it."""

    credential: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes


class SecurityKeys:
    """The party that relies on keys: us at one origin."""

    def __init__(self, origin: str) -> None:
        """`origin` as browsers say it: https://host[:port], or http://localhost[:port].

        Raises OriginRefused.
        """
        parts = urlsplit(origin)
        host = parts.hostname or ""
        secure = parts.scheme == "https" or (parts.scheme == "http" and host == "localhost")
        if not secure or not host or _is_address(host) or origin != f"{parts[0]}://{parts[1]}":
            raise OriginRefused(f"{origin}: need https://NAME, or http://localhost to try it out")
        self.origin, self.party = origin, host

    def register(self, challenge: bytes, client_data: bytes, attestation: bytes) -> Registered:
        """Raises WrongKey, and KeyNotBound for a key that is copied to other devices."""
        return _judging(lambda: self._register(challenge, client_data, attestation))

    def verify(self, challenge: bytes, public_key: bytes, assertion: Assertion) -> int:
        """The key's count of signatures, which the caller compares. Raises WrongKey."""
        return _judging(lambda: self._verify(challenge, public_key, assertion))

    def _register(self, challenge: bytes, client_data: bytes, attestation: bytes) -> Registered:
        _refuse_framed(client_data)
        parsed = parse_attestation_object(attestation)
        if parsed.fmt not in UNSIGNED or parsed.att_stmt.x5c:
            raise WrongKey  # not asked for: no certificate from outside is parsed here
        done = verify_registration_response(
            credential=RegistrationCredential(
                id="",  # the browser's word for it: the key's own is in the attestation
                raw_id=b"",
                response=AuthenticatorAttestationResponse(client_data, attestation),
            ),
            expected_challenge=challenge,
            expected_rp_id=self.party,
            expected_origin=self.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        if done.credential_device_type is not CredentialDeviceType.SINGLE_DEVICE:
            raise KeyNotBound
        if len(done.credential_id) > CREDENTIAL_BYTES:
            raise WrongKey
        return Registered(
            done.credential_id, done.credential_public_key, done.aaguid, done.sign_count
        )

    def _verify(self, challenge: bytes, public_key: bytes, assertion: Assertion) -> int:
        _refuse_framed(assertion.client_data)
        done = verify_authentication_response(
            credential=AuthenticationCredential(
                id=bytes_to_base64url(assertion.credential),
                raw_id=assertion.credential,
                response=AuthenticatorAssertionResponse(
                    assertion.client_data, assertion.authenticator_data, assertion.signature
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=self.party,
            expected_origin=self.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # compared by the caller, who tells a copy from noise
            require_user_verification=True,
        )
        return done.new_sign_count


def _refuse_framed(client_data: bytes) -> None:
    """The library does not look: our page inside a page of another site (Level 2, 5.8.1)."""
    if json.loads(client_data).get("crossOrigin", False) is not False:
        raise WrongKey


def _judging(verdict: Callable[[], T]) -> T:
    """Whatever a parser of foreign bytes stumbles over is one refusal."""
    try:
        return verdict()
    except (WrongKey, KeyNotBound):
        raise
    except Exception:
        # The library raises its own errors, and those of CBOR, JSON and numbers besides.
        raise WrongKey from None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
