"""Promise 9. The keeper's disk is gone in mid-job: the same file again, and the work goes on.

Nobody who is done or has refused is called again, call-backs are kept, every result reaches
the entrustor, and nothing is certified that we did not do.
"""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from calllist import db
from calllist.jobs import lists
from calllist.jobs.errors import KeysMissing
from calllist.upkeep import Upkeep, upkeep
from crypto.errors.statements import ReplayedStatement
from crypto.signed.keyfile import load
from demo.onboarding import CENTRE
from demo.townsfolk import Townsperson
from tests.keepers import KeeperProcess, now
from tests.promises.conftest import Town, Upload, calllist
from tests.visitors import Visitors, seen_in, settings_for
from tests.world import townsfolk

pytestmark = pytest.mark.asyncio

DONE, REFUSED, BACK, AGAIN = 10, 50, 12, 30  # codes: finished, 拒否, call back, no answer


@dataclass
class Calls:
    """A town in mid-job: two people are done, one waits for a call-back, one for a retry, one
    is in hand. The backup is older than what the mirror has seen, as backups are."""

    town: Town
    keeper: KeeperProcess
    backup: Path
    power: Upkeep
    database: str

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        async with self.town.world.sessions() as session:
            return list((await session.execute(text(statement), values)).all())

    async def states(self, list_id: str) -> list[tuple[Any, ...]]:
        """Line by line, everything that is known of who was called."""
        rows = await self.sql(
            "select line, case state when 'leased' then 'waiting' else state end, attempts,"
            " due_at, last_code from records where list_id = :id order by line",
            id=list_id,
        )
        return [tuple(row) for row in rows]

    async def state(self, list_id: str) -> tuple[str, str]:
        """Of the list, and of what we owe."""
        sql = "select l.state, h.state from lists l join holdings h using (id) where l.id = :id"
        (row,) = await self.sql(sql, id=list_id)
        return row[0], row[1]

    async def sweep(self) -> None:
        """What the worker does each minute."""
        for holding_id in await self.power.sweep():
            await self.power.destroy(holding_id)

    async def burn(self, *, with_backup: bool) -> None:
        """`rm -rf` of the keeper's home; with a backup, its journal comes back and is taken up."""
        self.keeper.kill()
        shutil.rmtree(self.keeper.home)
        if with_backup:
            shutil.copytree(self.backup, self.keeper.home)
            assert start(self.keeper).returncode == 2  # not by itself
            done = recover(self.keeper)
            assert done.returncode == 0, done.stderr
            assert f"keys_lost {self.town.list_id}" in done.stdout
        self.keeper.start()

    async def begin_again(self, *, with_backup: bool) -> None:
        """What people do afterwards: keys pinned, contracts handed in, factors registered."""
        world, onboarding = self.town.world, self.town.world.onboarding
        if not with_backup:
            await onboarding.pin_again(CENTRE)
            await onboarding.pin_again(world.entrustor)
        done = await asyncio.to_thread(resubmit, self.database, self.keeper)
        assert done.returncode == 0, done.stderr
        assert world.contract in done.stderr
        assert (ReplayedStatement.code in done.stderr) == with_backup  # in force: not twice
        for member in (world.manager, *world.operators, world.officer):
            await onboarding.register_again(member)

    async def call_everybody(self) -> list[str]:
        """Call who is left; what the operators saw."""
        seen = []
        for number in range(4):
            operator = self.town.world.operators[number % 2]
            lease, view = await self.town.world.take(operator, self.town.job)
            seen.append(" ".join(field.text for field in view.fields))
            await self.town.world.record(operator, lease.id, DONE)
        return seen


