"""What a process that sees clear text may not do, tried from inside."""

import json
import os
import platform
import re
import subprocess
import sys
from typing import Any

import pytest

from calllist.intake import landlock
from calllist.intake.confinement import CALLS, INTAKE, READER, Limits

INSIDE = """
import ctypes, fcntl, json, os, pathlib, resource, signal, socket, struct, subprocess, sys
from calllist.intake.confinement import {name}, confine
limits, status = open("/proc/self/limits"), open("/proc/self/status")
confine(os.getppid(), {name})
libc = ctypes.CDLL(None, use_errno=True)

def tried(what):
    try:
        what()
    except OSError as error:
        return error.errno
    except (MemoryError, RuntimeError) as error:
        return type(error).__name__
    return 0

def called(number, *arguments):
    ctypes.set_errno(0)
    return ctypes.get_errno() if libc.syscall(number, *arguments) < 0 else 0

def undone(option, value, back):
    if libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    libc.prctl(option, back, 0, 0, 0)

def owner(asked):
    return lambda: fcntl.fcntl(0, asked, os.getppid())

found = {{
    "its parent's environment": tried(lambda: open(f"/proc/{{os.getppid()}}/environ").read()),
    "own program": tried(lambda: pathlib.Path(json.__file__).read_bytes()),
    "queued signal": called({numbers}[0], os.getppid(), 0, struct.pack("=3i116x", 0, 0, -1)),
    "priority": called({numbers}[1], 0, os.getppid(), os.getpriority(0, os.getppid())),
    "shared memory": called({numbers}[2], 0, 4096, 0),
    "attribute": called({numbers}[3], sys.argv[2].encode(), b"user.a", b"1", 1, 0),
    "owner": tried(owner(8)),
    "signal of owner": tried(owner(10)),
    "terminal": tried(lambda: fcntl.ioctl(0, 0x5412, b"x")),
    "dumpable again": tried(lambda: undone(4, 1, 0)),
    "outliving": tried(lambda: undone(1, 0, 9)),
    "written": tried(lambda: pathlib.Path(sys.argv[1]).write_bytes(b"x")),
    "emptied": tried(lambda: os.truncate(sys.argv[2], 0)),
    "removed": tried(lambda: os.unlink(sys.argv[3])),
    "read": tried(lambda: pathlib.Path(sys.argv[2]).read_bytes()),
    "connected": tried(lambda: socket.create_connection(("127.0.0.1", 9))),
    "started": tried(lambda: subprocess.run(["/bin/true"], check=True)),
    "forked": tried(lambda: os.fork() or os._exit(0)),
    "signalled": tried(lambda: os.kill(os.getppid(), 0)),
    "memory": tried(lambda: bytearray({name}.memory)),
    "opened": tried(lambda: [open(json.__file__) for _ in range({name}.files)]),
    "limits": limits.read(),
    "raised": tried(lambda: resource.prlimit(0, resource.RLIMIT_CORE, (1, 1))),
    "dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0),
    "status": status.read(),
}}
signalled = ctypes.c_int()
ctypes.CDLL(None).prctl(2, ctypes.byref(signalled), 0, 0, 0)
sys.stdout.write(json.dumps(found | {{"parent's death": signalled.value}}))
"""
EPERM, EACCES, EFBIG, EMFILE = 1, 13, 27, 24
NUMBERS = {  # rt_sigqueueinfo, setpriority, shmget, setxattr
    "x86_64": (129, 141, 29, 188),
    "aarch64": (138, 140, 194, 5),
}


@pytest.fixture(params=["INTAKE", "READER"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def found(name: str, tmp_path: Any) -> dict[str, Any]:
    kept, other = tmp_path / "kept", tmp_path / "other"
    for file in (kept, other):
        file.write_bytes(b"1")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            INSIDE.format(name=name, numbers=NUMBERS[platform.machine()]),
            str(tmp_path / "new"),
            str(kept),
            str(other),
        ],
        stdout=subprocess.PIPE,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_memory_time_files_and_what_outlives_a_process(name: str, found: dict[str, Any]) -> None:
    limits: Limits = {"INTAKE": INTAKE, "READER": READER}[name]
    for what, most in (
        ("core file size", 0),
        ("file size", 0),
        ("address space", limits.memory),
        ("cpu time", limits.cpu),
        ("open files", limits.files),
    ):
        assert re.search(rf"^Max {what} +{most} +{most} ", found["limits"], re.MULTILINE), what
    assert (found["memory"], found["opened"]) == ("MemoryError", EMFILE)
    assert found["written"] == (EFBIG if name == "INTAKE" else EPERM)
    assert (found["dumpable"], found["parent's death"]) == (0, 9)
    assert "NoNewPrivs:\t1" in found["status"]


@pytest.mark.skipif(platform.machine() not in CALLS, reason="no numbers of its system calls")
def test_the_reader_reaches_nothing_but_what_it_was_handed(
    name: str, found: dict[str, Any]
) -> None:
    for attempt in ("started", "forked", "signalled", "removed", "emptied"):
        assert (found[attempt] == EPERM) == (name == "READER"), attempt
    assert name == "INTAKE" or (found["connected"], found["raised"]) == (EPERM, EPERM)
    assert ("Seccomp:\t2" in found["status"]) == (name == "READER")


@pytest.mark.skipif(platform.machine() not in CALLS, reason="no numbers of its system calls")
def test_the_reader_touches_no_other_process_and_leaves_nothing_behind(
    name: str, found: dict[str, Any]
) -> None:
    for attempt in (
        *("queued signal", "priority", "shared memory", "attribute"),
        *("owner", "signal of owner", "terminal", "dumpable again", "outliving"),
    ):
        assert (found[attempt] == EPERM) == (name == "READER"), attempt


@pytest.mark.skipif(not landlock.version(), reason="a kernel without landlock")
def test_the_reader_reads_its_program_and_nothing_else(name: str, found: dict[str, Any]) -> None:
    assert found["own program"] == 0
    for what in ("read", "its parent's environment"):
        assert (found[what] == EACCES) == (name == "READER"), what


def test_a_process_whose_parent_is_gone_does_nothing() -> None:
    inside = (
        "import os; from calllist.intake import confinement as c; c.confine(1, c.READER); print(1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", inside], stdout=subprocess.PIPE, check=False, env=dict(os.environ)
    )
    assert (done.returncode, done.stdout) == (1, b"")
