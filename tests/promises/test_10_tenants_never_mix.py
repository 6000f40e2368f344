"""Promise 10. Keys, queries, files, duplicates: all inside one entrustor."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from calllist import db
from calllist.entrustors.onboarding import EntrustorKind
from calllist.entrustors.purposes import Purpose
from calllist.jobs import work
from calllist.people.roles import Role
from tests.keepers import now
from tests.promises.conftest import PEOPLE, Town, Upload
from tests.visitors import Visitors
from tests.world import YEAR


@pytest.mark.asyncio
async def test_the_same_people_at_another_entrustor_are_strangers(
    town: Town, upload: Upload, visitors: Visitors
) -> None:
    world = town.world
    other = await world.onboarding.entrustor("架空商事", EntrustorKind.PRIVATE)
    contract = await world.onboarding.contract(
        other,
        "OTHER",
        Purpose.SALES,
        parties=(world.party,),
        expires=now() + YEAR,
    )
    officer = await world.onboarding.member("other", "架空他社", Role.ENTRUSTOR, entrustor=other)
    async with db.transaction(world.sessions) as session:
        manager = await world.person(session, world.manager)
        job = await work.create_job(
            session, world.web, manager, contract_id=contract, code="OTHER-1", now=now()
        )
    list_id = await upload(job.id, town.folk)  # the very same people

    async with world.sessions() as session:
        tokens = (
            await session.execute(text("select list_id, token from records order by index"))
        ).all()
    mine = {bytes(t.token) for t in tokens if t.list_id == town.list_id}
    theirs = {bytes(t.token) for t in tokens if t.list_id == list_id}
    assert len(mine) == len(theirs) == PEOPLE
    assert not mine & theirs

    lease, _ = await world.take(world.operators[0], town.job)
    await world.record(world.operators[0], lease.id, 10)
    for member, foreign in ((officer, town), (world.officer, None)):
        foreign_list = foreign.list_id if foreign else list_id
        foreign_job = foreign.job if foreign else job.id
        for path in (
            f"/lists/{foreign_list}",
            f"/api/v1/lists/{foreign_list}",
            f"/api/v1/lists/{foreign_list}/receipt",
            f"/api/v1/lists/{foreign_list}/findings",
            f"/api/v1/jobs/{foreign_job}/lists",
        ):
            assert (await visitors.ask(member, "GET", path)).status_code == 404, path
        for path in ("/held", "/api/v1/holdings", "/results", "/certificates"):
            answer = await visitors.ask(member, "GET", path)
            assert answer.status_code == 200
            assert foreign_list not in answer.text
            assert ("OTHER-1" if member is world.officer else "JOB-1") not in answer.text
    nothing = await visitors.ask(officer, "GET", "/api/v1/results/file")
    assert nothing.status_code == 404
