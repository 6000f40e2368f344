"""Promise 7 though our own books say otherwise: the keeper's word is followed, or told aloud."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from calllist.oversight import kept
from calllist.oversight.tables import Notice
from calllist.oversight.watch import Standing, Watch
from calllist.upkeep import Upkeep, upkeep
from calllist.web.told import in_words
from crypto.errors.keeper import EventQuota
from crypto.wire.ledger import Event
from crypto.wire.lists import Freeze, Inspect
from retention.destruction import STOPPED
from retention.states import State
from retention.tables import Certificate, Holding
from tests.keepers import OFFSET, KeeperProcess, now
from tests.promises.conftest import Town, Upload
from tests.promises.test_7_destruction_is_final import postgres, state_of
from tests.promises.test_7c_a_restored_database import RESTORE
from tests.visitors import Visitors, settings_for

pytestmark = pytest.mark.asyncio


async def sql(town: Town, statement: str) -> None:
    async with town.world.sessions.begin() as session:
        await session.execute(text(statement))


async def ended(town: Town, trigger: str = "manager") -> None:
    async with town.world.sessions.begin() as session:
        grant = town.world.manager.grant if trigger == "manager" else town.world.officer.grant
        await town.world.custody.release(session, town.list_id, trigger, grant=grant, now=now())


async def work(power: Upkeep) -> None:
    for holding_id in await power.sweep():
        await power.destroy(holding_id)


async def looked(town: Town) -> tuple[Standing, dict[str, dict[str, object]]]:
    """What stands, and the notices by code with their facts."""
    watch = Watch(town.world.sessions, town.world.web, now, OFFSET)
    await watch.look_and_tell()
    async with town.world.sessions() as session:
        told = await session.scalars(select(Notice).where(Notice.over_at.is_(None)))
        return await watch.look(), {notice.code: notice.facts for notice in told}


async def keys(town: Town) -> str:
    return (await town.world.web.call(Inspect(town.list_id))).state


# -- what the books do not say -------------------------------------------------------------


@pytest.mark.parametrize("trigger", ["manager", "entrustor"])
async def test_a_list_that_somebody_ended_and_our_books_call_open_is_destroyed(
    town: Town, keeper: KeeperProcess, database: str, tmp_path: Path, trigger: str
) -> None:
    """Whoever was to write it down could not; the keeper had it already."""
    by = town.world.manager if trigger == "manager" else town.world.officer
    await town.world.web.call(Freeze(town.list_id, trigger, by.grant))  # type: ignore[arg-type]
    assert await state_of(town) == State.OPEN
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        await work(power)
    assert await state_of(town) == State.CERTIFIED
    assert await keys(town) == "shredded"


async def test_a_list_that_was_frozen_by_nobody_is_not_destroyed(
    town: Town, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    await town.world.web.call(Freeze(town.list_id, "entrustor"))
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        await work(power)
    assert (await state_of(town), await keys(town)) == (State.OPEN, "frozen")


async def test_whoever_uses_up_the_events_keeps_nobody_from_ordering_or_closing(
    town: Town, keeper: KeeperProcess, visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keeper is another process, with its real quotas: a thousand of one entrustor's."""
    refused = 0
    for number in range(1_001):
        choice = {"list": town.list_id, "by": town.world.officer.person, "choice": str(number)}
        try:
            await town.world.web.call(Event("ending_chosen", choice))
        except EventQuota:
            refused += 1
    assert refused == 1
    await town.world.web.call(Event("calling_order", {"by": town.world.manager.person}))
    done = await visitors.ask(town.world.officer, "POST", f"/held/{town.list_id}/destroy")
    assert done.status_code == 303, done.text
    assert await state_of(town) == State.FROZEN


