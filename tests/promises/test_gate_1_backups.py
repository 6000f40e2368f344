"""Promise 7, against every backup there is: taken at time T, restored after T+1.

    database     pg_dump and a copy of the data directory
    keeper       keystore, journal and ledger, signing keys, public keys
    root         the file, or the token's directory

Without the root nobody opens. With the root *and* an old ledger somebody does: a file and a
token in software can be copied, which is why start-up refuses it while the ledger is honest,
and why the certificate names the kind of root.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from calllist.dialing.hand import in_hand
from calllist.embedded.postgres import SUPERUSER, Postgres, binary
from calllist.upkeep import upkeep
from crypto.errors.base import KeeperUnavailable
from crypto.errors.lists import ListOver
from crypto.wire.base import Caller
from crypto.wire.client import KeeperClient
from crypto.wire.records import Open, SealedRecord, View
from retention.tables import Certificate
from tests.conftest import FAST
from tests.crypto.tokens import TokenDirectory
from tests.keepers import now
from tests.promises.conftest import Town
from tests.rooted import RootedKeeper
from tests.visitors import settings_for

NEVER_BACKED_UP = ("roots", "lock", "reserve")


@dataclass(frozen=True)
class Backups:
    """Everything, as it was at time T."""

    folder: Path

    @property
    def home(self) -> Path:
        """The keeper's folder."""
        return self.folder / "home"

    @property
    def token(self) -> Path:
        """The token's directory, if the root is in one."""
        return self.folder / "token"

    @property
    def dump(self) -> Path:
        """By pg_dump."""
        return self.folder / "dump"

    @property
    def cluster(self) -> Path:
        """The database server's folder."""
        return self.folder / "postgres"


@pytest.fixture(scope="module")
def tokens() -> Iterator[TokenDirectory]:
    """A token of its own, in a short folder: keepers of their own read it."""
    with tempfile.TemporaryDirectory(prefix="clt-") as folder:
        yield TokenDirectory.made(Path(folder))


