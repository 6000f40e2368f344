"""Every key that opens something, in one file, under the root of the current epoch.

    root of epoch e  ->  entrustor keys  ->  secrets of each list
                     ->  factor key (seeds of second factors)

Destroying lists begins a new epoch: a new root, every survivor wrapped again (fresh entrustor
keys too, or an old copy of the file would still open), reread and verified; one rename is
the **point of no return**; then the old root is destroyed. A crash before the rename leaves
the old epoch, a crash after it the new one; `Keystore.load` sweeps up what is left over.

Never backed up: the entrustor holds the original of every list.
"""

import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.canonical import injective
from crypto.errors import DoesNotOpen, UnknownList
from crypto.roots.file import FileRoots, sync_folder
from crypto.sealing import KEY_BYTES, NONCE_BYTES

FORMAT = "calllist-keystore/1"


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


class KeystoreRefused(Exception):
    """The file is missing where it must not be, damaged, or not of this epoch."""


class _Wrapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    binding: Binding
    secrets: bytes


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    epoch: int
    factor_key: bytes
    entrustors: dict[str, bytes]
    lists: dict[str, _Wrapped]


@dataclass(frozen=True)
class _Place:
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

    def factors(self) -> bytes:
        return injective("calllist/wrap/factors/1", self.epoch)


