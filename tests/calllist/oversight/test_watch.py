"""The web looks where the worker should: what is overdue is told though nobody sweeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from calllist.app import create_app
from calllist.clock import Clock
from calllist.dialing.tables import Lease
from calllist.oversight.watch import EVERY, OVERDUE, SILENT, Watch
from calllist.people.roles import Role
from calllist.settings import Settings
from calllist.upkeep import upkeep
from crypto.errors.lists import ListOver
from retention.errors import HoldingOver
from tests.calllist.centre import ORIGIN, Centre, Someone
from tests.calllist.server import browser_of

pytestmark = pytest.mark.asyncio

TOKEN = "0123456789abcdef" * 2
MINUTE = timedelta(minutes=1)
OVERDUE_SAID = "消去の時刻を過ぎましたが、鍵がまだ破棄されていません。"
SILENT_SAID = "処理装置が止まっています。"
CLOCKS_SAID = "一致するまで、期限による鍵の破棄を待ちます"


def settings(centre: Centre, **more: object) -> Settings:
    return Settings.model_validate(
        {
            "DATABASE_URL": centre.database,
            "home": centre.folder,
            "clock_offset": centre.clock.offset,
            "origin": ORIGIN,
            "metrics_token": TOKEN,
            **more,
        }
    )


@asynccontextmanager
async def web(
    centre: Centre, later: timedelta = timedelta(0), **more: object
) -> AsyncIterator[FastAPI]:
    """The web as it is so much later by the database's clock, looking often."""
    app = create_app(settings(centre, clock_offset=centre.clock.offset + later, **more))
    app.state.watch = Watch(
        app.state.sessions,
        app.state.keeper,
        app.state.clock.now,
        centre.clock.offset + later,
        every=timedelta(milliseconds=50),
    )
    async with app.router.lifespan_context(app):
        yield app


async def seen(app: FastAPI, someone: Someone, path: str, words: str, *, there: bool = True) -> str:
    """The screen, as soon as it says so (or no longer does)."""
    async with asyncio.timeout(30), browser_of(app, someone) as client:
        while True:
            page = await client.get(path)
            assert page.status_code == 200, page.text
            if (words in page.text) is there:
                return page.text
            await asyncio.sleep(0.05)


