"""Copies from the page of a person: counted per operator and day, for managers and auditors."""

import pytest
from fastapi import FastAPI

from calllist.mirror.pulling import pull
from calllist.people.roles import Role
from crypto.wire.base import Caller
from tests.calllist.centre import Centre, transaction
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio


async def test_managers_and_auditors_see_how_often_whom_never_what(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    await centre.upload(job, 3)
    first, second = [await centre.operator(login, job) for login in ("suzuki", "tanaka")]
    for operator, times in ((first, 2), (second, 1)):
        async with visit(app, operator) as desk:
            lease = (await desk.post(f"/desk/{job.id}/next")).headers["location"]
            for _ in range(times):
                assert (await desk.post(f"{lease}/copied")).status_code == 204
    async with transaction(centre.sessions) as session, centre.line(Caller.WORKER) as line:
        await pull(session, line, centre.now())
    auditor = await centre.person("kansa", Role.AUDITOR)
    reports = f"/jobs/{job.id}/reports"
    for someone in (centre.manager, auditor):
        async with visit(app, someone) as visitor:
            page = await visitor.get(reports)
            assert page.index('<td>suzuki</td><td class="num">2</td>') < page.index(
                '<td>tanaka</td><td class="num">1</td>'
            )
            assert "カクウ" not in page
            assert "画面からの複写" not in await visitor.get(f"{reports}?period=2026-06-01")
            assert "画面からの複写" in await visitor.get(f"{reports}?period=2026-06")
    for someone in (
        await centre.person("ota", Role.SUPERVISOR),
        await centre.person("yakuin", Role.ENTRUSTOR),
    ):
        async with visit(app, someone) as visitor:
            assert "画面からの複写" not in await visitor.get(reports)
