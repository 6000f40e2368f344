"""The locked screen: nothing opens any more, a call goes on, the second factor brings it back."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from calllist.dialing.tables import Lease
from calllist.floor import board
from calllist.floor.board import SeatState
from calllist.jobs.states import RecordState
from calllist.jobs.tables import Record
from calllist.people.signin import LOCKED
from calllist.people.tables import SignIn
from crypto.errors.people import UnknownGrant
from crypto.wire.records import Open
from tests.calllist.centre import Centre, transaction
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio


async def test_a_locked_screen_opens_nobody_and_goes_on_with_the_second_factor_alone(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, 2)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        assert "data-idle=" in await desk.get(lease)
        async with centre.desk(operator) as own:
            in_hand, _ = await own.show(lease.rpartition("/")[2])
        locked = await desk.post("/lock")
        assert locked.headers["location"] == "/sign-in/code?problem=screen_locked"
        with pytest.raises(UnknownGrant):
            await centre.keeper.call(Open(operator.signed.grant, in_hand.sealed))
        for path in (lease, "/desk", f"/desk/{job.id}"):
            gone = await desk.client.get(path)
            assert gone.headers["location"] == "/sign-in/code", "no password is asked again"
        for path in (f"/desk/{job.id}/next", "/lock"):  # another tab locks itself, too
            assert (await desk.post(path)).headers["location"] == "/sign-in/code"
        async with transaction(centre.sessions) as session:
            assert await session.scalar(select(Lease)) is None
            assert set(await session.scalars(select(Record.state))) == {RecordState.WAITING}
            [place] = (await board.draw(session, centre.now())).places
            assert (place.state, place.reason) == (SeatState.PAUSED, "away")
        page = await desk.get("/sign-in/code")
        assert "カクウ" not in page
        again = await desk.client.get("/sign-in/code", params={"problem": "screen_locked"})
        assert "画面をロックしました" in again.text
        code = operator.totp.at(centre.now(timedelta(seconds=30)))
        back = await desk.client.post("/sign-in/code", data={"code": code})
        assert back.headers["location"] == "/"
        shift = {one.split("=")[0] for one in back.headers.get_list("set-cookie")}
        assert {"__Host-session", "__Host-grant"} <= shift


async def test_a_call_is_never_locked(app: FastAPI, centre: Centre) -> None:
    job = await centre.job()
    await centre.upload(job, 1)
    operator = await centre.operator("suzuki", job)
    async with visit(app, operator) as desk:
        lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
        dialled = await desk.post(f"{lease}/reveal", kind="phone", reason="manual_dial")
        assert "data-idle=" not in dialled.text
        assert "data-idle=" not in await desk.get(lease)
        refused = await desk.post("/lock")
        assert refused.headers["location"] == f"{lease}?problem=lease_held"
        assert "カクウ" in await desk.get(lease)
        await desk.post(f"{lease}/result", code="30", then="rest")
        assert "data-idle=" in await desk.get(f"/desk/{job.id}")


async def test_a_lock_lasts_an_hour_and_never_longer_than_the_shift(
    app: FastAPI, centre: Centre
) -> None:
    operator = await centre.operator("suzuki", await centre.job())
    async with visit(app, operator) as desk:
        await desk.post("/lock")
    async with transaction(centre.sessions) as session:
        mine = select(SignIn).where(SignIn.person_id == operator.person.id)
        row = (await session.scalars(mine)).one()
        manager = select(SignIn).where(SignIn.person_id != operator.person.id)
        assert all(one.complete for one in await session.scalars(manager))
        assert not row.complete
        assert row.grant_hash is None
        assert row.expires_at <= centre.now(LOCKED)


async def test_only_operators_lock_their_screens(app: FastAPI, centre: Centre) -> None:
    assert centre.manager
    async with visit(app, centre.manager) as manager:
        assert (await manager.post("/lock")).status_code == 403
        assert "data-idle=" not in await manager.get("/jobs")
