"""After an erasure every store is read: a copy anywhere stops the certificate and is named."""

import asyncio
import base64
from pathlib import Path

import pytest
from sqlalchemy import select, text

from calllist.db import transaction
from calllist.embedded.postgres import Postgres
from calllist.jobs import lists
from calllist.jobs.tables import Chunk, Record
from calllist.oversight import notices
from calllist.people.roles import Role
from calllist.settings import Settings
from calllist.upkeep import upkeep
from retention.states import State
from retention.tables import Holding
from tests.calllist.centre import Centre
from tests.calllist.test_upkeep import settings, sweep

pytestmark = pytest.mark.asyncio

PEOPLE = 3


@pytest.fixture
def place(centre: Centre) -> Path:
    """Where a proxy and our processes would write: folders that the worker is told of."""
    folder = centre.folder / "elsewhere"
    for name in ("temp", "proxy", "log"):
        (folder / name).mkdir(parents=True)
    (centre.folder / "log").mkdir(exist_ok=True)
    (centre.folder / "broker").mkdir(exist_ok=True)
    return folder


def told(centre: Centre, postgres: Postgres, place: Path) -> Settings:
    stores = {"temp": place / "temp", "proxy_logs": place / "proxy"}
    return settings(centre, postgres).model_copy(update={"stores": stores})


async def ended(centre: Centre) -> tuple[str, bytes]:
    """A list whose manager has closed the job, and one of its sealed rows."""
    job = await centre.job()
    list_id = (await centre.upload(job, people=PEOPLE)).list_id
    async with centre.sessions() as session:
        row = await session.scalar(select(Record.sealed).where(Record.list_id == list_id))
    assert centre.manager
    async with transaction(centre.sessions) as session:
        await lists.close_job(
            session,
            centre.keeper,
            centre.custody,
            centre.manager.person,
            job.id,
            centre.now(),
            grant=centre.manager.grant,
        )
    assert row
    return list_id, row


async def checks_of(centre: Centre, list_id: str) -> dict[str, tuple[str, str]]:
    async with centre.sessions() as session:
        holding = await session.get_one(Holding, list_id)
        assert holding.checks
        return {
            check["store"]: (check["outcome"], check["how"]) for check in holding.checks["checks"]
        }


async def test_every_store_is_named_with_what_was_done_about_it(
    centre: Centre, postgres: Postgres, place: Path
) -> None:
    list_id, _ = await ended(centre)
    (centre.folder / "log" / "web.log").write_text("a quiet day\n")
    async with upkeep(told(centre, postgres, place)) as power:
        await sweep(power)
    checks = await checks_of(centre, list_id)
    assert {name for name, said in checks.items() if said == ("PASS", "searched")} == {
        *("broker", "logs", "mirror", "proxy_logs", "temp")
    }
    assert {name for name, said in checks.items() if said == ("PASS", "counted")} == {
        *("records", "chunks", "leases", "findings", "receipt", "other_tables")
    }
    assert {name for name, said in checks.items() if said == ("PASS", "absent")} - {"swap"} == {
        *("previews", "result_backend")
    }
    assert {name for name, said in checks.items() if said[0] == "OUTSIDE"} - {"swap"} == {
        *("wal", "backups", "carrier", "own_copy")
    }
    assert checks["keeper"] == ("PASS", "asked")
    async with centre.sessions() as session:
        holding = await session.get_one(Holding, list_id)
        assert (holding.state, holding.marks) == (State.CERTIFIED, None)
        assert holding.checks
        read = {check["store"]: check.get("bytes", 0) for check in holding.checks["checks"]}
        assert read["logs"] == len("a quiet day\n")
        assert read["mirror"] > 500


KEEPSAKES = (  # a table, a view that holds rows, a large object
    "create table keepsake as select sealed from records where list_id = '{}'",
    "create schema apart",
    "create materialized view apart.keepsake as select 1 as n",
    "select lo_from_bytea(0, sealed) from records where list_id = '{}' limit 1",
)


async def test_what_somebody_else_keeps_in_our_database_stops_the_certificate_and_is_told(
    centre: Centre, postgres: Postgres, place: Path
) -> None:
    list_id, _ = await ended(centre)
    async with transaction(centre.sessions) as session:
        for keepsake in KEEPSAKES:
            await session.execute(text(keepsake.format(list_id)))
    async with upkeep(told(centre, postgres, place)) as power:
        await sweep(power)
    async with centre.sessions() as session:
        holding = await session.get_one(Holding, list_id)
        assert (holding.state, holding.failure) == (State.SHREDDED, "unknown:other_tables")
        assert holding.checks
        [check] = [c for c in holding.checks["checks"] if c["store"] == "other_tables"]
        assert (check["outcome"], check["found"]) == ("UNKNOWN", 3)
        auditor = (await centre.person("kansa", Role.AUDITOR)).person
        [notice] = await notices.current(session, auditor)
        assert (notice.code, notice.facts) == ("check_unknown", {"stores": ["other_tables"]})


