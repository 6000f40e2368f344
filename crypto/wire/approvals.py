"""What is decided by signature, and whose signatures count."""

from crypto.wire.base import Caller, Done, Id, Request


class Pin(Request[Done], frozen=True, tag="pin"):
    """Pin the keys of an approver (an entrustor, or the centre's privacy officer)."""

    callers = frozenset({Caller.ADMIN})
    approver: Id  # entrustor id, or "centre"
    signing_key: bytes  # Ed25519 public key, 32 bytes
    recipient: bytes  # public key of `crypto.sealing.Recipient`, empty for "centre"


class Submit(Request[Done], frozen=True, tag="submit"):
    """Hand in a signed statement. Replayed, expired, unpinned or forged: refused."""

    callers = frozenset({Caller.WEB, Caller.ADMIN})
    payload: bytes
    key: str
    signature: bytes


Requests = Pin | Submit
