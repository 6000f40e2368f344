"""Promise 5. A disclosure is durable in the ledger before one character leaves the keeper."""

from __future__ import annotations

import json
import resource
import sqlite3

import pytest

from crypto.errors.keeper import LedgerUnavailable
from tests.keepers import KeeperProcess
from tests.promises.conftest import Town
from tests.visitors import Visitors, seen_in


def ledger(keeper: KeeperProcess) -> list[dict[str, object]]:
    """Every line that is durable at this moment, read beside the running keeper."""
    with sqlite3.connect(f"file:{keeper.home / 'journal.db'}?mode=ro", uri=True) as db:
        rows = db.execute("select leaf from ledger order by seq").fetchall()
    db.close()
    return [json.loads(leaf) for (leaf,) in rows]


@pytest.mark.asyncio
async def test_every_disclosure_has_a_line_with_a_natural_person(
    town: Town, keeper: KeeperProcess
) -> None:
    operator = town.world.operators[0]
    for _ in range(3):
        lease, _view = await town.world.take(operator, town.job)
        await town.world.look(operator, lease.id)  # a reload is a disclosure too
        await town.world.record(operator, lease.id, 10)
    lines = [line for line in ledger(keeper) if line["kind"] == "open"]
    assert len(lines) == 6
    assert {line["principal"] for line in lines} == {operator.person}
    assert all(line["site"] and line["tag"] and line["at"] for line in lines)


@pytest.mark.asyncio
async def test_the_ledger_carries_no_personal_data(town: Town, keeper: KeeperProcess) -> None:
    operator = town.world.operators[0]
    for _ in town.folk:
        lease, _view = await town.world.take(operator, town.job)
        await town.world.record(operator, lease.id, 10)
    written = json.dumps(ledger(keeper), ensure_ascii=False)
    assert written.count('"open"') == len(town.folk)
    assert not seen_in(written, town.folk)


@pytest.mark.asyncio
async def test_if_the_ledger_cannot_write_nothing_opens_and_it_recovers(
    town: Town, keeper: KeeperProcess, visitors: Visitors
) -> None:
    operator = town.world.operators[0]
    answer = await visitors.ask(operator, "POST", f"/api/v1/jobs/{town.job}/leases")
    path = f"/api/v1/leases/{answer.json()['lease']}"
    before = len(ledger(keeper))

    assert keeper.pid is not None
    soft, hard = resource.prlimit(keeper.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(keeper.pid, resource.RLIMIT_FSIZE, (0, hard))  # as a full disk
    try:
        refused = await visitors.ask(operator, "GET", path)
        page = await visitors.ask(operator, "GET", path.removeprefix("/api/v1"))
        with pytest.raises(LedgerUnavailable):
            await town.world.look(operator, answer.json()["lease"])
    finally:
        resource.prlimit(keeper.pid, resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.status_code == 503
    assert refused.json()["code"] == "ledger_unavailable"
    for body in (refused.text, page.text):
        assert not seen_in(body, town.folk)
    assert len(ledger(keeper)) == before

    shown = await visitors.ask(operator, "GET", path)
    assert shown.status_code == 200
    assert len(seen_in(shown.text, town.folk)) == 1
    assert len(ledger(keeper)) == before + 1


@pytest.mark.asyncio
async def test_a_killed_keeper_shows_nobody_and_comes_back(
    town: Town, keeper: KeeperProcess, visitors: Visitors
) -> None:
    operator = town.world.operators[0]
    lease, _view = await town.world.take(operator, town.job)
    keeper.kill()
    page = await visitors.ask(operator, "GET", f"/leases/{lease.id}")
    assert page.status_code == 503
    assert not seen_in(page.text, town.folk)
    keeper.start()
    page = await visitors.ask(operator, "GET", f"/leases/{lease.id}")
    assert page.status_code == 200
    assert len(seen_in(page.text, town.folk)) == 1