class Keystore:
    """The open keystore. One writer: the keeper's only thread of verbs."""

    def __init__(self, path: Path, roots: FileRoots, file: _File, root: bytes) -> None:
        self._path, self._roots = path, roots
        self._file, self._root = file, root

    @classmethod
    def create(cls, path: Path, roots: FileRoots) -> "Keystore":
        """An empty one, in epoch 1. Raises KeystoreRefused if there is one, or was."""
        if path.exists() or roots.epochs() - {1}:
            raise KeystoreRefused(f"{path}: there is, or was, a keystore here")
        root = roots.create(1)
        factor_key = _wrap(root, _Place(1).factors(), secrets.token_bytes(KEY_BYTES))
        keystore = cls(path, roots, _File(FORMAT, 1, factor_key, {}, {}), root)
        keystore._replace(keystore._file)
        return keystore

    @classmethod
    def load(cls, path: Path, roots: FileRoots) -> "Keystore":
        """Open what is there and finish an interrupted change of epoch.

        Raises KeystoreRefused, RootRefused.
        """
        file = _read(path)
        keystore = cls(path, roots, file, roots.unlock(file.epoch))
        keystore.factor_key()  # the root fits: whatever else lies here is left over
        _beside(path).unlink(missing_ok=True)
        for epoch in roots.epochs() - {file.epoch}:
            roots.destroy(epoch)
        return keystore

    @property
    def epoch(self) -> int:
        return self._file.epoch

    @property
    def used(self) -> bool:
        """Whether it holds a list, or has held one."""
        return self.epoch > 1 or bool(self._file.lists)

    @property
    def root_kind(self) -> str:
        return self._roots.kind

    def __contains__(self, list_id: str) -> bool:
        return list_id in self._file.lists

    def factor_key(self) -> bytes:
        """The key under which the roster keeps the seeds of second factors."""
        try:
            return _unwrap(self._root, _Place(self.epoch).factors(), self._file.factor_key)
        except DoesNotOpen:
            raise KeystoreRefused(f"epoch {self.epoch}: not under this root") from None

    def put(self, binding: Binding, keys: ListSecrets) -> None:
        """Add a list; durable when this returns."""
        entrustors = dict(self._file.entrustors)
        place = _Place(self.epoch)
        if binding.entrustor in entrustors:
            over = self._entrustor_key(self._file, self._root, binding.entrustor)
        else:
            over = secrets.token_bytes(KEY_BYTES)
            entrustors[binding.entrustor] = _wrap(
                self._root, place.entrustor(binding.entrustor), over
            )
        wrapped = _wrap(over, place.list(binding), msgspec.msgpack.encode(keys))
        lists = self._file.lists | {binding.list: _Wrapped(binding, wrapped)}
        self._replace(msgspec.structs.replace(self._file, entrustors=entrustors, lists=lists))

    def secrets(self, binding: Binding) -> ListSecrets:
        """Raises UnknownList; DoesNotOpen if they were wrapped for another binding."""
        return self._secrets(self._file, self._root, binding)

    def rotate(self, keep: Collection[str]) -> int:
        """Begin a new epoch with only the lists in `keep`; return the epoch that ended.

        When this returns, the old root is destroyed: nothing wrapped under it opens.
        """
        ended = self.epoch
        root = self._roots.create(ended + 1)
        file = self._rewrapped(ended + 1, root, keep)
        self._write_beside(file)
        self._verify_beside(file, root)
        self._commit_beside()  # no way back from here
        self._file, self._root = file, root
        self._roots.destroy(ended)
        return ended

    # -- the steps of a change -------------------------------------------------------------

    def _rewrapped(self, epoch: int, root: bytes, keep: Collection[str]) -> _File:
        place = _Place(epoch)
        kept = {name: entry for name, entry in self._file.lists.items() if name in keep}
        keys = {entry.binding.entrustor: secrets.token_bytes(KEY_BYTES) for entry in kept.values()}
        entrustors = {name: _wrap(root, place.entrustor(name), key) for name, key in keys.items()}
        lists = {
            name: _Wrapped(
                entry.binding,
                _wrap(
                    keys[entry.binding.entrustor],
                    place.list(entry.binding),
                    msgspec.msgpack.encode(self.secrets(entry.binding)),
                ),
            )
            for name, entry in kept.items()
        }
        factor_key = _wrap(root, place.factors(), self.factor_key())
        return _File(FORMAT, epoch, factor_key, entrustors, lists)

    def _write_beside(self, file: _File) -> None:
        path = _beside(self._path)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(msgspec.msgpack.encode(file))
            out.flush()
            os.fsync(out.fileno())
        sync_folder(path.parent)

    def _verify_beside(self, expected: _File, root: bytes) -> None:
        """Reread from disk; every survivor must open to what it was."""
        file = _read(_beside(self._path))
        if file != expected:
            raise KeystoreRefused("the new epoch was not written as it should be")
        for entry in file.lists.values():
            if self._secrets(file, root, entry.binding) != self.secrets(entry.binding):
                raise KeystoreRefused(f"{entry.binding.list} did not survive")

    def _commit_beside(self) -> None:
        _beside(self._path).replace(self._path)
        sync_folder(self._path.parent)

    def _replace(self, file: _File) -> None:
        """The same epoch with other content."""
        self._write_beside(file)
        self._commit_beside()
        self._file = file

    # -- reading ---------------------------------------------------------------------------

    @staticmethod
    def _entrustor_key(file: _File, root: bytes, entrustor: str) -> bytes:
        return _unwrap(
            root, _Place(file.epoch).entrustor(entrustor), file.entrustors.get(entrustor, b"")
        )

    def _secrets(self, file: _File, root: bytes, binding: Binding) -> ListSecrets:
        entry = file.lists.get(binding.list)
        if entry is None:
            raise UnknownList(binding.list)
        over = self._entrustor_key(file, root, binding.entrustor)
        plaintext = _unwrap(over, _Place(file.epoch).list(binding), entry.secrets)
        return msgspec.msgpack.decode(plaintext, type=ListSecrets)


def _beside(path: Path) -> Path:
    return path.with_suffix(".next")


def _read(path: Path) -> _File:
    try:
        file = msgspec.msgpack.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise KeystoreRefused(f"{path}: {error.strerror}") from None
    except msgspec.DecodeError:
        raise KeystoreRefused(f"{path} is damaged") from None
    if file.format != FORMAT:
        raise KeystoreRefused(f"{path} is not a {FORMAT} file")
    return file


def _wrap(key: bytes, place: bytes, plaintext: bytes) -> bytes:
    """Nonce and ciphertext. Nonces are random: a wrapping key lives for one epoch's few wraps."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, place)


def _unwrap(key: bytes, place: bytes, wrapped: bytes) -> bytes:
    """Raises DoesNotOpen."""
    try:
        return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], place)
    except (InvalidTag, ValueError):
        raise DoesNotOpen from None
