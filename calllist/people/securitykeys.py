"""Between a browser and the keeper: what a security key is asked, and what it answers.

Both in the JSON of the W3C (WebAuthn Level 3, 5.1.8 to 5.1.10). Nothing is judged here: the
keeper makes the challenge and verifies. Sizes are bounded before anything is decoded.
"""

import base64
import json
import re
from typing import Any

from calllist.people.errors import CredentialUnreadable
from calllist.people.tables import Person
from crypto.wire.people import GrantByKey, KeyBegun, RegisterKey

CREDENTIAL_CHARACTERS = 16_384  # of the JSON; a browser's has about 1,500
PATIENCE = 300_000  # milliseconds; as long as the keeper's challenge is good
ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256 (COSE): what the keeper verifies
MOST = {  # bytes, as the keeper's schema has them
    "rawId": 1023,
    "clientDataJSON": 2048,
    "attestationObject": 4096,
    "authenticatorData": 1024,
    "signature": 512,
}
BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def creation(begun: KeyBegun, person: Person) -> dict[str, Any]:
    """What `navigator.credentials.create` takes: a roaming key with a PIN or a finger."""
    return {
        "rp": {"id": begun.party, "name": "calllist"},
        "user": {
            "id": _text(person.id.encode()),
            "name": person.login,
            "displayName": person.login,
        },
        "challenge": _text(begun.challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in ALGORITHMS],
        "timeout": PATIENCE,
        "excludeCredentials": [],
        "authenticatorSelection": {
            "authenticatorAttachment": "cross-platform",
            "residentKey": "discouraged",
            "requireResidentKey": False,
            "userVerification": "required",
        },
        "hints": ["security-key"],
        "attestation": "none",
    }


def request(begun: KeyBegun) -> dict[str, Any]:
    """What `navigator.credentials.get` takes: this one key, with a PIN or a finger."""
    return {
        "challenge": _text(begun.challenge),
        "timeout": PATIENCE,
        "rpId": begun.party,
        "allowCredentials": [{"type": "public-key", "id": _text(begun.credential)}],
        "userVerification": "required",
        "hints": ["security-key"],
    }


def registration(person: Person, credential: str) -> RegisterKey:
    """The verb that registers what `create` brought. Raises CredentialUnreadable."""
    _, response = _read(credential)
    return RegisterKey(
        person=person.id,
        client_data=_bytes(response, "clientDataJSON"),
        attestation=_bytes(response, "attestationObject"),
    )


def assertion(person: Person, credential: str) -> GrantByKey:
    """The verb that lets in with what `get` brought. Raises CredentialUnreadable."""
    whole, response = _read(credential)
    return GrantByKey(
        person=person.id,
        credential=_bytes(whole, "rawId"),
        client_data=_bytes(response, "clientDataJSON"),
        authenticator_data=_bytes(response, "authenticatorData"),
        signature=_bytes(response, "signature"),
    )


def _read(credential: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The credential, and its response."""
    if len(credential) > CREDENTIAL_CHARACTERS:
        raise CredentialUnreadable
    try:
        whole = json.loads(credential)
    except (ValueError, RecursionError):
        raise CredentialUnreadable from None
    response = whole.get("response") if isinstance(whole, dict) else None
    if not isinstance(response, dict):
        raise CredentialUnreadable
    return whole, response


def _bytes(holder: dict[str, Any], name: str) -> bytes:
    text = holder.get(name)
    if not isinstance(text, str) or not BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise CredentialUnreadable
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(data) > MOST[name]:
        raise CredentialUnreadable
    return data


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
