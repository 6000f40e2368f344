"""Where the keeper listens and who may come near; what one connection may say at most."""

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.keeper.conversation import Limits
from crypto.keeper.server import SOCKET_NAME, SOCKET_PATH_BYTES, Server, SocketRefused
from crypto.lists.keyroom import Session
from crypto.wire.base import Caller
from crypto.wire.frames import encode
from crypto.wire.ledger import Head
from tests.crypto.world import World

pytestmark = pytest.mark.asyncio

HEAD = encode(Head())
PATIENCE = 10.0  # seconds
OURS: Mapping[Caller, frozenset[int]] = dict.fromkeys(Caller, frozenset({os.getuid()}))


@pytest.fixture
def run() -> Iterator[Path]:
    """Short enough for socket paths."""
    path = Path(tempfile.mkdtemp(prefix="ks"))
    yield path / "r"
    shutil.rmtree(path)


async def told(run: Path, data: bytes) -> bytes:
    """What comes until the keeper hangs up, or until we do."""
    reader, writer = await asyncio.open_unix_connection(run / Caller.WORKER / SOCKET_NAME)
    writer.write(data)
    writer.write_eof()
    async with asyncio.timeout(PATIENCE):
        said = await reader.read()
    writer.close()
    return said


async def test_only_a_class_of_other_uids_has_a_socket_that_others_reach(
    world: World, run: Path
) -> None:
    """Also where another file is in the way, and the folder has another mode."""
    (run / Caller.WORKER).mkdir(parents=True, mode=0o755)
    (run / Caller.WORKER / SOCKET_NAME).write_text("left behind")
    others = {Caller.WEB: frozenset({os.getuid(), os.getuid() + 1})}
    server = Server(world.keeper, run, {**OURS, **others, Caller.INTAKE: frozenset()})
    await server.start()
    for caller in Caller:
        folder, path = run / caller, run / caller / SOCKET_NAME
        modes = (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777)
        assert modes == ((0o711, 0o666) if caller is Caller.WEB else (0o700, 0o600)), caller
    assert len(await told(run, HEAD)) > 100
    await server.close()


async def test_a_socket_path_is_as_long_as_the_kernel_takes_and_no_longer(
    world: World, run: Path
) -> None:
    longest = max(len(os.fsencode(run / "x" / caller / SOCKET_NAME)) for caller in Caller)
    name = "x" * (1 + SOCKET_PATH_BYTES - longest)
    server = Server(world.keeper, run / name, OURS)
    await server.start()
    await server.close()
    longer = Server(world.keeper, run / f"{name}x", OURS)
    with pytest.raises(SocketRefused, match="107"):
        await longer.start()
    await longer.close()


async def test_a_frame_as_long_as_its_class_may_is_answered(world: World, run: Path) -> None:
    most = dict.fromkeys(Caller, len(HEAD) - 4)
    server = Server(world.keeper, run, OURS, limits=replace(Limits(), frame=most))
    await server.start()
    assert len(await told(run, HEAD)) > 100
    await server.close()


async def test_a_verb_that_fails_ends_the_connection_and_quotes_nothing(
    world: World, run: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_session: Session, _request: object) -> None:
        raise RuntimeError("山田 花子")

    server = Server(world.keeper, run, OURS)
    await server.start()
    monkeypatch.setattr(world.keeper, "answer", broken)
    with caplog.at_level(logging.ERROR):
        assert await told(run, HEAD) == b""
    assert [record.getMessage() for record in caplog.records] == ["Head failed: RuntimeError"]
    assert "山田" not in caplog.text
    await server.close()
