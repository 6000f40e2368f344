"""What the keeper's process takes from itself, and whom it does not start among."""

import asyncio
import os
import resource
import stat
import sys
from pathlib import Path

import pytest

from crypto.__main__ import StartRefused, allowed_uids, check_uid
from crypto.errors.base import KeyFileRefused
from crypto.host import hygiene
from crypto.host.secretfile import check_folder, read_secret
from crypto.wire.base import Caller

PATIENCE = 20.0  # seconds for a process to start or to end
LOOK = """
import mmap, os
from crypto.host import hygiene
hygiene.harden(keep=["HSM_MODULE_CONFIG"])
room = mmap.mmap(-1, 256 * 2**20)  # would fail under a lock and a limit
print(*hygiene.reached())
print(*sorted(os.environ))
print(oct(os.umask(0)))
"""
# A user of its own, with nothing of ours: as which uid, decides the test.
AS = ("unshare", "--user")
# Enough for what a keeper has when it starts, not for what it asks for later, if we may have
# that much ourselves.
_, HARD = resource.getrlimit(resource.RLIMIT_MEMLOCK)
ENOUGH = 128 * 2**20
LIMIT = ENOUGH if HARD == resource.RLIM_INFINITY else min(HARD, ENOUGH)
LIMITED = ("prlimit", f"--memlock={LIMIT}:{LIMIT}")


async def said(*command: str, code: int = 0, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), **environment},
    )
    async with asyncio.timeout(PATIENCE):
        told, _ = await process.communicate()
    assert process.returncode == code, told.decode()
    return told.decode()


@pytest.mark.asyncio
async def test_no_core_no_tracing_no_privilege_no_inherited_secret() -> None:
    environment = {"DATABASE_URL": "secret", "HSM_MODULE_CONFIG": "/x", "LD_PRELOAD": ""}
    holds, left, umask = (await said(sys.executable, "-c", LOOK, **environment)).splitlines()
    assert holds.split()[:3] == ["no_core", "not_dumpable", "no_new_privs"]
    assert set(left.split()) <= hygiene.KEPT | {"HSM_MODULE_CONFIG"}
    assert "HSM_MODULE_CONFIG" in left
    assert umask == "0o77"


@pytest.mark.asyncio
async def test_memory_is_locked_where_no_limit_counts() -> None:
    """Root has the capability; another user needs an unlimited RLIMIT_MEMLOCK."""
    holds, *_ = (await said(sys.executable, "-c", LOOK)).splitlines()
    may = os.geteuid() == 0 or HARD == resource.RLIM_INFINITY
    assert ("memory_locked" in holds) == may


@pytest.mark.asyncio
async def test_under_a_limit_nothing_is_locked_and_nothing_fails_later() -> None:
    """Also where the process seems to have every capability, in a user namespace."""
    for uid in ("--map-user=10000", "--map-root-user"):
        holds, *_ = (await said(*LIMITED, *AS, uid, sys.executable, "-c", LOOK)).splitlines()
        assert "memory_locked" not in holds
        assert "not_dumpable" in holds


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("uid", "options", "says"),
    [
        ("--map-user=10000", ["--allow", "web=10000"], "web needs one"),
        ("--map-user=10000", ["--allow", "web=1,worker=10000"], "worker needs one"),
        ("--map-root-user", ["--allow", "web=10001"], "does not run as root"),
        ("--map-root-user", ["--listen", "tls://127.0.0.1:7443"], "does not run as root"),
        ("--map-user=10000", ["--listen", "tls://127.0.0.1:7443"], "keeper.key"),
        ("--map-user=10000", ["--listen", "https://x"], "tls://host:port"),
    ],
)
async def test_planes_that_are_apart_do_not_share_a_user(
    tmp_path: Path, uid: str, options: list[str], says: str
) -> None:
    if "--listen" in options:
        options = [*options, "--certificates", str(tmp_path)]
    home = ("--home", str(tmp_path / "h"), "--run", str(tmp_path / "r"))
    command = (*AS, uid, sys.executable, "-m", "crypto", *home, *options)
    assert says in await said(*command, code=2)
    assert not (tmp_path / "r").exists()


def test_who_is_not_named_is_nobody_once_the_planes_are_apart() -> None:
    ours = os.getuid()
    assert set(allowed_uids("").values()) == {frozenset({ours})}
    apart = allowed_uids("web=1,web=2", apart=True)
    assert apart == {
        Caller.ADMIN: {ours},
        Caller.WEB: {1, 2},
        Caller.INTAKE: frozenset(),
        Caller.WORKER: frozenset(),
    }
    check_uid(apart, 3, apart=True)
    check_uid(allowed_uids(""), 0, apart=False)
    with pytest.raises(StartRefused):
        check_uid(apart, 2, apart=True)


# -- files of secrets ----------------------------------------------------------------------


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "pin"
    path.write_bytes(b"1234")
    path.chmod(0o600)
    return path


def test_a_secret_of_ours_is_read_also_through_a_link(secret: Path) -> None:
    link = secret.with_name("link")
    link.symlink_to(secret)
    assert read_secret(secret) == read_secret(link) == b"1234"
    check_folder(secret.parent)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_secret_that_others_can_touch_is_not_read(secret: Path, mode: int) -> None:
    secret.chmod(mode)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        read_secret(secret)
    secret.parent.chmod(0o700 | mode & 0o077)
    with pytest.raises(KeyFileRefused, match="chmod 700"):
        check_folder(secret.parent)


def test_a_secret_of_another_user_is_not_read(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:
        os.chown(secret, 4242, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(KeyFileRefused, match="belongs to uid"):
        read_secret(secret)


def test_what_is_no_plain_file_is_not_read(secret: Path) -> None:
    pipe = secret.with_name("pipe")
    os.mkfifo(pipe, 0o600)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    for path in (pipe, secret.parent):
        with pytest.raises(KeyFileRefused, match="plain file"):
            read_secret(path)
    with pytest.raises(KeyFileRefused, match="No such file"):
        read_secret(secret.with_name("missing"))
