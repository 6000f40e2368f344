"""The keeper as a process: its sockets, its refusals to start, kill -9."""

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyotp
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crypto.__main__ import allowed_uids
from crypto.disclosure.budgets import REFUSALS
from crypto.errors.base import KeeperUnavailable
from crypto.errors.keeper import NotAllowed
from crypto.keeper.home import Home
from crypto.keeper.server import Server, SocketRefused
from crypto.keeper.verbs import Keeper
from crypto.signed.statements import approve, prepare
from crypto.signed.terms import RosterEntry, StatementBody
from crypto.wire.approvals import Pin, Submit
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.frames import FRAME_LIMIT, decode_request, encode
from crypto.wire.ledger import Head
from crypto.wire.lists import Freeze, Inspect, Mint, Opens, Shred
from crypto.wire.people import Enrol, Grant
from crypto.wire.records import Close, Open, SealedRecord
from tests.crypto.world import TERMS, World, sealed, townsfolk

PATIENCE = 20.0  # seconds for a process to start or to end


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for socket paths."""
    path = Path(tempfile.mkdtemp(prefix="kp"))
    yield path
    shutil.rmtree(path)


class Process:
    """A keeper process, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.home, self.run = folder / "h", folder / "r"
        self._process: asyncio.subprocess.Process | None = None
        self._clients: list[KeeperClient] = []

    def client(self, caller: Caller, pool: int = 8) -> KeeperClient:
        client = KeeperClient(self.run / caller / "keeper.sock", pool)
        self._clients.append(client)
        return client

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "crypto", "--home", str(self.home), "--run", str(self.run)
        )
        probe = self.client(Caller.ADMIN)
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(KeeperUnavailable):
                    await probe.call(Head())
                    return
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        assert self._process
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        for client in self._clients:
            await client.close()
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


@pytest_asyncio.fixture
async def process(folder: Path) -> AsyncIterator[Process]:
    process = Process(folder)
    await process.start()
    yield process
    await process.stop()


async def furnish(
    process: Process, people: int, budget: int, cap: str = "people_per_hour"
) -> tuple[list[str], list[SealedRecord]]:
    """Grants of four operators, and the records of one list, at the real time."""
    world = World(process.home)  # only its keys
    admin, web = process.client(Caller.ADMIN), process.client(Caller.WEB)
    await admin.call(Pin("ent_1", world.entrustor.public, world.entrustor_recipient.public.data))
    await admin.call(Pin("centre", world.centre.public, b""))
    now = datetime.now(UTC)
    expires = now + timedelta(days=1)

    async def sign(body: StatementBody) -> None:
        key = world.centre if isinstance(body, RosterEntry) else world.entrustor
        signed = approve(prepare(body, issuer="x", now=now, valid_for=timedelta(days=1)), key)
        await web.call(Submit(signed.payload, signed.key, signed.signature))

    await sign(msgspec.structs.replace(TERMS, expires=expires, **{cap: budget}))
    grants = []
    for number in range(4):
        await sign(RosterEntry(f"per_{number}", "pty_1", "sit_1", "operator", expires))
        totp = pyotp.TOTP((await web.call(Enrol(f"per_{number}"))).secret)
        grants.append((await web.call(Grant(f"per_{number}", totp.now()))).secret)
    async with process.client(Caller.INTAKE).session() as session:
        minted = await session.call(Mint("lst_1", "ctr_1", 1, expires, "job_1"))
        records, manifest = sealed(minted, "lst_1", townsfolk(people))
        await session.call(manifest)
    return grants, records


# -- the wire ------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_each_socket_is_of_one_caller_class(process: Process) -> None:
    for caller in set(Caller) - Freeze.callers:
        with pytest.raises(NotAllowed):
            await process.client(caller).call(Freeze("lst_1", "manager"))
    with pytest.raises(NotAllowed):
        await process.client(Caller.WEB).call(Shred("lst_1"))


