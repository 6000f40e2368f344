"""A PostgreSQL of its own whose new tables lie on a small disk that only it sees.

with Cellar(folder) as cellar:
    cellar.url()                 # of its migrated database
    cellar.kill(); cellar.start()

The server runs in a mount namespace of its own (no root is needed, nobody else sees the disk): it
can run full, and be killed as a whole. Run as a program, this file is the process in there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from calllist.embedded import nobody
from calllist.embedded.postgres import Postgres

SETTINGS = {"fsync": "off", "scram_iterations": "1"}  # of the shared one: not its bare WAL
OURS = ["--mount"]
ANYBODYS = ["--user", "--map-current-user", "--keep-caps", "--mount"]


class Cellar:
    """The server as a test sees it."""

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        self._server = Postgres(folder, log=folder / "postgres.log")
        self._disk = folder / "disk"
        self._disk.mkdir()
        for one in (folder, self._disk):
            one.chmod(0o755)
        namespace = OURS if os.geteuid() == 0 else ANYBODYS
        self._there = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig=KILL", "unshare", *namespace, sys.executable),
                *("-m", "tests.cellar", str(folder), str(self._disk), str(megabytes)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )
        self._said()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._there.communicate("stop\n")

    @property
    def space(self) -> Path:
        """Where tables of the small disk go: for `create tablespace`."""
        return self._disk / "space"

    def url(self, *, role: str, database: str) -> str:
        port = int((self._disk.parent / "port").read_text())
        return self._server.url(role=role, database=database).replace(":0/", f":{port}/")

    def kill(self) -> None:
        """The postmaster and every backend, as `kill -9`, at once."""
        self._ask("kill")

    def start(self) -> None:
        """Again; it recovers from its WAL."""
        self._ask("start")

    def files(self) -> dict[str, int]:
        """Whatever lies on the small disk and is not empty: names and bytes."""
        found = (line.rsplit(" ", 1) for line in self._ask("files").split("|") if line)
        return {name: int(size) for name, size in found}

    def holds(self, *pieces: bytes) -> bool:
        """Whether any file of the server, its WAL included, holds one of these pieces."""
        return self._ask("holds " + " ".join(piece.hex() for piece in pieces)) == "True"

    def _ask(self, what: str) -> str:
        assert self._there.stdin
        self._there.stdin.write(f"{what}\n")
        self._there.stdin.flush()
        return self._said()

    def _said(self) -> str:
        assert self._there.stdout
        line = self._there.stdout.readline()
        assert line.startswith("="), "the server in its namespace has gone"
        return line[1:].strip()


# -- inside ----------------------------------------------------------------------------------


def main(home: Path, disk: Path, megabytes: str) -> None:
    """Mount, start, obey."""
    size = f"size={megabytes}m,mode=755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", str(disk)], check=True)
    (disk / "space").mkdir()
    nobody.give(disk / "space")
    server = Postgres(home, log=home / "postgres.log", settings=SETTINGS)
    server.start()
    print("=", flush=True)
    for line in sys.stdin:
        verb, *given = line.split()
        answer: object = ""
        if verb == "stop":
            break
        if verb == "kill":
            assert server.pid
            postmaster = psutil.Process(server.pid)
            family = [postmaster, *postmaster.children(recursive=True)]
            for process in family:
                process.kill()
            postmaster.wait()
            psutil.wait_procs(family)
        elif verb == "start":
            server.start()
        elif verb == "files":
            answer = "|".join(f"{file.name} {size}" for file, size in _files(disk) if size)
        elif verb == "holds":
            pieces = [bytes.fromhex(one) for one in given]
            everything = [*_files(disk), *_files(server.data)]
            answer = any(
                piece in content
                for content in (file.read_bytes() for file, _ in everything)
                for piece in pieces
            )
        print(f"={answer}", flush=True)
    server.stop()


def _files(folder: Path) -> list[tuple[Path, int]]:
    return [(file, file.stat().st_size) for file in folder.rglob("*") if file.is_file()]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
