"""The keystore's file: what stands in it, what each wrap is bound to, which file is the right one.

keystore        the one in force
keystore.next   a change on its way: staged, noted by its digest in the journal, renamed
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from crypto.keys.roots.file import sync_folder
from crypto.standards.canonical import injective

FORMAT = "calllist-keystore/1"


class KeystoreRefused(Exception):
    """The file is missing where it must not be, damaged, or not what the ledger says."""


class Binding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a list's secrets are wrapped for; with anything else they do not open."""

    entrustor: str
    list: str
    policy: bytes  # SHA-256 of the contract terms in canonical JSON
    expires: int  # microseconds since 1970


class ListSecrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that opens, seals and tags for one list."""

    seeds: bytes  # of its `RecipientKey`
    result_key: bytes
    trace_key: bytes

    def __repr__(self) -> str:
        return "ListSecrets(3 secrets)"


class StoredList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list's secrets under its entrustor's key."""

    binding: Binding
    secrets: bytes


class StoredBox(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A job's age identity (`crypto.lists.letterbox`) under its entrustor's key."""

    entrustor: str
    identity: bytes


class StoredFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    format: str
    epoch: int
    proof: bytes  # something without value under this epoch's root ...
    ended: bytes  # ... and under the root before: when that is destroyed, it must not open
    factor_key: bytes
    entrustors: dict[str, bytes]
    lists: dict[str, StoredList]
    boxes: dict[str, StoredBox] = {}


@dataclass(frozen=True)
class Place:
    """AAD: which wrap this is, in which epoch."""

    epoch: int

    def entrustor(self, entrustor: str) -> bytes:
        return injective("calllist/wrap/entrustor/1", self.epoch, entrustor)

    def list(self, binding: Binding) -> bytes:
        return injective(
            "calllist/wrap/list/1",
            self.epoch,
            binding.entrustor,
            binding.list,
            binding.policy,
            binding.expires,
        )

    def box(self, entrustor: str, job: str) -> bytes:
        return injective("calllist/wrap/letterbox/1", self.epoch, entrustor, job)

    def factors(self) -> bytes:
        return injective("calllist/wrap/factors/1", self.epoch)

    def proof(self) -> bytes:
        return injective("calllist/wrap/proof/1", self.epoch)


@dataclass(frozen=True)
class Recorded:
    """What the journal says of the keystore: digests of its bytes.

    digest: of the one in force; empty if no key was ever put into one. announced: of the
    epoch that is about to replace it, None if none is.
    """

    digest: bytes
    announced: bytes | None = None


def settle(path: Path, recorded: Recorded) -> tuple[StoredFile, bytes]:
    """The keystore in force, with its digest, after whatever crash.

        keystore is the noted one          no change was on its way, or it was not noted
        keystore is the announced one      the epoch was renamed, its completion not yet written
        keystore.next is the noted one     noted, not yet renamed: renamed now

    Raises KeystoreRefused on everything else: an older or a foreign keystore.
    """
    file, digest = read(path)
    if not recorded.digest:
        if file.lists or file.boxes:
            raise KeystoreRefused(f"{path} holds keys that the ledger beside it knows nothing of")
        return file, digest
    if digest in (recorded.digest, recorded.announced):
        return file, digest
    if beside(path).exists():
        staged, found = read(beside(path))
        if found == recorded.digest:
            beside(path).replace(path)
            sync_folder(path.parent)
            return staged, found
    raise KeystoreRefused(
        f"{path} is not the keystore of the ledger's last entry: it is a copy of epoch"
        f" {file.epoch} that was put back, or of another keeper"
    )


def beside(path: Path) -> Path:
    """Where a change is staged."""
    return path.with_suffix(".next")


def encode(file: StoredFile) -> bytes:
    """As it lies on the disk."""
    return msgspec.msgpack.encode(file)


def digest_of(data: bytes) -> bytes:
    """SHA-256. Wraps have random nonces: no two states of a keystore share one."""
    return hashlib.sha256(data).digest()


def read(path: Path) -> tuple[StoredFile, bytes]:
    """The file and its digest. Raises KeystoreRefused."""
    try:
        data = path.read_bytes()
        file = msgspec.msgpack.decode(data, type=StoredFile)
    except OSError as error:
        raise KeystoreRefused(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise KeystoreRefused(f"{path} is damaged") from None
    if file.format != FORMAT:
        raise KeystoreRefused(f"{path} is not a {FORMAT} file")
    return file, digest_of(data)
