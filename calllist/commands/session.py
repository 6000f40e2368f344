"""The command line's session with a platform, as a file of its owner's only.

It lies in `$XDG_RUNTIME_DIR/calllist` (memory, gone with the login) where there is such a
folder, else in `~/.local/state/calllist`; mode 0600, in a folder of mode 0700. A file that
others may read, or that is not ours, is refused. It is worth nothing after the shift, and
until then it can upload and read receipts and, where the browser lent its grant, take people out.
"""

import os
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from calllist.commands.console import CommandFailed

FORMAT = "calllist-session/1"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
FILE_BYTES = 4096


class StoredSession(msgspec.Struct, frozen=True):
    """What `calllist sign-in` keeps. Its secrets show in no repr."""

    format: str
    url: str
    token: str
    csrf: str
    role: str
    until: datetime
    grant: str = ""  # of the shift, if the browser lent it: for `calllist withdraw`

    def __repr__(self) -> str:
        return f"StoredSession({self.url}, until {self.until})"


def origin(url: str) -> str:
    """Scheme, host and port; without TLS only on this machine. Fails with a sentence."""
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise CommandFailed("url_malformed", url=url) from None
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host or parts.username is not None:
        raise CommandFailed("url_malformed", url=url)
    if parts.scheme == "http" and host not in LOOPBACK:
        raise CommandFailed("url_in_clear", url=url)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def place(environment: Mapping[str, str]) -> Path:
    """Where the session lies."""
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        return Path(runtime) / "calllist" / "session"
    home = environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "calllist" / "session"


def keep(path: Path, session: StoredSession) -> None:
    """Write it for the owner's eyes; an earlier one is replaced."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_open(path.parent, path.parent.lstat())
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(session))
        fresh.replace(path)
    except OSError as error:
        raise CommandFailed("cannot_write", file=path, why=error.strerror) from None


def stored(path: Path) -> StoredSession:
    """The session that is kept; whether its shift is over the platform says, by its own clock.

    Fails with a sentence.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        raise CommandFailed("sign_in_first") from None
    with os.fdopen(handle, "rb") as file:
        _refuse_open(path, os.fstat(file.fileno()))
        data = file.read(FILE_BYTES)
    try:
        session = msgspec.json.decode(data, type=StoredSession)
    except msgspec.DecodeError:
        raise CommandFailed("sign_in_first") from None
    if session.format != FORMAT:
        raise CommandFailed("sign_in_first")
    return session


def forget(path: Path) -> None:
    """Remove the file."""
    path.unlink(missing_ok=True)


def _refuse_open(path: Path, found: os.stat_result) -> None:
    kind = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    if not kind or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise CommandFailed("session_open_to_others", file=path)
