"""Python processes of ours, forked from one that has imported what they need.

    keepers = zygote("crypto.keeper.server")
    process = keepers.start("crypto", ["--home", ...], output=log)      # as `python -m crypto ...`
    process.terminate(); process.wait(15.0)

A fresh interpreter imports the keeper in 0.2 s and the command line in 0.6 s; a fork is there
in 10 ms. What runs is the same: a process and a session of its own, with its own arguments,
environment, folder and files, that begins at `__main__` and is told when we die. It can be
killed, and it is reaped when somebody asks how it ended: until then its id is nobody else's.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import gc
import importlib
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec

from calllist.embedded.children import INHERITED

NOWHERE = Path(os.devnull)
PR_SET_PDEATHSIG = 1  # prctl(2)
LONGEST = 65_536  # bytes of one request: arguments and an environment


class Start(msgspec.Struct, tag=True):
    """Be `python -m module`. Three file descriptors come with it: stdin, stdout, stderr."""

    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str


class Ended(msgspec.Struct, tag=True):
    """How did it end? Asked once; waits until it has."""

    pid: int


_requests: msgspec.json.Decoder[Start | Ended] = msgspec.json.Decoder(Start | Ended)


class Process:
    """One process. `wait` reaps it."""

    def __init__(self, parent: Zygote, pid: int) -> None:
        self.pid = pid
        self._parent = parent
        self._handle = os.pidfd_open(pid)  # readable once it has ended
        self._code: int | None = None

    def ends_within(self, seconds: float) -> bool:
        """Whether it has ended, or does so soon."""
        return self._code is not None or bool(select.select([self._handle], [], [], seconds)[0])

    def signal(self, number: int) -> None:
        """Nothing if it has ended."""
        if self._code is None:
            signal.pidfd_send_signal(self._handle, number)

    def wait(self, seconds: float) -> int:
        """The exit code; negative: the signal that ended it. Raises TimeoutError."""
        if self._code is None:
            if not self.ends_within(seconds):
                raise TimeoutError(f"process {self.pid} has not ended within {seconds} s")
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)  # whatever it left behind
            self._code = self._parent.ended(self.pid)
            os.close(self._handle)
        return self._code


class Zygote:
    """The process that the others are forked from."""

    def __init__(self, *modules: str) -> None:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line = ours
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", sys.executable, "-m", "tests.zygote", *modules],
            stdin=its,
            env={**inherited, "PYTHONPATH": str(Path(__file__).parents[1])},
            start_new_session=True,
        )
        its.close()
        atexit.register(self.close)

    def start(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        output: IO[bytes] | None = None,
        error: IO[bytes] | None = None,
        source: IO[bytes] | None = None,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Process:
        """`error` goes where `output` goes, and that is nowhere, and `source` is empty, unless
        given."""
        order = Start(
            module,
            list(arguments),
            {**({} if environment is None else environment)},
            str(folder or Path.cwd()),
        )
        with NOWHERE.open("r+b") as nowhere:
            told = (source or nowhere, output or nowhere, error or output or nowhere)
            files = [file.fileno() for file in told]
            socket.send_fds(self._line, [msgspec.json.encode(order)], files)
        return Process(self, int(self._line.recv(LONGEST)))

    def run(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        source: bytes = b"",
        seconds: float = 60.0,
    ) -> subprocess.CompletedProcess[bytes]:
        """As `subprocess.run(..., input=source, capture_output=True)`."""
        with contextlib.ExitStack() as stack:
            told, out, err = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            told.write(source)
            told.seek(0)
            process = self.start(
                module,
                arguments,
                output=out,
                error=err,
                source=told,
                environment=environment,
                folder=folder,
            )
            code = process.wait(seconds)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess([*arguments], code, out.read(), err.read())

    def ended(self, pid: int) -> int:
        """The exit code of a process that has ended."""
        self._line.send(msgspec.json.encode(Ended(pid)))
        return int(self._line.recv(LONGEST))

    def close(self) -> None:
        """Everything that was started ends with it."""
        self._line.close()
        self._process.kill()
        self._process.wait()


@functools.cache
def zygote(*modules: str) -> Zygote:
    """One for each set of modules that its children need."""
    return Zygote(*modules)


# -- the other side --------------------------------------------------------------------------------


def _serve(line: socket.socket) -> Start | None:
    """Fork at each request. Returns in a child what it is to be, and None at the end."""
    while True:
        message, files, _, _ = socket.recv_fds(line, LONGEST, 3)
        if not message:
            return None
        match _requests.decode(message):
            case Ended(pid):
                _, status = os.waitpid(pid, 0)
                line.send(b"%d" % os.waitstatus_to_exitcode(status))
            case Start() as order:
                pid = os.fork()
                if pid == 0:
                    line.close()
                    _settle(order, files)
                    return order
                line.send(b"%d" % pid)
                for file in files:
                    os.close(file)


def _settle(order: Start, files: Sequence[int]) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the test run itself ignores
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    sys.argv = [order.module, *order.arguments]


def _main(modules: Sequence[str]) -> Any:
    line = socket.socket(fileno=os.dup(0))
    with NOWHERE.open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    for module in modules:
        importlib.import_module(module)
    gc.freeze()  # no child walks, and so copies, what all of them share
    order = _serve(line)
    if order is not None:
        runpy.run_module(order.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main(sys.argv[1:])
