"""Promise 7 and 9 after a restore: whoever was done stays done, and no certificate is lost unseen.

A real `pg_dump` from before, `pg_restore` after; the keeper and its ledger go on living.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from calllist.dialing.errors import RecordOver
from calllist.oversight import missing
from calllist.oversight.tables import Notice
from calllist.upkeep import Upkeep, upkeep
from crypto.errors.records import RecordClosed
from crypto.wire.records import Open
from retention.states import State
from retention.tables import Certificate
from tests.keepers import KeeperProcess, now
from tests.promises.conftest import Town, Upload
from tests.promises.test_7_destruction_is_final import (
    call_everybody,
    call_everybody_later,
    postgres,
    sealed_in_hand,
    state_of,
)
from tests.visitors import settings_for

pytestmark = pytest.mark.asyncio

RESTORE = ("--clean", "--if-exists", "--no-owner")


async def work(power: Upkeep) -> None:
    for holding_id in await power.sweep():
        await power.destroy(holding_id)


async def envelopes(town: Town) -> dict[str, str]:
    async with town.world.sessions() as session:
        found = await session.execute(select(Certificate.id, Certificate.envelope))
        return dict(iter(found))


async def test_who_was_done_before_the_restore_is_refused_while_the_list_lives(
    town: Town, database: str, tmp_path: Path
) -> None:
    lease, record = await sealed_in_hand(town)
    dump = tmp_path / "dump"
    await postgres("pg_dump", database, "--format=custom", f"--file={dump}")
    operator, other = town.world.operators
    await town.world.record(operator, lease, 10)
    await postgres("pg_restore", database, *RESTORE, str(dump))
    async with town.world.sessions() as session:  # the row is back, with its content
        whole = "select count(*) from records where sealed is not null"
        assert await session.scalar(text(whole)) == len(town.folk)
    for grant in (operator.grant, other.grant):
        with pytest.raises(RecordClosed):
            await town.world.web.call(Open(grant, record))
    with pytest.raises(RecordOver):  # and the desk empties it again
        await town.world.look(operator, lease)
    async with town.world.sessions() as session:
        assert await session.scalar(text(whole)) == len(town.folk) - 1
    assert await state_of(town) == State.OPEN


async def test_a_list_destroyed_before_the_restore_is_erased_again_under_the_same_certificate(
    town: Town, upload: Upload, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    """Also if, meanwhile, another list comes first: it gets a number of its own."""
    dump = tmp_path / "dump"
    await postgres("pg_dump", database, "--format=custom", f"--file={dump}")
    await call_everybody(town)
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        await work(power)
        first = await envelopes(town)
        assert len(first) == 1
        await postgres("pg_restore", database, *RESTORE, str(dump))
        assert (await state_of(town), await envelopes(town)) == (State.OPEN, {})

        later = await upload(town.job, town.folk[:2])
        async with town.world.sessions.begin() as session:
            await town.world.custody.release(
                session, later, "manager", grant=town.world.manager.grant, now=now()
            )
        await power.destroy(later)
        await work(power)
    assert await state_of(town) == State.CERTIFIED
    again = await envelopes(town)
    [(name, envelope)] = first.items()
    assert again[name] == envelope, "byte for byte"
    assert len(again) == 2
    async with town.world.sessions() as session:
        assert await session.scalar(text("select count(*) from records")) == 0


async def test_a_certificate_that_a_restore_has_lost_is_missed_in_the_ledger(
    town: Town, upload: Upload, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    dump = tmp_path / "dump"
    await postgres("pg_dump", database, "--format=custom", f"--file={dump}")
    gone = await upload(await town.world.job("JOB-2"), town.folk[:2])
    async with town.world.sessions.begin() as session:
        await town.world.custody.release(
            session, gone, "manager", grant=town.world.manager.grant, now=now()
        )
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        await work(power)
        assert len(await envelopes(town)) == 1
        await postgres("pg_restore", database, *RESTORE, str(dump))
        await power.sweep()
    async with town.world.sessions.begin() as session:
        await missing.follow(session, now())
        assert (await session.scalars(select(Notice.list_id))).all() == []  # it may be on its way
        await missing.follow(session, now() + timedelta(hours=1))
        told = await session.execute(select(Notice.code, Notice.list_id))
        assert [tuple(row) for row in told] == [("certificate_missing", gone)]
    await call_everybody_later(town)
