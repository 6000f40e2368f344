"""What `harden` takes away, each thing by itself: in a child of ours, and before a kernel that
says what we want it to."""

import json
import os
import resource
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto.errors.base import KeyFileRefused
from crypto.host import hygiene, secretfile
from crypto.host.hygiene import NotHardened, harden, reached

UNLIMITED = resource.RLIM_INFINITY
INITIAL, OF_OUR_OWN = "         0          0 4294967295\n", "         0      10000          1\n"
# linux/prctl.h, linux/capability.h, asm-generic/mman.h
DUMPABLE, NO_NEW_PRIVS, ALL_LATER_TOO_WHEN_TOUCHED = 4, 38, 1 | 2 | 4
MAY_LOCK = f"{1 << 14:016x}"
USUAL = {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SOFTHSM2_CONF"}


def in_a_child(work: Callable[[], Any]) -> Any:
    """What `work` answers there: nothing that it does to its process is done to ours."""
    ours, theirs = os.pipe()
    if not (child := os.fork()):
        try:
            os.write(theirs, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as said:
        answer = json.loads(said.read())
    os.waitpid(child, 0)
    return answer


def hardened() -> dict[str, Any]:
    os.environ.update(dict.fromkeys(USUAL | {"OURS", "DATABASE_URL"}, "x"))
    os.umask(0)
    harden(keep=["OURS"])
    return {
        "environment": sorted(os.environ),
        "umask": os.umask(0),
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "reached": reached()[:3],
        "privileges": hygiene._status()["NoNewPrivs"],
        "traceable_by_its_own": hygiene._libc().prctl(hygiene.PR_GET_DUMPABLE, 0, 0, 0, 0),
    }


def test_a_process_has_nothing_left_that_it_does_not_need() -> None:
    assert in_a_child(hardened) == {
        "environment": sorted(USUAL | {"OURS"}),
        "umask": 0o077,
        "core": [0, 0],
        "reached": ["no_core", "not_dumpable", "no_new_privs"],
        "privileges": "1",
        "traceable_by_its_own": 0,
    }


class Kernel:
    """Notes what it is asked; `refuses` is the option that it does not know."""

    def __init__(self, *, refuses: int = 0, dumpable: int = 1) -> None:
        self.asked: list[tuple[int, ...]] = []
        self._refuses, self._dumpable = refuses, dumpable

    def prctl(self, *asked: int) -> int:
        self.asked.append(asked)
        return -1 if asked[0] == self._refuses else self._dumpable if asked[0] == 3 else 0

    def mlockall(self, flags: int) -> int:
        self.asked.append((flags,))
        return 0


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[int, tuple[int, int]]:
    """Those of this process, as far as it can tell."""
    held = {resource.RLIMIT_CORE: (1, 1), resource.RLIMIT_MEMLOCK: (1, 8)}
    monkeypatch.setattr(resource, "getrlimit", held.__getitem__)
    monkeypatch.setattr(resource, "setrlimit", held.__setitem__)
    return held


@pytest.mark.parametrize(
    ("limit", "namespace", "capabilities", "locks"),
    [
        (UNLIMITED, OF_OUR_OWN, "0", True),
        (8, INITIAL, MAY_LOCK, True),
        (8, INITIAL, "000001ffffffffff", True),
        (8, INITIAL, f"{~(1 << 14) & (1 << 41) - 1:016x}", False),
        (8, INITIAL, "0", False),
        (8, OF_OUR_OWN, MAY_LOCK, False),
    ],
)
def test_memory_is_locked_where_no_later_allocation_can_fail_of_it(
    monkeypatch: pytest.MonkeyPatch,
    limits: dict[int, tuple[int, int]],
    limit: int,
    namespace: str,
    capabilities: str,
    locks: bool,
) -> None:
    """A capability counts in the first user namespace only."""
    kernel = Kernel()
    limits[resource.RLIMIT_MEMLOCK] = (1, limit)
    monkeypatch.setattr(hygiene, "_libc", lambda: kernel)
    monkeypatch.setattr(hygiene, "_status", lambda: {"CapEff": capabilities})
    monkeypatch.setattr(Path, "read_text", lambda _: namespace)
    hygiene._lock_memory()
    assert kernel.asked == [(ALL_LATER_TOO_WHEN_TOUCHED,)] * locks
    assert limits[resource.RLIMIT_MEMLOCK] == (limit, limit)


@pytest.mark.parametrize(
    ("option", "value", "name"),
    [(DUMPABLE, 0, "PR_SET_DUMPABLE"), (NO_NEW_PRIVS, 1, "PR_SET_NO_NEW_PRIVS")],
)
def test_what_the_kernel_refuses_stops_the_start(
    monkeypatch: pytest.MonkeyPatch,
    limits: dict[int, tuple[int, int]],
    option: int,
    value: int,
    name: str,
) -> None:
    kernel = Kernel(refuses=option)
    monkeypatch.setattr(hygiene, "_libc", lambda: kernel)
    monkeypatch.setattr(os, "umask", lambda _: 0)
    with pytest.raises(NotHardened, match=rf"prctl\({name}\) failed"):
        harden(keep=os.environ)
    assert kernel.asked[-1] == (option, value, 0, 0, 0)  # zeros: or a newer kernel refuses it
    assert limits[resource.RLIMIT_CORE] == (0, 0)


def test_everything_is_taken_away_before_memory_is_locked(
    monkeypatch: pytest.MonkeyPatch, limits: dict[int, tuple[int, int]]
) -> None:
    kernel, masks = Kernel(), list[int]()
    environment = dict.fromkeys(USUAL | {"OURS", "DATABASE_URL"}, "x")
    limits[resource.RLIMIT_MEMLOCK] = (1, UNLIMITED)
    monkeypatch.setattr(hygiene, "_libc", lambda: kernel)
    monkeypatch.setattr(os, "umask", masks.append)
    monkeypatch.setattr(os, "environ", environment)
    harden(keep=["OURS"])
    assert environment.keys() == USUAL | {"OURS"}
    assert masks == [0o077]
    assert limits[resource.RLIMIT_CORE] == (0, 0)
    assert kernel.asked == [
        (DUMPABLE, 0, 0, 0, 0),
        (NO_NEW_PRIVS, 1, 0, 0, 0),
        (ALL_LATER_TOO_WHEN_TOUCHED,),
    ]


@pytest.mark.parametrize(
    ("core", "dumpable", "privileges", "locked", "seccomp", "holds"),
    [
        ((0, 0), 0, "1", 51, "2", {*range(5)}),
        ((0, 1), 0, "1", 51, "2", {1, 2, 3, 4}),
        ((1, 1), 0, "1", 51, "2", {1, 2, 3, 4}),
        ((0, 0), 1, "1", 51, "2", {0, 2, 3, 4}),
        ((0, 0), 0, "0", 51, "2", {0, 1, 3, 4}),
        ((0, 0), 0, "1", 50, "2", {0, 1, 2, 4}),
        ((0, 0), 0, "1", 51, "1", {0, 1, 2, 3}),
    ],
)
def test_only_what_holds_is_said_to_hold(
    monkeypatch: pytest.MonkeyPatch,
    limits: dict[int, tuple[int, int]],
    core: tuple[int, int],
    dumpable: int,
    privileges: str,
    locked: int,
    seccomp: str,
    holds: set[int],
) -> None:
    names = ("no_core", "not_dumpable", "no_new_privs", "memory_locked", "filtered")
    kernel = Kernel(dumpable=dumpable)
    limits[resource.RLIMIT_CORE] = core
    said = (
        f"NoNewPrivs:\t{privileges}\nVmSize:\t 100 kB\nVmLck:\t  {locked} kB\nSeccomp:\t{seccomp}"
    )
    monkeypatch.setattr(hygiene, "_libc", lambda: kernel)
    monkeypatch.setattr(Path, "read_text", lambda _: said)
    assert reached() == tuple(names[at] for at in sorted(holds))
    assert kernel.asked == [(3, 0, 0, 0, 0)]


# -- files of secrets ----------------------------------------------------------------------


@pytest.mark.parametrize("bit", [1 << place for place in range(6)])
def test_every_bit_of_the_mode_that_is_not_the_owners_counts(tmp_path: Path, bit: int) -> None:
    path = tmp_path / "pin"
    path.write_bytes(b"1234")
    path.chmod(0o600 | bit)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        secretfile.read_secret(path)
    path.chmod(0o700)  # its owner may do with it what he likes
    assert secretfile.read_secret(path) == b"1234"


@pytest.mark.parametrize(
    ("uid", "refused"), [(0, False), (1, True), (4241, True), (4242, False), (4243, True)]
)
def test_a_file_of_ours_or_of_roots_and_of_nobody_else(
    monkeypatch: pytest.MonkeyPatch, uid: int, refused: bool
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    found = os.stat_result((stat.S_IFREG | 0o600, 1, 1, 1, uid, 0, 4, 0, 0, 0))
    if refused:
        with pytest.raises(KeyFileRefused, match=f"belongs to uid {uid}"):
            secretfile._check(Path("pin"), found, "600")
    else:
        secretfile._check(Path("pin"), found, "600")


def test_of_a_secret_no_more_is_read_than_a_key_file_can_be(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    path.touch(0o600)
    os.truncate(path, 2**20 + 1100)
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert len(secretfile.read_secret(path)) == 2**20
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_folder_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileRefused, match="No such file"):
        secretfile.check_folder(tmp_path / "missing")
