"""The planes on two hosts: a list is uploaded and called over mutual TLS, nothing in clear.

Each host is a network namespace of its own, with one wire between them; nothing of this
machine's network is touched. Runs as root, and as anybody who may make user namespaces.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWN_NETWORK = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--net")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for socket paths."""
    with tempfile.TemporaryDirectory(prefix="th") as path:
        yield Path(path)


def test_a_call_over_the_wire_and_nothing_in_clear_on_it(folder: Path) -> None:
    done = subprocess.run(
        [*OWN_NETWORK, sys.executable, "-m", "tests.promises.two_hosts", "keeper", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    saw = json.loads(done.stdout)
    assert "ヤマダ ハナコ" in saw["shown"]
    assert saw["final"] is True
    assert saw["by_socket"] == "dropped"
    assert saw["marker_on_wire"]
    assert saw["tls_records"] > 20
    assert saw["bytes_on_wire"] > 10_000
    assert saw["clear_on_wire"] == []
    assert "holds: no_core, not_dumpable, no_new_privs" in done.stderr
