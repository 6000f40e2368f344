"""Promise 6. How many people a principal may see is enforced in the keeper."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from calllist import db
from calllist.dialing.errors import LeaseHeld
from calllist.entrustors.purposes import Purpose
from calllist.jobs import work
from calllist.jobs.tables import Job
from crypto.errors.records import BudgetHour
from crypto.signed import keyfile
from crypto.signed.orders import BudgetRaise
from crypto.signed.statements import approve, dump_signed, prepare
from crypto.signed.terms import ContractTerms, StatementBody
from tests.keepers import KeeperProcess, now
from tests.promises.conftest import Upload
from tests.promises.test_5_logged_before_shown import ledger
from tests.visitors import Visitors
from tests.world import YEAR, World, townsfolk


def three_an_hour(terms: ContractTerms) -> ContractTerms:
    return msgspec.structs.replace(terms, people_per_hour=3)


async def _small_job(world: World) -> str:
    """Three people an hour and person; the first operator is assigned."""
    contract = await world.onboarding.contract(
        world.entrustor,
        "SMALL",
        Purpose.HEALTH_CHECK,
        parties=(world.party,),
        expires=now() + YEAR,
        change=three_an_hour,
    )
    async with db.transaction(world.sessions) as session:
        manager = await world.person(session, world.manager)
        job = await work.create_job(
            session, world.web, manager, contract_id=contract, code="SMALL-1", now=now()
        )
        await work.assign(session, world.web, manager, job.id, world.operators[0].person, now())
        return job.id


@pytest.mark.asyncio
async def test_the_fourth_person_of_three_is_refused_and_ledgered(
    world: World, upload: Upload, keeper: KeeperProcess
) -> None:
    job = await _small_job(world)
    await upload(job, townsfolk(5))
    operator = world.operators[0]
    left = []
    for _ in range(3):
        lease, view = await world.take(operator, job)
        await world.look(operator, lease.id)  # the same person again costs nothing
        left.append(view.people_left)
        await world.record(operator, lease.id, 10)
    assert left == [2, 1, 0]
    with pytest.raises(BudgetHour):
        await world.take(operator, job)
    assert [line["code"] for line in ledger(keeper) if line["kind"] == "refused"] == ["budget_hour"]


@pytest.mark.asyncio
async def test_the_defaults_are_those_of_call_capacity() -> None:
    fields = {f.name: f.default for f in msgspec.structs.fields(ContractTerms)}
    assert {name: value for name, value in fields.items() if name.startswith("people_per_")} == {
        "people_per_hour": 120,
        "people_per_day": 600,
        "people_per_30_days": 22 * 600,
        "people_per_job": 22 * 600,
        "people_per_list": 10 * 600,
        "people_per_entrustor_day": 600,
    }


@pytest.mark.asyncio
async def test_only_the_entrustors_signature_raises_a_budget_and_at_once(
    world: World, upload: Upload, keeper: KeeperProcess, visitors: Visitors
) -> None:
    """Handed in by the officer on the entrustor's own screen; another's statement is not taken."""
    job = await _small_job(world)
    await upload(job, townsfolk(5))
    operator = world.operators[0]
    for _ in range(3):
        lease, _ = await world.take(operator, job)
        await world.record(operator, lease.id, 10)
    with pytest.raises(BudgetHour):
        await world.take(operator, job)

    async with world.sessions() as session:
        found = await session.get_one(Job, job)
    body = BudgetRaise(
        world.entrustor, found.contract_id, now() + YEAR, operator.person, people_per_hour=4
    )
    foreign = msgspec.structs.replace(body, entrustor="ent_other")
    for statement, key, accepted in (
        (foreign, world.entrustor, "error=statement_foreign"),
        (body, "centre", "error=unpinned_key"),
        (body, world.entrustor, "accepted=budget"),
    ):
        file = _signed(world, statement, key)
        answer = await visitors.ask(world.officer, "POST", "/statements", data={"signed": file})
        assert answer.status_code == 303
        assert accepted.split("=")[1] in answer.headers["location"]
    page = await visitors.ask(world.officer, "GET", "/statements?accepted=budget")
    assert "引き上げました" in page.text
    with pytest.raises(LeaseHeld) as held:  # the fourth is still in hand, and opens now
        await world.take(operator, job)
    assert (await world.look(operator, held.value.lease_id)).people_left == 0
    lines = [line["kind"] for line in ledger(keeper)]
    assert "budget_warning" in lines


def _signed(world: World, body: StatementBody, approver: str) -> str:
    """What the approver's own machine makes of a request."""
    pair = keyfile.load(world.keys / f"{approver}.key")
    request = prepare(body, issuer=world.manager.person, now=now(), valid_for=timedelta(days=1))
    return dump_signed(approve(request, pair.approver)).decode()
