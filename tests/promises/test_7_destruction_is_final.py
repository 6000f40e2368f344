"""Promise 7. Destruction is automatic and final; past the deadline nothing opens.

How far it holds today: a backup of the database brings nobody back; a copy of the keystore
without its root opens nothing. A copied *file* root beside a copied keystore would: the
certificate says `file` (tests of promise 8).
"""

from __future__ import annotations

import asyncio
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.engine import make_url

from calllist.dialing.errors import NobodyLeft
from calllist.dialing.hand import in_hand
from calllist.embedded.postgres import binary
from calllist.upkeep import upkeep
from crypto.errors.base import KeeperUnavailable
from crypto.errors.lists import ListOver
from crypto.wire.base import Caller
from crypto.wire.lists import Inspect
from crypto.wire.records import Open, SealedRecord
from retention.errors import HoldingOver
from retention.states import State
from retention.tables import Certificate, Holding
from tests.keepers import KeeperProcess, now
from tests.promises.conftest import Town
from tests.visitors import Visitors, settings_for


async def call_everybody(town: Town) -> None:
    """Two operators, until nobody is left; the manager has closed the intake before."""
    await town.world.settle(town.list_id)
    number = 0
    while True:
        operator = town.world.operators[number % 2]
        number += 1
        try:
            lease, _ = await town.world.take(operator, town.job)
        except NobodyLeft:
            return
        except Exception as error:
            if type(error).__name__ == "JobOver":
                return
            raise
        await town.world.record(operator, lease.id, 10)


async def state_of(town: Town) -> str:
    async with town.world.sessions() as session:
        holding = await session.get(Holding, town.list_id)
        assert holding is not None
        return holding.state


async def sealed_in_hand(town: Town) -> tuple[str, SealedRecord]:
    """A lease of the first operator and the record as the database has it."""
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    async with town.world.sessions() as session:
        person = await town.world.person(session, operator)
        return lease.id, (await in_hand(session, person, lease.id)).sealed


@pytest.mark.asyncio
async def test_the_last_result_completes_the_job_and_the_worker_destroys_it(
    town: Town, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    await call_everybody(town)
    assert await state_of(town) == State.FROZEN
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)
    assert await state_of(town) == State.CERTIFIED
    async with town.world.sessions() as session:
        for table in ("records", "chunks", "leases"):
            assert await session.scalar(text(f"select count(*) from {table}")) == 0  # noqa: S608
        assert await session.scalar(text("select count(*) from certificates")) == 1
    assert (await town.world.web.call(Inspect(town.list_id))).state == "shredded"


@pytest.mark.asyncio
async def test_past_the_deadline_nothing_opens_though_every_worker_sleeps(town: Town) -> None:
    """The keeper's own expiry is tested with its own clock in tests/crypto."""
    lease, _record = await sealed_in_hand(town)
    async with town.world.sessions.begin() as session:
        await session.execute(update(Holding).values(deadline=now() - timedelta(seconds=1)))
    with pytest.raises(HoldingOver):
        await town.world.look(town.world.operators[0], lease)
    assert await state_of(town) == State.OPEN  # nobody has done anything yet


@pytest.mark.asyncio
async def test_a_freeze_stops_a_record_in_hand_at_once(town: Town) -> None:
    lease, record = await sealed_in_hand(town)
    async with town.world.sessions.begin() as session:
        await town.world.custody.release(
            session, town.list_id, "manager", grant=town.world.manager.grant, now=now()
        )
    with pytest.raises(HoldingOver):
        await town.world.look(town.world.operators[0], lease)
    with pytest.raises(ListOver):  # and the keeper does not need our tables to know
        await town.world.web.call(Open(town.world.operators[0].grant, record))


@pytest.mark.asyncio
async def test_the_entrustors_order_ends_a_list_in_mid_call(
    town: Town, visitors: Visitors, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    lease, record = await sealed_in_hand(town)
    ordered = await visitors.ask(town.world.officer, "POST", f"/held/{town.list_id}/destroy")
    assert (ordered.status_code, ordered.headers["location"]) == (303, "/held")
    with pytest.raises(HoldingOver):
        await town.world.look(town.world.operators[0], lease)
    with pytest.raises(ListOver):
        await town.world.web.call(Open(town.world.operators[0].grant, record))
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)
    assert await state_of(town) == State.CERTIFIED
    async with town.world.sessions() as session:
        holding = await session.get_one(Holding, town.list_id)
        assert holding.trigger == "entrustor"


