"""Promise 5, when the ledger's disk is full or cannot be written: nothing is shown to anybody,
and what must be stopped can still be stopped.

A real keeper process on a disk of a few megabytes, in a mount namespace of its own: no root
is needed for that, and no other test sees it.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from crypto.errors.base import KeeperUnavailable, Refusal
from crypto.errors.keeper import LedgerUnavailable
from crypto.errors.lists import ListOver
from crypto.errors.people import UnknownGrant
from crypto.host.reserve import RESERVE_BYTES, Reserve
from crypto.records.fields import FieldKind
from crypto.wire.base import Caller
from crypto.wire.frames import AnyRequest, encode
from crypto.wire.ledger import Event, Head
from crypto.wire.lists import Inspect, Mint, Shred
from crypto.wire.people import Revoke
from crypto.wire.records import Close, Match, Open, Reveal, SealedRecord
from tests.crypto.distant import CLOCK, Distant
from tests.crypto.world import YAMADA, World, townsfolk

DISK = RESERVE_BYTES + 12 * 1024 * 1024  # bytes: the reserve, and a little to live on
PATIENCE = 20.0  # seconds for a process to answer


class SmallDisk:
    """A tmpfs that only the processes started in here see, and a shell that does things there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        namespace = ["--mount"] if os.getuid() == 0 else ["--mount", "--map-root-user"]
        self._shell = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", "unshare", *namespace, "sh"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        folder.mkdir()
        assert self.does(f"mount -t tmpfs -o size={DISK},mode=700 none {folder}")

    def does(self, command: str) -> bool:
        """Whether the command succeeded."""
        assert self._shell.stdin
        assert self._shell.stdout
        self._shell.stdin.write(f"{{ {command}; }} >/dev/null; echo =$?\n")
        self._shell.stdin.flush()
        return self._shell.stdout.readline().strip() == "=0"

    def fill(self) -> None:
        """To the last byte."""
        self.does(f"dd if=/dev/zero of={self.folder}/ballast bs=64k")

    def make_room(self) -> None:
        """As an administrator who has found something to delete."""
        assert self.does(f"rm {self.folder}/ballast")

    def has(self, name: str) -> bool:
        return self.does(f"test -e {self.folder}/{name}")

    def close(self) -> None:
        self._shell.kill()
        self._shell.communicate()


class KeeperThere:
    """A keeper whose home is on the small disk, its sockets outside."""

    def __init__(self, disk: SmallDisk, folder: Path) -> None:
        self._disk = disk
        self.run, self.log = folder / "r", folder / "keeper.log"
        self._pid = folder / "pid"

    def start(self) -> None:
        command = f"{sys.executable} -m crypto --home {self._disk.folder}/home --run {self.run}"
        assert self._disk.does(f"{command} {' '.join(CLOCK)} 2>>{self.log} & echo $! > {self._pid}")

    async def serves(self, world: Distant) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await world.say(Head())
                except KeeperUnavailable:
                    await asyncio.sleep(0.02)
                else:
                    return

    def kill(self) -> None:
        """As `kill -9`, and wait."""
        self._disk.does(f"kill -9 $(cat {self._pid}); wait $(cat {self._pid})")

    def ends_by_itself(self) -> str:
        """Wait for its end; what it said last."""
        self._disk.does(f"wait $(cat {self._pid})")
        return self.log.read_text().splitlines()[-1]


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with tempfile.TemporaryDirectory(prefix="cld-") as folder:
        disk = SmallDisk(Path(folder) / "d")
        yield disk
        disk.close()


@pytest_asyncio.fixture
async def there(disk: SmallDisk) -> AsyncIterator[tuple[KeeperThere, Distant]]:
    keeper = KeeperThere(disk, disk.folder.parent)
    keeper.start()
    world = Distant(keeper.run)
    await keeper.serves(world)
    await world.settle()
    yield keeper, world
    await world.hang_up()
    keeper.kill()  # the shell of the disk does not take it along


async def raw(keeper: KeeperThere, caller: Caller, request: AnyRequest) -> bytes:
    """Every byte that the keeper sends in answer."""
    reader, writer = await asyncio.open_unix_connection(keeper.run / caller / "keeper.sock")
    writer.write(encode(request))
    size = int.from_bytes(await reader.readexactly(4), "big")
    body = await reader.readexactly(size)
    writer.close()
    return body


def disclosing(grant: str, record: SealedRecord) -> list[AnyRequest]:
    """Every verb that says something of a person."""
    return [
        Open(grant, record),
        Match(grant, record, FieldKind.BIRTH_DATE, YAMADA[FieldKind.BIRTH_DATE]),
        Reveal(grant, record, FieldKind.PHONE, "callback"),
        Close(grant, record, "att_1", 30),
    ]


