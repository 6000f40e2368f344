"""What of the file system a process may read: its own program, and nothing else. Linux 5.13 on.

A reader that a file has taken over runs as the platform's user, whose files and processes
(/proc/*/environ) hold addresses and passwords. The kernel's landlock(7) takes them out of sight,
and from Linux 6.12 on keeps signals inside as well.
"""

import ctypes
import os
import struct
import sys
import sysconfig
import zoneinfo
from collections.abc import Iterable
from pathlib import Path

# The same on every architecture (asm-generic/unistd.h).
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION, PATH_BENEATH = 1, 1  # linux/landlock.h
READ_FILE, READ_DIR = 1 << 2, 1 << 3
EVERY_ACCESS = (1 << 13) - 1  # that the first version knows: to read, write, make and remove
SCOPES = 3  # abstract sockets and signals
SCOPES_FROM = 6  # version of the interface


def version() -> int:
    """Of the kernel's interface; 0 if it has none, or it is switched off."""
    return max(0, _call(CREATE_RULESET, None, 0, VERSION))


def program() -> list[Path]:
    """What a process of ours is made of: modules, libraries, time zones."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    ours = Path(__file__).resolve().parents[2]
    return [
        ours / "calllist",
        ours / "crypto",
        *(Path(sysconfig.get_path(name)) for name in names),
        Path(sys.base_prefix) / "lib",
        *map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")),
        *map(Path, ("/etc/ld.so.cache", "/etc/localtime")),
        *map(Path, zoneinfo.TZPATH),
    ]


def read_only(paths: Iterable[Path]) -> bool:
    """From here on nothing but these can be opened, for good. False if the kernel cannot.

    The process must have given up gaining rights (PR_SET_NO_NEW_PRIVS).
    """
    known = version()
    if not known:
        return False
    attributes = struct.pack("=QQQ", EVERY_ACCESS, 0, SCOPES if known >= SCOPES_FROM else 0)
    size = len(attributes) if known >= SCOPES_FROM else 8
    rules = _call(CREATE_RULESET, attributes, size, 0)
    if rules < 0:
        return False
    for path in paths:
        _allow(rules, path)
    done = _call(RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return done


def _allow(rules: int, path: Path) -> None:
    try:
        there = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this machine
        return
    access = READ_FILE | (READ_DIR if path.is_dir() else 0)
    _call(ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", access, there), 0)
    os.close(there)


def _call(number: int, *arguments: bytes | int | None) -> int:
    return int(ctypes.CDLL(None, use_errno=True).syscall(number, *arguments))
