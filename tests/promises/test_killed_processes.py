"""`kill -9` at the worst moments: running again heals, once and for all.

The moments are held fast, not guessed: a lock in the database, or a process that stands
still, keeps the work where it is until the kill.

    upload        no row, no key, and the same file goes in afterwards
    call          nobody is called twice, no result is lost or kept twice
    destruction   exactly one certificate
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from crypto.wire.base import Caller
from crypto.wire.lists import Inspect
from demo.seat import Refused
from demo.townsfolk import Townsperson
from tests.conftest import run
from tests.platform import Cast, Centre, Keyboard, WholePlatform, until
from tests.promises.conftest import calllist
from tests.world import townsfolk, upload_of

LARGE = 1500  # people: more than one chunk
NO_KEY = {"unknown", "shredded"}  # never made durable, or destroyed again
REFUSALS = (Refused, httpx.TransportError)  # a 503 with its sentence, or no answer at all

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def cast(platform: WholePlatform) -> Cast:
    """Whom these tests share; each opens its own job."""
    taken: Cast = run(platform.cast())
    return taken


# -- uploads -------------------------------------------------------------------------------


@pytest.mark.parametrize("dies", ["intake", "web", "keeper", "postgres"])
async def test_an_upload_that_is_killed_leaves_no_row_and_no_key(
    platform: WholePlatform, cast: Cast, dies: str
) -> None:
    async with platform.centre(cast) as centre:
        job = await centre.job()
        content = upload_of(townsfolk(LARGE))
        died = 0

        async def killing() -> AsyncIterator[bytes]:
            nonlocal died
            yield content[:-500]
            await until(lambda: reading(platform, job), "rows are being read")
            died = platform.kill(dies)
            yield content[-500:]

        with pytest.raises(REFUSALS):
            await centre.manager.upload(job, killing())
        await healed(platform, dies, died)
        await nothing_left(platform, job)
        received = await centre.upload(job, upload_of(townsfolk(3)))
        assert received["receipt"]["accepted"] == 3


@pytest.mark.parametrize("dies", ["web", "postgres"])
async def test_an_upload_killed_when_its_rows_and_keys_are_stored_but_nobody_was_told(
    platform: WholePlatform, cast: Cast, dies: str
) -> None:
    """The last moment: after the intake's commit, before the list opens."""
    async with platform.centre(cast) as centre:
        job = await centre.job()
        async with platform.locked("lock table holdings in share mode"):
            sending = asyncio.create_task(centre.manager.upload(job, upload_of(townsfolk(3))))
            await platform.blocked()
            (list_id,) = await lists_of(platform, job)
            assert await rows_of(platform, list_id) > 0
            assert await keys_of(platform, list_id) == "open"
            died = platform.kill(dies)
        with pytest.raises(REFUSALS):
            await sending
        await healed(platform, dies, died)
        await nothing_left(platform, job)


async def reading(platform: WholePlatform, job: str) -> bool:
    sql = "select 1 from lists where job_id = $1 and state = 'receiving' and rows_seen > 0"
    return bool(await platform.sql(sql, job))


async def nothing_left(platform: WholePlatform, job: str) -> None:
    (list_id,) = await lists_of(platform, job)
    failed = "select 1 from lists where id = $1 and state = 'failed'"
    await until(lambda: platform.sql(failed, list_id), "the sweep has found the broken upload")
    assert await rows_of(platform, list_id) == 0
    assert await keys_of(platform, list_id) in NO_KEY


async def lists_of(platform: WholePlatform, job: str) -> list[str]:
    return [row["id"] for row in await platform.sql("select id from lists where job_id = $1", job)]


async def rows_of(platform: WholePlatform, list_id: str) -> int:
    counts = [
        (await platform.sql(sql, list_id))[0][0]
        for sql in (
            "select count(*) from records where list_id = $1",
            "select count(*) from chunks where list_id = $1",
            "select count(*) from findings where list_id = $1",
        )
    ]
    return sum(counts)