@pytest_asyncio.fixture
async def calls(
    town: Town, keeper: KeeperProcess, database: str, tmp_path: Path
) -> AsyncIterator[Calls]:
    """Six people; four calls made, the backup, one more call begun."""
    world = town.world
    for number, code in enumerate((DONE, REFUSED, BACK, AGAIN)):
        operator = world.operators[number % 2]
        lease, _ = await world.take(operator, town.job)
        at = now() + timedelta(hours=2) if code == BACK else None
        await world.record(operator, lease.id, code, call_back_at=at)
    backup = backed_up(keeper.home, tmp_path / "backup")
    await world.take(world.operators[0], town.job)  # the telephone rings while the disk dies
    settings = settings_for(database, keeper.run, tmp_path / "worker")
    async with upkeep(settings) as power:
        await power.sweep()  # the mirror has seen what no backup has
        yield Calls(town, keeper, backup, power, database)


def backed_up(home: Path, backup: Path) -> Path:
    """What is backed up of a keeper that runs: journal, ledger, signing keys; no key that opens."""
    backup.mkdir(mode=0o700)
    for folder in ("ledger", "signing"):
        if (home / folder).exists():
            shutil.copytree(home / folder, backup / folder)
    with (
        closing(sqlite3.connect(home / "journal.db")) as source,
        closing(sqlite3.connect(backup / "journal.db")) as target,
    ):
        source.backup(target)
    return backup


def start(keeper: KeeperProcess) -> subprocess.CompletedProcess[str]:
    """A keeper that is expected to refuse."""
    command = ["-m", "crypto", "--home", str(keeper.home), "--run", str(keeper.run)]
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, timeout=30
    )


def resubmit(database: str, keeper: KeeperProcess) -> subprocess.CompletedProcess[str]:
    """What the platform's own people type."""
    where = {"DATABASE_URL": database, "CALLLIST_KEEPER_RUN": str(keeper.run)}
    return subprocess.run(
        [sys.executable, "-m", "calllist.cli", "resubmit"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=where | {"LANG": "C.UTF-8"},
        cwd=Path(__file__).parent.parent.parent,
    )


def recover(keeper: KeeperProcess) -> subprocess.CompletedProcess[str]:
    """What the keeper's administrator types."""
    command = ["-m", "crypto.keeper.recovery", "--home", str(keeper.home), "--yes"]
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, timeout=30
    )


@pytest.mark.parametrize("with_backup", [True, False], ids=["journal restored", "nothing left"])
async def test_the_same_file_again_and_the_work_goes_on(
    calls: Calls, upload: Upload, visitors: Visitors, tmp_path: Path, with_backup: bool
) -> None:
    town, folk = calls.town, calls.town.folk
    before = await calls.states(town.list_id)
    await calls.burn(with_backup=with_backup)
    await calls.sweep()
    assert await calls.state(town.list_id) == ("lost", "LOST")
    await calls.begin_again(with_backup=with_backup)
    page = await visitors.ask(town.world.manager, "GET", f"/jobs/{town.job}")
    assert "同じファイルをもう一度取り込むと" in page.text

    continued = await upload(town.job, folk)
    assert await calls.states(continued) == before
    receipt = await visitors.ask(town.world.manager, "GET", f"/lists/{continued}")
    assert "第1号と同じファイルです" in receipt.text
    told = await visitors.ask(town.world.manager, "GET", f"/api/v1/jobs/{town.job}/lists")
    assert [one["continued_by"] for one in told.json()] == [continued, None]

    await calls.sweep()  # the rows of the lost list go, uncertified
    assert await calls.state(town.list_id) == ("over", "LOST_ERASED")
    assert await calls.states(town.list_id) == []
    await due_at_once(calls)
    seen = await calls.call_everybody()
    for person in [folk[line - 2] for line, state, *_ in before if state == "done"]:
        assert not any(seen_in(said, [person]) for said in seen)
    assert len({person.reference for said in seen for person in seen_in(said, folk)}) == 4

    await town.world.settle(continued)
    await calls.sweep()
    assert await calls.state(continued) == ("over", "CERTIFIED")
    held = await visitors.ask(town.world.officer, "GET", "/held")
    assert "消去証明書は発行しません" in held.text
    issued = await visitors.ask(town.world.officer, "GET", "/api/v1/certificates")
    assert [one["list"] for one in issued.json()] == [continued]
    await everything_arrives(calls, visitors, folk, tmp_path)


