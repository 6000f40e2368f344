"""Where the tests' databases, keepers and homes lie: in memory, where there is room for them.

No test loses anything by it: who dies in them is a process, never the machine, and what a
process has written is there after `kill -9` on any file system. Disks that are full are made
by the tests that want them. A keeper starts three times as fast, a database copies so.

`TMPDIR=/tmp make test` stays on the disk.
"""

import os
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - only asked whether it will do
ROOM = 4 << 30  # bytes: twice what a whole run has at a time
BESIDE = 4 << 30  # bytes of memory for everything else: browsers, servers, the run itself


def folder() -> str | None:
    """Where to; None: where this machine puts temporary files anyhow."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return None
    disk = os.statvfs(MEMORY)
    free = disk.f_bavail * disk.f_frsize
    closed = disk.f_flag & (os.ST_RDONLY | os.ST_NOEXEC)
    return str(MEMORY) if not closed and free >= ROOM and _available() >= ROOM + BESIDE else None


def _available() -> int:
    """Bytes of memory that can be had (proc(5), /proc/meminfo)."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0
