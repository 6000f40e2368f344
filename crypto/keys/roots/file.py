"""The root of an epoch in a file: the embedded default.

Not promised: whoever copied the file before its destruction still has it. Certificates
therefore name this kind.
"""

import os
import secrets
from pathlib import Path

from crypto.errors.base import KeyFileRefused
from crypto.host.memory import LockedMemory, Slot
from crypto.host.secretfile import check_folder, read_secret
from crypto.keys.roots.kinds import FILE, RootGone, RootRefused
from crypto.keys.wrapping import unwrap, wrap

ROOT_BYTES = 32  # AES-256


class FileRoot:
    """A root in locked memory; after its destruction it reads as zeros."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot

    def wrap(self, place: bytes, plaintext: bytes) -> bytes:
        return wrap(self._slot.key, place, plaintext)

    def unwrap(self, place: bytes, wrapped: bytes) -> bytes:
        return unwrap(self._slot.key, place, wrapped)

    def wipe(self) -> None:
        """Forget it."""
        self._slot.wipe()


class FileRoots:
    """One file per epoch in a folder of their own."""

    assurance = FILE

    def __init__(self, folder: Path) -> None:
        """Raises RootRefused if others may look into the folder."""
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            check_folder(folder)
        except KeyFileRefused as refused:
            raise RootRefused(str(refused)) from None
        self._folder = folder
        self._memory = LockedMemory()
        self._unlocked: dict[int, list[FileRoot]] = {}

    def create(self, epoch: int) -> FileRoot:
        """A fresh root, durable before it is returned. A leftover of the number is replaced."""
        root = secrets.token_bytes(ROOT_BYTES)
        path = self._path(epoch)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(root)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._folder)
        return self._hand_out(epoch, root)

    def unlock(self, epoch: int) -> FileRoot:
        """Raises RootRefused, RootGone."""
        path = self._path(epoch)
        try:
            if not path.exists():
                raise RootGone(f"root of epoch {epoch}: {path} is missing")
            root = read_secret(path)
        except KeyFileRefused as refused:
            raise RootRefused(f"root of epoch {epoch}: {refused}") from None
        if len(root) != ROOT_BYTES:
            raise RootRefused(f"root of epoch {epoch} is damaged")
        return self._hand_out(epoch, root)

    def destroy(self, epoch: int) -> None:
        """Overwrite, then unlink, durably; what was handed out of it is wiped too."""
        for root in self._unlocked.pop(epoch, ()):
            root.wipe()
        path = self._path(epoch)
        if not path.exists():
            return
        with path.open("r+b") as file:
            file.write(bytes(ROOT_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(self._folder)

    def epochs(self) -> set[int]:
        """The epochs whose roots are here."""
        return {int(path.stem) for path in self._folder.glob("*.root")}

    def close(self) -> None:
        """Wipe what was handed out."""
        for roots in self._unlocked.values():
            for root in roots:
                root.wipe()
        self._unlocked.clear()

    def _hand_out(self, epoch: int, root: bytes) -> FileRoot:
        handle = FileRoot(self._memory.hold(root))
        self._unlocked.setdefault(epoch, []).append(handle)
        return handle

    def _path(self, epoch: int) -> Path:
        return self._folder / f"{epoch:08}.root"


def sync_folder(folder: Path) -> None:
    """Make a creation, rename or removal in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
