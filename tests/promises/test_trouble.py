"""What is away for a while costs time and nothing else: broker, database, keeper.

broker     nudges only: the sweep finds what is due when it can
database   503 with its sentence, by itself back to work
keeper     503 with its sentence, nobody is shown, by itself back to work
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

import pytest

from demo.seat import Refused
from tests.conftest import run
from tests.platform import Cast, Centre, WholePlatform, until
from tests.promises.test_killed_processes import one_certificate
from tests.visitors import seen_in
from tests.world import townsfolk, upload_of

SENTENCES = {
    "postgres": ("database_unavailable", "データベースに接続できません。"),
    "keeper": ("keeper_unavailable", "金庫に接続できません。"),
}

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def cast(platform: WholePlatform) -> Cast:
    """Whom these tests share; each opens its own job."""
    taken: Cast = run(platform.cast())
    return taken


@pytest.mark.parametrize("part", SENTENCES)
async def test_what_is_away_is_said_in_a_sentence_and_work_resumes_by_itself(
    platform: WholePlatform, cast: Cast, part: str
) -> None:
    folk = townsfolk(2)
    async with platform.centre(cast) as centre:
        operator = centre.operators[0]
        job = await centre.job()
        await centre.upload(job, upload_of(folk))
        shown = await centre.take(operator, job)
        with platform.untended():
            died = platform.kill(part)
            await asking_in_vain(centre, shown["lease"], part)
        await platform.again(part, died)
        await platform.serves()
        assert (await operator.get(f"/leases/{shown['lease']}"))["fields"] == shown["fields"]
        await centre.record(operator, shown["lease"])
        await centre.record(operator, (await centre.take(operator, job))["lease"])
        await one_certificate(platform, centre, job)


async def asking_in_vain(centre: Centre, lease: str, part: str) -> None:
    """API and screens alike; and the health probe names the part."""
    code, sentence = SENTENCES[part]
    operator, folk = centre.operators[0], townsfolk(2)
    asked = [("GET", f"/api/v1/leases/{lease}"), ("GET", f"/leases/{lease}")]
    asked += [("POST", f"/api/v1/leases/{lease}/result")]
    if part == "postgres":
        asked += [("GET", "/api/v1/jobs"), ("GET", "/jobs"), ("GET", "/desk"), ("GET", "/sign-in")]
    for method, path in asked:
        how = {"json": {"code": 10}} if method == "POST" else {}
        answer = await operator.ask(method, path, **how)
        if path == "/sign-in":  # asks nobody: it may stand there, ready
            assert answer.status_code in (200, 503)
            continue
        assert answer.status_code == 503, f"{method} {path}: {answer.text}"
        assert sentence in answer.text
        assert answer.headers["Retry-After"]
        assert seen_in(answer.text, folk) == []
        if path.startswith("/api/"):
            assert answer.json()["code"] == code
    health = await operator.ask("GET", "/api/v1/health")
    assert health.status_code == 503
    assert health.json()["database" if part == "postgres" else "keeper"] == code


@pytest.mark.parametrize("loss", ["removed", "away"])
async def test_a_lost_broker_costs_time_and_nothing_else(
    platform: WholePlatform, cast: Cast, loss: str
) -> None:
    async with platform.centre(cast) as centre:
        job = await centre.job()
        received = await centre.upload(job, upload_of(townsfolk(3)))
        shown = await centre.take(centre.operators[0], job)
        with lost(platform, loss):
            # Calls do not know that there is a broker.
            await centre.record(centre.operators[0], shown["lease"])
            await centre.manager.post(f"/jobs/{job}/close")
            with pytest.raises(Refused):  # released: nothing opens, though nobody destroys
                await centre.take(centre.operators[0], job)
            if loss == "away":
                worker = platform.process("worker")
                if worker is not None:
                    died = platform.kill("worker")
                    await until(lambda: ended_again(platform, died), "the worker cannot start")
                sql = "select state from holdings where id = $1"
                (row,) = await platform.sql(sql, received["list"])
                assert row["state"] == "FROZEN"
        await one_certificate(platform, centre, job)


async def ended_again(platform: WholePlatform, died: int) -> bool:
    """The supervisor's log has a second death of a worker since."""
    log = (platform.home / "log" / "worker.log").read_text(errors="replace")
    process = platform.process("worker")
    return "broker" in log and (process is None or process.pid != died)


@contextlib.contextmanager
def lost(platform: WholePlatform, loss: str) -> Iterator[None]:
    """The folder is gone, messages and all; or gone and not to be made for a while."""
    broker = platform.home / "broker"
    away = platform.folder / "broker-away"
    if loss == "removed":
        shutil.rmtree(broker)
        yield
        return
    broker.rename(away)
    broker.write_text("no folder")
    try:
        yield
    finally:
        broker.unlink()
        away.rename(broker)