@pytest.mark.asyncio
async def test_a_uid_outside_the_class_is_dropped_without_an_answer(folder: Path) -> None:
    home = Home.open(folder / "h")
    await home.journal.start()
    keeper = Keeper(home, lambda: datetime.now(UTC))
    nobody_here = frozenset({os.getuid() + 1})
    allowed = {caller: frozenset({os.getuid()}) for caller in Caller} | {Caller.WEB: nobody_here}
    server = Server(keeper, folder / "r", allowed)
    await server.start()
    with pytest.raises(KeeperUnavailable):
        await KeeperClient(folder / "r" / "web" / "keeper.sock").call(Head())
    async with KeeperClient(folder / "r" / "worker" / "keeper.sock") as client:
        await client.call(Head())
    await server.close()
    await home.close()


@pytest.mark.asyncio
async def test_junk_is_dropped_and_the_keeper_lives_on(process: Process) -> None:
    for junk in (
        b"\xff\xff\xff\xff",
        (FRAME_LIMIT + 1).to_bytes(4, "big"),
        b"\x00\x00\x00\x00",
        b"\x00\x00\x00\x03abc",
        b"GET / HTTP/1.1\r\n\r\n",
        frame(msgspec.msgpack.encode({"verb": "export"})),
        frame(msgspec.msgpack.encode({"verb": "inspect", "list": "l", "stage": "S3"})),
        frame(msgspec.msgpack.encode({"verb": "inspect", "list": 1})),
        frame(msgspec.msgpack.encode({"verb": "inspect", "list": "l" * 65})),
    ):
        assert await answer(process.run / "web" / "keeper.sock", junk) == b""
    await process.client(Caller.WEB).call(Head())


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=8,
    ).map(msgspec.msgpack.encode)
)
def test_no_frame_outside_the_schema_is_a_verb(body: bytes) -> None:
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        request = decode_request(body)
        assert encode(request)[4:]


def frame(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


async def answer(path: Path, data: bytes) -> bytes:
    """What comes back until the keeper hangs up."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(data)
    try:
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.asyncio
async def test_keys_minted_on_a_broken_connection_are_forgotten(process: Process) -> None:
    await furnish(process, 1, 120)
    web, intake = process.client(Caller.WEB), process.client(Caller.INTAKE)
    expires = datetime.now(UTC) + timedelta(hours=1)
    async with intake.session() as session:
        await session.call(Mint("lst_2", "ctr_1", 1, expires, "job_1"))
        assert (await web.call(Inspect("lst_2"))).state == "pending"
    async with asyncio.timeout(PATIENCE):
        while (await web.call(Inspect("lst_2"))).state != "unknown":
            pass  # the round trip is the pause


# -- many at once, and kill -9 -------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("cap", ["people_per_hour", "people_per_30_days", "people_per_job"])
async def test_parallel_clients_get_exactly_the_budget(process: Process, cap: str) -> None:
    """One principal on many connections: N pass, the next one never."""
    budget = 20
    grants, records = await furnish(process, 40, budget, cap)
    web = process.client(Caller.WEB, pool=16)

    async def one(record: SealedRecord) -> bool:
        """Open and close, waiting until the hand is free."""
        while True:
            try:
                await web.call(Open(grants[0], record))
                await web.call(Close(grants[0], record, secrets.token_hex(8), 30))
            except REFUSALS:
                return False
            except Exception as error:
                if getattr(error, "code", "") != "hand_full":
                    raise
                await asyncio.sleep(0)
            else:
                return True

    shown = await asyncio.gather(*(one(record) for record in records))
    assert sum(shown) == budget
    assert (await web.call(Opens("lst_1"))).people == budget


@pytest.mark.asyncio
@pytest.mark.parametrize("delay", [0.0, 0.002, 0.005, 0.01, 0.02])
async def test_killed_while_shredding_it_heals_with_one_completion(
    process: Process, delay: float
) -> None:
    [grant, *_], records = await furnish(process, 2, 120)
    web, worker = process.client(Caller.WEB), process.client(Caller.WORKER)
    for record in records:
        await web.call(Open(grant, record))
        await web.call(Close(grant, record, secrets.token_hex(8), 10))
    await worker.call(Freeze("lst_1", "completed"))
    shredding = asyncio.create_task(worker.call(Shred("lst_1")))
    await asyncio.sleep(delay)
    await process.kill()
    with contextlib.suppress(KeeperUnavailable):
        await shredding
    await process.start()
    done = await worker.call(Shred("lst_1"))
    assert await worker.call(Shred("lst_1")) == done
    assert (await worker.call(Inspect("lst_1"))).state == "shredded"
    roots = [path.name for path in (process.home / "roots").iterdir()]
    assert roots == ["00000002.root"]


@pytest.mark.asyncio
async def test_a_client_finds_a_restarted_keeper_again(process: Process) -> None:
    web = process.client(Caller.WEB)
    await web.call(Head())
    await process.kill()
    with pytest.raises(KeeperUnavailable):
        await web.call(Head())
    await process.start()
    await web.call(Head())


# -- refusals to start ---------------------------------------------------------------------


async def refused(folder: Path, *options: str) -> str:
    """What the keeper says when it refuses to start."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "crypto",
        "--home",
        str(folder / "h"),
        "--run",
        str(folder / "r"),
        *options,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE):
        _, said = await process.communicate()
    assert process.returncode == 2
    return said.decode()


