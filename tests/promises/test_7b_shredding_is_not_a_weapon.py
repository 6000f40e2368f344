"""Promise 7, the other way round: destruction is not a weapon in the hands of a thief.

Root on the host of web and worker has both sockets, the database, every setting there and a
clock of its choice. It can stop the calling. It cannot destroy what is called from.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from calllist.dialing.errors import NobodyLeft
from calllist.jobs.tables import Record
from calllist.people import tokens
from calllist.people.tables import SignIn
from calllist.upkeep import upkeep
from crypto.errors.base import Refusal
from crypto.signed import keyfile
from crypto.signed.orders import Extension, Hold
from crypto.signed.statements import approve, dump_signed, prepare
from crypto.wire.base import Caller
from crypto.wire.lists import Abandon, Freeze, Inspect, Shred
from demo.onboarding import Member
from retention.states import State
from retention.tables import Holding
from tests.keepers import KeeperProcess, now
from tests.promises.conftest import Town
from tests.visitors import Visitors, settings_for


async def keys_of(town: Town) -> str:
    return (await town.world.web.call(Inspect(town.list_id))).state


async def rows_of(town: Town) -> int:
    async with town.world.sessions() as session:
        return await session.scalar(select(func.count()).select_from(Record)) or 0


async def forged(town: Town, member: Member) -> Member:
    """A browser that our tables believe to be this person's."""
    thief = replace(member, token=tokens.new(), grant="made-up")
    async with town.world.sessions.begin() as session:
        session.add(
            SignIn(
                token_hash=tokens.hashed(thief.token),
                person_id=thief.person,
                complete=True,
                grant_hash=tokens.hashed(thief.grant),
                created_at=now(),
                expires_at=now() + timedelta(hours=8),
            )
        )
    return thief


