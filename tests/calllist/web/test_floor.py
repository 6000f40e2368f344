"""The floor: the board, pauses of seats and jobs, a record that is taken back."""

import asyncio
import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from calllist.dialing.tables import Lease
from calllist.floor import board, seats
from calllist.floor.board import STUCK, Board, SeatState
from calllist.floor.seats import Reason
from calllist.floor.tables import Seat
from calllist.jobs.states import RecordState
from calllist.jobs.tables import Record
from calllist.parties.onboarding import PartyKind, register_party, register_site
from calllist.people.roles import Role
from calllist.people.tables import Person
from crypto.wire.base import Caller
from crypto.wire.ledger import Entries
from tests.calllist.centre import Centre, transaction
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio


async def test_the_board_shows_every_seat_and_what_a_manager_does_there_reaches_it(
    app: FastAPI,
    centre: Centre,
) -> None:
    app.state.board.lasts = timedelta(0)
    job = await centre.job()
    await centre.upload(job, 2)
    first, second = [await centre.operator(login, job) for login in ("suzuki", "tanaka")]
    manager = centre.manager
    assert manager
    async with visit(app, first) as desk, visit(app, manager) as floor:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        held = await desk.get(lease)
        assert "カクウ000" in held
        refused = await desk.post(f"/desk/{job.id}/pause", reason="meal")
        assert refused.headers["location"] == f"{lease}?problem=lease_held"

        async with transaction(centre.sessions) as session:
            await seats.pause(session, second.person, Reason.MEAL, centre.now())
            picture = await board.draw(session, centre.now())
            late = await board.draw(session, centre.now(STUCK))
        assert picture.states() == {SeatState.CALLING: 1, SeatState.PAUSED: 1}
        assert late.states()[SeatState.STUCK] == 1
        assert late.places[0].state == SeatState.STUCK, "the most urgent first"
        assert not picture.of_jobs([]).places, "whose jobs one may not know of, one does not see"

        said = await floor.client.get("/floor/live")
        assert said.headers["content-type"].startswith("text/event-stream")
        for page in (said.text, await floor.get("/floor")):
            assert first.person.name in page
            assert "食事" in page
            assert "カクウ" not in page
            assert lease.rpartition("/")[2] not in page, "the handle is the operator's alone"

        back = await floor.post(f"/floor/seats/{first.person.id}/take-back")
        assert back.headers["location"] == "/floor"
        assert "カクウ" not in await desk.get(lease, 404)
        late_result = await desk.post(f"{lease}/result", code="10")
        assert late_result.status_code == 404
        again = await floor.post(f"/floor/seats/{first.person.id}/take-back")
        assert again.headers["location"] == "/floor?problem=nothing_in_hand"
        async with transaction(centre.sessions) as session:
            assert await session.scalar(select(Lease)) is None
            states = (await session.scalars(select(Record.state))).all()
            assert set(states) == {RecordState.WAITING}
        other = await centre.take(second, job)
        await centre.show(second, other)  # the keeper's hand is free, whoever takes the record
        async with transaction(centre.sessions) as session:
            assert (await board.draw(session, centre.now())).states()[SeatState.CALLING] == 1
            await session.execute(update(Lease).values(parked_at=centre.now()))
            aside = await board.draw(session, centre.now())
        assert not aside.states()[SeatState.CALLING], "put aside is not in hand"
        await floor.post(f"/floor/seats/{second.person.id}/take-back")
        async with transaction(centre.sessions) as session:
            assert await session.scalar(select(Lease)) is not None
    async with centre.line(Caller.WORKER) as line:
        told = b"".join((await line.call(Entries(0, 1000))).entries).decode(errors="ignore")
    assert told.count("record_taken_back") == 1


async def test_a_paused_job_calls_nobody_and_says_so(app: FastAPI, centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, 1)
    operator = await centre.operator("suzuki", job)
    assert centre.manager
    async with visit(app, operator) as desk, visit(app, centre.manager, "en") as floor:
        await floor.post(f"/floor/jobs/{job.id}/pause")
        assert "Paused" in await floor.get("/floor")
        refused = await desk.post(f"/desk/{job.id}/next")
        assert refused.headers["location"] == f"/desk/{job.id}?problem=job_paused"
        rest = await desk.get(f"/desk/{job.id}")
        assert "一時停止しています" in rest
        assert f"/desk/{job.id}/next" not in rest
        await floor.post(f"/floor/jobs/{job.id}/resume")
        taken = await desk.post(f"/desk/{job.id}/next")
        assert taken.headers["location"].startswith("/leases/")
        foreign = await floor.post("/floor/jobs/job_none/pause")
        assert foreign.headers["location"] == "/floor?problem=unknown_job"


