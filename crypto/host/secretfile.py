"""A secret is read from a file that only its owner can read, or it is not read.

Checked on the open file, not on its name: what was checked is what is read.
"""

import os
import stat
from pathlib import Path

from crypto.errors.base import KeyFileRefused

OTHERS = 0o077  # mode bits of everybody but the owner
ROOT = 0  # may hand a file to us, and can read everything anyway
SECRET_BYTES = 1024 * 1024  # larger is no key file of ours


def read_secret(path: Path) -> bytes:
    """The bytes of a key, a PIN, a seed. A link is followed: what counts is where it leads.

    Raises KeyFileRefused if it is missing, no plain file, another user's, or open to others.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise KeyFileRefused(f"{path} is not a plain file")
            _check(path, found, "600")
            return os.read(descriptor, SECRET_BYTES)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise KeyFileRefused(f"{path}: {error.strerror}") from None


def check_folder(path: Path) -> None:
    """A folder of secrets. Raises KeyFileRefused if it is another user's, or open to others."""
    try:
        _check(path, path.stat(), "700")
    except OSError as error:
        raise KeyFileRefused(f"{path}: {error.strerror}") from None


def _check(path: Path, found: os.stat_result, mode: str) -> None:
    if found.st_uid not in (os.geteuid(), ROOT):
        raise KeyFileRefused(f"{path} belongs to uid {found.st_uid}: chown it to {os.geteuid()}")
    if found.st_mode & OTHERS:
        raise KeyFileRefused(f"{path} is open to others: chmod {mode} {path}")
