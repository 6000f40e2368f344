"""What an authenticator shows: pyotp, which is not what the keeper computes with."""

import base64
import hashlib

import pyotp

from crypto.standards.oath import Generator


def shown(seed: bytes, generator: Generator, position: int) -> str:
    """The code at a step (TOTP) or counter (HOTP)."""
    digest = getattr(hashlib, generator.digest)
    secret = base64.b32encode(seed).decode()
    return pyotp.HOTP(secret, digits=generator.digits, digest=digest).at(position)
