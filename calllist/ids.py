"""Ids: a prefix that says what is meant, and 64 random bits. Leases are secrets: 128 bits."""

import secrets


def new(prefix: str) -> str:
    """A fresh id, for example `job_3f9c...`."""
    return f"{prefix}_{secrets.token_hex(8)}"


def new_lease() -> str:
    """A fresh id that nobody guesses: it stands in the address of the desk."""
    return f"lea_{secrets.token_urlsafe(16)}"
