"""A witness: keeps the newest head it has seen, and cosigns the next only if that one grew
from it. What it looks at comes by `Fetch`; it never takes a word without a proof.

    newest head -> our log's signature -> same month: consistency with the kept head
                                       -> later month: first lines back to the kept month,
                                          each carrying the head before, then consistency
"""

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.ledger.checkpoint import (
    COSIGNATURE,
    BadCheckpoint,
    Checkpoint,
    Note,
    Signature,
    Witness,
    cosign,
    key_id,
    parse,
    strict_base64,
    verify,
)
from crypto.ledger.proofs import BadProof, check_consistency, check_inclusion
from crypto.ledger.reading import read_note
from crypto.ledger.shards import SHARD, read_line
from crypto.ledger.tree import leaf_hash

SALT_BYTES = 16
PRIVATE = "PRIVATE+KEY+"  # how note signers write a secret key
OTHERS = 0o077  # mode bits of everybody but the owner

Fetch = Callable[[str], bytes]
"""Gets what lies below the log's address: "checkpoint", "2026-04/opening", ..."""


class Inconsistent(Exception):
    """The log is shorter than, or another than, what was seen before; or proves nothing."""


class KeyRefused(Exception):
    """The witness's key file is readable by others, or not of the expected form."""


class _Opening(msgspec.Struct, frozen=True):
    entry: bytes
    hashes: tuple[bytes, ...]
    checkpoint: str


@dataclass(frozen=True)
class WitnessKey:
    """A witness's name and secret key."""

    name: str
    key: Ed25519PrivateKey

    @property
    def public(self) -> Witness:
        return Witness(self.name, self.key.public_key().public_bytes_raw())

    @classmethod
    def load(cls, path: Path) -> "WitnessKey":
        """Raises KeyRefused, OSError."""
        if path.stat().st_mode & OTHERS:
            raise KeyRefused("mode")
        try:
            text = path.read_text().strip()
            name, _, rest = text.removeprefix(PRIVATE).partition("+")
            stated, _, body = rest.partition("+")
            raw = strict_base64(body)
            key = Ed25519PrivateKey.from_private_bytes(raw[1:])
        except ValueError:
            raise KeyRefused("form") from None
        found = cls(name, key)
        if raw[:1] != COSIGNATURE or found.public.key_id.hex() != stated:
            raise KeyRefused("form")
        return found

    def written(self) -> str:
        """For a file of mode 0600."""
        body = base64.b64encode(COSIGNATURE + self.key.private_bytes_raw()).decode()
        stated = key_id(self.name, COSIGNATURE, self.public.public_key).hex()
        return f"{PRIVATE}{self.name}+{stated}+{body}\n"


@dataclass(frozen=True)
class Seen:
    """What a look has come to: the head, cosigned; and the one that was kept before."""

    note: str
    head: Checkpoint
    before: Checkpoint | None


class Watch:
    """One witness's folder: a cosigned note for each month, the newest of that month."""

    def __init__(self, state: Path, log_key: bytes) -> None:
        self._state, self._log_key = state, log_key

    def kept(self) -> tuple[str, Checkpoint] | None:
        """The newest note. Raises BadCheckpoint, OSError if the folder holds something else."""
        if not self._state.is_dir():
            return None
        months = sorted(file.name for file in self._state.iterdir() if file.suffix != ".new")
        if not months:
            return None
        note = read_note(self._state / months[-1])
        return note, verify(note, self._log_key)

    def look(self, fetch: Fetch, key: WitnessKey, at: int) -> Seen:
        """Fetch, check, cosign, keep. at: Unix time in seconds.

        Raises Inconsistent: nothing is cosigned or kept then; OSError, BadCheckpoint.
        """
        kept = self.kept()
        before = kept[1] if kept else None
        note = _text(fetch("checkpoint"))
        try:
            head = verify(note, self._log_key)
            if before is not None:
                note, head = self._grown(fetch, before, note, head)
        except (BadCheckpoint, BadProof, msgspec.DecodeError, ValueError) as error:
            raise Inconsistent(str(error)) from None
        own = parse(note)
        line = cosign(head, key.name, key.key, at)
        text = str(Note(head, (_own_line(own), line)))
        self._keep(head.month, text)
        return Seen(text, head, before)

    def _grown(
        self, fetch: Fetch, before: Checkpoint, note: str, head: Checkpoint
    ) -> tuple[str, Checkpoint]:
        """Raises BadProof."""
        if head.month < before.month:
            raise BadProof(f"{head.month} after {before.month}")
        newest, last = (note, head), head
        while last.month > before.month:
            opening = msgspec.json.decode(fetch(f"{last.month}/opening"), type=_Opening)
            there = verify(opening.checkpoint, self._log_key)
            if last is head and there.month == head.month and there.size > head.size:
                newest = opening.checkpoint, there  # it may have grown since
            elif there != last:
                raise BadProof(f"{last.month} ends in two ways")
            last = self._before(opening, there)
        if last.month != before.month:
            raise BadProof(f"{before.month} is left out")
        self._check_growth(fetch, before, last)
        return newest

    def _before(self, opening: _Opening, head: Checkpoint) -> Checkpoint:
        """The head that a month's first line carries. Raises BadProof."""
        check_inclusion(leaf_hash(opening.entry), 0, head.size, opening.hashes, head.root)
        line = read_line(opening.entry[SALT_BYTES:])
        previous = verify(line.previous or "", self._log_key)
        if line.kind != SHARD or line.month != head.month or previous.month >= head.month:
            raise BadProof(f"{head.month} is not chained")
        return previous

    def _check_growth(self, fetch: Fetch, old: Checkpoint, new: Checkpoint) -> None:
        hashes: list[bytes] = []
        if 0 < old.size < new.size:
            path = f"{new.month}/consistency?old={old.size}&new={new.size}"
            hashes = msgspec.json.decode(fetch(path), type=list[bytes])
        check_consistency(old.size, old.root, new.size, new.root, hashes)

    def _keep(self, month: str, note: str) -> None:
        self._state.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self._state / f"{month}.new"
        with beside.open("w") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self._state / month)


def _own_line(note: Note) -> Signature:
    return next(one for one in note.signatures if one.name == note.checkpoint.origin)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Inconsistent("no text") from None
