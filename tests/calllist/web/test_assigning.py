"""Operators are moved between jobs from the floor: from the next person on, by managers alone."""

from datetime import timedelta

import pytest
from fastapi import FastAPI

from calllist.parties.onboarding import PartyKind, register_party, register_site
from calllist.people.roles import Role
from crypto.wire.base import Caller
from crypto.wire.ledger import Entries
from tests.calllist.centre import Centre, transaction
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio


async def test_an_operator_moved_on_the_floor_gets_the_next_person_of_the_new_job(
    app: FastAPI, centre: Centre
) -> None:
    app.state.board.lasts = timedelta(0)
    old, new = await centre.job("OLD-1"), await centre.job("NEW-1")
    await centre.upload(old, 2)
    await centre.upload(new, 2)
    operator = await centre.operator("suzuki", old)
    seat = f"/floor/seats/{operator.person.id}"
    async with visit(app, operator) as desk, visit(app, centre.manager) as floor:
        refused = await desk.post(f"/desk/{new.id}/next")
        assert refused.status_code == 404
        lease = (await desk.post(f"/desk/{old.id}/next")).headers["location"]
        for page in (await floor.get("/floor"), (await floor.client.get("/floor/live")).text):
            assert f"{seat}/assign" in page
            assert "OLD-1 （担当中）" in page
            assert "NEW-1 （担当中）" not in page

        await floor.post(f"{seat}/assign", job=new.id)
        await floor.post(f"{seat}/unassign", job=old.id)
        assert "カクウ" in await desk.get(lease), "who is in hand is finished"
        await desk.post(f"{lease}/result", code="30", then="rest")
        assert (await desk.post(f"/desk/{old.id}/next")).status_code == 404
        taken = await desk.post(f"/desk/{new.id}/next")
        assert taken.headers["location"].startswith("/leases/")
    async with centre.line(Caller.WORKER) as line:
        told = b"".join((await line.call(Entries(0, 1000))).entries).decode(errors="ignore")
    assert told.count("operator_assigned") == 2
    assert told.count("operator_unassigned") == 1


async def test_nobody_is_assigned_beyond_what_the_manager_may_know_of(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    async with transaction(centre.sessions) as session:
        party = await register_party(session, name="架空受託", kind=PartyKind.CENTRE)
        site = await register_site(session, party_id=party.id, name="本店")
    stranger = await centre.operator("yoso", party_id=party.id, site_id=site.id)
    other = await centre.person("yosokanri", Role.MANAGER, party_id=party.id, site_id=None)
    operator = await centre.operator("suzuki", job)
    assert centre.manager
    for someone, whom, problem in (
        (centre.manager, stranger, "party_not_approved"),
        (centre.manager, centre.manager, "not_an_operator"),
        (other, operator, "unknown_job"),
    ):
        async with visit(app, someone) as floor:
            answer = await floor.post(f"/floor/seats/{whom.person.id}/assign", job=job.id)
            assert answer.headers["location"] == f"/floor?problem={problem}"
    async with visit(app, other) as floor:
        answer = await floor.post(f"/floor/seats/{operator.person.id}/unassign", job=job.id)
        assert answer.headers["location"] == "/floor?problem=unknown_job"
    supervisor = await centre.person("ota", Role.SUPERVISOR)
    async with visit(app, supervisor) as floor:
        assert f"{operator.person.id}/assign" not in await floor.get("/floor")
        for verb in ("assign", "unassign"):
            answer = await floor.post(f"/floor/seats/{operator.person.id}/{verb}", job=job.id)
            assert answer.status_code == 403


async def test_what_stands_in_an_address_instead_of_an_operator_is_not_ledgered(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    idle = await centre.operator("tanaka")
    async with visit(app, centre.manager) as floor:
        for whom in ("090-0000-0001", idle.person.id):
            answer = await floor.post(f"/floor/seats/{whom}/unassign", job=job.id)
            assert answer.headers["location"] == "/floor"
            gone = await floor.client.delete(
                f"/api/v1/jobs/{job.id}/operators/{whom}", headers={"X-CSRF-Token": floor.token}
            )
            assert gone.status_code == 204
    async with centre.line(Caller.WORKER) as line:
        told = b"".join((await line.call(Entries(0, 1000))).entries).decode(errors="ignore")
    assert "operator_unassigned" not in told
    assert "090-0000-0001" not in told
