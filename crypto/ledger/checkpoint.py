"""Signed heads: C2SP tlog-checkpoint in a C2SP signed-note, with cosignatures of witnesses.

<origin>/<month>
<size>
<root hash, base64>

— <origin>/<month> <base64 of 4-byte key id and Ed25519 signature>
— <witness> <base64 of 4-byte key id, 8-byte time and Ed25519 signature>

Each month is a log of its own with a name of its own, under one key. Reading and cosigning
stand here; the log's own signature is made in `crypto.bookkeeping.signing`, by the keeper only.
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.ledger.tree import HASH_BYTES

ED25519_NOTE = b"\x01"  # C2SP signed-note: signature type of Ed25519
COSIGNATURE = b"\x04"  # C2SP tlog-cosignature: signature type of cosignature/v1
KEY_ID_BYTES, TIME_BYTES, KEY_BYTES = 4, 8, 32
NOTE_BYTES = 16 * 1024  # a note is read up to here; ours has below 2,000 with ten witnesses
SIGNATURES = 32  # of one note at most

MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
NAME = re.compile(r"[\x21-\x2a\x2c-\x7e]{1,128}")  # C2SP signed-note: no space, no plus
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_LINE = re.compile(r"— (?P<name>[\x21-\x2a\x2c-\x7e]{1,128}) (?P<signature>[A-Za-z0-9+/=]+)")


class BadCheckpoint(ValueError):
    """Not a checkpoint of this log, or not signed by this key."""


@dataclass(frozen=True)
class Checkpoint:
    """What a signed head says. `month` names the shard, `size` counts its leaves."""

    log: str
    month: str
    size: int
    root: bytes

    @property
    def origin(self) -> str:
        return f"{self.log}/{self.month}"

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class Signature:
    """One signature line of a note; the key id says which key of that name."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A checkpoint and whoever signed it; nothing is verified yet."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.checkpoint.text + "\n" + "".join(one.line for one in self.signatures)


def log_name(public_key: bytes) -> str:
    """The name of the log whose heads this key signs; a month follows after a slash."""
    return "calllist-ledger-" + hashlib.sha256(public_key).hexdigest()[:16]


def key_id(name: str, kind: bytes, public_key: bytes) -> bytes:
    """C2SP signed-note, "Signatures"."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public_key).digest()[:KEY_ID_BYTES]


def parse(text: str) -> Note:
    """A note in its one spelling. Raises BadCheckpoint."""
    body, _, lines = text.partition("\n\n")
    head, signatures = body.split("\n"), lines.split("\n")
    if len(text) > NOTE_BYTES or len(head) != 3 or signatures.pop() or not signatures:
        raise BadCheckpoint("form")
    log, _, month = head[0].rpartition("/")
    if not (NAME.fullmatch(log) and MONTH.fullmatch(month) and _SIZE.fullmatch(head[1])):
        raise BadCheckpoint("form")
    root = strict_base64(head[2])
    if len(root) != HASH_BYTES or len(signatures) > SIGNATURES:
        raise BadCheckpoint("form")
    checkpoint = Checkpoint(log, month, int(head[1]), root)
    return Note(checkpoint, tuple(_signature(line) for line in signatures))


def verify(text: str, public_key: bytes) -> Checkpoint:
    """What the log signed with this key says. Other signatures are passed over.

    Raises BadCheckpoint.
    """
    note = parse(text)
    said = note.checkpoint
    if said.log != log_name(public_key):
        raise BadCheckpoint("another log")
    known = (said.origin, key_id(said.origin, ED25519_NOTE, public_key))
    own = [one for one in note.signatures if (one.name, one.key_id) == known]
    if len(own) != 1:
        raise BadCheckpoint("not signed by this key")
    _check(public_key, own[0].signature, said.text.encode())
    return said


def _check(public_key: bytes, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise BadCheckpoint("signature") from None


def _signature(line: str) -> Signature:
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadCheckpoint("form")
    raw = strict_base64(found["signature"])
    if len(raw) <= KEY_ID_BYTES:
        raise BadCheckpoint("form")
    return Signature(found["name"], raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def strict_base64(text: str) -> bytes:
    """Raises BadCheckpoint also where b64decode looks away: at bits behind the last byte."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise BadCheckpoint("form") from None
    if base64.b64encode(data).decode() != text:
        raise BadCheckpoint("form")
    return data


# -- keys in their written form ------------------------------------------------------------


def verifier_key(public_key: bytes) -> str:
    """The log's key in the form that note verifiers take: name+id+base64."""
    return written_key(log_name(public_key), ED25519_NOTE, public_key)


def written_key(name: str, kind: bytes, public_key: bytes) -> str:
    """Any key in that form; kind is its signature type."""
    body = base64.b64encode(kind + public_key).decode()
    return f"{name}+{key_id(name, kind, public_key).hex()}+{body}"


def read_key(text: str, kind: bytes) -> tuple[str, bytes]:
    """Name and public key of a written key. Raises BadCheckpoint."""
    name, _, rest = text.partition("+")
    stated, _, body = rest.partition("+")
    raw = strict_base64(body)
    if not NAME.fullmatch(name) or raw[:1] != kind or len(raw) != 1 + KEY_BYTES:
        raise BadCheckpoint("key")
    if key_id(name, kind, raw[1:]).hex() != stated:
        raise BadCheckpoint("key")
    return name, raw[1:]


# -- witnesses -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Witness:
    """A witness as it is pinned: its name and its public key."""

    name: str
    public_key: bytes

    @classmethod
    def read(cls, text: str) -> "Witness":
        """From the written form. Raises BadCheckpoint."""
        return cls(*read_key(text.strip(), COSIGNATURE))

    @property
    def written(self) -> str:
        return written_key(self.name, COSIGNATURE, self.public_key)

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, COSIGNATURE, self.public_key)

    def check(self, note: Note) -> tuple[Signature, int]:
        """Its cosignature in a note, and the Unix time it says. Raises BadCheckpoint."""
        for one in note.signatures:
            if (one.name, one.key_id) == (self.name, self.key_id):
                at = int.from_bytes(one.signature[:TIME_BYTES], "big")
                message = _cosigned(note.checkpoint, at)
                _check(self.public_key, one.signature[TIME_BYTES:], message)
                return one, at
        raise BadCheckpoint("not signed by this witness")


def cosign(checkpoint: Checkpoint, name: str, key: Ed25519PrivateKey, at: int) -> Signature:
    """A witness's cosignature/v1. at: Unix time in seconds."""
    public_key = key.public_key().public_bytes_raw()
    signature = key.sign(_cosigned(checkpoint, at))
    return Signature(
        name, key_id(name, COSIGNATURE, public_key), at.to_bytes(TIME_BYTES, "big") + signature
    )


def _cosigned(checkpoint: Checkpoint, at: int) -> bytes:
    """C2SP tlog-cosignature, "Format"."""
    return f"cosignature/v1\ntime {at}\n{checkpoint.text}".encode()