@pytest.fixture(params=["file", "software-token"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settled() -> None:
    """A keeper with a root of its own begins with nothing."""


@pytest.fixture
def keeper(kind: str, tokens: TokenDirectory) -> Iterator[RootedKeeper]:
    """This keeper stands in for the usual one: `world` and `town` are built on it."""
    with tempfile.TemporaryDirectory(prefix="clk-") as folder:
        name = Path(folder).name
        root = "file" if kind == "file" else tokens.setting(name)
        keeper = RootedKeeper(Path(folder), root, tokens.environment)
        keeper.start()
        yield keeper
        keeper.stop()


@pytest.mark.asyncio
async def test_restored_backups_bring_nobody_back(
    kind: str,
    town: Town,
    keeper: RootedKeeper,
    tokens: TokenDirectory,
    postgres: Postgres,
    database: str,
    tmp_path: Path,
) -> None:
    operator = town.world.operators[0]
    sealed = await in_operators_hand(town)
    assert isinstance(await opening(keeper, operator.grant, sealed), View)
    backups = Backups(tmp_path / "backups")
    keeper.stop()
    await back_up(backups, keeper, tokens, database)
    if kind == "file":  # the same for both
        await copy_cluster(postgres, backups.cluster)
    keeper.start()

    certificate = await destroyed(town, keeper, database, tmp_path)
    assert certificate["root_kind"] == kind
    assert certificate["epoch_destroyed"] == 1
    keeper.stop()
    after = tmp_path / "after"
    shutil.copytree(keeper.home, after)

    # The database alone, restored in both ways: the rows are back, the keys are not.
    await restore_dump(backups, database)
    sealed = await as_restored(town, sealed)
    keeper.start()
    with pytest.raises(ListOver):
        await opening(keeper, operator.grant, sealed)
    if kind == "file":
        restored = Postgres(backups.cluster, log=tmp_path / "restored.log", settings=FAST)
        await rows_of_a_restored_cluster(restored, make_url(database).database or "", town)
    keeper.stop()

    # Everything but the root, a ledger from time T included: there is nothing to open it with.
    restore_home(backups.home, keeper.home)
    assert "root of epoch 1" in keeper.refuses_to_start()
    with pytest.raises(KeeperUnavailable):
        await opening(keeper, operator.grant, sealed)

    # The root too, beside the honest ledger: refused, and today's root is left alone.
    restore_home(after, keeper.home)
    shutil.copy(backups.home / "keystore", keeper.home / "keystore")
    restore_root(kind, backups, keeper, tokens)
    assert "copy of epoch 1 that was put back" in keeper.refuses_to_start()

    # And where the ledger is rolled back as well, it does come back. This is what a
    # certificate with `file` or `software-token` does not promise.
    restore_home(backups.home, keeper.home)
    keeper.start()
    assert isinstance(await opening(keeper, operator.grant, sealed), View)


# -- time T --------------------------------------------------------------------------------


async def in_operators_hand(town: Town) -> SealedRecord:
    """A record as the database has it, leased by the first operator."""
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    async with town.world.sessions() as session:
        person = await town.world.person(session, operator)
        return (await in_hand(session, person, lease.id)).sealed


async def opening(keeper: RootedKeeper, grant: str, sealed: SealedRecord) -> object:
    """What the keeper answers to the operator."""
    async with KeeperClient(keeper.socket(Caller.WEB)) as web:
        return await web.call(Open(grant, sealed))


async def back_up(
    backups: Backups, keeper: RootedKeeper, tokens: TokenDirectory, database: str
) -> None:
    """With the keeper at rest: the best copy there can be."""
    shutil.copytree(keeper.home, backups.home)
    shutil.copytree(tokens.tokens, backups.token)
    await client_program("pg_dump", database, "--format=custom", f"--file={backups.dump}")


async def copy_cluster(postgres: Postgres, to: Path) -> None:
    """The server's folder, after a checkpoint, while nobody writes: it starts as after a crash."""
    url = postgres.url(role=SUPERUSER, database="postgres").replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("checkpoint")
    finally:
        await connection.close()
    await run("mkdir", "-p", "-m", "711", str(to))
    for part in (postgres.data, postgres.data.parent / "passwords"):
        await run("cp", "-a", str(part), str(to))
    (to / "data" / "postmaster.pid").unlink()


async def destroyed(
    town: Town, keeper: RootedKeeper, database: str, tmp_path: Path
) -> dict[str, object]:
    """The list ends at T+1; what its certificate says."""
    manager = town.world.manager
    async with town.world.sessions.begin() as session:
        await town.world.custody.release(
            session, town.list_id, "manager", grant=manager.grant, now=now()
        )
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)
    async with town.world.sessions() as session:
        envelope = await session.scalar(select(Certificate.envelope))
    payload: dict[str, object] = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
    return payload


# -- after T+1 -----------------------------------------------------------------------------


def restore_home(copy: Path, home: Path) -> None:
    """Everything of a keeper but its roots."""
    for path in home.iterdir():
        if path.name not in NEVER_BACKED_UP:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in copy.iterdir():
        if path.name not in NEVER_BACKED_UP:
            copier = shutil.copytree if path.is_dir() else shutil.copy2
            copier(path, home / path.name)


def restore_root(kind: str, backups: Backups, keeper: RootedKeeper, tokens: TokenDirectory) -> None:
    """The root of time T, beside today's."""
    if kind == "file":
        shutil.copytree(backups.home / "roots", keeper.home / "roots", dirs_exist_ok=True)
    else:
        shutil.copytree(backups.token, tokens.tokens, dirs_exist_ok=True)


async def restore_dump(backups: Backups, database: str) -> None:
    options = ("--clean", "--if-exists", "--no-owner", str(backups.dump))
    await client_program("pg_restore", database, *options)


async def as_restored(town: Town, sealed: SealedRecord) -> SealedRecord:
    """The same record, read from the restored rows."""
    async with town.world.sessions() as session:
        assert await session.scalar(text("select count(*) from records")) == len(town.folk)
        person = await town.world.person(session, town.world.operators[0])
        [lease] = await session.scalars(text("select id from leases"))
        again = (await in_hand(session, person, lease)).sealed
    assert again == sealed
    return again


async def rows_of_a_restored_cluster(server: Postgres, name: str, town: Town) -> None:
    """The copied data directory is a living database with every row of the list."""
    await asyncio.to_thread(server.start)
    try:
        url = server.url(role=SUPERUSER, database=name).replace("+asyncpg", "")
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("select count(*) from records") == len(town.folk)
        await connection.close()
    finally:
        await asyncio.to_thread(server.stop)


async def client_program(program: str, database: str, *options: str) -> None:
    """A client program of PostgreSQL's on this test's database."""
    url = make_url(database)
    await run(
        str(binary(program)),
        f"--host={url.host}",
        f"--port={url.port}",
        f"--username={url.username}",
        f"--dbname={url.database}",
        *options,
        password=str(url.password),
    )


async def run(*command: str, password: str = "") -> None:
    """A program that must succeed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "PGPASSWORD": password},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
