"""The root of an epoch in a file: the embedded default.

Not promised: whoever copied the file before its destruction still has it. Certificates
therefore name this kind.
"""

import os
import secrets
from pathlib import Path

KIND = "file"
ROOT_BYTES = 32  # AES-256
OTHERS = 0o077  # mode bits of everybody but the owner


class RootRefused(Exception):
    """The root of this epoch is missing, damaged, or readable by others."""


class FileRoots:
    """One file per epoch in a folder of their own."""

    kind = KIND

    def __init__(self, folder: Path) -> None:
        """Raises RootRefused if others may look into the folder."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_mode & OTHERS:
            raise RootRefused(f"{folder} is open to others: chmod 700 {folder}")
        self._folder = folder

    def create(self, epoch: int) -> bytes:
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
        return root

    def unlock(self, epoch: int) -> bytes:
        """Raises RootRefused."""
        path = self._path(epoch)
        try:
            if path.stat().st_mode & OTHERS:
                raise RootRefused(f"{path} is readable by others: chmod 600 {path}")
            root = path.read_bytes()
        except OSError as error:
            raise RootRefused(f"root of epoch {epoch}: {error.strerror}") from None
        if len(root) != ROOT_BYTES:
            raise RootRefused(f"root of epoch {epoch} is damaged")
        return root

    def destroy(self, epoch: int) -> None:
        """Overwrite, then unlink, durably. Repeated: nothing to do."""
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

    def _path(self, epoch: int) -> Path:
        return self._folder / f"{epoch:08}.root"


def sync_folder(folder: Path) -> None:
    """Make a creation, rename or removal in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
