"""The worker: what is due is destroyed, by real processes, once, whatever is killed."""

import asyncio
import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from calllist import upkeep as upkeep_module
from calllist.db import transaction
from calllist.dialing.tables import Lease, Result
from calllist.embedded.postgres import Postgres
from calllist.jobs.states import ListState
from calllist.jobs.tables import CallList, Chunk, Finding, Job, Record
from calllist.oversight import certificates, held
from calllist.oversight.errors import CertificateUnknown
from calllist.people.roles import Role
from calllist.settings import Settings
from calllist.upkeep import Upkeep, upkeep
from retention.states import State
from retention.tables import Certificate, Holding
from tests.calllist.centre import Centre, quiet_environment

pytestmark = pytest.mark.asyncio

ROWS = (Record, Chunk, Finding)


def settings(centre: Centre, postgres: Postgres) -> Settings:
    """The worker's, with the rights of its own database role."""
    name = centre.database.rsplit("/", 1)[1]
    return Settings(
        DATABASE_URL=postgres.url(role="calllist_worker", database=name),
        home=centre.folder,
        clock_offset=centre.clock.offset,
        sweep=timedelta(seconds=1),
    )


async def sweep(power: Upkeep) -> None:
    for holding_id in await power.sweep():
        await power.destroy(holding_id)


async def finished(centre: Centre, people: int = 3) -> str:
    """A list whose last final result has been recorded; its id."""
    return await finished_of(centre, await centre.job(), people)


async def finished_of(centre: Centre, job: Job, people: int = 3) -> str:
    """The same, of this job."""
    received = await centre.upload(job, people)
    await centre.settle(received.list_id)
    operator = await centre.operator("tanaka", job)
    for _ in range(people):
        await centre.call(operator, job, 10)
    return received.list_id


async def test_a_completed_list_is_destroyed_and_certified_once(
    centre: Centre, postgres: Postgres
) -> None:
    list_id = await finished(centre)
    async with upkeep(settings(centre, postgres)) as power:
        await asyncio.gather(sweep(power), sweep(power))
        await sweep(power)
    async with centre.sessions() as session:
        holding = await session.get_one(Holding, list_id)
        assert (holding.state, holding.erased_rows, holding.failure) == ("CERTIFIED", 3, None)
        for table in ROWS:
            assert await session.scalar(select(func.count()).select_from(table)) == 0
        assert await session.scalar(select(func.count()).select_from(Certificate)) == 1
        assert await session.scalar(select(func.count()).select_from(Result)) == 3


async def test_past_the_deadline_the_sweep_ends_list_and_job_by_itself(
    centre: Centre, postgres: Postgres
) -> None:
    job = await centre.job()
    received = await centre.upload(job, expires=centre.now(timedelta(hours=1)))
    async with upkeep(settings(centre, postgres)) as power:
        assert await power.sweep() == []
    await centre.wait(timedelta(hours=1))
    async with upkeep(settings(centre, postgres)) as power:
        await sweep(power)
        await sweep(power)
    async with centre.sessions() as session:
        holding = await session.get_one(Holding, received.list_id)
        assert (holding.state, holding.trigger) == (State.CERTIFIED, "deadline")
        assert (await session.get_one(CallList, received.list_id)).state == ListState.OVER
        assert (await session.get_one(Job, job.id)).state == "closed"


