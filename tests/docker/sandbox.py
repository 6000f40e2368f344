"""Run a command under what a systemd unit forbids, without systemd: `sandbox.py UNIT COMMAND`.

    SystemCallFilter            through libseccomp, with systemd's own groups
    MemoryDenyWriteExecute      prctl(PR_SET_MDWE), Linux 6.3, which systemd uses as well
    NoNewPrivileges, LimitCORE  as they are

What mounts and users would forbid is not imitated. Both filters hold for every child.
"""

import ctypes
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

PR_SET_NO_NEW_PRIVS, PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 38, 65, 1  # linux/prctl.h
SCMP_ACT_ALLOW, SCMP_ACT_ERRNO = 0x7FFF0000, 0x00050000  # seccomp_init(3)
EPERM = 1


def allowed(unit: Path) -> set[str]:
    """The system calls that the unit's filters leave: the first line allows, `~` takes away."""
    calls = members("@default")
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit.read_text(), re.M):
        named = set[str]().union(*map(members, line.removeprefix("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    return calls


def members(name: str) -> set[str]:
    """A call, or all of a group, as this machine's systemd knows it."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    ).stdout
    inner = re.findall(r"^ +(@?\w[\w-]*|@[\w-]+)$", listed, re.M)
    return set[str]().union(*map(members, inner))


def forbid_all_but(calls: set[str]) -> None:
    """Everything else answers EPERM from now on."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(SCMP_ACT_ERRNO | EPERM))
    for name in calls:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # some exist on other machines only
            seccomp.seccomp_rule_add(context, SCMP_ACT_ALLOW, number, 0)
    if seccomp.seccomp_load(context):
        raise OSError("the filter was not loaded")


def main(unit: Path, command: list[str]) -> None:
    """Become `command`."""
    calls = allowed(unit)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for option in (PR_SET_NO_NEW_PRIVS, PR_SET_MDWE):
        if prctl(option, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0):
            raise OSError(ctypes.get_errno(), f"prctl({option})")
    forbid_all_but(calls)
    os.execv(command[0], command)  # noqa: S606 - that is what it is for


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
