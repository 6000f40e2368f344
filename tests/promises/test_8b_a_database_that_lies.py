"""Promise 8 against whoever administers the database: what the keeper knows is no matter of its
rows, and a certificate is shown as the one that was issued under its number, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from calllist import db
from calllist.jobs import work
from calllist.upkeep import Upkeep, upkeep
from crypto.wire.ledger import Head
from retention.facts import CertificateFacts
from retention.tables import Certificate
from retention.verify import verify
from tests.keepers import KeeperProcess, now
from tests.promises.conftest import Town, Upload, calllist
from tests.promises.test_10b_certificates_never_mix import ADDRESSES, newcomer
from tests.visitors import Visitors, settings_for
from tests.world import townsfolk

pytestmark = pytest.mark.asyncio

INVENTED = json.dumps(
    {"checks": [{"store": "records", "outcome": "PASS", "how": "counted", "seen": 6}]}
)


@pytest_asyncio.fixture
async def power(database: str, keeper: KeeperProcess, tmp_path: Path):  # type: ignore[no-untyped-def]
    async with upkeep(settings_for(database, keeper.run, tmp_path)) as power:
        yield power


async def sql(town: Town, *statements: str) -> list[Any]:
    """What the database's administrator says; the rows of the last."""
    async with town.world.sessions.begin() as session:
        for one in statements:
            found = await (await session.connection()).exec_driver_sql(one)
    return [tuple(row) for row in found.all()] if found.returns_rows else []


async def end(town: Town, list_id: str | None = None) -> None:
    grant = town.world.manager.grant
    async with town.world.sessions.begin() as session:
        await town.world.custody.release(
            session, list_id or town.list_id, "manager", grant=grant, now=now()
        )


async def destroy(power: Upkeep) -> None:
    for one in await power.sweep():
        await power.destroy(one)


async def issued(town: Town) -> dict[str, CertificateFacts]:
    """What the certificates in the database say, by the number of their row."""
    key = (await town.world.web.call(Head())).certificate_key
    async with town.world.sessions() as session:
        rows = await session.scalars(select(Certificate))
        return {row.id: verify(row.envelope.encode(), key) for row in rows}


async def test_books_that_say_erased_get_no_certificate_before_it_is(
    town: Town, power: Upkeep
) -> None:
    """A trigger turns the shredded list into one that was erased and looked into."""
    await sql(
        town,
        f"""create function lie() returns trigger language plpgsql as $$ begin
        if new.state = 'SHREDDED' and old.state = 'FROZEN' then
          new.state := 'VERIFIED'; new.erased_rows := new.people; new.erased_at := now();
          new.verified_at := now(); new.number := 1; new.checks := '{INVENTED}'::json;
        end if; return new; end $$""",
        "create trigger lie before update on holdings for each row execute function lie()",
    )
    await end(town)
    await destroy(power)
    assert await issued(town) == {}
    books = "select state, failure, erased_rows from holdings"
    assert await sql(town, books) == [("SHREDDED", "keeper:not_attested", None)]
    assert (await sql(town, "select count(*) from records"))[0][0] > 0
    await destroy(power)
    await power.sweep()
    [facts] = (await issued(town)).values()
    assert await sql(town, "select count(*) from records") == [(0,)]
    assert facts.claims.erased_rows == facts.rows == facts.people
    assert await sql(
        town, "select kind, count(*) from ledger_lines where kind in ('attest', 'certify_refused')"
        " group by kind order by kind"
    ) == [("attest", 2), ("certify_refused", 1)]  # fmt: skip


ALTERED = "update holdings set people = {1}, facts = (facts::jsonb || '{0}')::json"


@pytest.mark.parametrize(
    ("received", "people", "failure"),
    [
        ({"accepted": 1}, 1, "claims_contradict"),
        ({"file_hash": "cd" * 32}, 6, "claims_contradict"),
        ({"purpose": "sales"}, 6, "claims_contradict"),
        ({"remark": "山田 花子"}, 6, "bad_frame"),
    ],
    ids=["people", "file hash", "purpose", "anything"],
)
async def test_books_that_know_otherwise_than_the_keeper_get_no_certificate(
    town: Town, power: Upkeep, received: dict[str, Any], people: int, failure: str
) -> None:
    """Of the six rows, all but those that the books admit to were carried away."""
    rows = f'"records_{town.list_id}"'
    kept = f"select ctid from {rows} limit {people}"  # noqa: S608
    await sql(town, f"delete from {rows} where ctid not in ({kept})")  # noqa: S608
    await sql(town, ALTERED.format(json.dumps(received), people))
    await end(town)
    for _ in range(2):
        await destroy(power)
        assert await sql(town, "select failure from holdings") == [(f"keeper:{failure}",)]
    assert await issued(town) == {}
    assert await sql(town, "select count(*) from records") == [(0,)]


