"""Proofs as files: whoever gets one checks it with the log's key and nothing else."""

from pathlib import Path

import msgspec

from crypto.ledger.checkpoint import BadCheckpoint, Checkpoint, verify
from crypto.ledger.proofs import (
    BadProof,
    check_consistency,
    check_inclusion,
    consistency,
    inclusion,
)
from crypto.ledger.reading import months, read_note
from crypto.ledger.shards import Line, read_line
from crypto.ledger.tiles import CHECKPOINT, TILE, hash_at, tile_path, unbundle, width_of
from crypto.ledger.tree import leaf_hash
from crypto.standards.canonical import canonical_json

SALT_BYTES = 16


class Inclusion(msgspec.Struct, frozen=True, tag="inclusion", tag_field="kind"):
    """A line is in the log: it leads to the signed head of its month."""

    index: int  # of the line in its month
    entry: bytes  # salt and leaf
    hashes: tuple[bytes, ...]
    checkpoint: str

    def check(self, public_key: bytes) -> tuple[Line, Checkpoint]:
        """What the line says, and the head. Raises BadProof."""
        try:
            head = verify(self.checkpoint, public_key)
            line = read_line(self.entry[SALT_BYTES:])
        except (BadCheckpoint, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadProof(str(error)) from None
        check_inclusion(leaf_hash(self.entry), self.index, head.size, self.hashes, head.root)
        return line, head


class Consistency(msgspec.Struct, frozen=True, tag="consistency", tag_field="kind"):
    """A month has only grown between two signed heads."""

    old: str
    new: str
    hashes: tuple[bytes, ...]

    def check(self, public_key: bytes) -> tuple[Checkpoint, Checkpoint]:
        """Both heads. Raises BadProof."""
        try:
            old, new = verify(self.old, public_key), verify(self.new, public_key)
        except BadCheckpoint as error:
            raise BadProof(str(error)) from None
        if old.month != new.month:
            raise BadProof("heads of two months")
        check_consistency(old.size, old.root, new.size, new.root, self.hashes)
        return old, new


Proof = Inclusion | Consistency


def written(proof: Proof) -> bytes:
    """The proof as a file."""
    return msgspec.json.format(msgspec.json.encode(proof), indent=1) + b"\n"


def read(data: bytes) -> Proof:
    """Raises BadProof, also of members and of base64 that say nothing: one spelling only."""
    try:
        found: Proof = msgspec.json.decode(data, type=Proof)
        said = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadProof("form") from None
    if canonical_json(found) != canonical_json(said):
        raise BadProof("form")
    return found


def of_line(folder: Path, seq: int, public_key: bytes) -> Inclusion:
    """From a log folder that verifies. Raises BadProof if it has no such line; OSError,
    BadCheckpoint, BadTile."""
    for month in reversed(months(folder)):
        note = read_note(folder / month / CHECKPOINT)
        head = verify(note, public_key)
        index = seq - read_line(_entry(folder / month, 0, head.size)[SALT_BYTES:]).seq
        if index >= head.size:
            break
        if index >= 0:
            at = hash_at(head.size, lambda *one: (folder / month / tile_path(*one)).read_bytes())  # noqa: B023
            hashes = inclusion(index, head.size, at)
            return Inclusion(index, _entry(folder / month, index, head.size), tuple(hashes), note)
    raise BadProof("no such line")


def of_growth(folder: Path, old: str, public_key: bytes) -> Consistency:
    """That a log folder begins with a head that somebody kept. Raises as `of_line`."""
    kept = verify(old, public_key)
    note = read_note(folder / kept.month / CHECKPOINT)
    head = verify(note, public_key)
    if kept.size > head.size:
        raise BadProof("the log is shorter than before")
    at = hash_at(head.size, lambda *one: (folder / kept.month / tile_path(*one)).read_bytes())
    proof = Consistency(old, note, tuple(consistency(kept.size, head.size, at)))
    proof.check(public_key)
    return proof


def _entry(folder: Path, index: int, size: int) -> bytes:
    number = index // TILE
    width = width_of(size, number)
    data = (folder / tile_path("entries", number, width)).read_bytes()
    return unbundle(data, width)[index % TILE]
