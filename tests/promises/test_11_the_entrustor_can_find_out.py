"""Promise 11. The entrustor finds out who handled whose record, when, from where: also after the
destruction, and "not found" is said only with what it covers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from calllist.upkeep import upkeep
from tests.keepers import KeeperProcess
from tests.promises.conftest import Town, calllist
from tests.promises.test_7_destruction_is_final import call_everybody
from tests.visitors import Visitors, settings_for

STRANGER = "090-0999-0001"


@pytest.mark.asyncio
async def test_after_the_destruction_it_is_known_who_saw_whom_and_nobody_else_can_tell(
    town: Town, keeper: KeeperProcess, database: str, visitors: Visitors, tmp_path: Path
) -> None:
    await call_everybody(town)
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as worker:
        for holding_id in await worker.sweep():
            await worker.destroy(holding_id)
        await worker.sweep()  # the mirror follows
    answer = await visitors.ask(town.world.officer, "GET", "/api/v1/ledger/entries")
    assert answer.status_code == 200
    extract = tmp_path / "ledger.entries"
    extract.write_bytes(answer.content)
    for person in town.folk:
        assert person.phone.encode() not in answer.content
        assert person.name.encode() not in answer.content

    numbers = tmp_path / "numbers.txt"
    numbers.write_text("\n".join([*(person.phone for person in town.folk), STRANGER]))
    own = town.world.keys / f"{town.world.entrustor}.key"
    pub = keeper.home / "public" / "ledger.pub"
    asked = ("--log-key", pub, "--numbers", numbers)
    done = calllist("trace", extract, "--key", own, *asked)
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(io.StringIO(done.stdout.removeprefix("\ufeff"))))[1:]
    shown = [row for row in rows if row[3] == "表示"]
    assert {row[0] for row in shown} == {person.phone for person in town.folk}
    operators = {operator.person for operator in town.world.operators}
    assert {row[4] for row in rows} == operators
    assert all(row[2] and row[5] for row in rows)  # when, and from where
    assert STRANGER not in {row[0] for row in rows}
    assert "1" in next(line for line in done.stderr.splitlines() if "扱われていません" in line)

    other = tmp_path / "other.key"
    assert calllist("keys", "new", other).returncode == 0
    assert calllist("trace", extract, "--key", other, *asked).returncode == 1


@pytest.mark.asyncio
async def test_the_whole_log_verifies_without_us(town: Town, keeper: KeeperProcess) -> None:
    await call_everybody(town)
    keeper.stop()  # it publishes its head once more
    pub = keeper.home / "public" / "ledger.pub"
    done = calllist("ledger", "verify", keeper.home / "ledger", "--key", pub)
    assert done.returncode == 0, done.stderr