@pytest.mark.asyncio
async def test_on_a_full_disk_nothing_is_shown_and_everything_can_be_stopped(
    disk: SmallDisk, there: tuple[KeeperThere, Distant]
) -> None:
    keeper, world = there
    people = townsfolk(3)
    first, second, _ = await world.upload("lst_1", people)
    [survivor] = await world.upload("lst_2")
    grants = [await world.shift("per_1"), await world.shift("per_2")]
    await world.managers_grant()  # while there is room for a sign-in
    shown = await raw(keeper, Caller.WEB, Open(grants[0], first))
    assert "ヤマダ".encode() in shown  # what the search below would find

    disk.fill()
    lines = (await world.say(Head())).size
    while True:  # what is left of the last page fits a line or two
        with_room = await raw(keeper, Caller.WEB, Event("filler", {}))
        if b"ledger_unavailable" in with_room:
            break
        lines += 1
    for grant, record in ((grants[0], first), (grants[1], second)):
        for request in disclosing(grant, record):
            said = await raw(keeper, Caller.WEB, request)
            assert msgspec.msgpack.decode(said)["reply"] == "refused"
            for person in people:
                assert not any(text.encode() in said for text in person.values())
    assert (await world.say(Head())).size == lines
    assert disk.has("home/reserve")

    await world.end("lst_1")
    assert not disk.has("home/reserve")
    await world.say(Revoke("per_1"))
    done = await world.say(Shred("lst_1"))
    assert (await world.say(Inspect("lst_1"))).state == "shredded"
    assert done.seq > lines
    minting = Mint("lst_3", "ctr_1", 1, world.now + timedelta(hours=1), "job_1")
    for request in (Open(grants[1], survivor), minting):
        with pytest.raises(LedgerUnavailable):  # the reserve is for endings only
            await world.say(request)

    keeper.kill()  # and all of that was durable
    keeper.start()
    await keeper.serves(world)
    assert (await world.say(Inspect("lst_1"))).state == "shredded"
    with pytest.raises(LedgerUnavailable):
        await world.say(Open(grants[1], survivor))
    disk.make_room()
    assert isinstance(await world.say(Event("room", {})), object)
    assert disk.has("home/reserve")
    await world.say(Open(grants[1], survivor))
    with pytest.raises(UnknownGrant):
        await world.say(Open(grants[0], survivor))
    await world.certify("lst_1")


@pytest.mark.asyncio
async def test_on_a_disk_that_became_read_only_nothing_starts_and_it_says_why(
    disk: SmallDisk, there: tuple[KeeperThere, Distant]
) -> None:
    keeper, world = there
    await world.upload("lst_1")
    await world.managers_grant()
    keeper.kill()
    disk.fill()
    keeper.start()  # full is another matter: what must be stopped can be stopped
    await keeper.serves(world)
    await world.end("lst_1")
    assert (await world.say(Inspect("lst_1"))).state == "frozen"
    keeper.kill()
    disk.make_room()
    assert disk.does(f"mount -o remount,ro {disk.folder}")
    keeper.start()
    assert "ead-only" in keeper.ends_by_itself()
    assert disk.does(f"mount -o remount,rw {disk.folder}")
    keeper.start()
    await keeper.serves(world)


@pytest_asyncio.fixture
async def nearby(tmp_path: Path) -> AsyncIterator[World]:
    """A keeper whose database the test can reach."""
    world = await World.at(tmp_path / "keeper")
    await world.settle()
    yield world
    await world.stop()


@pytest.mark.asyncio
async def test_when_the_ledger_turns_read_only_nothing_opens_and_a_freeze_holds(
    nearby: World,
) -> None:
    """SQLite itself refuses every write, as it would on a file system that is remounted."""
    record, other = await nearby.upload("lst_1", townsfolk(2))
    grants = [await nearby.shift("per_1"), await nearby.shift("per_2")]
    await nearby.managers_grant()
    await nearby.say(Open(grants[0], record))
    database = nearby.home.journal.db
    database.execute("PRAGMA query_only = 1")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.execute("UPDATE head SET size = size")
    for request in disclosing(grants[0], record):
        with pytest.raises(Refusal):
            await nearby.say(request)
    for grant, one in zip(grants, (record, other), strict=True):
        with pytest.raises(LedgerUnavailable):
            await nearby.say(Open(grant, one))
    with pytest.raises(LedgerUnavailable):
        await nearby.end("lst_1")
    database.execute("PRAGMA query_only = 0")
    for grant, one in zip(grants, (record, other), strict=True):
        with pytest.raises(ListOver):  # frozen, though the line could not be written
            await nearby.say(Open(grant, one))


# -- the reserve itself --------------------------------------------------------------------


def test_the_reserve_is_taken_given_up_and_taken_again(disk: SmallDisk, tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve", 1_000_000)
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= 1_000_000  # not a hole
    assert reserve.release()
    assert not reserve.release()
    assert not reserve.kept
    (tmp_path / "reserve").write_bytes(b"half")
    assert reserve.keep()
    assert reserve.kept
    too_large = Reserve(tmp_path / "other", 1 << 60)
    assert not too_large.kept
    assert not (tmp_path / "other").exists()