async def test_a_pause_counts_for_its_day_and_ends_with_the_next_person(
    app: FastAPI,
    centre: Centre,
) -> None:
    job = await centre.job()
    await centre.upload(job, 1)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        await desk.post(f"/desk/{job.id}/pause", reason="break")
        rest = await desk.get(f"/desk/{job.id}")
        assert "席に戻る" in rest
        assert f"/desk/{job.id}/next" not in rest
        await desk.post(f"/desk/{job.id}/next")
    async with transaction(centre.sessions) as session:
        assert (await seats.standing(session, operator.person, centre.now())).reason is None
        noon = centre.now().replace(hour=3, minute=0, second=0, microsecond=0)  # 12:00 in Japan
        await session.execute(update(Seat).values(day=noon.date(), paused=60))
        await seats.pause(session, operator.person, Reason.BREAK, noon)
        await seats.pause(session, operator.person, Reason.MEAL, noon + timedelta(minutes=10))
        await seats.ready(session, operator.person, noon + timedelta(minutes=30))
        for now, minutes in ((timedelta(hours=1), 31), (timedelta(hours=24), 0)):
            standing = await seats.standing(session, operator.person, noon + now)
            assert standing.paused == timedelta(minutes=minutes)
        await seats.pause(session, operator.person, Reason.AWAY, noon)
        past_midnight = await seats.standing(session, operator.person, noon + timedelta(hours=13))
        assert past_midnight.paused == timedelta(hours=1), "the rest was yesterday"


async def test_after_a_call_the_seat_wraps_up_or_is_left_and_both_are_counted_apart(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, 3)
    operator = await centre.operator("suzuki", job)

    async def stands() -> tuple[SeatState, str | None]:
        async with transaction(centre.sessions) as session:
            [place] = (await board.draw(session, centre.now())).places
            return place.state, place.reason

    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert "登録して席を離れる" in await desk.get(lease)
        rested = await desk.post(f"{lease}/result", code="30", then="rest")
        assert rested.headers["location"] == f"/desk/{job.id}?recorded=30"
        assert await stands() == (SeatState.WRAP_UP, None)
        rest = await desk.get(f"/desk/{job.id}")
        assert "後処理" in rest
        assert f"/desk/{job.id}/next" in rest, "the next person is one key away"
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert (await stands())[0] == SeatState.CALLING
        await desk.post(f"{lease}/result", code="30", then="meal")
        assert await stands() == (SeatState.PAUSED, "meal")
        assert f"/desk/{job.id}/next" not in await desk.get(f"/desk/{job.id}")
    async with transaction(centre.sessions) as session:
        noon = centre.now().replace(hour=3, minute=0, second=0, microsecond=0)  # 12:00 in Japan
        await session.execute(
            update(Seat).values(day=noon.date(), paused=0, wrapped=0, reason=None)
        )
        await seats.pause(session, operator.person, Reason.WRAP_UP, noon)
        await seats.pause(session, operator.person, Reason.MEAL, noon + timedelta(minutes=2))
        late = await seats.standing(session, operator.person, noon + timedelta(minutes=5))
        assert (late.wrapped, late.paused) == (timedelta(minutes=2), timedelta(minutes=3))
        await seats.pause(session, operator.person, Reason.WRAP_UP, noon + timedelta(minutes=6))
        later = await seats.standing(session, operator.person, noon + timedelta(minutes=10))
        assert (later.wrapped, later.paused) == (timedelta(minutes=6), timedelta(minutes=4))


