"""The world that other tests stand in holds: a list comes in, a person is called."""

import pytest

from crypto.wire.base import Caller
from tests.keepers import KeeperProcess
from tests.world import World, townsfolk, upload_of


@pytest.mark.asyncio
async def test_a_list_comes_in_and_one_masked_person_is_called(
    world: World, keeper: KeeperProcess, database: str
) -> None:
    job = await world.job()
    received = await world.receive(
        job,
        upload_of(townsfolk(3)),
        intake_url=database,
        intake_socket=keeper.socket(Caller.INTAKE),
    )
    assert received.receipt.facts()["accepted"] == 3
    lease, view = await world.take(world.operators[0], job)
    phone = next(shown.text for shown in view.fields if shown.kind == "phone")
    assert "*" in phone
    outcome = await world.record(world.operators[0], lease.id, 10)
    assert outcome.final
