"""`calllist residue` on a whole installation: one needle in one store, and that store is named.

Everything else of the same run is clean, was read, and says how many bytes of it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import kombu
import pytest

from tests.calllist.command_line import run
from tests.platform import WholePlatform
from tests.promises.canaries import Canaries

READ = {"database", "wal", "keeper", "logs"}  # stores that are never empty
STORES = ["database", "wal", "broker", "keeper", "logs", "temp", "machine's temp", "run"]
STORES += ["proxy_logs", "tablespace", "redis"]

pytestmark = pytest.mark.asyncio


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Places outside of the home, as a host has them."""
    for name in ("temp", "proxy", "redis", "space"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.mark.parametrize("store", STORES)
async def test_a_needle_in_one_store_is_found_there_and_nowhere_else(
    platform: WholePlatform, elsewhere: Path, store: str
) -> None:
    needle, other = Canaries().kanji("planted"), Canaries().kanji("nowhere")
    async with planted(platform, elsewhere, store, needle):
        await platform.sql("checkpoint")
        code, told = residue(platform, elsewhere, [other, needle])
    names = {
        "machine's temp": {"temp"},
        "redis": {"broker"},
        "database": {"database", "wal"},  # a row of a table passes through the WAL as well
        "tablespace": {"database"},
    }
    guilty = {name for name, one in told.items() if one["outcome"] == "FAILED"}
    assert guilty == names.get(store, {store})
    assert all(told[name]["needles"] == [2] for name in guilty)
    assert code == 1
    others = {name: one["outcome"] for name, one in told.items() if name not in guilty}
    assert {name for name, outcome in others.items() if outcome != "PASS"} <= {"backups", "swap"}
    assert {name for name, one in told.items() if one["bytes"] > 1000} >= READ


def residue(
    platform: WholePlatform, elsewhere: Path, needles: list[str]
) -> tuple[int, dict[str, Any]]:
    """The command as an administrator runs it. Its exit code; what it says of each store."""
    done = run(
        *("residue", "--home", platform.home, "--json"),
        *("--store", f"broker={elsewhere / 'redis'}"),
        cwd=elsewhere,
        stdin="\n".join(needles).encode(),
        TMPDIR=str(elsewhere / "temp"),
        CALLLIST_STORES=json.dumps({"proxy_logs": str(elsewhere / "proxy")}),
        CALLLIST_BROKER_URL="redis://broker.example",
    )
    assert not any(needle in done.stderr.decode() for needle in needles)
    return done.returncode, {one["store"]: one for one in json.loads(done.stdout)}


@contextlib.asynccontextmanager
async def planted(
    platform: WholePlatform, elsewhere: Path, store: str, needle: str
) -> AsyncIterator[None]:
    """The needle in one store, each in another writing."""
    home = platform.home
    match store:
        case "database":
            await platform.sql("create table scratch (cell text)")
            await platform.sql("insert into scratch values ($1)", needle)
            yield
            await platform.sql("drop table scratch")
        case "wal":
            raw = needle.encode("utf-16-le")
            await platform.sql("select pg_logical_emit_message(false, 'test', $1::bytea)", raw)
            yield
        case "tablespace":
            link = home / "postgres" / "data" / "pg_tblspc" / "99999"
            link.symlink_to(elsewhere / "space")
            (elsewhere / "space" / "16384").write_bytes(needle.encode())
            yield
            link.unlink()
        case "broker":
            with queued(home / "broker", needle):
                yield
        case "logs":
            log = home / "log" / "web.log"
            before = log.stat().st_size
            with log.open("ab") as end:
                end.write(b"a line with " + needle.encode("cp932").hex().upper().encode())
            yield
            with log.open("r+b") as end:
                end.truncate(before)
        case _:
            places = {
                "temp": home / "tmp",
                "machine's temp": elsewhere / "temp",
                "proxy_logs": elsewhere / "proxy",
                "redis": elsewhere / "redis",
            }
            place = places.get(store, home / store) / "planted"
            place.write_bytes(b"before" + needle.encode("cp932") + b"after")
            yield
            place.unlink()


@contextlib.contextmanager
def queued(broker: Path, needle: str) -> Iterator[None]:
    """A message as Celery would write it, in a queue of its own that nobody reads."""
    before = set(broker.rglob("*"))
    folders = {
        "data_folder_in": str(broker / "messages"),
        "data_folder_out": str(broker / "messages"),
        "control_folder": str(broker / "control"),
    }
    with (
        kombu.Connection("filesystem://", transport_options=folders) as connection,
        connection.SimpleQueue("planted") as queue,
    ):
        queue.put({"id": needle})
    yield
    for file in set(broker.rglob("*.planted.*")) | set(broker.rglob("planted*")) - before:
        file.unlink(missing_ok=True)