async def test_wrap_up_says_how_long_it_should_take_and_the_board_who_is_late(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, 2)
    operator = await centre.operator("suzuki", job)

    async def late() -> list[bool]:
        async with transaction(centre.sessions) as session:
            return [one.late for one in (await board.draw(session, centre.now())).places]

    async with visit(app, centre.manager) as manager, visit(app, operator) as desk:
        for wrong in ("9", "901"):
            refused = await manager.post(f"/jobs/{job.id}/wrap-up", seconds=wrong)
            assert refused.headers["location"] == f"/jobs/{job.id}?problem=wrap_up_refused"
        await manager.post(f"/jobs/{job.id}/wrap-up", seconds="45")
        assert 'value="45"' in await manager.get(f"/jobs/{job.id}")
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        await desk.post(f"{lease}/result", code="30", then="rest")
        rest = await desk.get(f"/desk/{job.id}")
        assert int(re.findall(r'data-wrap="(\d+)"', rest)[0]) in range(20, 46)
        assert await late() == [False]
        async with transaction(centre.sessions) as session:
            await session.execute(update(Seat).values(until=centre.now()))
        rest = await desk.get(f"/desk/{job.id}")
        assert "data-wrap" not in rest
        assert "目安の時間を過ぎています" in rest
        assert f"/desk/{job.id}/next" in rest, "nothing is taken from the operator"
        assert await late() == [True]
        assert "超過" in await manager.get("/floor")
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert await late() == [False]
        await manager.post(f"/jobs/{job.id}/wrap-up", seconds="")
        await desk.post(f"{lease}/result", code="30", then="rest")
        assert "data-wrap" not in await desk.get(f"/desk/{job.id}")


async def test_many_watchers_share_one_picture_a_second(centre: Centre) -> None:
    moment = [centre.now()]
    watched = Board(centre.sessions, lambda: moment[0])
    seen = await asyncio.gather(*(watched.picture() for _ in range(50)))
    assert (watched.drawn, len({id(one) for one in seen})) == (1, 1)
    moment[0] += board.FRESH
    await watched.picture()
    assert watched.drawn == 2


async def test_nobody_but_managers_and_supervisors_sees_the_floor(
    app: FastAPI, centre: Centre
) -> None:
    auditor = await centre.person("kansa", Role.AUDITOR)
    async with visit(app, auditor) as visitor:
        for path in ("/floor", "/floor/live"):
            assert (await visitor.client.get(path)).status_code == 403


async def test_a_supervisor_sees_and_takes_back_at_its_own_site_only(
    app: FastAPI, centre: Centre
) -> None:
    app.state.board.lasts = timedelta(0)
    job = await centre.job()
    await centre.upload(job, 2)
    async with transaction(centre.sessions) as session:
        away = await register_site(session, party_id=centre.party_id, name="支店")
    here = await centre.operator("suzuki", job)
    there = await centre.operator("tanaka", job, site_id=away.id)
    supervisor = await centre.person("ota", Role.SUPERVISOR)
    for operator in (here, there):
        await centre.take(operator, job)
    async with visit(app, supervisor) as floor:
        for page in (await floor.get("/floor"), (await floor.client.get("/floor/live")).text):
            assert here.person.name in page
            assert there.person.name not in page
            assert "支店" not in page
            assert f"/floor/jobs/{job.id}/pause" not in page
            assert f"/jobs/{job.id}/reports" in page
        beyond = await floor.post(f"/floor/seats/{there.person.id}/take-back")
        assert beyond.headers["location"] == "/floor?problem=nothing_in_hand"
        await floor.post(f"/floor/seats/{here.person.id}/take-back")
        async with transaction(centre.sessions) as session:
            assert set(await session.scalars(select(Lease.person_id))) == {there.person.id}
        assert (await floor.post(f"/floor/jobs/{job.id}/pause")).status_code == 403
        assert (await floor.client.get(f"/jobs/{job.id}")).status_code == 403


async def test_a_supervisor_of_a_party_that_is_not_approved_knows_of_no_job(
    app: FastAPI, centre: Centre
) -> None:
    app.state.board.lasts = timedelta(0)
    job = await centre.job()
    await centre.upload(job, 1)
    operator = await centre.operator("suzuki", job)
    await centre.take(operator, job)
    async with transaction(centre.sessions) as session:
        party = await register_party(session, name="架空受託", kind=PartyKind.CENTRE)
        site = await register_site(session, party_id=party.id, name="本店")
    stranger = await centre.person("yoso", Role.SUPERVISOR, party_id=party.id, site_id=site.id)
    async with visit(app, stranger) as floor:
        page = await floor.get("/floor")
        assert job.code not in page
        assert operator.person.name not in page
        assert (await floor.client.get(f"/jobs/{job.id}/reports")).status_code == 404
        # Even a person who were counted at this site: the job decides.
        stranger.person.site_id = operator.person.site_id
        async with transaction(centre.sessions) as session:
            await session.execute(
                update(Person)
                .where(Person.id == stranger.person.id)
                .values(site_id=operator.person.site_id)
            )
        back = await floor.post(f"/floor/seats/{operator.person.id}/take-back")
        assert back.headers["location"] == "/floor?problem=nothing_in_hand"
