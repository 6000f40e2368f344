"""The command line's session: from one code, for one shift, for uploads and receipts only."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from calllist.db import transaction
from calllist.people import commands, signin, tokens
from calllist.people.commands import CODE_LIFE, CommandSession
from calllist.people.errors import CommandCodeUnknown
from calllist.people.roles import Role
from calllist.people.tables import SignIn
from calllist.web.access import GRANT, SESSION, SignedInAs
from tests.calllist.centre import ORIGIN, Centre, Someone
from tests.visitors import routes_with

pytestmark = pytest.mark.asyncio

MAY = {
    "GET /api/v1/jobs",
    "GET /api/v1/jobs/{job_id}/lists",
    "PUT /api/v1/jobs/{job_id}/lists",
    "GET /api/v1/jobs/{job_id}/uploads",
    "POST /api/v1/jobs/{job_id}/preview",
    "DELETE /api/v1/jobs/{job_id}/uploads",
    "GET /api/v1/lists/{list_id}",
    "GET /api/v1/lists/{list_id}/receipt",
    "GET /api/v1/lists/{list_id}/findings",
    "GET /api/v1/lists/{list_id}/findings.csv",
}
LENT = {"POST /api/v1/jobs/{job_id}/withdrawals"}  # with the shift's grant, if it was lent


async def code_of(centre: Centre, someone: Someone) -> str:
    async with transaction(centre.sessions) as session:
        return (await commands.offer(session, someone.person, centre.now())).code


async def begin(centre: Centre, code: str, later: timedelta = timedelta(0)) -> CommandSession:
    async with transaction(centre.sessions) as session:
        return await commands.take(session, centre.keeper, code, centre.now(later))


async def living(centre: Centre, begun: CommandSession, later: timedelta = timedelta(0)) -> bool:
    async with transaction(centre.sessions) as session:
        return await commands.who(session, begun.token, centre.now(later)) is not None


async def test_a_command_may_upload_and_read_receipts_and_nothing_else(
    portal: FastAPI, centre: Centre
) -> None:
    """Every other route takes it for nobody, with the code and without, and so do the screens."""

    def commanded(door: object) -> bool:
        return isinstance(door, SignedInAs) and door.command

    doors = routes_with(portal, commanded)
    assert {route for route, found in doors.items() if found} == MAY | LENT
    assert centre.manager
    async with transaction(centre.sessions) as session:
        lent = centre.manager.grant
        offered = await commands.offer(session, centre.manager.person, centre.now(), lent=lent)
    begun = await begin(centre, offered.code)
    assert begun.grant == lent
    transport = httpx.ASGITransport(portal, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        client.cookies.set(SESSION, begun.token)
        client.cookies.set(GRANT, begun.grant)  # makes no shift of it
        client.headers["X-CSRF-Token"] = tokens.csrf(begun.token)
        assert (await client.get("/api/v1/jobs")).status_code == 200
        for route, (door, *_) in ((r, f) for r, f in routes_with(portal, _door).items() if f):
            assert isinstance(door, SignedInAs)
            if not door.command:
                method, path = route.split(" ")
                answer = await client.request(method, path.replace(":path}", "}"))
                place = answer.headers.get("location", "")
                nobody = answer.status_code == 401 or place.startswith("/sign-in")
                assert nobody, route
        del client.headers["X-CSRF-Token"]
        gone = await client.delete("/api/v1/jobs/job_x/uploads", headers={"Upload-Token": "a" * 43})
        assert (gone.status_code, gone.json()["code"]) == (403, "not_from_here")


def _door(call: object) -> bool:
    return isinstance(call, SignedInAs)


async def test_a_code_is_good_once_for_five_minutes_and_the_latest_only(centre: Centre) -> None:
    assert centre.manager
    first = await code_of(centre, centre.manager)
    second = await code_of(centre, centre.manager)
    for wrong, later in (
        (first, timedelta(0)),  # void: a later one was shown
        (second, CODE_LIFE),
        ("", timedelta(0)),
        (centre.manager.signed.token, timedelta(0)),
    ):
        with pytest.raises(CommandCodeUnknown):
            await begin(centre, wrong, later)
    begun = await begin(centre, second.lower().replace("-", " "))  # however it is typed
    assert begun.until == centre.manager.signed.until
    with pytest.raises(CommandCodeUnknown):
        await begin(centre, second)
    operator = await centre.person("bucho", Role.MANAGER)
    code = await code_of(centre, operator)
    async with transaction(centre.sessions) as session:  # a code is no session, no password step
        for text in (code, code.replace("-", ""), f"command code {code.replace('-', '')}"):
            assert await signin.waiting_for_code(session, text, centre.now()) is None
            assert await commands.who(session, text, centre.now()) is None
            assert await signin.who(session, text, "", centre.now()) is None
        await signin.sign_out(session, centre.keeper, operator.signed.token, operator.grant)
    with pytest.raises(CommandCodeUnknown):  # its shift in the browser has ended
        await begin(centre, code)


async def test_a_grant_is_lent_by_a_code_only_and_lies_sealed_under_it(
    portal: FastAPI, centre: Centre
) -> None:
    """Neither in the database nor in a session to which it was not lent."""
    assert centre.manager
    job, grant = await centre.job(), centre.manager.grant
    plain = await begin(centre, await code_of(centre, centre.manager))
    async with transaction(centre.sessions) as session:
        offered = await commands.offer(session, centre.manager.person, centre.now(), lent=grant)
        (sealed,) = await session.scalars(
            select(SignIn.lent_grant).where(SignIn.lent_grant.is_not(None))
        )
    assert sealed
    assert grant.encode() not in sealed
    assert "lent" not in repr(offered)
    begun = await begin(centre, offered.code)
    other = await centre.person("bucho", Role.MANAGER)
    transport = httpx.ASGITransport(portal, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        for session_of, with_grant, status in (
            (plain, "", 403),
            (plain, grant, 403),
            (begun, "", 403),
            (begun, other.grant, 403),
            (begun, grant, 200),
        ):
            client.cookies.clear()
            client.cookies.set(SESSION, session_of.token)
            client.cookies.set(GRANT, with_grant)
            client.headers["X-CSRF-Token"] = tokens.csrf(session_of.token)
            answer = await client.post(f"/api/v1/jobs/{job.id}/withdrawals", content=b"R1\n")
            assert answer.status_code == status, answer.text
            assert status == 200 or answer.json()["code"] == "grant_not_lent"
    async with transaction(centre.sessions) as session:
        assert not list(await session.scalars(select(SignIn).where(SignIn.lent_grant.is_not(None))))


async def test_it_ends_with_the_shift_it_is_of_and_never_ends_that(centre: Centre) -> None:
    people = [centre.manager, *[await centre.person(f"kanri{n}", Role.MANAGER) for n in range(2)]]
    begun = []
    for manager in people:
        assert manager
        begun.append((manager, await begin(centre, await code_of(centre, manager))))
    (first, one), (second, two), (third, three) = begun
    async with transaction(centre.sessions) as session:
        await signin.sign_out(session, centre.keeper, first.signed.token, first.grant)
    await centre.sign_in_again(second)
    over = third.signed.until - centre.now() + timedelta(seconds=1)
    assert [await living(centre, session) for session in (one, two, three)] == [False, False, True]
    assert not await living(centre, three, over)
    async with transaction(centre.sessions) as session:
        await signin.sign_out(session, centre.keeper, three.token, "")
    assert not await living(centre, three)
    async with transaction(centre.sessions) as session:
        signed = third.signed
        assert await signin.who(session, signed.token, signed.grant, centre.now())