@pytest.mark.asyncio
async def test_root_on_the_worker_host_destroys_no_living_list(
    town: Town, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    people = await rows_of(town)
    operator = town.world.operators[0]
    await town.world.take(operator, town.job)  # work has begun: no broken upload (crypto D12)
    doctored: list[dict[str, Any]] = [
        {"deadline": now() - timedelta(days=1)},
        *(
            {"state": State.FROZEN, "trigger": trigger, "due_at": now() - timedelta(days=1)}
            for trigger in ("completed", "manager", "entrustor", "deadline")
        ),
    ]
    for row in doctored:  # the books say that it is due; the real worker is let loose on them
        async with town.world.sessions.begin() as session:
            await session.execute(update(Holding).values(**row))
        async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
            for holding_id in await power.sweep():
                await power.destroy(holding_id)
    async with keeper.client(Caller.WORKER) as worker:  # and then by hand
        for request in (
            Freeze(town.list_id, "manager", ""),
            Shred(town.list_id),
            Shred(town.list_id, now()),
            Shred(town.list_id, now() + timedelta(days=400)),
            Abandon(town.list_id, now() + timedelta(days=400)),
        ):
            with suppress(Refusal):
                await worker.call(request)
    assert await keys_of(town) == "frozen"
    assert await rows_of(town) == people
    async with town.world.sessions() as session:
        holding = await session.get_one(Holding, town.list_id)
        assert holding.failure == "keeper:not_authorised"


@pytest.mark.asyncio
async def test_a_session_written_into_our_tables_orders_no_destruction(
    town: Town, visitors: Visitors
) -> None:
    """Whoever writes to the database signs in as the officer: to our web, not to the keeper."""
    thief = await forged(town, town.world.officer)
    assert (await visitors.ask(thief, "GET", "/held")).status_code == 200  # the web believes it
    for path in (f"/held/{town.list_id}/destroy", f"/api/v1/holdings/{town.list_id}/destroy"):
        answer = await visitors.ask(thief, "POST", path)
        assert answer.status_code in (303, 401), path
        assert answer.headers.get("location", "/sign-in").startswith("/sign-in")
    assert await keys_of(town) == "open"

    manager = await forged(town, town.world.manager)
    await visitors.ask(manager, "POST", f"/jobs/{town.job}/close")
    assert await keys_of(town) == "open"

    ordered = await visitors.ask(
        town.world.officer, "POST", f"/held/{town.list_id}/destroy"
    )  # the real one is heard
    assert ordered.headers["location"] == "/held"
    assert await keys_of(town) == "frozen"


@pytest.mark.asyncio
async def test_a_managers_shift_that_is_taken_away_takes_its_destructions_along(
    town: Town, visitors: Visitors, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    """The entrustor signs that the list lives, and calling goes on where it stopped."""
    world, people = town.world, await rows_of(town)
    await visitors.ask(world.manager, "POST", f"/jobs/{town.job}/close")
    assert await keys_of(town) == "frozen"
    issuer, thief = town.everybody["administrator"], world.manager.person
    ended = await visitors.ask(issuer, "POST", f"/people/{thief}/end-shift")
    assert ended.status_code == 303
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)
    assert await keys_of(town) == "frozen"
    assert await rows_of(town) == people
    async with world.sessions() as session:
        holding = await session.get_one(Holding, town.list_id)
        assert holding.failure == "keeper:not_authorised"

    body = Extension(world.entrustor, town.list_id, holding.deadline)
    request = prepare(body, issuer="somebody", now=now(), valid_for=timedelta(days=1))
    key = keyfile.load(world.keys / f"{world.entrustor}.key").approver
    file = dump_signed(approve(request, key)).decode()
    answer = await visitors.ask(world.officer, "POST", "/statements", data={"signed": file})
    assert answer.headers["location"] == "/statements?accepted=extension"
    assert await keys_of(town) == "open"
    assert await world.take(world.operators[0], town.job)


@pytest.mark.asyncio
async def test_a_manager_who_closes_a_job_and_goes_home_is_obeyed(
    town: Town, visitors: Visitors, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    manager = town.world.manager
    await visitors.ask(manager, "POST", f"/jobs/{town.job}/close")
    assert (await visitors.ask(manager, "POST", "/sign-out")).status_code == 303
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        for holding_id in await power.sweep():
            await power.destroy(holding_id)
    assert await keys_of(town) == "shredded"


@pytest.mark.asyncio
async def test_a_legal_hold_takes_two_and_outweighs_every_order(
    town: Town, visitors: Visitors, keeper: KeeperProcess, database: str, tmp_path: Path
) -> None:
    """Entrustor and privacy officer sign the same request; both see what is held."""
    world = town.world
    administrator = town.everybody["administrator"]
    entrustors, centres = _both_signed(town, held=True)
    for who, file, outcome in (
        (administrator, centres, "waits"),
        (world.officer, entrustors, "hold"),
    ):
        answer = await visitors.ask(who, "POST", "/statements", data={"signed": file})
        assert answer.headers["location"] == f"/statements?accepted={outcome}"
        told = (await visitors.ask(world.officer, "GET", "/statements")).text
        assert ("もう一方の署名を待っているもの" in told) == (outcome == "waits")
    assert await keys_of(town) == "frozen"
    with pytest.raises(NobodyLeft):
        await world.take(world.operators[0], town.job)
    for who in (world.officer, town.everybody["auditor"]):
        assert "法的保留" in (await visitors.ask(who, "GET", "/held")).text

    await visitors.ask(world.officer, "POST", f"/held/{town.list_id}/destroy")
    settings = settings_for(database, keeper.run, tmp_path)
    async with upkeep(settings) as power:
        await power.destroy(town.list_id)
    assert await keys_of(town) == "frozen"
    assert "保留しています" in (await visitors.ask(world.officer, "GET", "/held")).text

    for file in _both_signed(town, held=False):
        await visitors.ask(administrator, "POST", "/statements", data={"signed": file})
    async with upkeep(settings) as power:
        await power.destroy(town.list_id)
    assert await keys_of(town) == "shredded"


def _both_signed(town: Town, *, held: bool) -> tuple[str, str]:
    """The entrustor's file and the privacy officer's, of one request."""
    world = town.world
    body = Hold(world.entrustor, town.list_id, held=held, reason="訴訟")
    issuer, valid = world.manager.person, timedelta(days=1)
    request = prepare(body, issuer=issuer, now=now(), valid_for=valid)
    files = [
        dump_signed(approve(request, keyfile.load(world.keys / f"{name}.key").approver)).decode()
        for name in (world.entrustor, "centre")
    ]
    return files[0], files[1]