async def keys_of(platform: WholePlatform, list_id: str) -> str:
    async with platform.keeper(Caller.WORKER) as keeper:
        return str((await keeper.call(Inspect(list_id))).state)


async def healed(platform: WholePlatform, part: str, died: int) -> None:
    """The supervisor has done its work; of an upload's own process there is nothing to start."""
    if part != "intake":
        await platform.again(part, died)
    await platform.serves()


# -- calls ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dies", ["keeper", "web", "postgres"])
async def test_a_call_that_is_cut_off_shows_the_same_person_and_keeps_one_result(
    platform: WholePlatform, dies: str, tmp_path: Path
) -> None:
    folk = townsfolk(3)
    async with platform.centre() as centre:
        job = await centre.job()
        await centre.upload(job, upload_of(folk))
        operator = centre.operators[0]
        shown = await centre.take(operator, job)
        died = await kill_before_the_answer(platform, centre, operator, shown["lease"], dies)
        await healed(platform, dies, died)

        with contextlib.suppress(Refused):  # the keeper may have closed the record already
            assert (await operator.get(f"/leases/{shown['lease']}"))["fields"] == shown["fields"]
        for _ in range(2):  # and a second time, as an impatient hand does
            told = await centre.record(operator, shown["lease"])
            assert (told["code"], told["final"]) == (10, True)
        await call_the_others(centre, job, 2)
        await one_certificate(platform, centre, job)
        await every_result_once(centre, folk, tmp_path)


async def test_a_result_cut_off_is_kept_though_its_list_is_destroyed_next(
    platform: WholePlatform, cast: Cast
) -> None:
    """The keeper has sealed it; the manager closes the job before anybody looks again."""
    async with platform.centre(cast) as centre:
        job = await centre.job()
        list_id = (await centre.upload(job, upload_of(townsfolk(3))))["list"]
        shown = await centre.take(centre.operators[1], job)
        died = await kill_before_the_answer(
            platform, centre, centre.operators[1], shown["lease"], "web"
        )
        await healed(platform, "web", died)
        await centre.manager.post(f"/jobs/{job}/close")
        await one_certificate(platform, centre, job)
        kept = await platform.sql("select code from results where list_id = $1", list_id)
        assert [row["code"] for row in kept] == [10]


async def kill_before_the_answer(
    platform: WholePlatform, centre: Centre, operator: Keyboard, lease: str, dies: str
) -> int:
    """The result is on its way: to a keeper that stands still, or sealed and not yet stored."""
    async with contextlib.AsyncExitStack() as stack:
        if dies == "keeper":
            stack.enter_context(platform.stopped("keeper"))
        else:
            await stack.enter_async_context(platform.locked("lock table results in share mode"))
        recording = asyncio.create_task(centre.record(operator, lease))
        if dies == "keeper":
            await in_transaction(platform, "calllist_web")
        else:
            await platform.blocked()
        died = platform.kill(dies)
    with pytest.raises(REFUSALS) as refused:
        await recording
    if isinstance(refused.value, Refused):
        assert refused.value.status == 503
    return died


async def in_transaction(platform: WholePlatform, role: str) -> None:
    sql = "select 1 from pg_stat_activity where state = 'idle in transaction' and usename = $1"
    await until(lambda: platform.sql(sql, role), f"{role} waits for the keeper")


async def call_the_others(centre: Centre, job: str, count: int) -> None:
    for turn in range(count):
        operator = centre.operators[turn % 2]
        shown = await centre.take(operator, job)
        await centre.record(operator, shown["lease"], 11)
    with pytest.raises(Refused):
        await centre.take(centre.operators[0], job)


async def every_result_once(centre: Centre, folk: Iterable[Townsperson], folder: Path) -> None:
    """As the entrustor reads them, with its own key."""
    handed, out = folder / "results.json", folder / "results.csv"
    handed.write_bytes(await centre.officer.fetch("/results/file"))
    key = centre.keys / f"{centre.cast.entrustor}.key"
    done = calllist("results", "open", handed, "--key", key, "--output", out)
    assert done.returncode == 0, done.stderr
    cells = [cell for row in csv.reader(io.StringIO(out.read_text("utf-8-sig"))) for cell in row]
    assert [cells.count(person.reference) for person in folk] == [1, 1, 1]


