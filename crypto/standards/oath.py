"""One-time codes of applications and hardware tokens: HOTP (RFC 4226) and TOTP (RFC 6238).

A `Generator` says how codes are made from a seed, a `Position` how far they were used. A code
is looked for in a small window beyond that position, so none is ever accepted twice. Two
codes in a row are looked for in a wide one: that is how a device that has run ahead (buttons
pressed in a pocket, a clock that drifts in a drawer) is found again (RFC 4226, 7.4).

Everything is compared, whether found or not, and in constant time.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

SEED_BYTES_LEAST = 16  # RFC 4226, 4, R6: 128 bits at least
SEED_BYTES_MOST = 128  # one block of HMAC-SHA-512: what is longer is hashed first (RFC 2104, 3)
COUNTERS = 2**62  # RFC 4226 has 64 bits; SQLite's integers have a sign
DRIFT_STEPS = 1  # RFC 6238, 5.2: one step of network and typing delay, either way
AHEAD = 10  # codes an HOTP token may have shown unseen (RFC 4226, 7.4: the look-ahead window)
AHEAD_TWO = 200  # the same, where two codes in a row are given
DRIFT_TWO = 60  # steps either way where two codes are given: 30 minutes of 30 s


class Oath(StrEnum):
    """What moves a code on: the clock or a button."""

    TOTP = "totp"
    HOTP = "hotp"


class Digest(StrEnum):
    """The hash inside the HMAC."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


_HASHES: dict[Digest, type[SHA1] | type[SHA256] | type[SHA512]] = {
    Digest.SHA1: SHA1,  # what nearly all authenticators speak; HMAC-SHA-1 is not broken
    Digest.SHA256: SHA256,
    Digest.SHA512: SHA512,
}

Seed = Annotated[bytes, msgspec.Meta(min_length=SEED_BYTES_LEAST, max_length=SEED_BYTES_MOST)]


class Generator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How codes are made. The defaults are what every authenticator application does."""

    kind: Oath = Oath.TOTP
    digest: Digest = Digest.SHA1
    digits: Literal[6, 8] = 6
    seconds: Literal[30, 60] = 30  # of a TOTP step; says nothing of HOTP


class Position(msgspec.Struct, frozen=True):
    """How far a generator was used."""

    used: int  # the last step (TOTP) or counter (HOTP) accepted: never it or an earlier one again
    drift: int = 0  # steps by which a TOTP token's clock runs ahead of ours


def accepted(
    seed: bytes, generator: Generator, code: str, at: Position, seconds: int
) -> Position | None:
    """Where `code` leads, `seconds` after 1970; None if it is wrong, too old or used."""
    found = None
    for position in _window(generator, at, seconds, ahead=AHEAD, drift=DRIFT_STEPS):
        if _same(seed, generator, position, code):
            found = position
    return _moved(generator, at, seconds, found)


def resynchronised(
    seed: bytes, generator: Generator, codes: tuple[str, str], at: Position, seconds: int
) -> Position | None:
    """Where two codes in a row lead, searched far and wide; None if they are not that."""
    found = None
    first = False
    for position in _window(generator, at, seconds, ahead=AHEAD_TWO + 1, drift=DRIFT_TWO):
        second = _same(seed, generator, position, codes[1])
        if first and second:
            found = position
        first = _same(seed, generator, position, codes[0])
    return _moved(generator, at, seconds, found)


def _window(
    generator: Generator, at: Position, seconds: int, *, ahead: int, drift: int
) -> Iterator[int]:
    """The positions to try, in order; none of them used before."""
    first = at.used + 1
    if generator.kind is Oath.HOTP:
        return iter(range(first, min(first + ahead, COUNTERS)))
    now = seconds // generator.seconds + at.drift
    return iter(range(max(first, now - drift), now + drift + 1))


def _moved(generator: Generator, at: Position, seconds: int, found: int | None) -> Position | None:
    if found is None:
        return None
    if generator.kind is Oath.HOTP:
        return Position(found, at.drift)
    return Position(found, found - seconds // generator.seconds)


def _same(seed: bytes, generator: Generator, position: int, code: str) -> bool:
    made = HOTP(seed, generator.digits, _HASHES[generator.digest]()).generate(position)
    return constant_time.bytes_eq(made, code.encode())
