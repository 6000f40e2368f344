"""Warm transfer at the desks: asked, taken over, or not; by screens, books and keeper alike."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select, update

from calllist.dialing import returning
from calllist.dialing.hand import in_hand
from calllist.dialing.tables import Lease, Result
from calllist.floor import board
from calllist.floor.errors import NothingOffered
from calllist.jobs.states import RecordState
from calllist.jobs.tables import Job, Record
from calllist.parties.onboarding import register_site
from calllist.people.roles import Role
from calllist.people.tables import SignIn
from crypto.wire.base import Caller
from crypto.wire.ledger import Entries
from crypto.wire.transfers import Accept
from tests.calllist.centre import Centre, Someone, transaction
from tests.calllist.web.test_pages import Visit, visit

pytestmark = pytest.mark.asyncio
PERSON = "カクウ000"


@dataclass
class Shift:
    """Suzuki has somebody in hand; Ota is the supervisor of the site."""

    centre: Centre
    job: Job
    suzuki: Someone
    ota: Someone
    desk: Visit
    floor: Visit
    lease: str  # its address

    async def ask(self) -> None:
        asked = await self.desk.post(f"{self.lease}/offer", person=self.ota.person.id)
        assert asked.headers["location"] == self.lease

    async def accept(self) -> str:
        place = f"/floor/transfers/{self.suzuki.person.id}/accept"
        return (await self.floor.post(place)).headers["location"]

    async def holder(self) -> str | None:
        async with transaction(self.centre.sessions) as session:
            return await session.scalar(select(Lease.person_id))


@pytest_asyncio.fixture
async def shift(app: FastAPI, centre: Centre) -> AsyncIterator[Shift]:
    app.state.board.lasts = timedelta(0)
    job = await centre.job()
    await centre.upload(job, 3)
    suzuki = await centre.operator("suzuki", job)
    ota = await centre.person("ota", Role.SUPERVISOR)
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(visit(app, suzuki))
        floor = await stack.enter_async_context(visit(app, ota))
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert PERSON in await desk.get(lease)
        yield Shift(centre, job, suzuki, ota, desk, floor, lease)


async def test_a_supervisor_takes_over_and_records_the_result_under_its_own_name(
    shift: Shift,
) -> None:
    desk, floor, lease = shift.desk, shift.floor, shift.lease
    assert f'value="{shift.ota.person.id}"' in await desk.get(f"{lease}/transfer")
    await shift.ask()
    assert "otaさんに転送を依頼しています" in await desk.get(lease)
    for page in (await floor.get("/floor"), (await floor.client.get("/floor/live")).text):
        assert "転送依頼" in page
        assert shift.suzuki.person.name in page
        assert shift.job.code in page
        assert PERSON not in page
        assert lease.rpartition("/")[2] not in page
    assert (await desk.client.get(f"{lease}/still?asked=1")).status_code == 204
    assert await shift.accept() == lease

    assert (await desk.client.get(f"{lease}/still?asked=1")).status_code == 404
    gone = await desk.client.get(lease)
    assert gone.headers["location"] == f"/desk/{shift.job.id}?handed=1"
    assert "スーパーバイザーに転送しました" in await desk.get(gone.headers["location"])
    for verb, form in (
        ("match", {"kind": "reference", "said": "1"}),
        ("reveal", {"kind": "phone", "reason": "manual_dial"}),
        ("code", {}),
        ("result", {"code": "10"}),
        ("offer", {"person": shift.ota.person.id}),
    ):
        refused = await desk.post(f"{lease}/{verb}", **form)
        assert refused.status_code == 404, verb
        assert PERSON not in refused.text

    async with transaction(shift.centre.sessions) as session:
        seats = {one.name: one for one in (await board.draw(session, shift.centre.now())).places}
    assert (seats["ota"].operator, seats["suzuki"].operator) == (False, True)
    page = await floor.get(lease)
    assert PERSON in page
    assert "suzukiさんから転送" in page
    for not_for_supervisors in ("/skip", "/transfer", 'value="next"', 'value="also"'):
        assert not_for_supervisors not in page
    assert lease in await floor.get("/floor"), "a way back to the person in hand"
    done = await floor.post(f"{lease}/result", code="10", then="next")
    assert done.headers["location"] == "/floor?recorded=10"
    async with transaction(shift.centre.sessions) as session:
        [result] = (await session.scalars(select(Result))).all()
        assert (result.person_id, result.job_id) == (shift.ota.person.id, shift.job.id)
        assert await session.scalar(select(Lease)) is None
    assert (await floor.client.get(lease)).status_code == 404
    assert (await floor.post(f"/desk/{shift.job.id}/next")).status_code == 403
    assert (await desk.post(f"/desk/{shift.job.id}/next")).headers["location"] != lease


async def test_declined_withdrawn_or_late_the_person_stays_with_the_operator(
    shift: Shift,
) -> None:
    desk, floor, lease = shift.desk, shift.floor, shift.lease
    await shift.ask()
    await floor.post(f"/floor/transfers/{shift.suzuki.person.id}/decline")
    assert (await desk.client.get(f"{lease}/still?asked=1")).status_code == 409
    assert (await desk.client.get(f"{lease}/still")).status_code == 204
    assert await shift.accept() == "/floor?problem=not_offered"
    await shift.ask()
    await desk.post(f"{lease}/keep")
    assert "転送依頼" not in await floor.get("/floor")
    assert await shift.accept() == "/floor?problem=not_offered"
    await shift.ask()
    async with transaction(shift.centre.sessions) as session:
        await session.execute(update(Lease).values(offered_until=shift.centre.now()))
    assert (await desk.client.get(f"{lease}/still?asked=1")).status_code == 409
    assert "転送依頼" not in await floor.get("/floor")
    assert await shift.holder() == shift.suzuki.person.id
    assert PERSON in await desk.get(lease)


async def test_only_supervisors_of_the_site_who_are_here_and_free_are_asked(
    app: FastAPI, shift: Shift
) -> None:
    centre, desk = shift.centre, shift.desk
    async with transaction(centre.sessions) as session:
        branch = await register_site(session, party_id=centre.party_id, name="支店")
    away = await centre.person("away", Role.SUPERVISOR, site_id=branch.id)
    out = await centre.person("gone", Role.SUPERVISOR)
    busy = await centre.person("busy", Role.SUPERVISOR)
    other = await centre.operator("tanaka", shift.job)
    async with visit(app, other) as second, visit(app, busy) as took:
        held = (await second.post(f"/desk/{shift.job.id}/next")).headers["location"]
        await second.get(held)
        await second.post(f"{held}/offer", person=busy.person.id)
        await took.post(f"/floor/transfers/{other.person.id}/accept")
    async with transaction(centre.sessions) as session:
        await session.execute(
            update(SignIn).where(SignIn.person_id == out.person.id).values(expires_at=centre.now())
        )
    page = await desk.get(f"{shift.lease}/transfer")
    assert shift.ota.person.id in page
    for someone in (away, out, busy, other, shift.suzuki, centre.manager):
        assert someone
        assert f'value="{someone.person.id}"' not in page
        refused = await desk.post(f"{shift.lease}/offer", person=someone.person.id)
        assert refused.headers["location"] == f"{shift.lease}/transfer?problem=not_free"


async def test_who_is_not_asked_takes_nobody_over(app: FastAPI, shift: Shift) -> None:
    other = await shift.centre.person("mori", Role.SUPERVISOR)
    await shift.ask()
    async with visit(app, other) as floor:
        assert "転送依頼" not in await floor.get("/floor")
        for answer in ("accept", "decline"):
            place = f"/floor/transfers/{shift.suzuki.person.id}/{answer}"
            refused = await floor.post(place)
            assert refused.headers["location"] == f"/floor?problem={NothingOffered.code}"
    assert await shift.accept() == shift.lease


async def test_a_supervisor_with_somebody_in_hand_finishes_first(
    app: FastAPI, shift: Shift
) -> None:
    other = await shift.centre.operator("tanaka", shift.job)
    async with visit(app, other) as second:
        held = (await second.post(f"/desk/{shift.job.id}/next")).headers["location"]
        await second.get(held)
        await second.post(f"{held}/offer", person=shift.ota.person.id)
        await shift.ask()
        assert await shift.accept() == shift.lease
        late = await shift.floor.post(f"/floor/transfers/{other.person.id}/accept")
        assert late.headers["location"] == f"{shift.lease}?problem=lease_held"
        assert PERSON in await second.get(held)


async def in_the_keeper_only(shift: Shift) -> None:
    """The keeper has moved the person, and our commit never came."""
    await shift.ask()
    async with shift.centre.desk(shift.suzuki) as desk:
        hand = await in_hand(desk.session, shift.suzuki.person, shift.lease.rpartition("/")[2])
        offer = hand.lease.offer or ""
        await shift.centre.keeper.call(Accept(shift.ota.grant, hand.sealed, offer))


@pytest.mark.parametrize("next_step", ["supervisor", "operator", "nobody"])
async def test_a_lost_commit_is_healed_by_whoever_asks_next(shift: Shift, next_step: str) -> None:
    await in_the_keeper_only(shift)
    assert await shift.holder() == shift.suzuki.person.id
    match next_step:
        case "supervisor":
            assert await shift.accept() == shift.lease
        case "operator":
            gone = await shift.desk.client.get(shift.lease)
            assert gone.headers["location"] == f"/desk/{shift.job.id}?handed=1"
        case "nobody":
            async with transaction(shift.centre.sessions) as session:
                late = shift.centre.now(timedelta(hours=1))
                custody = shift.centre.custody
                assert await returning.sweep_leases(session, custody, late) == 1
            async with transaction(shift.centre.sessions) as session:
                states = set(await session.scalars(select(Record.state)))
            assert states == {RecordState.WAITING}
            again = (await shift.desk.post(f"/desk/{shift.job.id}/next")).headers["location"]
            assert PERSON in await shift.desk.get(again), "no hand of the keeper's is left over"
            return
    assert await shift.holder() == shift.ota.person.id
    assert PERSON in await shift.floor.get(shift.lease)
    done = await shift.floor.post(f"{shift.lease}/result", code="30")
    assert done.headers["location"] == "/floor?recorded=30"


async def test_a_supervisor_who_signs_in_anew_has_lost_the_person_who_goes_back(
    app: FastAPI, shift: Shift
) -> None:
    await shift.ask()
    await shift.accept()
    shift.ota.signed = await shift.centre.sign_in_again(shift.ota)
    async with visit(app, shift.ota) as floor:
        lost = await floor.client.get(shift.lease)
        assert lost.headers["location"] == "/floor?problem=transfer_over"
    assert await shift.holder() is None
    again = (await shift.desk.post(f"/desk/{shift.job.id}/next")).headers["location"]
    assert PERSON in await shift.desk.get(again)


async def test_the_floor_shows_a_supervisor_who_has_somebody_and_takes_them_back(
    app: FastAPI, shift: Shift
) -> None:
    await shift.ask()
    await shift.accept()
    assert shift.centre.manager
    async with visit(app, shift.centre.manager) as floor:
        place = f"/floor/seats/{shift.ota.person.id}/take-back"
        assert place in await floor.get("/floor")
        assert (await floor.post(place)).headers["location"] == "/floor"
    assert await shift.holder() is None
    async with shift.centre.line(Caller.WORKER) as line:
        told = b"".join((await line.call(Entries(0, 1000))).entries).decode(errors="ignore")
    assert told.count('"kind":"transferred"') == 1
    assert told.count('"kind":"let_go"') == 1


async def test_a_client_of_the_supervisors_speaks_with_who_was_handed_over_and_leases_nobody(
    shift: Shift,
) -> None:
    floor, api = shift.floor, f"/api/v1{shift.lease}"
    assert (await floor.client.get(api)).status_code == 404, "whom nobody has handed over"
    await shift.ask()
    assert await shift.accept() == shift.lease
    token = {"X-CSRF-Token": floor.token}

    async def say(path: str, **asked: object) -> httpx.Response:
        return await floor.client.post(path, json=asked, headers=token)

    [job] = (await floor.client.get("/api/v1/jobs")).json()
    assert job["id"] == shift.job.id
    assert PERSON in (await floor.client.get(api)).text
    assert (await say(f"{api}/match", kind="reference", said="R000001")).json()["same"]
    for verb, asked in (("leases", {}), ("find", {"number": "090-0000-0002"})):
        assert (await say(f"/api/v1/jobs/{shift.job.id}/{verb}", **asked)).status_code == 403
    told = (await say(f"{api}/result", code=10, changeable=True)).json()
    assert told["final"]
    assert (await say(f"{api}/amend", code=30)).status_code == 403
    async with transaction(shift.centre.sessions) as session:
        result = await session.scalar(select(Result))
        assert result is not None, "nothing of it can be changed"
        assert (result.person_id, result.code) == (shift.ota.person.id, 10)


async def test_the_api_asks_declines_and_takes_over_and_shows_nobody_meanwhile(
    shift: Shift,
) -> None:
    desk, floor = shift.desk.client, shift.floor.client
    for visitor in (shift.desk, shift.floor):
        visitor.client.headers["X-CSRF-Token"] = visitor.token
    lease = f"/api/v1{shift.lease}"
    [free] = (await desk.get(f"{lease}/supervisors")).json()
    assert free == {"person": shift.ota.person.id, "name": "ota"}
    assert (await floor.get("/api/v1/transfers")).json() == []
    nobody = await desk.put(f"{lease}/offer", json={"person": shift.suzuki.person.id})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "not_free")

    async def asks() -> list[str]:
        asked = await desk.put(f"{lease}/offer", json={"person": free["person"]})
        assert asked.status_code == 204
        told = await floor.get("/api/v1/transfers")
        assert PERSON not in told.text
        return [f"{one['person']} {one['job']}" for one in told.json()]

    mine = f"/api/v1/transfers/{shift.suzuki.person.id}"
    for end in (lambda: floor.post(f"{mine}/decline"), lambda: desk.delete(f"{lease}/offer")):
        assert await asks() == [f"{shift.suzuki.person.id} {shift.job.id}"]
        assert (await end()).status_code == 204
        assert (await floor.get("/api/v1/transfers")).json() == []
        assert (await floor.post(f"{mine}/accept")).json()["code"] == "not_offered"
        assert await shift.holder() == shift.suzuki.person.id

    await asks()
    taken = await floor.post(f"{mine}/accept")
    assert taken.json() == {"lease": shift.lease.rpartition("/")[2]}
    assert PERSON in (await floor.get(lease)).text
    assert (await desk.get(lease)).status_code == 404
    assert await shift.holder() == shift.ota.person.id