@pytest.mark.asyncio
async def test_a_restored_backup_of_the_database_brings_nobody_back(
    town: Town, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    _lease, record = await sealed_in_hand(town)
    dump = tmp_path / "dump"
    await postgres("pg_dump", database, "--format=custom", f"--file={dump}")
    await town.world.record(town.world.operators[0], _lease, 30)
    await call_everybody_later(town)
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)
    assert await state_of(town) == State.CERTIFIED

    await postgres("pg_restore", database, "--clean", "--if-exists", "--no-owner", str(dump))
    assert await state_of(town) == State.OPEN  # the database believes the list lives
    async with town.world.sessions() as session:
        assert await session.scalar(text("select count(*) from records")) == len(town.folk)
    for operator in town.world.operators:
        with pytest.raises(ListOver):
            await town.world.web.call(Open(operator.grant, record))
    with pytest.raises(ListOver):
        await town.world.look(town.world.operators[0], _lease)


async def call_everybody_later(town: Town) -> None:
    """End the list without calling everybody: the manager closes it."""
    async with town.world.sessions.begin() as session:
        await town.world.custody.release(
            session, town.list_id, "manager", grant=town.world.manager.grant, now=now()
        )


@pytest.mark.asyncio
async def test_an_old_keystore_without_its_root_opens_nothing(
    town: Town, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    _lease, record = await sealed_in_hand(town)
    old = tmp_path / "keystore"
    shutil.copy(keeper.home / "keystore", old)
    await call_everybody_later(town)
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)
    keeper.stop()
    new = (keeper.home / "keystore").read_bytes()
    shutil.copy(old, keeper.home / "keystore")
    with pytest.raises(Exception):  # noqa: B017, PT011 - it refuses to start at all
        keeper.start()
    keeper.stop()
    with pytest.raises(KeeperUnavailable):
        await town.world.web.call(Open(town.world.operators[0].grant, record))
    (keeper.home / "keystore").write_bytes(new)
    keeper.start()
    with pytest.raises(ListOver):
        await town.world.web.call(Open(town.world.operators[0].grant, record))


@pytest.mark.asyncio
@pytest.mark.parametrize("dies", ["keeper", "worker"])
async def test_a_death_in_the_middle_is_healed_by_running_again(
    town: Town, keeper: KeeperProcess, database: str, tmp_path: Path, dies: str
) -> None:
    """With exactly one certificate. (Every boundary: tests/retention and tests/crypto.)"""
    await call_everybody_later(town)
    settings = settings_for(database, keeper.run, tmp_path)
    async with upkeep(settings) as power:
        work = asyncio.create_task(power.destroy(town.list_id))
        await _until_shredded(keeper, town)
        if dies == "keeper":
            keeper.kill()
        else:
            work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    if dies == "keeper":
        keeper.start()
    for _ in range(3):
        async with upkeep(settings) as power:
            for holding_id in await power.sweep():
                await power.destroy(holding_id)
    assert await state_of(town) == State.CERTIFIED
    async with town.world.sessions() as session:
        certificates = (await session.scalars(Certificate.__table__.select())).all()
    assert len(certificates) == 1


async def _until_shredded(keeper: KeeperProcess, town: Town) -> None:
    async with keeper.client(Caller.WORKER) as client:
        async with asyncio.timeout(20):
            while (await client.call(Inspect(town.list_id))).state != "shredded":
                continue  # each turn is a round trip to another process


async def postgres(program: str, database: str, *options: str) -> None:
    """A client program of PostgreSQL's on this test's database."""
    url = make_url(database)
    process = await asyncio.create_subprocess_exec(
        str(binary(program)),
        f"--host={url.host}",
        f"--port={url.port}",
        f"--username={url.username}",
        f"--dbname={url.database}",
        *options,
        env={**os.environ, "PGPASSWORD": str(url.password)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
