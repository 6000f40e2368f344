"""One value, one sequence of bytes: what is signed, hashed or authenticated.

Canonical JSON (RFC 8785 as far as our types reach: no floats, no lone surrogates) for
people to read; `injective` for associated data and key derivation; times as integers.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_encoder = msgspec.json.Encoder(order="sorted")


def canonical_json(value: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8, times in ISO 8601. Structs, dicts, lists, str, int, bool."""
    return _encoder.encode(msgspec.to_builtins(value, str_keys=True))


def injective(*parts: str | int | bytes) -> bytes:
    """An encoding in which no two different sequences of parts are equal.

    Each part is one type byte, a 4-byte big-endian length and its bytes, so a border between
    parts cannot be shifted. Integers are unsigned, 8 bytes.
    """
    out = bytearray()
    for part in parts:
        match part:
            case str():
                kind, body = b"s", part.encode()
            case int():
                kind, body = b"i", part.to_bytes(8, "big")
            case bytes():
                kind, body = b"b", part
        out += kind + len(body).to_bytes(4, "big") + body
    return bytes(out)


def micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z, exactly. `moment` has an offset."""
    return (moment - EPOCH) // MICROSECOND


def moment(micros: int) -> datetime:
    """The inverse of `micros`, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def time_of(at: int | None) -> datetime | None:
    """The moment of a column that may be NULL."""
    return None if at is None else moment(at)


def iso(at: int | None) -> str | None:
    """The same as certificates write it."""
    return None if at is None else moment(at).isoformat()
