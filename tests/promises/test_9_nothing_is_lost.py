"""Promise 9. Every input row is accounted for; every result reaches the entrustor."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from crypto.wire.base import Caller
from demo.townsfolk import file
from tests.keepers import KeeperProcess
from tests.promises.conftest import Town, calllist
from tests.visitors import Visitors
from tests.world import World, townsfolk


@pytest.mark.asyncio
async def test_every_row_is_accepted_repeated_or_rejected_with_its_line(
    world: World, keeper: KeeperProcess, database: str, visitors: Visitors
) -> None:
    folk = townsfolk(4)
    rows = [person.cells() for person in folk]
    phone = 6
    rows.append(list(rows[0]))  # line 6 repeats line 2
    for spoilt in ("", "なし", "110", "123-4567", "090-0000"):
        row = list(rows[1])
        row[0] = f"X-{len(rows)}"
        row[phone] = spoilt
        rows.append(row)
    job = await world.job()
    received = await world.receive(
        job, file(rows), intake_url=database, intake_socket=keeper.socket(Caller.INTAKE)
    )
    answer = await visitors.ask(world.manager, "GET", f"/api/v1/lists/{received.list_id}/findings")
    facts = received.receipt.facts()
    assert facts["rows"] == len(rows) == 10
    assert (facts["accepted"], facts["duplicates"], facts["rejected"]) == (4, 1, 5)
    found = {entry["line"]: entry for entry in answer.json()}
    assert set(range(6, 12)) <= set(found)
    assert found[6]["code"] == "duplicate"
    assert found[6]["repeats"] == 2
    assert all(entry["code"] for entry in found.values())


@pytest.mark.asyncio
async def test_results_open_on_the_entrustors_machine_after_the_keepers_disk_burnt(
    town: Town, keeper: KeeperProcess, visitors: Visitors, tmp_path: Path
) -> None:
    for number in range(4):
        operator = town.world.operators[number % 2]
        lease, _ = await town.world.take(operator, town.job)
        await town.world.record(operator, lease.id, 10)
    keeper.stop()
    shutil.rmtree(keeper.home)

    answer = await visitors.ask(town.world.officer, "GET", "/api/v1/results/file")
    assert answer.status_code == 200
    handed = tmp_path / "results.json"
    handed.write_bytes(answer.content)
    assert len(json.loads(handed.read_text())["results"]) == 4
    key = town.world.keys / f"{town.world.entrustor}.key"
    out = tmp_path / "out.csv"
    done = calllist("results", "open", handed, "--key", key, "--output", out)
    assert done.returncode == 0, done.stderr
    text = out.read_text(encoding="utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    references = {person.reference for person in town.folk}
    assert len(table) == 5
    assert sum(any(cell in references for cell in row) for row in table) == 4
    for person in town.folk:
        assert person.name not in text
        assert person.phone not in text


@pytest.mark.asyncio
async def test_a_result_said_twice_is_kept_once(town: Town) -> None:
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    first = await town.world.record(operator, lease.id, 10)
    second = await town.world.record(operator, lease.id, 10)
    assert (first.code, first.final) == (second.code, second.final)

    async with town.world.sessions() as session:
        assert await session.scalar(text("select count(*) from results")) == 1
