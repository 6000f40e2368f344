"""Secrets of browsers and invitations: the person has the secret, the database its hash."""

import hashlib
import hmac
import secrets


def new() -> str:
    """256 random bits for a cookie or a link."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> bytes:
    """What the database keeps. Plain SHA-256 suffices: the secret is random."""
    return hashlib.sha256(token.encode()).digest()


def csrf(session_token: str) -> str:
    """The form token of a session: worthless without its cookie, and no second secret."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_csrf(session_token: str, offered: str) -> bool:
    """Whether this form came from a page of this session."""
    return hmac.compare_digest(csrf(session_token).encode(), offered.encode())