async def test_when_and_why_a_list_ended_is_the_keepers_word(
    town: Town, power: Upkeep, keeper: KeeperProcess, tmp_path: Path
) -> None:
    """A late destruction is to look punctual, early frozen, and ordered by the entrustor."""
    await end(town)
    [(deadline, frozen)] = await sql(town, "select deadline, frozen_at from holdings")
    await sql(
        town,
        "update holdings set deadline = deadline + interval '400 days', trigger = 'entrustor',"
        " frozen_at = frozen_at - interval '10 days',"
        ' facts = (facts::jsonb || \'{"parties": ["unrelated"]}\')::json',
    )
    await destroy(power)
    [facts] = (await issued(town)).values()
    assert facts.expires == facts.claims.deadline == deadline
    assert facts.trigger == facts.claims.trigger == "manager"
    assert facts.frozen_at == facts.claims.frozen_at
    assert abs((facts.frozen_at - frozen).total_seconds()) < 60
    assert facts.parties == (town.world.party,)
    assert facts.file_hash == facts.claims.received["file_hash"]

    async with town.world.sessions() as session:
        [row] = await session.scalars(select(Certificate))
    file = tmp_path / "certificate.json"
    file.write_text(row.envelope)
    told = calllist("verify", file, "--key", keeper.home / "public" / "certificate.pub").stdout
    recorded = told.split("■ リストと消去の記録")[1].split("■")[0]
    assert "[金庫(鍵管理装置)が記録した事実]" in recorded
    for said in (town.world.party, facts.file_hash, "管理者による業務の終了"):
        assert said in recorded
    claimed = told.split("■ 業務と消去の根拠")[1].split("■")[0]
    assert "消去処理装置の申告" in claimed
    assert "unrelated" in claimed


async def test_a_certificate_under_another_ones_number_is_shown_to_nobody(
    town: Town, upload: Upload, power: Upkeep, visitors: Visitors
) -> None:
    """Two entrustors' documents change places: neither the screens nor the API tell of them."""
    contract, other = await newcomer(town, "other")
    async with db.transaction(town.world.sessions) as session:
        manager = await town.world.person(session, town.world.manager)
        made = await work.create_job(
            session, town.world.web, manager, contract_id=contract, code="B-1", now=now()
        )
    second = await upload(made.id, townsfolk(2, seed=9))
    await end(town)
    await end(town, second)
    await destroy(power)
    for one in await power.papers():
        await power.paper(one)
    [mine] = [number for number, facts in (await issued(town)).items() if facts.list == second]
    shown = [address for address in ADDRESSES if "revocation" not in address]  # there is none
    for address in shown:
        assert (await visitors.ask(other, "GET", address.format(mine))).status_code == 200

    swap = (
        "update certificates c set {0} = (select o.{0} from certificates o where o.id <> c.id),"
        " viewed_at = null"
    )
    await sql(town, swap.format("pdf"))
    for address in shown:
        expected = 409 if address.endswith("pdf") else 200
        assert (await visitors.ask(other, "GET", address.format(mine))).status_code == expected
    await sql(town, swap.format("pdf"), swap.format("envelope"))
    [theirs] = [facts for name, facts in (await issued(town)).items() if name == mine]
    assert theirs.list != second
    for address in ADDRESSES:
        answer = await visitors.ask(other, "GET", address.format(mine))
        assert (answer.status_code, theirs.list in answer.text) == (409, False)
    for address in ("/certificates/{}/acknowledge", "/api/v1/certificates/{}/acknowledge"):
        answer = await visitors.ask(other, "POST", address.format(mine))
        assert answer.status_code == 409
    marked = (
        "select count(*) from certificates where coalesce(viewed_at, acknowledged_at) is not null"
    )
    assert await sql(town, marked) == [(0,)]