async def figures(app: FastAPI) -> dict[str, float]:
    """`/metrics`, by name and labels."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000") as client:
        answer = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_told_within_a_minute_and_without_a_false_alarm() -> None:
    assert OVERDUE + EVERY < MINUTE
    assert Settings.model_fields["sweep"].default + timedelta(seconds=15) <= OVERDUE
    assert 3 * Settings.model_fields["sweep"].default <= SILENT


async def test_an_overdue_list_is_told_though_worker_and_beat_are_dead(centre: Centre) -> None:
    job = await centre.job()
    operator = await centre.operator("suzuki", job)
    auditor = await centre.person("kansa", Role.AUDITOR)
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    manager = centre.manager
    assert manager
    received = await centre.upload(job, expires=centre.now(timedelta(seconds=4)))
    lease = await centre.take(operator, job)
    async with upkeep(settings(centre)) as power:
        await power.sweep()  # the last one for a long time
    async with web(centre, OVERDUE - timedelta(seconds=10)) as app:
        assert (await figures(app))["calllist_holdings_overdue"] == 0
        await seen(app, auditor, "/held", OVERDUE_SAID, there=False)
    async with web(centre, OVERDUE + timedelta(seconds=5)) as app:
        for someone, path in ((auditor, "/held"), (manager, "/jobs"), (officer, "/held")):
            page = await seen(app, someone, path, OVERDUE_SAID)
            assert "KNK-001 第1号" in page
        told = await figures(app)
        assert told["calllist_holdings_overdue"] == 1
        assert told["calllist_oldest_due_seconds"] >= OVERDUE.total_seconds()
        assert told["calllist_holdings OPEN"] == 1
        async with browser_of(app, None) as client:
            health = await client.get("/api/v1/health")
            assert (health.status_code, health.json()["alarms"]) == (200, ["overdue"])
        await _shut(centre, operator, lease)
        async with upkeep(settings(centre)) as power:  # back
            for holding_id in await power.sweep():
                await power.destroy(holding_id)
        await seen(app, auditor, "/held", OVERDUE_SAID, there=False)
        assert (await figures(app))["calllist_holdings CERTIFIED"] == 1
    assert received.list_id


async def _shut(centre: Centre, operator: Someone, lease: Lease) -> None:
    """Wait until the keeper refuses the person; its own clock decides."""
    async with asyncio.timeout(30):
        while True:
            try:
                await centre.show(operator, lease)
            except (ListOver, HoldingOver):
                return
            await asyncio.sleep(0.1)


async def test_a_worker_that_no_longer_sweeps_is_missed_and_welcomed_back(centre: Centre) -> None:
    assert centre.manager
    async with upkeep(settings(centre)) as power:
        await power.sweep({"calllist.sweeps": 2})
    async with web(centre) as app:
        told = await figures(app)
        assert told["calllist_sweep_age_seconds"] < SILENT.total_seconds()
        assert told["calllist_queue_messages calllist.sweeps"] == 2
        app.state.watch.since -= 2 * SILENT
        app.state.watch._offset += SILENT
        page = await seen(app, centre.manager, "/jobs", SILENT_SAID)
        assert OVERDUE_SAID not in page
        assert (await figures(app))["calllist_sweep_age_seconds"] >= SILENT.total_seconds()
        app.state.watch._offset -= SILENT
        await seen(app, centre.manager, "/jobs", SILENT_SAID, there=False)


@pytest.mark.parametrize("whose", ["database", "keeper"])
async def test_clocks_that_are_apart_are_told_and_measured(centre: Centre, whose: str) -> None:
    assert centre.manager
    ahead = timedelta(minutes=7)
    if whose == "keeper":
        await centre.kill_keeper()
        true, centre.clock = centre.clock, Clock(centre.clock.offset + ahead)
        await centre.start_keeper()
        centre.clock = true
    async with web(centre) as app:
        if whose == "database":
            app.state.watch._offset += ahead
        await seen(app, centre.manager, "/jobs", CLOCKS_SAID)
        told = await figures(app)
        assert told[f"calllist_clock_ahead_seconds {whose}"] == pytest.approx(420, abs=5)
        async with browser_of(app, None) as client:
            health = (await client.get("/api/v1/health")).json()
        assert health["clocks"][whose] == pytest.approx(420, abs=5)
        assert "clocks_disagree" in health["alarms"]


async def test_metrics_are_for_whoever_has_the_token_and_name_nobody(centre: Centre) -> None:
    received = await centre.upload(await centre.job())
    async with web(centre) as app, browser_of(app, None) as client:
        for given in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}x"}):
            refused = await client.get("/metrics", headers=given)
            assert refused.status_code == 401
            assert "calllist_" not in refused.text
        page = (await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).text
    assert centre.manager
    for word in (received.list_id, centre.entrustor_id, centre.contract_id, "KNK", "架空"):
        assert word not in page
    assert centre.manager.person.id not in page
    async with web(centre, metrics_token=None) as app, browser_of(app, None) as client:
        nothing = await client.get("/metrics", headers={"Authorization": "Bearer None"})
        assert nothing.status_code == 404


async def test_a_failed_step_is_counted_by_its_code(centre: Centre) -> None:
    async with upkeep(settings(centre)) as power:
        await power.sweep()
        await centre.kill_keeper()
        await power.sweep()
        await centre.start_keeper()
    async with web(centre) as app:
        told = await figures(app)
    assert told["calllist_failures_total mirror"] == 1
    assert told["calllist_keeper_up"] == 1
    assert "calllist_failures_total due" not in told
