"""The keeper's TCP port: who is let in as what, and who is dropped without an answer."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from crypto.errors.base import KeeperUnavailable, KeyFileRefused
from crypto.errors.keeper import NotAllowed
from crypto.keeper import remote
from crypto.keeper.conversation import Limits
from crypto.keeper.server import Server
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.ledger import Head
from crypto.wire.lists import Freeze, Inspect, Shred
from crypto.wire.private_ca import Authority, certify
from crypto.wire.tls import Files, Remote, caller_of, client_context, host_and_port
from tests.crypto.world import World

HOST = "127.0.0.1"
NOW = datetime.now(UTC)
PATIENCE = 10.0  # seconds for a connection to be dropped
SHORT = Limits(greeting_seconds=0.2)  # where nobody is to be greeted


class Site:
    """A keeper with a port, and the certificates of its hosts in `folder`."""

    def __init__(self, folder: Path, server: Server, clock: list[float]) -> None:
        self.folder, self.server = folder, server
        self.clock = clock  # seconds by which the keeper's host is ahead
        self.authority = Authority.load(folder / "authority")

    def files(self, name: str) -> Files:
        place = {"web": "web", "intake": "web", "worker": "worker"}.get(name, name)
        return Files.of(self.folder / place, name)

    def client(self, files: Files, host: str = HOST) -> KeeperClient:
        assert self.server.port
        return KeeperClient(Remote(host, self.server.port.number, files))

    async def dropped(self, files: Files, host: str = HOST) -> str:
        """What the client says of a connection that does not come about."""
        async with self.client(files, host) as client:
            with pytest.raises(KeeperUnavailable) as refused:
                await client.call(Head())
            return str(refused.value)

    async def raw(self, context: ssl.SSLContext | None, data: bytes = b"") -> bytes:
        """What comes back until the keeper hangs up."""
        assert self.server.port
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            reader, writer = await asyncio.open_connection(
                HOST, self.server.port.number, ssl=context
            )
            try:
                writer.write(data)
                async with asyncio.timeout(PATIENCE):
                    return await reader.read()
            finally:
                writer.close()
        return b""


@pytest_asyncio.fixture
async def site(world: World, tmp_path: Path) -> AsyncIterator[Site]:
    folder = tmp_path / "certificates"
    certify(folder, HOST, NOW)
    allowed = {caller: frozenset[int]() for caller in Caller}
    where = ((HOST, 0), folder / "keeper")
    ahead = [0.0]
    server = Server(
        world.keeper,
        tmp_path / "r",
        allowed,
        remote=where,
        clock=lambda: time.time() + ahead[0],
    )
    await server.start()
    yield Site(folder, server, ahead)
    await server.close()


@pytest.mark.asyncio
async def test_the_class_is_that_of_the_certificate(site: Site) -> None:
    async with (
        site.client(site.files("web")) as web,
        site.client(site.files("intake")) as intake,
        site.client(site.files("worker")) as worker,
    ):
        for client in (web, intake, worker):
            assert (await client.call(Inspect("lst_1"))).state == "unknown"
        with pytest.raises(NotAllowed):
            await intake.call(Freeze("lst_1", "manager"))
        with pytest.raises(NotAllowed):
            await web.call(Shred("lst_1"))


Make = Callable[[Site], Files]


def other_authority(site: Site) -> Files:
    """Right in everything but who signed it."""
    stranger = Authority.create(NOW)
    place = site.folder / "other"
    stranger.caller(Caller.WEB, NOW).write(place, site.authority)
    return Files.of(place, "web")


def expired(site: Site) -> Files:
    place = site.folder / "expired"
    yesterday = NOW - timedelta(days=2)
    site.authority.caller(Caller.WEB, yesterday, timedelta(days=1)).write(place, site.authority)
    return Files.of(place, "web")


def not_yet_valid(site: Site) -> Files:
    place = site.folder / "early"
    site.authority.caller(Caller.WEB, NOW + timedelta(days=1)).write(place, site.authority)
    return Files.of(place, "web")


def administrator(site: Site) -> Files:
    place = site.folder / "admin"
    site.authority.caller(Caller.ADMIN, NOW).write(place, site.authority)
    return Files.of(place, "admin")


def the_keepers_own(site: Site) -> Files:
    """Certifies a host, not a caller."""
    return site.files("keeper")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "make", [other_authority, expired, not_yet_valid, administrator, the_keepers_own]
)
async def test_a_wrong_certificate_is_dropped(site: Site, make: Make) -> None:
    await site.dropped(make(site))
    async with site.client(site.files("web")) as web:
        await web.call(Head())


@pytest.mark.asyncio
async def test_no_certificate_older_tls_and_no_tls_are_dropped(site: Site) -> None:
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.load_verify_locations(site.files("web").ca)
    old = client_context(site.files("web"))
    old.minimum_version = ssl.TLSVersion.TLSv1_2
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    frame = b"\x00\x00\x00\x0b\x81\xa4verb\xa4head\xff\xff\xff\xff"  # and the end
    assert await site.raw(bare, frame) == b""
    assert await site.raw(old, frame) == b""
    for plain in (frame, b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + bytes(100)):
        assert not (await site.raw(None, plain)).startswith(b"\x00")
    assert len(await site.raw(client_context(site.files("web")), frame)) > 100


def test_one_class_and_only_one_that_travels() -> None:
    def names(*uris: str) -> dict[str, object]:
        return {"subjectAltName": tuple(("URI", uri) for uri in uris)}

    assert caller_of(names("calllist:worker")) is Caller.WORKER
    assert caller_of(names("calllist:web", "https://example.jp")) is Caller.WEB
    for wrong in (
        names("calllist:admin"),
        names("calllist:web", "calllist:worker"),
        names("calllist:web2"),
        names("calllist:"),
        names("CALLLIST:web"),
        names(),
        {"subjectAltName": (("DNS", "calllist:web"),)},
        {"subject": ((("commonName", "web"),),)},
        {},
    ):
        assert caller_of(wrong) is None


@pytest.mark.asyncio
async def test_a_revoked_certificate_is_dropped_also_in_mid_conversation(site: Site) -> None:
    revoked = site.folder / "keeper" / "revoked"
    issued = site.authority.caller(Caller.WEB, NOW)
    issued.write(site.folder / "second", site.authority)
    async with site.client(Files.of(site.folder / "second", "web")) as second:
        await second.call(Head())
        revoked.write_text(f"# lost on Tuesday\n{issued.fingerprint}\n")
        with pytest.raises(KeeperUnavailable):
            await second.call(Head())
        with pytest.raises(KeeperUnavailable):  # nor again
            await second.call(Head())
    async with site.client(site.files("web")) as first:
        await first.call(Head())
        revoked.write_text("what is this")  # better nobody than somebody who was revoked
        with pytest.raises(KeeperUnavailable):
            await first.call(Head())
        revoked.unlink()
        with pytest.raises(KeeperUnavailable):
            await first.call(Head())


@pytest.mark.asyncio
async def test_a_certificate_that_expires_is_dropped_also_in_mid_conversation(site: Site) -> None:
    issued = site.authority.caller(Caller.WEB, datetime.now(UTC), timedelta(hours=1))
    issued.write(site.folder / "second", site.authority)
    async with (
        site.client(Files.of(site.folder / "second", "web")) as second,
        site.client(site.files("web")) as first,
    ):
        for client in (first, second):
            await client.call(Head())
        site.clock[0] = timedelta(minutes=50).total_seconds()
        await second.call(Head())
        site.clock[0] = timedelta(minutes=61).total_seconds()
        with pytest.raises(KeeperUnavailable):
            await second.call(Head())
        await first.call(Head())  # whose certificate lives


def test_a_list_of_revoked_ones_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "revoked").write_text("abcd\n")
    with pytest.raises(KeyFileRefused, match="fingerprint"):
        remote.Revoked(tmp_path / "revoked")


@pytest.mark.asyncio
async def test_a_caller_speaks_to_the_host_it_named_and_nobody_else(site: Site) -> None:
    """Also not to another caller of the same authority that plays the keeper."""
    assert "localhost" in await site.dropped(site.files("web"), "localhost")
    site.authority.keeper("keeper.example.jp", NOW).write(site.folder / "moved", site.authority)
    for place, name in (("moved", "keeper"), ("web", "intake")):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        files = Files.of(site.folder / place, name)
        context.load_cert_chain(files.certificate, files.key)
        imposter = await asyncio.start_server(
            lambda _, writer: writer.close(), HOST, 0, ssl=context
        )
        port = imposter.sockets[0].getsockname()[1]
        async with KeeperClient(Remote(HOST, port, site.files("web"))) as client:
            with pytest.raises(KeeperUnavailable, match="certificate verify failed"):
                await client.call(Head())
        imposter.close()


@pytest.mark.asyncio
async def test_whose_class_has_no_place_left_is_dropped(site: Site) -> None:
    site.server._switchboard.limits = Limits(places=dict.fromkeys(Caller, 0))
    async with asyncio.timeout(PATIENCE):
        await site.dropped(site.files("web"))


@pytest.mark.asyncio
async def test_a_keeper_that_ends_listens_no_more(site: Site) -> None:
    assert site.server.port
    number = site.server.port.number
    await site.server.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(HOST, number)


@pytest.mark.asyncio
async def test_a_port_that_somebody_else_has_is_refused_by_its_number(site: Site) -> None:
    assert site.server.port
    number = site.server.port.number
    switchboard = site.server._switchboard
    second = remote.Port((HOST, number), site.folder / "keeper", switchboard)
    with pytest.raises(remote.PortRefused, match=f"port {number}: Address already in use"):
        await second.start()
    await second.close()


@pytest.mark.asyncio
async def test_who_does_not_greet_in_time_is_dropped(site: Site) -> None:
    site.server._switchboard.limits = SHORT
    assert await site.raw(None) == b""


@pytest.mark.asyncio
async def test_a_flood_of_greetings_holds_up_nobody_who_is_in(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 3
    monkeypatch.setattr(remote, "GREETINGS_EACH", most)
    site.server._switchboard.limits = Limits(greeting_seconds=2 * PATIENCE)
    async with asyncio.timeout(PATIENCE), site.client(site.files("web")) as established:
        await established.call(Head())
        silent = {asyncio.create_task(site.raw(None)) for _ in range(3 * most)}
        done = set[asyncio.Task[bytes]]()
        while len(done) < 2 * most:  # those beyond the first are not even greeted
            late, silent = await asyncio.wait(silent, return_when=asyncio.FIRST_COMPLETED)
            done |= late
            await established.call(Head())
        assert {task.result() for task in done} == {b""}
        for waiting in silent:
            waiting.cancel()
        await asyncio.gather(*silent, return_exceptions=True)


def test_an_address_is_a_host_and_a_port() -> None:
    assert host_and_port("tls://keeper.example.jp:7443") == ("keeper.example.jp", 7443)
    assert host_and_port("tls://[2001:db8::1]:7443") == ("2001:db8::1", 7443)
    for wrong in (
        "keeper:7443",
        "tcp://keeper:7443",
        "tls://keeper",
        "tls://:7443",
        "tls://keeper:0",
        "tls://keeper:70000",
        "tls://me@keeper:7443",
        "tls://keeper:7443/web",
        "tls://keeper:7443?x",
        "",
    ):
        with pytest.raises(ValueError, match=r"tls://host:port|[Pp]ort"):
            host_and_port(wrong)


def test_a_key_that_others_read_is_not_used(site_folder: Path) -> None:
    key = site_folder / "web" / "web.key"
    key.chmod(0o640)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        Files.of(site_folder / "web", "web")
    key.chmod(0o600)
    with pytest.raises(KeyFileRefused, match=r"worker\.key"):
        Files.of(site_folder / "web", "worker")
    (site_folder / "web" / "web.crt").write_text("nonsense")
    with pytest.raises(KeyFileRefused, match=r"web\.crt"):
        client_context(Files.of(site_folder / "web", "web"))


def test_certified_again_the_authority_stays_and_the_keys_are_fresh(site_folder: Path) -> None:
    def prints() -> set[str]:
        return {one.fingerprint for one in certify(site_folder, HOST, NOW)}

    authority = (site_folder / "authority" / "ca.crt").read_bytes()
    first, second = prints(), prints()
    assert len(first) == 4
    assert not first & second
    assert (site_folder / "authority" / "ca.crt").read_bytes() == authority
    assert (site_folder / "worker" / "ca.crt").read_bytes() == authority
    for key in site_folder.rglob("*.key"):
        assert key.stat().st_mode & 0o777 == 0o600
    assert [path.parent.name for path in site_folder.rglob("ca.key")] == ["authority"]
    (site_folder / "authority" / "ca.key").write_text("nonsense")
    with pytest.raises(KeyFileRefused, match="no authority"):
        prints()


@pytest.fixture
def site_folder(tmp_path: Path) -> Path:
    certify(tmp_path / "c", HOST, NOW)
    return tmp_path / "c"
