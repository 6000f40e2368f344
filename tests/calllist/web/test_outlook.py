"""The forecast on a job's page: from the calls that were made and the people who wait."""

from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI

from calllist.clock import JST
from calllist.db import transaction
from calllist.dialing.tables import Result
from calllist.jobs.tables import Job
from calllist.oversight import outlook
from calllist.oversight.exhaustion import FEWEST
from calllist.oversight.progress import progress
from tests.calllist.centre import Centre, Someone
from tests.calllist.web.test_pages import visit

pytestmark = pytest.mark.asyncio
WAITING = 20


async def worked(centre: Centre, job: Job, list_id: str, who: Someone, begin: datetime) -> None:
    """An hour of 60 first calls, each second one final."""
    async with transaction(centre.sessions) as session:
        session.add_all(
            Result(
                id=f"at_{minute}",
                entrustor_id=centre.entrustor_id,
                job_id=job.id,
                list_id=list_id,
                person_id=who.person.id,
                code=10 if minute % 2 else 30,
                final=bool(minute % 2),
                nth=1,
                at=begin + timedelta(minutes=minute),
                sealed=b"",
                slip=False,
            )
            for minute in range(2 * FEWEST)
        )


async def test_the_jobs_page_says_when_nobody_is_left_and_nothing_without_calls(
    app: FastAPI, centre: Centre
) -> None:
    job = await centre.job()
    received = await centre.upload(job, WAITING)
    operator = await centre.operator("suzuki", job)
    manager = centre.manager
    assert manager
    now = centre.now()
    noon = now.astimezone(JST).replace(hour=12, minute=0, second=0, microsecond=0)
    terms = await centre.sign_contract()

    async def told(at: datetime) -> object:
        async with transaction(centre.sessions) as session:
            rows = [await progress(session, manager.person, received.list_id, at)]
            return await outlook.outlook(session, rows, terms.conduct, at)

    async with visit(app, manager) as page:
        assert await told(noon) is None
        assert "架電する方がいなくなる" not in await page.get(f"/jobs/{job.id}")
        await worked(centre, job, received.list_id, operator, now - timedelta(days=1))
        found = await told(now)
        assert found is not None
        assert now < found.earliest <= found.at <= found.latest  # type: ignore[attr-defined]
        assert "架電する方がいなくなる" in await page.get(f"/jobs/{job.id}")