@pytest.mark.asyncio
async def test_it_refuses_to_start_and_says_why(folder: Path) -> None:
    assert "needs --demo" in await refused(folder, "--clock-offset", "60")
    assert "caller=UID" in await refused(folder, "--allow", "everybody=0")
    (folder / "h").mkdir(mode=0o755)
    assert "chmod 700" in await refused(folder)
    (folder / "h").chmod(0o700)
    process = Process(folder)
    await process.start()
    assert "another keeper" in await refused(folder)
    await process.stop()
    (folder / "h" / "signing" / "ledger.key").chmod(0o644)
    assert "chmod 600" in await refused(folder)
    (folder / "h" / "signing" / "ledger.key").chmod(0o600)
    (folder / "h" / "roots" / "00000001.root").unlink()
    assert "root of epoch 1" in await refused(folder)


@pytest.mark.asyncio
async def test_a_socket_path_that_is_too_long_is_refused(world: World, tmp_path: Path) -> None:
    server = Server(world.keeper, tmp_path / ("x" * 100), allowed_uids(""))
    with pytest.raises(SocketRefused, match="107"):
        await server.start()


@pytest.mark.asyncio
async def test_the_keepers_files_are_its_own(process: Process) -> None:
    for path in [process.home, *process.home.rglob("*"), process.run, *process.run.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
    published = (process.home / "public" / "certificate.pub").read_text()
    assert published.startswith("certificate-key ")


def test_who_may_speak() -> None:
    allowed = allowed_uids("web=1001,web=1002,worker=7")
    assert allowed[Caller.WEB] == {1001, 1002}
    assert allowed[Caller.WORKER] == {7}
    assert allowed[Caller.ADMIN] == {os.getuid()}
    for text in ("web", "web=x", "root=0"):
        with pytest.raises(ValueError, match=r"not a valid|invalid literal"):
            allowed_uids(text)


@pytest.mark.asyncio
async def test_a_keeper_that_answers_nonsense_is_unavailable(folder: Path) -> None:
    async def nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\x00\x00\x01\xc1")
        writer.close()

    server = await asyncio.start_unix_server(nonsense, folder / "s")
    with pytest.raises(KeeperUnavailable):
        await KeeperClient(folder / "s").call(Head())
    server.close()
    with pytest.raises(KeeperUnavailable):
        await KeeperClient(folder / "none").call(Head())
    with socket.socket(socket.AF_UNIX) as nobody:
        nobody.bind(str(folder / "t"))
        with pytest.raises(KeeperUnavailable):
            await KeeperClient(folder / "t").call(Head())