async def due_at_once(calls: Calls) -> None:
    """The call-back and the retry: their time has come."""
    async with db.transaction(calls.town.world.sessions) as session:
        await session.execute(
            text("update records set due_at = now() - interval '1 day' where due_at is not null")
        )


async def everything_arrives(
    calls: Calls, visitors: Visitors, folk: list[Townsperson], folder: Path
) -> None:
    """Results of both lists in one file, opened with the entrustor's own key."""
    handed, out = folder / "results.json", folder / "results.csv"
    answer = await visitors.ask(calls.town.world.officer, "GET", "/api/v1/results/file")
    handed.write_bytes(answer.content)
    key = calls.town.world.keys / f"{calls.town.world.entrustor}.key"
    assert load(key)
    done = calllist("results", "open", handed, "--key", key, "--output", out)
    assert done.returncode == 0, done.stderr
    cells = [cell for row in csv.reader(io.StringIO(out.read_text("utf-8-sig"))) for cell in row]
    told = sorted(cells.count(person.reference) for person in folk)
    assert told == [1, 1, 1, 1, 2, 2]  # the call-back and the retry have two


async def test_another_file_is_an_ordinary_new_list(
    calls: Calls, upload: Upload, visitors: Visitors
) -> None:
    town = calls.town
    await calls.burn(with_backup=True)
    await calls.begin_again(with_backup=True)
    with pytest.raises(KeysMissing):  # until the loss is noticed, or people were called again
        await upload(town.job, town.folk)
    assert len(await calls.sql("select 1 from lists")) == 1

    await calls.sweep()
    other = await upload(town.job, townsfolk(6, seed=8))
    assert {state for _, state, *_ in await calls.states(other)} == {"waiting"}
    assert await calls.state(town.list_id) == ("lost", "LOST")
    page = await visitors.ask(town.world.manager, "GET", f"/lists/{other}")
    assert "とは別のファイルです。新しいリストとして扱います" in page.text

    again = await upload(town.job, town.folk)  # the right one, later
    assert (await calls.state(town.list_id))[0] == "over"
    assert sum(state == "done" for _, state, *_ in await calls.states(again)) == 2


async def test_a_wrong_disk_loses_nothing_and_a_lost_list_may_also_end(
    calls: Calls, visitors: Visitors
) -> None:
    """The old disk is put back, and the list is called as if nothing had been. When it burns
    and the manager ends the job, the rows are erased, and nothing is certified."""
    town, keeper = calls.town, calls.keeper
    away = keeper.home.with_name("away")
    keeper.stop()
    keeper.home.rename(away)
    keeper.start()
    await calls.sweep()
    assert await calls.state(town.list_id) == ("lost", "LOST")
    keeper.stop()
    shutil.rmtree(keeper.home)
    away.rename(keeper.home)
    keeper.start()
    await calls.sweep()
    assert await calls.state(town.list_id) == ("open", "OPEN")
    await town.world.take(town.world.operators[0], town.job)

    await calls.burn(with_backup=True)
    await calls.sweep()
    async with db.transaction(town.world.sessions) as session:
        manager = await town.world.person(session, town.world.manager)
        await lists.close_job(
            session,
            town.world.web,
            town.world.custody,
            manager,
            town.job,
            now(),
            grant=town.world.manager.grant,
        )
    await calls.sweep()
    assert await calls.state(town.list_id) == ("over", "LOST_ERASED")
    assert await calls.sql("select 1 from lists where recognition is not null") == []
    issued = await visitors.ask(town.world.officer, "GET", "/api/v1/certificates")
    assert issued.json() == []
    answer = await visitors.ask(town.world.officer, "GET", "/api/v1/results/file")
    assert len(answer.json()["results"]) == 4
