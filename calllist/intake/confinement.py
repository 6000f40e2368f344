"""What the intake process and its reader may not do. Linux only.

Both: dump core, be looked into, outlive their parent, gain rights, take more memory, time or
open files than a list needs, write a file. The reader, where hostile bytes end, besides: open
a connection, start a process, look into another one, signal it or slow it down, change
anything in the file system or leave anything in the kernel, read what is not its program.

Through prctl(2), setrlimit(2), seccomp(2) in its form for prctl.
"""

import ctypes
import logging
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType

from calllist.intake import landlock

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38


@dataclass(frozen=True)
class Limits:
    """What a process may take (setrlimit(2)). memory: of its address space, in bytes.

    alone: it may not reach anything but what it was handed.
    """

    memory: int
    cpu: int  # seconds; then it is killed
    files: int  # open at once
    alone: bool


INTAKE = Limits(memory=1 << 30, cpu=3600, files=64, alone=False)
READER = Limits(memory=1 << 30, cpu=1800, files=32, alone=True)


def confine(parent: int, limits: Limits) -> None:
    """Confine this process; `parent` is the process that started it.

    Ends the process if the parent is gone already: its death could not be noticed any more.
    """
    os.umask(0o077)
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_NOFILE, limits.files),
    ):
        resource.setrlimit(what, (most, most))
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(PR_SET_DUMPABLE, 0)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if os.getppid() != parent:
        os._exit(1)
    if limits.alone:
        landlock.read_only(landlock.program())  # a kernel without it: all else still holds
        _leave_alone()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    logging.disable(logging.CRITICAL)
    sys.excepthook = _silent
    sys.dont_write_bytecode = True


def _prctl(option: int, value: int, more: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, ctypes.c_void_p(more), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _silent(kind: type[BaseException], _error: BaseException, _trace: TracebackType | None) -> None:
    """A traceback could quote a cell: the type is all that is said."""
    sys.stderr.write(f"{kind.__name__}\n")


# -- system calls --------------------------------------------------------------------------

SECCOMP_MODE_FILTER = 2  # linux/seccomp.h
ALLOW, REFUSE = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO with EPERM
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
FIRST_ARGUMENT, SECOND_ARGUMENT, THIRD_ARGUMENT = 16, 24, 32  # their lower halves
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
FOREIGN_NUMBERS = 0x40000000  # of the x32 interface: other numbers for the same calls
# What a call that is needed may not be asked for.
OWNERS = (8, 10, 15, 1024, 1026)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: signals; F_SETLEASE, F_NOTIFY
TERMINALS = (0x5412, 0x541C, 0x8901, 0x8902)  # TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP
UNDOING = (PR_SET_PDEATHSIG, PR_SET_DUMPABLE)


@dataclass(frozen=True)
class Calls:
    """Numbers of system calls on one architecture (asm/unistd.h)."""

    architecture: int  # AUDIT_ARCH_*, linux/audit.h
    openat: int
    fcntl: int
    ioctl: int
    prctl: int
    refused: tuple[int, ...]


# In both: processes (start, signal, trace, read their memory), sockets, namespaces, mounts,
# files (make, move, link, remove, cut, change rights), limits, keys, kernel programs; signals
# with contents, priorities of others, attributes and times of files, objects that outlive a
# process (System V, message queues), watching files, handles of files, memory of others.
CALLS = {
    "x86_64": Calls(
        0xC000003E,
        257,
        72,
        16,
        157,
        (
            *(56, 57, 58, 59, 322, 435, 62, 200, 234, 101, 310, 311, 424, 434, 438),
            *(41, 42, 43, 49, 50, 53, 288),
            *(161, 165, 166, 272, 308, 428, 429, 430, 432, 155),
            *(2, 85, 437, 76, 77, 82, 83, 84, 86, 87, 88, 90, 91, 92, 93, 94, 133),
            *(258, 259, 260, 263, 264, 265, 266, 268, 316),
            *(160, 302, 248, 249, 250, 298, 321, 323, 425),
            *(129, 297, 141, 142, 144, 203, 314, 251),
            *(188, 189, 190, 197, 198, 199, 463, 466, 132, 235, 261, 280),
            *(29, 30, 31, 64, 65, 66, 68, 69, 70, 71, 240, 241, 319, 447),
            *(253, 254, 294, 300, 303, 304, 256, 279, 440, 103, 442, 431, 285),
        ),
    ),
    "aarch64": Calls(
        0xC00000B7,
        56,
        25,
        29,
        167,
        (
            *(220, 221, 281, 435, 129, 130, 131, 117, 270, 271, 424, 434, 438),
            *(198, 199, 200, 201, 202, 203, 242),
            *(51, 39, 40, 41, 97, 268, 428, 429, 430, 432),
            *(437, 45, 46, 33, 34, 35, 36, 37, 38, 52, 53, 54, 55, 276),
            *(164, 261, 217, 218, 219, 241, 280, 282, 425),
            *(138, 240, 140, 118, 119, 122, 274, 30),
            *(5, 6, 7, 14, 15, 16, 463, 466, 88),
            *(194, 195, 196, 190, 191, 192, 193, 186, 187, 188, 189, 180, 181, 279, 447),
            *(26, 27, 262, 264, 265, 238, 239, 440, 116, 442, 431, 47),
        ),
    ),
}


def _leave_alone() -> None:
    """Refuse those system calls from here on, for good."""
    calls = CALLS.get(platform.machine())
    if calls is None:
        return  # an architecture that we have no numbers of: all else still holds
    program = b"".join(_filter(calls))
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))  # struct sock_fprog
    whole = ctypes.create_string_buffer(head, len(head))
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(whole))


def _filter(calls: Calls) -> Iterable[bytes]:
    """A BPF program: refuse what is named, opening for writing, and every foreign interface."""

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    yield step(LOAD, ARCHITECTURE)
    yield step(EQUAL, calls.architecture, yes=1)
    yield step(RETURN, REFUSE)
    yield step(LOAD, NUMBER)
    for number in calls.refused:
        yield step(EQUAL, number, no=1)
        yield step(RETURN, REFUSE)
    yield step(AT_LEAST, FOREIGN_NUMBERS, no=1)
    yield step(RETURN, REFUSE)
    for number, offset, refused in (
        (calls.fcntl, SECOND_ARGUMENT, OWNERS),
        (calls.ioctl, SECOND_ARGUMENT, TERMINALS),
        (calls.prctl, FIRST_ARGUMENT, UNDOING),
    ):
        yield step(EQUAL, number, no=2 + 2 * len(refused))
        yield step(LOAD, offset)
        for value in refused:
            yield step(EQUAL, value, no=1)
            yield step(RETURN, REFUSE)
        yield step(RETURN, ALLOW)
    yield step(EQUAL, calls.openat, no=3)
    yield step(LOAD, THIRD_ARGUMENT)
    yield step(ANY_BIT, WRITING, no=1)
    yield step(RETURN, REFUSE)
    yield step(RETURN, ALLOW)
