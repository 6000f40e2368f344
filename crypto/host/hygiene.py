"""What the keeper's process takes from itself before it touches a key, and what the kernel
says of it.

    no_core         no core file, whatever core_pattern says (it is not dumpable either)
    not_dumpable    no ptrace and no /proc/PID/mem for other processes of the same uid
    no_new_privs    nothing it might execute could gain a privilege
    memory_locked   no page of it is ever written to swap
    filtered        a seccomp filter stands between it and the kernel (the systemd unit's)

Not promised: root on the keeper's host reads its memory all the same, and Python cannot wipe
what it has used (crypto D39).
"""

import ctypes
import os
import resource
from collections.abc import Iterable
from pathlib import Path

# prctl(2) and mlockall(2), linux/prctl.h and asm-generic/mman.h
PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4
PR_SET_NO_NEW_PRIVS = 38
MCL_CURRENT, MCL_FUTURE = 1, 2
MCL_ONFAULT = 4  # locks a page when it is first touched: before that it holds no secret
CAP_IPC_LOCK = 1 << 14  # capabilities(7)
INITIAL_NAMESPACE = ["0", "0", "4294967295"]  # user_namespaces(7): a capability counts only here

# What a process needs of its surroundings, and where SoftHSM finds its token. A PKCS#11
# module that wants more is given it by name (`--keep`).
KEPT = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SOFTHSM2_CONF"})


class NotHardened(Exception):
    """The kernel refused what every keeper needs."""


def harden(keep: Iterable[str] = ()) -> None:
    """Take everything away; memory is locked where the limits allow it.

    keep: environment variables beside `KEPT`. Raises NotHardened.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(PR_SET_DUMPABLE, 0, "PR_SET_DUMPABLE")
    _prctl(PR_SET_NO_NEW_PRIVS, 1, "PR_SET_NO_NEW_PRIVS")
    for name in set(os.environ) - KEPT - set(keep):
        del os.environ[name]
    _lock_memory()


def reached() -> tuple[str, ...]:
    """What holds for this process at this moment, as the kernel says, in the order above."""
    status = _status()
    holds = {
        "no_core": resource.getrlimit(resource.RLIMIT_CORE) == (0, 0),
        "not_dumpable": _libc().prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0,
        "no_new_privs": status["NoNewPrivs"] == "1",
        # Not all: the kernel's own pages in our address space are not counted.
        "memory_locked": 2 * _kilobytes(status["VmLck"]) > _kilobytes(status["VmSize"]),
        "filtered": status["Seccomp"] == "2",
    }
    return tuple(name for name, held in holds.items() if held)


def _lock_memory() -> None:
    """Lock what is and what will be mapped, or nothing.

    Under a finite limit MCL_FUTURE would make allocations fail later, in the middle of a
    verb: so only without a limit, or where it does not count for us.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
    if hard == resource.RLIM_INFINITY or _limit_does_not_count():
        _libc().mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)


def _limit_does_not_count() -> bool:
    initial = Path("/proc/self/uid_map").read_text().split() == INITIAL_NAMESPACE
    return initial and bool(int(_status()["CapEff"], 16) & CAP_IPC_LOCK)


def _status() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _kilobytes(text: str) -> int:
    return int(text.split(maxsplit=1)[0])


def _prctl(option: int, value: int, name: str) -> None:
    if _libc().prctl(option, value, 0, 0, 0):
        raise NotHardened(f"prctl({name}) failed")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