async def test_books_frozen_until_later_follow_a_keeper_that_has_shredded(
    town: Town, keeper: KeeperProcess, visitors: Visitors, database: str, tmp_path: Path
) -> None:
    """A dump of a list that waited for its results, restored when it was certified."""
    chosen = await visitors.ask(
        town.world.officer, "POST", f"/held/{town.list_id}/ending", data={"results_first": "yes"}
    )
    assert chosen.status_code == 303
    operator = town.world.operators[0]
    lease, _ = await town.world.take(operator, town.job)
    await town.world.record(operator, lease.id, 10)  # a result that nobody has fetched
    await ended(town)
    dump = tmp_path / "dump"
    await postgres("pg_dump", database, "--format=custom", f"--file={dump}")
    await ended(town, "entrustor")
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        await work(power)
        assert await state_of(town) == State.CERTIFIED
        async with town.world.sessions() as session:
            first = await session.scalar(select(Certificate.envelope))
        await postgres("pg_restore", database, *RESTORE, str(dump))
        async with town.world.sessions() as session:
            state, due_at = (await session.execute(select(Holding.state, Holding.due_at))).one()
        assert state == State.FROZEN
        assert due_at
        assert due_at > now() + timedelta(days=1)
        await work(power)
    assert await state_of(town) == State.CERTIFIED
    async with town.world.sessions() as session:
        assert await session.scalar(select(Certificate.envelope)) == first, "byte for byte"
        assert await session.scalar(text("select count(*) from records")) == 0


# -- what the books say, and is not so -----------------------------------------------------

LIES = {
    "certified": "update holdings set state = 'CERTIFIED', certified_at = now()",
    "2099": "update holdings set due_at = '2099-01-01', deadline = '2099-01-01'",
    "deleted": "delete from holdings",
    "held": "update holdings set held_at = now()",
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_due_list_that_vanishes_from_the_books_is_told_from_the_keepers_word(
    town: Town, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    await ended(town, "entrustor" if lie == "held" else "manager")
    monkeypatch.setattr(kept, "REMAINS", timedelta(0))
    standing, told = await looked(town)
    assert "keys_remain" not in standing.alarms, "the books say so themselves"
    await sql(town, LIES[lie])
    standing, told = await looked(town)
    assert "keys_remain" in standing.alarms
    assert (standing.kept.count, list(standing.kept.lists)) == (1, [town.list_id])
    facts = told["keys_remain"]
    assert (facts["count"], facts["lists"]) == (1, [town.list_id])
    for lang in ("ja", "en"):
        assert town.list_id in in_words("keys_remain", facts, lang)


async def test_a_list_on_its_way_is_not_told_and_one_that_was_shredded_never(
    town: Town, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    await ended(town)
    await sql(town, LIES["2099"])
    standing, told = await looked(town)
    assert "keys_remain" not in standing.alarms  # for 45 seconds
    await sql(town, "update holdings set due_at = opened_at, deadline = opened_at")
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        await work(power)
    assert await keys(town) == "shredded"
    standing, told = await looked(town)
    assert standing.kept.count == 0
    assert set(told) <= {"worker_silent", "certificate_issued"}


# -- between the shred and the certificate -------------------------------------------------


async def test_whatever_stops_a_destruction_is_noted_and_told(
    town: Town,
    keeper: KeeperProcess,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lie = 'update holdings set facts = (facts::jsonb || \'{"x": {"nested": 1}}\')::json'
    await sql(town, lie)
    await ended(town)
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        await work(power)
    async with town.world.sessions() as session:
        state, failure = (await session.execute(select(Holding.state, Holding.failure))).one()
    assert state in (State.ERASED, State.VERIFIED)
    assert failure == STOPPED
    standing, told = await looked(town)
    assert "uncertified" not in standing.alarms  # it may be on its way
    monkeypatch.setattr(kept, "UNCERTIFIED", timedelta(0))
    standing, told = await looked(town)
    assert "uncertified" in standing.alarms
    assert told["uncertified"]["failure"] == STOPPED


async def test_a_list_beyond_the_number_per_hour_sends_people_to_a_signature(
    upload: Upload, town: Town
) -> None:
    facts = {"since": now().isoformat(), "failure": "keeper:too_many_shreds"}
    assert "statement shred" in in_words("overdue", facts, "ja")
    assert "statement shred" in in_words("overdue", facts, "en")
    assert "statement shred" not in in_words("overdue", facts | {"failure": ""}, "ja")
