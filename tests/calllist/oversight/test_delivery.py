"""受領 of certificates: asked for as soon as one is issued, and no longer once it is given."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text

from calllist.db import transaction
from calllist.embedded.postgres import Postgres
from calllist.oversight import certificates, delivery
from calllist.people.roles import Role
from calllist.upkeep import Upkeep, upkeep
from calllist.web import told
from tests.calllist.centre import Centre, Someone
from tests.calllist.test_upkeep import finished, settings

pytestmark = pytest.mark.asyncio

WAITING = "select 1 from pg_locks where not granted"  # whoever it is
PATIENCE = 30.0  # seconds


@pytest_asyncio.fixture
async def power(centre: Centre, postgres: Postgres) -> AsyncIterator[Upkeep]:
    async with upkeep(settings(centre, postgres)) as made:
        yield made


async def heard(centre: Centre, someone: Someone) -> list[str]:
    async with centre.sessions() as session:
        return [one.code for one in await told.told(session, someone.person, "ja")]


async def issued(centre: Centre, power: Upkeep) -> tuple[Someone, str]:
    """One sweep and what it finds due; the officer and the certificate."""
    await finished(centre, people=1)
    for holding_id in await power.sweep():
        await power.destroy(holding_id)
    officer = await centre.person("yakuin", Role.ENTRUSTOR)
    async with centre.sessions() as session:
        [certificate] = await certificates.issued(session, officer.person)
    return officer, certificate.id


async def somebody_waits(centre: Centre) -> None:
    end = time.monotonic() + PATIENCE
    async with centre.sessions() as session:
        while not await session.scalar(text(WAITING)):
            assert time.monotonic() < end
            await session.rollback()
            await asyncio.sleep(0.02)


async def test_it_is_told_by_the_sweep_that_issued_it_and_over_as_soon_as_it_is_acknowledged(
    centre: Centre, power: Upkeep
) -> None:
    officer, certificate = await issued(centre, power)
    assert await heard(centre, officer) == ["certificate_issued"]
    async with transaction(centre.sessions) as session:
        await certificates.acknowledge(
            session, centre.keeper, officer.person, certificate, centre.now()
        )
    assert await heard(centre, officer) == []


async def test_a_sweep_in_the_midst_of_an_acknowledgement_does_not_ask_for_it_again(
    centre: Centre, power: Upkeep
) -> None:
    officer, certificate = await issued(centre, power)

    async def swept() -> None:
        async with transaction(power.sessions) as session:
            await delivery.follow(session, centre.now())

    async with transaction(centre.sessions) as session:
        await certificates.acknowledge(
            session, centre.keeper, officer.person, certificate, centre.now()
        )
        await session.flush()
        sweep = asyncio.create_task(swept())
        await somebody_waits(centre)
    await sweep
    assert await heard(centre, officer) == []
