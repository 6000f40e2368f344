"""A certificate, its later editions and revocations, signed by the key of `kit`."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec

from retention.facts import Named, Revocation
from retention.verify import REVOCATION_TYPE, verify
from tests.retention.kit import PUBLIC, certificate, envelope

NAME = "ent_01-000003"
AT = datetime(2026, 4, 8, tzinfo=UTC)


def named(original: bytes, reason: str = "name") -> Named:
    """The certificate that this original is, as its successor or its revocation names it."""
    about = verify(original, PUBLIC)
    digest = hashlib.sha256(original).hexdigest()
    return Named(about.certificate, about.edition, digest, reason, "ab" * 16)


def edition(number: int, before: bytes, **changed: Any) -> bytes:
    """The one that replaces the one before."""
    said = {"certificate": f"{NAME}.{number}", "edition": number, "replaces": named(before)}
    return certificate(**said | {"issued_at": AT} | changed)


def revocation_of(original: bytes, **changed: Any) -> bytes:
    """Signed as one that is about this original, but for what is changed."""
    said = msgspec.structs.astuple(named(original, "wrong_claim"))
    document = msgspec.structs.replace(Revocation(*said, "lst_01", "ent_01", AT), **changed)
    payload = msgspec.json.encode(document, order="sorted")
    return envelope(payload, payload_type=REVOCATION_TYPE)


FIRST = certificate()
SECOND = edition(2, FIRST)
THIRD = edition(3, SECOND)
