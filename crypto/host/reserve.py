"""Room on the disk for what must always be possible: freeze, revoke, shred and say so.

A file of zeros lies in the keeper's home. When the disk is full it is let go of for those
verbs alone; everything else stays refused until the room is there again and the file too.

    kept -> released (a disk is full, somebody must be stopped) -> kept (there is room again)
"""

import contextlib
import errno
import logging
import os
from pathlib import Path

RESERVE_BYTES = 16 * 1024 * 1024  # a keystore of 10,000 lists takes 5 MB, a line 300 bytes
LOW_BYTES = 1024 * 1024  # a start below this would not even open the journal

log = logging.getLogger(__name__)


class Reserve:
    """The file, and whether it is there."""

    def __init__(self, path: Path, size: int = RESERVE_BYTES) -> None:
        """Make it unless it is there. On a disk that is full already it is given up at once,
        so that the keeper can start and stop people; the log says so."""
        self._path, self._size = path, size
        if self.kept and _room(path.parent) < LOW_BYTES:
            self.release()
        elif not self.keep():
            log.warning("no room for the reserve: nothing opens before there is")

    @property
    def kept(self) -> bool:
        """Whether all of it is there."""
        try:
            return self._path.stat().st_size >= self._size
        except OSError:
            return False

    def release(self) -> bool:
        """Make room; False if there was nothing to let go of, or it cannot be let go."""
        try:
            self._path.unlink()
        except OSError:
            return False
        log.warning("the disk is full: the reserve is released, nothing opens before there is room")
        return True

    def keep(self) -> bool:
        """Take the room again; False if there is too little, and then nothing is taken."""
        if self.kept:
            return True
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            with contextlib.suppress(OSError):  # a disk that takes nothing does not give either
                self._path.unlink(missing_ok=True)
            return False
        return True


def is_full(error: BaseException) -> bool:
    """Whether an error of the file system says that there is no room."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _room(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