async def test_marks_that_somebody_has_set_beforehand_are_taken_anew(
    centre: Centre, postgres: Postgres, place: Path
) -> None:
    list_id, row = await ended(centre)
    async with transaction(centre.sessions) as session:
        (await session.get_one(Holding, list_id)).marks = bytes(64)
    (place / "temp" / "left").write_bytes(row)
    async with upkeep(told(centre, postgres, place)) as power:
        await sweep(power)
    assert (await checks_of(centre, list_id))["temp"] == ("FAILED", "searched")


@pytest.mark.parametrize("store", ["temp", "proxy_logs", "logs", "broker", "mirror"])
async def test_a_copy_in_one_store_is_found_named_and_told_until_it_is_gone(
    centre: Centre, postgres: Postgres, place: Path, store: str
) -> None:
    list_id, row = await ended(centre)
    folders = {
        "temp": place / "temp",
        "proxy_logs": place / "proxy",
        "logs": centre.folder / "log",
        "broker": centre.folder / "broker",
    }
    copy = base64.b64encode(b"core dump: " + row)
    async with upkeep(told(centre, postgres, place)) as power:
        if store == "mirror":
            await power.sweep()  # lines are there
            await _spoil(centre, list_id, copy)
        else:
            (folders[store] / "left").write_bytes(copy)
        await sweep(power)
        checks = await checks_of(centre, list_id)
        assert {name for name, (said, _) in checks.items() if said == "FAILED"} == {store}
        auditor = (await centre.person("kansa", Role.AUDITOR)).person
        async with centre.sessions() as session:
            holding = await session.get_one(Holding, list_id)
            assert (holding.state, holding.failure) == (State.SHREDDED, f"failed:{store}")
            [notice] = await notices.current(session, auditor)
            assert (notice.code, notice.facts) == ("check_failed", {"stores": [store]})
        if store == "mirror":
            return
        (folders[store] / "left").unlink()
        await sweep(power)
        async with centre.sessions() as session:
            assert (await session.get_one(Holding, list_id)).state == State.CERTIFIED
            assert await notices.current(session, auditor) == []


async def test_a_store_that_is_told_of_and_not_there_is_unknown_and_certifies_nothing(
    centre: Centre, postgres: Postgres, place: Path
) -> None:
    list_id, _ = await ended(centre)
    (place / "proxy").rmdir()
    async with upkeep(told(centre, postgres, place)) as power:
        await sweep(power)
    assert (await checks_of(centre, list_id))["proxy_logs"] == ("UNKNOWN", "searched")
    auditor = (await centre.person("kansa", Role.AUDITOR)).person
    async with centre.sessions() as session:
        assert (await session.get_one(Holding, list_id)).state == State.SHREDDED
        [notice] = await notices.current(session, auditor)
        assert (notice.code, notice.facts) == ("check_unknown", {"stores": ["proxy_logs"]})


async def test_the_ledger_says_how_many_stores_passed(
    centre: Centre, postgres: Postgres, place: Path
) -> None:
    list_id, _ = await ended(centre)
    async with upkeep(told(centre, postgres, place)) as power:
        await asyncio.gather(sweep(power), sweep(power))
        await power.sweep()  # the mirror takes the last lines
    async with centre.sessions() as session:
        lines = (
            await session.scalars(
                text("select leaf from ledger_lines where list_id = :list and kind = 'attest'"),
                {"list": list_id},
            )
        ).all()
    assert [b'"step":"erased"' in line for line in lines] == [True, False]
    assert b'"ref_rows":"3"' in lines[0]
    assert b'"ref_pass"' in lines[1]
    assert b"failed" not in lines[1]


async def _spoil(centre: Centre, list_id: str, copy: bytes) -> None:
    """What no keeper would write: a line of the mirror with a piece of a list in it."""
    spoil = "update ledger_lines set leaf = :leaf where list_id = :list and kind = 'mint'"
    async with transaction(centre.sessions) as session:
        await session.execute(text(spoil), {"leaf": copy, "list": list_id})
        assert await session.scalar(select(Chunk.chunk).where(Chunk.list_id == list_id)) == 0


async def test_a_list_of_which_nobody_was_accepted_is_certified_too(
    centre: Centre, postgres: Postgres, place: Path
) -> None:
    """Nothing was sealed that a copy could be known by; there still are marks."""
    job = await centre.job()
    received = await centre.send(job, "氏名,電話番号\r\n架空花子,123\r\n")
    assert received.receipt.accepted == 0
    assert centre.manager
    async with transaction(centre.sessions) as session:
        await lists.close_job(
            session,
            centre.keeper,
            centre.custody,
            centre.manager.person,
            job.id,
            centre.now(),
            grant=centre.manager.grant,
        )
    async with upkeep(told(centre, postgres, place)) as power:
        await sweep(power)
    async with centre.sessions() as session:
        holding = await session.get_one(Holding, received.list_id)
        assert (holding.state, holding.failure, holding.people) == (State.CERTIFIED, None, 0)
