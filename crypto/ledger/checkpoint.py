"""The signed head of the ledger: a C2SP tlog-checkpoint in a C2SP signed note.

<origin>
<size>
<root hash, base64>

— <origin> <base64 of 4-byte key id and Ed25519 signature>
"""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519_NOTE = b"\x01"  # C2SP signed-note: signature type of Ed25519
KEY_ID_BYTES = 4


@dataclass(frozen=True)
class Checkpoint:
    """What a signed head says."""

    origin: str
    size: int
    root: bytes


class BadCheckpoint(ValueError):
    """Not a checkpoint of this log, or not signed by this key."""


def origin(public_key: bytes) -> str:
    """The name of the log whose heads this key signs."""
    return "calllist-ledger-" + hashlib.sha256(public_key).hexdigest()[:16]


def verifier_key(public_key: bytes) -> str:
    """The key in the form that note verifiers take: name+id+base64."""
    name = origin(public_key)
    body = base64.b64encode(ED25519_NOTE + public_key).decode()
    return f"{name}+{_key_id(name, public_key).hex()}+{body}"


def sign(size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """The note; `root` is the tree head of the first `size` leaves."""
    public_key = key.public_key().public_bytes_raw()
    name = origin(public_key)
    text = f"{name}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = _key_id(name, public_key) + key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def verify(note: str, public_key: bytes) -> Checkpoint:
    """Raises BadCheckpoint."""
    text, _, lines = note.partition("\n\n")
    name = origin(public_key)
    prefix = f"— {name} "
    try:
        [line] = [line for line in lines.split("\n") if line.startswith(prefix)]
        signature = _strict_base64(line.removeprefix(prefix))
        first, size, root = text.split("\n")
        known = first == name and signature[:KEY_ID_BYTES] == _key_id(name, public_key)
        if not known or not note.endswith("\n"):
            raise BadCheckpoint(name)
        message = (text + "\n").encode()
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature[KEY_ID_BYTES:], message)
        return Checkpoint(name, int(size), _strict_base64(root))
    except (ValueError, InvalidSignature):
        raise BadCheckpoint(name) from None


def _strict_base64(text: str) -> bytes:
    """Raises ValueError also where b64decode looks away: at bits behind the last byte."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not canonical")
    return data


def _key_id(name: str, public_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519_NOTE + public_key).digest()[:KEY_ID_BYTES]