# -- destruction ---------------------------------------------------------------------------

ERASING = "select 1 from records where list_id = $1 for update"
HOLDING = "select 1 from holdings where id = $1 for update"
KEEPING = "lock table certificates in share mode"
KEPT_BY = "insert into certificates"


@pytest.mark.parametrize("dies", ["worker", "keeper", "postgres"])
@pytest.mark.parametrize("moment", [ERASING, KEEPING], ids=["erasing", "certifying"])
async def test_a_death_in_mid_destruction_ends_in_exactly_one_certificate(
    platform: WholePlatform, cast: Cast, moment: str, dies: str
) -> None:
    async with platform.centre(cast) as centre:
        job = await centre.job()
        list_id = (await centre.upload(job, upload_of(townsfolk(3))))["list"]
        values, doing = ([list_id], "") if moment is ERASING else ([], KEPT_BY)
        await no_paper_is_due(platform)
        async with platform.locked(moment, *values):
            await centre.manager.post(f"/jobs/{job}/close")
            await platform.blocked(doing)
            assert await keys_of(platform, list_id) == "shredded"
            died = platform.kill(dies)
        await healed(platform, dies, died)
        await one_certificate(platform, centre, job)


@pytest.mark.parametrize("moment", ["asked", "begun"])
async def test_a_keeper_killed_when_it_shreds_shreds_once(
    platform: WholePlatform, cast: Cast, moment: str
) -> None:
    """With the request in its hands, and with the new epoch beside the old one."""
    async with platform.centre(cast) as centre:
        job = await centre.job()
        list_id = (await centre.upload(job, upload_of(townsfolk(3))))["list"]
        roots = platform.home / "keeper" / "roots"
        before = set(roots.iterdir())

        async def begun() -> None:
            async with asyncio.timeout(20):
                while set(roots.iterdir()) == before:  # noqa: ASYNC110 - a moment of milliseconds
                    await asyncio.sleep(0)

        async with contextlib.AsyncExitStack() as meanwhile:
            async with contextlib.AsyncExitStack() as first:
                with platform.stopped("worker"):
                    await centre.manager.post(f"/jobs/{job}/close")
                    if moment == "asked":
                        await first.enter_async_context(platform.locked(HOLDING, list_id))
                if moment == "asked":
                    await platform.blocked()
                    meanwhile.enter_context(platform.stopped("keeper"))
            await (in_transaction(platform, "calllist_worker") if moment == "asked" else begun())
            died = platform.kill("keeper")
        await healed(platform, "keeper", died)
        await one_certificate(platform, centre, job)
        assert len(list(roots.iterdir())) == 1  # no root of an earlier epoch is left


async def no_paper_is_due(platform: WholePlatform) -> None:
    """Otherwise the one worker stands before the lock with an earlier certificate's PDF."""
    sql = "select 1 where not exists (select 1 from certificates where pdf is null)"
    await until(lambda: platform.sql(sql), "every certificate has its PDF")


async def one_certificate(platform: WholePlatform, centre: Centre, job: str) -> dict[str, Any]:
    """Of the job's one list; nothing of it is left."""
    (list_id,) = await lists_of(platform, job)
    sql = "select 1 from holdings where id = $1 and state = 'CERTIFIED'"
    await until(lambda: platform.sql(sql, list_id), "the list is destroyed and certified")
    issued = await centre.officer.get("/certificates")
    (mine,) = [one for one in issued if one["list"] == list_id]
    numbers = sorted(one["number"] for one in issued)
    assert numbers == list(range(1, len(issued) + 1))  # none given twice, none left out
    assert await rows_of(platform, list_id) == 0
    assert await keys_of(platform, list_id) == "shredded"
    file = platform.folder / "certificate.json"
    file.write_bytes(await centre.officer.fetch(f"/certificates/{mine['id']}"))
    done = calllist("verify", file, "--key", platform.home / "keeper/public/certificate.pub")
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(mine)
