"""Promise 6. How many people a principal may see is enforced in the keeper."""

from __future__ import annotations

import msgspec
import pytest

from calllist import db
from calllist.entrustors.purposes import Purpose
from calllist.jobs import work
from crypto.errors import BudgetHour
from crypto.terms import ContractTerms
from tests.keepers import KeeperProcess, now
from tests.promises.conftest import Upload
from tests.promises.test_5_logged_before_shown import ledger
from tests.world import YEAR, World, townsfolk


def three_an_hour(terms: ContractTerms) -> ContractTerms:
    return msgspec.structs.replace(terms, people_per_hour=3)


@pytest.mark.asyncio
async def test_the_fourth_person_of_three_is_refused_and_ledgered(
    world: World, upload: Upload, keeper: KeeperProcess
) -> None:
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
    await upload(job.id, townsfolk(5))

    operator = world.operators[0]
    left = []
    for _ in range(3):
        lease, view = await world.take(operator, job.id)
        await world.look(operator, lease.id)  # the same person again costs nothing
        left.append(view.people_left)
        await world.record(operator, lease.id, 10)
    assert left == [2, 1, 0]
    with pytest.raises(BudgetHour):
        await world.take(operator, job.id)
    assert [line["code"] for line in ledger(keeper) if line["kind"] == "refused"] == ["budget_hour"]


@pytest.mark.asyncio
async def test_the_defaults_are_those_of_call_capacity() -> None:
    assert ContractTerms.__struct_defaults__ is not None
    fields = {f.name: f.default for f in msgspec.structs.fields(ContractTerms)}
    assert (fields["people_per_hour"], fields["people_per_day"]) == (120, 600)