async def test_one_failing_step_does_not_hold_up_the_others(
    centre: Centre, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    list_id = await finished(centre)
    await centre.kill_keeper()
    async with upkeep(settings(centre, postgres)) as power:
        await sweep(power)
        assert "KeeperUnavailable" in caplog.text
        await centre.start_keeper()
        await sweep(power)
    async with centre.sessions() as session:
        assert (await session.get_one(Holding, list_id)).state == State.CERTIFIED


async def test_somebody_elses_lock_holds_up_the_step_that_needs_it_and_no_other(
    centre: Centre, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep_module, "LOCK_WAIT", timedelta(milliseconds=200))
    job = await centre.job()
    await centre.upload(job)
    operator = await centre.operator("suzuki", job)
    lease = await centre.take(operator, job)
    due = await finished_of(centre, await centre.job("KNK-002"))
    await centre.wait(timedelta(minutes=30))  # the lease is over
    async with transaction(centre.sessions) as blocking:
        of_it = (Record.list_id == lease.list_id, Record.index == lease.index)
        await blocking.execute(select(Record).where(*of_it).with_for_update())
        async with upkeep(settings(centre, postgres)) as power, asyncio.timeout(30):
            await sweep(power)
            assert power.failed == ["leases"]
            assert (await blocking.get_one(Holding, due)).state == State.SHREDDED
    async with upkeep(settings(centre, postgres)) as power:
        await sweep(power)
        assert power.failed == []
    async with centre.sessions() as session:
        assert await session.get(Lease, lease.id) is None
        assert (await session.get_one(Holding, due)).state == State.CERTIFIED


async def test_a_destruction_that_waits_is_logged_once_and_as_no_error(
    centre: Centre, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    job = await centre.job()
    received = await centre.upload(job)
    async with transaction(centre.sessions) as session:  # nobody with the right to it ends it
        await centre.custody.release(
            session, received.list_id, "manager", grant="", now=centre.now()
        )
    async with upkeep(settings(centre, postgres)) as power:
        for _ in range(3):
            await power.destroy(received.list_id)
    said = [record for record in caplog.records if received.list_id in record.getMessage()]
    assert [(record.levelname, record.args) for record in said] == [
        ("WARNING", (received.list_id, "not_authorised"))
    ]
    async with centre.sessions() as session:
        holding = await session.get_one(Holding, received.list_id)
        assert (holding.state, holding.failure) == (State.FROZEN, "keeper:not_authorised")


async def test_the_entrustor_sees_and_acknowledges_only_its_own_certificate(
    centre: Centre, postgres: Postgres
) -> None:
    await finished(centre)
    async with upkeep(settings(centre, postgres)) as power:
        await sweep(power)
    officer = (await centre.person("yakuin", Role.ENTRUSTOR)).person
    auditor = (await centre.person("kansa", Role.AUDITOR)).person
    async with transaction(centre.sessions) as session:
        (certificate,) = await certificates.issued(session, officer)
        seen = await certificates.view(
            session, centre.keeper, auditor, certificate.id, centre.now()
        )
        assert seen.viewed_at is None  # an auditor's look is no delivery
        with pytest.raises(CertificateUnknown):
            await certificates.acknowledge(
                session, centre.keeper, auditor, certificate.id, centre.now()
            )
        await certificates.acknowledge(
            session, centre.keeper, officer, certificate.id, centre.now()
        )
        assert (certificate.viewed_at, certificate.acknowledged_by) != (None, None)
        officer.entrustor_id = "ent_other"
        with pytest.raises(CertificateUnknown):
            await certificates.view(session, centre.keeper, officer, certificate.id, centre.now())
        assert await held.held(session, officer, centre.now()) == []
        await session.rollback()


async def test_real_worker_and_beat_destroy_even_if_the_worker_is_killed(
    centre: Centre, postgres: Postgres
) -> None:
    beat = await _celery(centre, postgres, "beat", "--schedule", str(centre.folder / "beat"))
    worker = await _celery(centre, postgres, "worker", "--pool", "solo")
    try:
        list_id = await finished(centre)
        await _until(centre, list_id, State.FROZEN, State.SHREDDED, State.CERTIFIED)
        worker.kill()
        await worker.wait()
        worker = await _celery(centre, postgres, "worker", "--pool", "solo")
        await _until(centre, list_id, State.CERTIFIED)
    finally:
        for process in (beat, worker):
            process.kill()
            await process.wait()
    async with centre.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Certificate)) == 1
    for message in (centre.folder / "broker").rglob("*"):
        if message.is_file():
            assert b"\xe6\x9e\xb6\xe7\xa9\xba" not in message.read_bytes()  # 架空


async def _celery(centre: Centre, postgres: Postgres, *command: str) -> asyncio.subprocess.Process:
    given = settings(centre, postgres)
    environment = quiet_environment() | {
        "DATABASE_URL": given.database,
        "CALLLIST_HOME": str(given.home),
        "CALLLIST_CLOCK_OFFSET": str(given.clock_offset.total_seconds()),
        "CALLLIST_SWEEP": "1",
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "celery", "--quiet", "--app", "calllist.worker", *command),
        *("--loglevel", "WARNING"),
        env=environment,
    )


async def _until(centre: Centre, list_id: str, *states: State) -> None:
    async with asyncio.timeout(60):
        while True:
            async with centre.sessions() as session:
                if (await session.get_one(Holding, list_id)).state in states:
                    return
            await asyncio.sleep(0.1)


async def test_without_its_database_the_worker_refuses_to_start_and_says_why() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "import calllist.worker"),
        env=quiet_environment(),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert (process.returncode, said) == (2, b"calllist: DATABASE_URL is missing\n")
